import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { makeNodeHome } from '../../../src/cli/node/home.ts';
import { dealGenesis } from '../../../src/committee/dealer.ts';
import { SAMPLE_MARKET, SAMPLE_PRICES, SAMPLE_TIME_S } from '../../../src/committee/sample-market.ts';
import { validatorIndex } from '../../../src/params/ids.ts';
import { root } from '../../../src/proofs/compile.ts';
import { velumIn } from '../../helpers/cli.ts';

const scratch = mkdtempSync(join(tmpdir(), 'velum-home-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const modeOf = (path: string): number => statSync(join(scratch, path)).mode & 0o777;
const velum = (...args: string[]) => velumIn(scratch, ...args, '--json');

test('a genesis is made, says who made it, and gives each validator a home that its user alone can read', async () => {
  const made = await velum('genesis', 'create', '--validators', '2', '--out', 'net');
  expect(made.exitCode).toBe(0);
  expect(JSON.parse(made.out)).toMatchObject({
    validators: 2,
    keys: ['validator-0.keys', 'validator-1.keys'],
    trust: expect.stringContaining('One dealer made every key'),
  });
  const init = ['node', 'init', '--home', 'one', '--genesis', 'net/genesis.json', '--validator', '1'];
  const peers = ['--peers', '127.0.0.1:1,127.0.0.1:2'];
  expect((await velum(...init, ...peers)).exitCode).toBe(0);
  expect([modeOf('net/validator-1.keys'), modeOf('one'), modeOf('one/validator/epoch-1.keys')]).toEqual([
    0o600, 0o700, 0o600,
  ]);
  const again = await velum(...init, ...peers);
  expect([again.exitCode, JSON.parse(again.out).error.code]).toEqual([2, 'OUT_EXISTS']);
  const { settings } = JSON.parse(
    (await velum('node', 'config', '--home', 'one', '--log-level', 'warn')).out,
  );
  expect(settings).toMatchObject({
    validator: { value: 1, source: 'file' },
    peers: { value: ['127.0.0.1:1', '127.0.0.1:2'], source: 'file' },
    logLevel: { value: 'warn', source: 'option' },
    rpc: { value: '127.0.0.1:26700', source: 'default' },
  });
  writeFileSync(join(scratch, 'one/config.json'), '{"validator":2}');
  const wrong = await velum('node', 'config', '--home', 'one');
  expect([wrong.exitCode, JSON.parse(wrong.out).error]).toMatchObject([
    2,
    { code: 'NODE_CONFIG', setting: 'validator' },
  ]);
});

test('a home takes the keys of its own validator and of no other', async () => {
  const other = ['--keys', 'net/validator-0.keys', '--peers', '127.0.0.1:1,127.0.0.1:2'];
  const init = await velum(
    'node',
    'init',
    '--home',
    'two',
    '--genesis',
    'net/genesis.json',
    '--validator',
    '1',
    ...other,
  );
  expect([init.exitCode, JSON.parse(init.out).error.code]).toEqual([2, 'NODE_KEYS_FILE']);
});

test('proving keys for development are refused on a chain that is no devnet, unless they are allowed', async () => {
  const market = { params: SAMPLE_MARKET, oracle: [{ timeS: SAMPLE_TIME_S, values: SAMPLE_PRICES }] };
  const dealt = dealGenesis(1, 1, market, [], 0n);
  const home = join(scratch, 'real');
  makeNodeHome(home, {
    genesis: dealt,
    self: validatorIndex(0),
    secrets: dealt.secrets[0]!,
    market: join(root, 'examples/market.json'),
    settings: { peers: ['127.0.0.1:1'] },
  });
  const refused = await velum('node', 'start', '--home', 'real');
  expect([refused.exitCode, JSON.parse(refused.out).error.code]).toEqual([1, 'NODE_DEV_KEYS']);
  // Allowed, it goes on to what is wrong next: nobody has its keys.
  rmSync(join(home, 'validator/epoch-1.keys'));
  const allowed = await velum('node', 'start', '--home', 'real', '--allow-dev-keys');
  expect(JSON.parse(allowed.out).error.code).toBe('NODE_KEYS_MISSING');
});
