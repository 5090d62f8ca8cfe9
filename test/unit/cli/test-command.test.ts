import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Answer, velumIn } from '../../helpers/cli.ts';
import type { Swap } from '../../helpers/mutant.ts';
import { type OwnProject, withdrawProject } from '../../helpers/project.ts';

const SOURCE = 'circuits/withdraw.circom';
const RANGE = 'circuits/lib/range.circom';
const SNAPSHOT = 'snapshots/withdraw.json';

let project: OwnProject;
const run = (...args: readonly string[]): Promise<Answer> => velumIn(project.dir, 'test', ...args);
const lines = ({ out }: Answer): string[] => out.split('\n').map((line) => line.trim());

beforeAll(async () => {
  vi.stubEnv('CI', '');
  project = await withdrawProject();
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await project.remove();
});

describe('velum test on a project that passes', () => {
  test('in CI fails without a snapshot, and writes none', async () => {
    vi.stubEnv('CI', 'true');
    const answer = await run();
    expect(answer.exitCode).toBe(1);
    expect(answer.out).toContain('circuits/withdraw.circom:6: snapshot: is not there');
    expect(answer.err).toBe('velum: failed: withdraw (TESTS_FAILED)\n');
    expect(existsSync(join(project.dir, SNAPSHOT))).toBe(false);
    expect((await run('--update')).exitCode).toBe(2);
    expect(existsSync(join(project.dir, SNAPSHOT))).toBe(false);
    vi.stubEnv('CI', 'false');
  });
  test('where somebody works writes the snapshot at the first run, and then compares', async () => {
    const first = await run();
    expect(first).toMatchObject({ exitCode: 0, err: '' });
    expect(lines(first)).toEqual([
      'ok    withdraw (circuits/withdraw.circom)',
      'ok    32 constraints: snapshot written: commit it',
      'ok    3 of 3 input files do what they must',
      'ok    audit: 2 of 2 outputs proved',
      '',
      '1 circuit: 1 passed, 0 failed',
      '',
    ]);
  });
  test('says the same as JSON, and in CI', async () => {
    vi.stubEnv('CI', 'true');
    const { exitCode, out, err } = await run('withdraw', '--json');
    vi.stubEnv('CI', '');
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
    const { passed, circuits } = JSON.parse(out);
    expect(passed).toBe(true);
    expect(circuits).toHaveLength(1);
    expect(circuits[0]).toMatchObject({
      circuit: 'withdraw',
      snapshot: 'same',
      constraints: 32,
      problems: [],
    });
    expect(circuits[0].inputs[2]).toEqual({
      input: 'inputs/overflow.json',
      expected: 'fail',
      passed: true,
      refusedAt: ['circuits/lib/range.circom:13', 'circuits/withdraw.circom:14'],
    });
    expect(circuits[0].audit.outputs.map(({ verdict }: { verdict: string }) => verdict)).toEqual([
      'PROVED',
      'PROVED',
    ]);
  });
  test.each([
    [['nothing'], 'has no circuit nothing; there are withdraw (TEST_CIRCUIT)'],
    [['--budget', '0'], 'A whole number from 1 to 86400'],
    [['--watch', '--update'], 'would take every change for reviewed'],
  ])('refuses the arguments %j', async (args, said) => {
    const { exitCode, err } = await run(...args);
    expect(exitCode).toBe(2);
    expect(err).toContain(said);
  });
  test('is refused where there is no project', async () => {
    const { exitCode, err } = await velumIn('/', 'test');
    expect(exitCode).toBe(2);
    expect(err).toContain('PROJECT_MISSING');
  });
});

