import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { makeDealtHome } from '../../../src/cli/node/home.ts';
import { registerMember } from '../../../src/cli/node/registering.ts';
import { dealGenesis } from '../../../src/committee/dealer.ts';
import { SAMPLE_MARKET, SAMPLE_PRICES, SAMPLE_TIME_S } from '../../../src/committee/sample-market.ts';
import { parseRegisteredFile, registrationText } from '../../../src/formats/registered-file.ts';
import { readRoot } from '../../../src/node/root-file.ts';
import { validatorIndex } from '../../../src/params/ids.ts';
import { root } from '../../../src/proofs/compile.ts';
import { velumIn } from '../../helpers/cli.ts';

const scratch = mkdtempSync(join(tmpdir(), 'velum-home-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const modeOf = (path: string): number => statSync(join(scratch, path)).mode & 0o777;
const velum = (...args: string[]) => velumIn(scratch, ...args, '--json');

test('a genesis is made whose validators have registered, and each member gets a home that its user alone can read', async () => {
  const made = await velum('genesis', 'create', '--validators', '2', '--registry', '3', '--out', 'net');
  expect(made.exitCode).toBe(0);
  expect(JSON.parse(made.out)).toMatchObject({
    validators: 2,
    registry: 3,
    homes: ['node-0', 'node-1', 'node-2'],
    trust: expect.stringContaining('nobody has the threshold keys'),
  });
  const genesis = readFileSync(join(scratch, 'net/genesis.json'), 'utf8');
  expect(genesis).not.toContain('decryptionKey');
  const init = ['node', 'init', '--home', 'net/node-1', '--genesis', 'net/genesis.json'];
  expect((await velum(...init, '--listen', '127.0.0.1:9')).exitCode).toBe(0);
  const folder = 'net/node-1/validator';
  expect([`${folder}/root.keys`, `${folder}/epoch-1.registrant`, 'net/node-1', folder].map(modeOf)).toEqual([
    0o600, 0o600, 0o700, 0o700,
  ]);
  const again = await velum(...init);
  expect([again.exitCode, JSON.parse(again.out).error.code]).toEqual([2, 'OUT_EXISTS']);
  const { settings } = JSON.parse(
    (await velum('node', 'config', '--home', 'net/node-1', '--log-level', 'warn')).out,
  );
  expect(settings).toMatchObject({
    validator: { value: 1, source: 'file' },
    listen: { value: '127.0.0.1:9', source: 'file' },
    logLevel: { value: 'warn', source: 'option' },
    rpc: { value: '127.0.0.1:26700', source: 'default' },
  });
  writeFileSync(join(scratch, 'net/node-1/config.json'), '{"validator":3}');
  const wrong = await velum('node', 'config', '--home', 'net/node-1');
  expect([wrong.exitCode, JSON.parse(wrong.out).error]).toMatchObject([
    2,
    { code: 'NODE_CONFIG', setting: 'validator' },
  ]);
});

test('operators who share no secret come to one genesis; a home that is not in it, or registered anew, is refused', async () => {
  const homes = ['a', 'b', 'c'];
  for (const home of homes) expect((await velum('genesis', 'member', '--home', home)).exitCode).toBe(0);
  const twice = await velum('genesis', 'member', '--home', 'a');
  expect([twice.exitCode, JSON.parse(twice.out).error.code]).toEqual([2, 'OUT_EXISTS']);
  const members = ['--members', 'a/member.json,b/member.json'];
  const chain = await velum('genesis', 'chain', '--name', 'tried', ...members, '--out', 'chain.json');
  expect([chain.exitCode, modeOf('bridge.keys')]).toEqual([0, 0o600]);
  const register = (home: string) =>
    velum(
      'genesis',
      'register',
      '--home',
      home,
      '--chain',
      'chain.json',
      '--address',
      '10.0.0.1:26600',
      '--out',
      `${home}.json`,
    );
  expect((await register('a')).exitCode).toBe(0);
  expect((await register('b')).exitCode).toBe(0);
  const stranger = await register('c');
  expect([stranger.exitCode, JSON.parse(stranger.out).error.code]).toEqual([2, 'NOT_A_MEMBER']);
  const anew = await register('a');
  expect([anew.exitCode, JSON.parse(anew.out).error.code]).toEqual([2, 'NODE_STORE_EXISTS']);
  const assemble = (list: string, out: string) =>
    velum('genesis', 'assemble', '--chain', 'chain.json', '--registrations', list, '--out', out);
  expect((await assemble('b.json,a.json', 'genesis.json')).exitCode).toBe(0);
  expect((await assemble('a.json,b.json', 'same.json')).exitCode).toBe(0);
  const read = (name: string): string => readFileSync(join(scratch, name), 'utf8');
  expect(read('same.json')).toBe(read('genesis.json'));
  const broken = await assemble('a.json,a.json', 'no.json');
  expect([broken.exitCode, JSON.parse(broken.out).error.code]).toEqual([2, 'RUN_FILES']);
  // Signed by its member, and the proof shows nothing.
  const parsed = parseRegisteredFile(read('genesis.json'), 'genesis.json');
  const { chain: agreed } = parsed;
  const rootSecret = readRoot(join(scratch, 'b/validator'))!;
  const dir = join(scratch, 'forger');
  const prover = { prove: async () => ({ proof: new Uint8Array(256) }) } as never;
  const item = await registerMember(dir, { chain: agreed, rootSecret, address: '10.0.0.1:26600', prover });
  writeFileSync(join(scratch, 'forged.json'), registrationText(item));
  const forged = await assemble('a.json,forged.json', 'no.json');
  expect([forged.exitCode, JSON.parse(forged.out).error]).toMatchObject([
    2,
    { code: 'NOT_A_MEMBER', message: expect.stringContaining('proof') },
  ]);
  expect((await velum('node', 'init', '--home', 'a', '--genesis', 'genesis.json')).exitCode).toBe(0);
  const outside = await velum('node', 'init', '--home', 'c', '--genesis', 'genesis.json');
  expect([outside.exitCode, JSON.parse(outside.out).error.code]).toEqual([2, 'NOT_A_MEMBER']);
  rmSync(join(scratch, 'b/validator/epoch-1.registration'));
  const lost = await velum('node', 'init', '--home', 'b', '--genesis', 'genesis.json');
  expect([lost.exitCode, JSON.parse(lost.out).error.code]).toEqual([2, 'NOT_A_MEMBER']);
});

test('proving keys for development are refused on a chain that is no devnet, unless they are allowed', async () => {
  const market = { params: SAMPLE_MARKET, oracle: [{ timeS: SAMPLE_TIME_S, values: SAMPLE_PRICES }] };
  const dealt = dealGenesis(1, 1, market, [], 0n);
  const home = join(scratch, 'real');
  makeDealtHome(home, {
    genesis: dealt,
    self: validatorIndex(0),
    secrets: dealt.secrets[0]!,
    rootSecret: dealt.rootSecrets[0]!,
    market: join(root, 'examples/market.json'),
    settings: { peers: ['127.0.0.1:1'] },
  });
  const refused = await velum('node', 'start', '--home', 'real');
  expect([refused.exitCode, JSON.parse(refused.out).error.code]).toEqual([1, 'NODE_DEV_KEYS']);
  const late = await velum('node', 'start', '--home', 'real', '--allow-dev-keys', '--clock-offset-s', '60');
  expect([late.exitCode, JSON.parse(late.out).error.message]).toEqual([
    2,
    expect.stringContaining('only a validator of a devnet'),
  ]);
  // Allowed, it goes on to what is wrong next.
  chmodSync(join(home, 'validator/root.keys'), 0o644);
  const allowed = await velum('node', 'start', '--home', 'real', '--allow-dev-keys');
  expect(JSON.parse(allowed.out).error.code).toBe('NODE_KEYS_EXPOSED');
});
