import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parseGenerationFile } from '../../src/formats/generation-file.ts';
import { parseGenesisFile } from '../../src/formats/genesis-file.ts';
import { loadVerifier } from '../../src/proofs/circuit-verifier.ts';
import { root } from '../../src/proofs/compile.ts';
import { falseDealers } from '../../src/proofs/dealing.ts';
import { judgeGeneration } from '../../src/validator/genesis/judge-generation.ts';
import { endedIn, nodeProcess, velum } from '../helpers/cli.ts';
import { expectNothingLeft } from '../helpers/ended-epoch.ts';

const scratch = mkdtempSync(join(tmpdir(), 'velum-e2e-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

// biome-ignore lint/suspicious/noExplicitAny: what a command prints is looked at from outside
type Loose = any;

/** What runs no epoch needs no process of its own. */
const velumHere = (...args: readonly string[]) => endedIn(root, ...args);

const small = ['epoch', '--orders', 'examples/small.csv', '--json'];
const out = (name: string): string => join(scratch, name);

describe('velum epoch', () => {
  test('settles small.csv, prints one JSON object, and leaves files that stock snarkjs verifies', async () => {
    const { code, stdout, stderr } = await velum(...small, '--out', out('small'));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const [height] = JSON.parse(stdout).heights;
    expect(height).toMatchObject({
      submitted: 4,
      accepted: 4,
      refused: [],
      ballots: expect.any(Number),
      acsBundles: expect.any(Number),
      certificateSigners: expect.any(Number),
      stateRoot: expect.stringMatching(/^[0-9a-f]{64}$/),
      ms: Object.fromEntries(
        ['prove', 'admit', 'consensus', 'decrypt', 'settle'].map((k) => [k, expect.any(Number)]),
      ),
    });
    expect(height.ballots).toBeGreaterThanOrEqual(3);
    expect(height.acsBundles).toBeGreaterThanOrEqual(3);
    expect(height.certificateSigners).toBeGreaterThanOrEqual(3);
    expect(
      height.auctions.filter(({ price }: { price: string | null }) => price !== null).length,
    ).toBeGreaterThan(0);
    const { keys, dealers, excluded } = JSON.parse(stdout).genesis;
    expect([keys, dealers.length + excluded.length, dealers.length >= 3]).toEqual(['dkg', 4, true]);
    const generation = parseGenerationFile(readFileSync(join(out('small'), 'generation.json'), 'utf8'), 'g');
    const genesis = parseGenesisFile(
      readFileSync(join(out('small'), 'genesis.json'), 'utf8'),
      'genesis.json',
    );
    const judged = judgeGeneration(genesis.chain, genesis.epoch, generation);
    if (typeof judged === 'string') throw new Error(judged);
    expect([...judged.dealings.keys()]).toEqual(dealers);
    expect(await falseDealers(await loadVerifier('dealing'), judged.session, judged.dealings)).toEqual([]);

    expect(readdirSync(join(out('small'), 'height-1')).sort()).toEqual([
      'block.json',
      'certificate.json',
      'proofs',
      'settlement.json',
    ]);
    const settlement = JSON.parse(readFileSync(join(out('small'), 'height-1/settlement.json'), 'utf8'));
    expect(settlement.stateRoot).toBe(height.stateRoot);

    const proofs = join(out('small'), 'height-1/proofs');
    const first = readdirSync(proofs).find((name) => name.endsWith('.proof.json'))!;
    const publicFile = join(proofs, first.replace('.proof.', '.public.'));
    const stock = ['node_modules/snarkjs/build/cli.cjs', 'groth16', 'verify', 'keys/orders/vkey.json'];
    const verified = await nodeProcess(root, ...stock, publicFile, join(proofs, first));
    expect({ code: verified.code, ok: verified.stdout.includes('OK!') }).toEqual({ code: 0, ok: true });
  });

  test('refuses an existing output directory', async () => {
    const { code, stdout } = await velumHere(...small, '--out', out('small'));
    expect(code).toBe(2);
    expect(JSON.parse(stdout).error.code).toBe('OUT_EXISTS');
  });

  test.each([
    [['--faulty', '2'], 'USAGE'],
    [['--orders', 'README.md'], 'ORDERS_FILE'],
    [['--market', 'package.json'], 'MARKET_FILE'],
    [['--orders', 'no-such-file.csv'], 'FILE_UNREADABLE'],
  ])('%j is a usage error', async (args, error) => {
    const { code, stdout } = await velumHere(...small, ...args, '--out', out('none'));
    expect({ code, error: JSON.parse(stdout).error.code }).toEqual({ code: 2, error });
  });

  test('SIGINT while keys are generated ends it with no process, file or directory left', async () => {
    await expectNothingLeft(scratch, 'SIGINT', { code: 130, folders: 0, keys: 'dkg' });
  });

  test('--help shows an example', async () => {
    const { code, stdout } = await velumHere('epoch', '--help');
    expect(code).toBe(0);
    expect(stdout).toContain('velum epoch --orders examples/small.csv');
  });
});

describe('deposits, shields and withdrawals', () => {
  const dir = out('transfers');
  const orders = [
    'height,trader,account,batch,instrument,side,lots,limit,reduceOnly',
    '1,ana,fresh,a1,BTC-PERP,buy,1,62.00,false',
    '2,bo,swing,b1,BTC-PERP,sell,1,62.50,false',
  ].join('\n');
  const base = { trader: 'hugo', account: 'vault' };
  const to = '0x00000000219ab540356cBB839Cbe05303d7705Fa';
  const transfers = [
    { ...base, height: 1, name: 'in', kind: 'deposit', amount: '500' },
    { ...base, height: 1, name: 'early', kind: 'withdraw', amount: '1', to },
    { ...base, height: 2, name: 'note', kind: 'shield', amount: '350' },
    // Of two actions with one number validators keep the one with the lower id: with this destination that is 'note'. Ids follow from the
    // format: where it changes, another destination may have to be found.
    {
      ...base,
      height: 2,
      name: 'second',
      kind: 'withdraw',
      amount: '3',
      to: '0x00000000219ab540356cbb839cbe05303d770071',
    },
    { height: 2, name: 'out', kind: 'withdraw', trader: 'ana', account: 'fresh:a1', amount: '1.25', to },
  ];
  const heightFile = (height: number, name: string): string => join(dir, `height-${height}`, name);
  const settlement = (height: number) =>
    JSON.parse(readFileSync(heightFile(height, 'settlement.json'), 'utf8'));

  test('settle with real proofs, or are refused by code, and the books balance at every height', async () => {
    const market = JSON.parse(readFileSync(join(root, 'examples/market.json'), 'utf8'));
    writeFileSync(join(scratch, 'orders.csv'), `${orders}\n`);
    writeFileSync(join(scratch, 'market.json'), JSON.stringify({ ...market, transfers }));
    const files = ['--orders', join(scratch, 'orders.csv'), '--market', join(scratch, 'market.json')];
    const { code, stdout } = await velum('epoch', ...files, '--keys', 'dealer', '--json', '--out', dir);
    expect(code).toBe(0);
    const { heights } = JSON.parse(stdout);
    expect(heights.map(({ accepted, refused }: Loose) => [accepted, refused])).toEqual([
      [1, []],
      [1, []],
    ]);
    const outcomes = heights.flatMap((height: Loose) =>
      height.transfers.map(({ item, refused }: Loose) => `${item}: ${refused?.code ?? 'done'}`),
    );
    const simulated = join(scratch, 'simulated');
    await velumHere('market', 'simulate', ...files, '--heights', '2', '--out', simulated);
    const compared = await velumHere('market', 'diff', dir, simulated, '--json');
    expect([compared.code, JSON.parse(compared.stdout)]).toEqual([0, { differences: [] }]);
    expect(outcomes).toEqual([
      'in: done',
      'early: ITEM_AMOUNT_EXCEEDED',
      'note: done',
      'second: ITEM_SEQUENCE_PENDING',
      'out: done',
    ]);
    expect(heights[0].turnstile).toMatchObject({ shielded: '0', deposits: '106000', withdrawals: '0' });
    expect(heights[1].turnstile).toMatchObject({ shielded: '350', deposits: '106000', withdrawals: '1.25' });
    const vault = heights[1].accounts.find(({ name }: Loose) => name === 'vault');
    expect([vault.before.cash, vault.after.cash]).toEqual(['500', '149.95']);
    expect(
      settlement(2)
        .transfers.map(({ kind }: Loose) => kind)
        .sort(),
    ).toEqual(['shield', 'withdraw']);
  });

  test.each(['note', 'out'])('the proof of %s is verified by stock snarkjs', async (name) => {
    const files = ['public', 'proof'].map((what) => heightFile(2, `proofs/${name}.${what}.json`));
    const stock = ['node_modules/snarkjs/build/cli.cjs', 'groth16', 'verify', 'keys/account/vkey.json'];
    const { code, stdout } = await nodeProcess(root, ...stock, ...files);
    expect({ code, ok: stdout.includes('OK!') }).toEqual({ code: 0, ok: true });
  });

  test('replay from the blocks to the same roots and the same turnstile, and another turnstile is found', async () => {
    const replayed = await velumHere('market', 'replay', dir, '--json');
    expect(JSON.parse(replayed.stdout).heights.map(({ stateRoot }: Loose) => stateRoot)).toEqual([
      settlement(1).stateRoot,
      settlement(2).stateRoot,
    ]);
    const told = settlement(2);
    const forged = {
      ...told,
      turnstile: { ...told.turnstile, after: `${BigInt(told.turnstile.after) + 1n}` },
    };
    writeFileSync(heightFile(2, 'settlement.json'), JSON.stringify(forged));
    const { code, stdout } = await velumHere('market', 'replay', dir, '--json');
    expect([code, JSON.parse(stdout)]).toEqual([
      1,
      {
        heights: [JSON.parse(replayed.stdout).heights[0]],
        reason: expect.stringMatching(/height 2 does not replay/),
      },
    ]);
  });
});
