import { createHash } from 'node:crypto';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { root } from '../../src/proofs/compile.ts';
import { FAULTS, FIELD_NAMES } from '../../src/sim/scenario.ts';
import { velum as program, velumIn } from '../helpers/cli.ts';

const scratch = mkdtempSync(join(tmpdir(), 'velum-sim-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** The same answers as of a process of its own, which the first command of each group gets. */
async function velum(...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const { exitCode, out, err } = await velumIn(root, ...args);
  return { code: exitCode, stdout: out, stderr: err };
}

const NUMBERS = [
  'outputs',
  'messagesPerNode',
  'framesPerNode',
  'bytesPerNode',
  'delays',
  'ms',
  'coins',
  'faults',
];

describe('velum sim acs', () => {
  test('prints one JSON object with exactly the keys that are promised', async () => {
    const { code, stdout, stderr } = await program(
      ...'sim acs --validators 10 --payload-bytes 256 --heights 3 --seed 7 --json'.split(' '),
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const result = JSON.parse(stdout);
    expect(Object.keys(result)).toEqual(['n', 'f', 'heights', 'traceHash', 'messagesPerSecond']);
    expect(result).toMatchObject({ n: 10, f: 3, traceHash: expect.stringMatching(/^[0-9a-f]{16}$/) });
    expect(result.messagesPerSecond).toBeGreaterThan(0);
    expect(result.heights).toHaveLength(3);
    for (const height of result.heights) {
      expect(Object.keys(height)).toEqual(NUMBERS);
      expect(height).toMatchObject({ outputs: 10, delays: 4, ms: 400, coins: 0, faults: 0 });
    }
  });

  test('--acs and --fault take every name there is, over every kind of delay, and all properties hold', async () => {
    const delays = ['const:100', 'uniform:50:150', 'exp:100', 'wan'];
    const runs = FAULTS.map((fault, i) =>
      velum(
        ...`sim acs --validators 7 --faulty 2 --fault ${fault} --delay ${delays[i % 4]} --heights 2 --seed ${i}`.split(
          ' ',
        ),
        ...['--acs', i % 2 === 0 ? 'bkr' : 'first-hand', '--rbc', i % 3 === 0 ? 'avid' : 'digest', '--json'],
      ),
    );
    for (const acs of FIELD_NAMES)
      runs.push(velum(...`sim acs --acs ${acs} --faulty 1 --fault equivocate --heights 2 --json`.split(' ')));
    for (const { code, stdout } of await Promise.all(runs)) {
      expect({ code, stdout: code === 0 ? '' : stdout }).toEqual({ code: 0, stdout: '' });
      for (const { outputs } of JSON.parse(stdout).heights) expect(outputs).toBeGreaterThan(0);
    }
  });

  test('the table says what was run, with its seed', async () => {
    const { code, stdout } = await velum(...'sim acs --heights 2 --seed 42'.split(' '));
    expect(code).toBe(0);
    expect(stdout).toContain('first-hand over digest, 4 validators (f = 1), 0 faulty, const:100, SEED=42');
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
  });

  test.each([
    ['--validators 4 --faulty 2', '4 validators tolerate 1 faulty, not 2: use --faulty 1 or --validators 7'],
    ['--acs pbft --faulty 1 --fault mmr-coin', 'speaks messages that pbft has not'],
    ['--delay soon', 'const:MS, uniform:FROM:TO, exp:MEAN, wan or FILE.csv is expected'],
    ['--delay uniform:150:50', 'const:MS, uniform:FROM:TO, exp:MEAN, wan or FILE.csv is expected'],
    ['--delay none.csv', 'none.csv: there is no such file'],
    ['--adversary mine.ts', '--adversary mine.ts plays no part without faulty validators: add --faulty K'],
    ['--faulty 1 --fault mute --adversary mine.ts', '--fault and --adversary both say'],
    ['--faulty 1 --adversary none.ts', 'none.ts: there is no such file'],
    ['--validators 101', 'A whole number from 1 to 100 is expected'],
    ['--fault sleep', 'Allowed choices are crash, mute'],
  ])('%s is a usage error that says what to do', async (flags, message) => {
    const { code, stderr } = await velum('sim', 'acs', ...flags.split(' '));
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});

describe('velum sim replay', () => {
  const file = join(scratch, 'run.json');
  const flags = '--validators 7 --faulty 2 --fault split --delay exp:100 --heights 4 --seed 9';

  test('runs a trace again to the same hash', async () => {
    const first = await velum('sim', 'acs', ...flags.split(' '), '--trace', file, '--json');
    expect(first.code).toBe(0);
    const { code, stdout } = await program('sim', 'replay', file, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      traceHash: JSON.parse(first.stdout).traceHash,
      heights: 4,
      reason: null,
    });
  });

  test('says at which height a run parts from its trace', async () => {
    const trace = JSON.parse(readFileSync(file, 'utf8'));
    const checkpoints = trace.checkpoints.with(2, '0000000000000000').with(3, '0000000000000000');
    const other = join(scratch, 'other.json');
    writeFileSync(other, JSON.stringify({ ...trace, checkpoints, traceHash: '0000000000000000' }));
    const { code, stderr } = await velum('sim', 'replay', other);
    expect(code).toBe(1);
    expect(stderr).toContain('they part at height 3');
    const { stdout } = await velum('sim', 'replay', other, '--json');
    expect(JSON.parse(stdout)).toEqual({
      traceHash: trace.traceHash,
      heights: 4,
      reason: expect.stringContaining('they part at height 3'),
    });
  });

  test('a changed seed gives another hash', async () => {
    const trace = JSON.parse(readFileSync(file, 'utf8'));
    const other = join(scratch, 'seed.json');
    writeFileSync(other, JSON.stringify({ ...trace, scenario: { ...trace.scenario, seed: 10 } }));
    expect((await velum('sim', 'replay', other)).stderr).toContain('they part at height 1');
  });

  test.each([
    ['not JSON', '{'],
    ['no trace', '{"a":1}'],
    ['another version', '{"velumTrace":2}'],
  ])('refuses a file that is %s', async (_what, text) => {
    const path = join(scratch, 'bad.json');
    writeFileSync(path, text);
    const { code, stdout } = await velum('sim', 'replay', path, '--json');
    expect({ code, error: JSON.parse(stdout).error.code }).toEqual({ code: 2, error: 'TRACE_FILE' });
  });

  test('refuses a file that is not there', async () => {
    expect((await velum('sim', 'replay', join(scratch, 'none.json'))).code).toBe(2);
  });
});

describe('an adversary and latencies of one’s own', () => {
  const here = (...args: string[]) => velumIn(scratch, 'sim', ...args);
  const LATE = "export default { name: 'late', open: () => ({ receive() {}, flush() {} }) };\n";

  test('are run, named by hash, and replayed with the same file alone', async () => {
    writeFileSync(join(scratch, 'late.mjs'), LATE);
    writeFileSync(join(scratch, 'far.csv'), 'from,to,ms\na,a,1\na,b,40\nb,a,50\nb,b,1\n');
    const flags = '--faulty 1 --adversary ./late.mjs --delay far.csv --heights 2 --trace own.json';
    const run = await here('acs', ...flags.split(' '));
    expect(run).toMatchObject({ exitCode: 0, err: '' });
    const sha256 = createHash('sha256').update(LATE).digest('hex');
    expect(run.out).toContain('1 faulty (./late.mjs), far.csv, SEED=1');
    expect(run.out).toContain(`./late.mjs: SHA-256 ${sha256}`);

    expect(await here('replay', 'own.json')).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining(`late.mjs (SHA-256 ${sha256}): say where that is, --adversary late.mjs`),
    });
    rmSync(join(scratch, 'far.csv'));
    const again = await here('replay', 'own.json', '--adversary', 'late.mjs');
    expect(again).toMatchObject({ exitCode: 0, out: expect.stringContaining('replays to its hash') });
  });

  test('another version of the file is not taken for it', async () => {
    writeFileSync(join(scratch, 'later.mjs'), LATE);
    appendFileSync(join(scratch, 'later.mjs'), '// changed\n');
    const other = await here('replay', 'own.json', '--adversary', 'later.mjs');
    expect(other).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining('later.mjs is another version'),
    });
    const file = join(scratch, 'plain.json');
    expect((await here('acs', '--heights', '1', '--trace', 'plain.json')).exitCode).toBe(0);
    expect(await here('replay', file, '--adversary', 'later.mjs')).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining("of no adversary of one's own"),
    });
  });

  test('what it throws is said with file and line, and is no bug of the program', async () => {
    writeFileSync(
      join(scratch, 'slip.mjs'),
      "export default {\n  name: 'slip',\n  open: () => nothing.at(0),\n};\n",
    );
    expect(await here(...'acs --faulty 1 --adversary slip.mjs'.split(' '))).toMatchObject({
      exitCode: 2,
      err: expect.stringMatching(
        /^velum: slip\.mjs:3:\d+ fails: nothing is not defined \(EXPERIMENT_FILE\)$/m,
      ),
    });
  });
});