describe('velum test on a reviewed project', () => {
  /** Runs with a change, and takes the change back. */
  async function changed(file: string, swaps: readonly Swap[], ...args: readonly string[]): Promise<Answer> {
    const path = join(project.dir, file);
    const before = await readFile(path, 'utf8');
    await project.edit(file, ...swaps);
    const answer = await run(...args);
    await writeFile(path, before);
    return answer;
  }
  const planted: readonly (readonly [string, string, Swap[], string[]])[] = [
    [
      'a planted <--',
      SOURCE,
      [['left <== balance', 'left <-- balance']],
      [
        'circuits/withdraw.circom:10: left: forged: two values for one input',
        'circuits/withdraw.circom:9: isDone left balance and 1 more: 0 constraints, 1 before',
      ],
    ],
    [
      'a dropped constraint',
      RANGE,
      [['bits[i] * (bits[i] - 1) === 0;', '']],
      [
        'circuits/withdraw.circom:6: constraints: 16, 16 fewer than the 32 that were reviewed',
        'circuits/lib/range.circom:6: small[*].bits[*]: 0 constraints, 16 before',
      ],
    ],
    [
      'an assert in the place of a constraint',
      RANGE,
      [['sum === in;', 'assert(sum == in);']],
      [
        'circuits/lib/range.circom:13: inputs/overflow.json: must be refused, and only its witness program does, at circuits/lib/range.circom:13',
      ],
    ],
    [
      'a comparator without a range check',
      SOURCE,
      [['small[1].in <== amount;', 'small[1].in <== balance;']],
      [
        'circuits/withdraw.circom:18: covered.lt: unranged-comparison: compares 8 bits, and nothing keeps amount below 2^8',
      ],
    ],
    [
      'another order of the public signals',
      SOURCE,
      [
        ['signal input balance;', 'signal input amount ;'],
        ['signal input amount;', 'signal input balance;'],
      ],
      ['circuits/withdraw.circom:7: amount: public signal 2 is amount, reviewed was balance'],
    ],
    [
      'an input that must be refused and is accepted',
      'inputs/overflow.json',
      [['256', '25']],
      ['circuits/withdraw.circom:6: inputs/overflow.json: must be refused, and is accepted'],
    ],
    [
      'an input that must pass and is refused',
      'inputs/ok.json',
      [['"10"', '"1000"']],
      [
        'circuits/lib/range.circom:13: inputs/ok.json: must pass, and is refused at circuits/lib/range.circom:13 in',
      ],
    ],
    [
      'an input that is none of this circuit',
      'inputs/overflow.json',
      [['amount', 'sum']],
      ['inputs/overflow.json: withdraw: sum is no input; the inputs are balance, amount'],
    ],
    [
      'a source that does not compile',
      RANGE,
      [['sum === in;', 'sum === out;']],
      ['circuits/lib/range.circom:13:13: error T2021'],
    ],
  ];
  test.each(planted)('%s turns it red, with the line', async (_, file, swaps, told) => {
    const { exitCode, out, err } = await changed(file, swaps);
    expect(exitCode).toBe(1);
    expect(err).toBe('velum: failed: withdraw (TESTS_FAILED)\n');
    const text = out.replace(/\s+/g, ' ');
    for (const each of told) expect(text).toContain(each);
  });
  test.each<[string, Swap, string]>([
    [
      'assumption',
      ['"params"', '"assume": ["even=amount"], "params"'],
      '$.withdraw.assume is not understood: ',
    ],
    [
      'target',
      ['"params"', '"target": ["left"], "params"'],
      '$.withdraw.target is not understood: --target left names no public input',
    ],
    ['input file', ['inputs/ok.json', 'inputs/none.json'], '$.withdraw.tests.pass[0] cannot read'],
  ])(
    'what the project file says wrongly (%s) is told with its line and column, and exit 2',
    async (_, swap, said) => {
      const { exitCode, err } = await changed('circuits.json', [swap]);
      expect(err).toMatch(/circuits\.json:\d+:\d+: /);
      expect(err).toContain(said);
      expect(exitCode).toBe(2);
    },
  );
  test('what is taken for reviewed is not red any more, unless the audit finds it', async () => {
    const snapshot = await readFile(join(project.dir, SNAPSHOT), 'utf8');
    const bug: Swap[] = [
      ['small[1] = Range(n);', ''],
      ['small[1].in <== amount;', ''],
    ];
    const updated = await changed(SOURCE, bug, '--update', '--json');
    expect(updated.exitCode).toBe(1);
    const [circuit] = JSON.parse(updated.out).circuits;
    expect(circuit).toMatchObject({ snapshot: 'updated', passed: false });
    expect(circuit.problems.map(({ check }: { check: string }) => check)).not.toContain('snapshot');
    // The same bug, explained.
    const because = (reason: string): Swap => [
      '"params"',
      `"waivers": [{ "rule": "unranged-comparison", "subject": "covered.*", "reason": "${reason}" }], "params"`,
    ];
    await project.edit(
      'circuits.json',
      because('the caller sends amounts of the ledger only, which are below 2^8'),
    );
    const waived = await changed(SOURCE, bug);
    expect(waived).toMatchObject({ exitCode: 0, out: expect.stringContaining('proved, 1 waived') });
    const stale = await run();
    expect(stale.out.replace(/\s+/g, ' ')).toContain('stale-waiver: nothing of the kind is found any more');
    await writeFile(join(project.dir, SNAPSHOT), snapshot);
  });
});
