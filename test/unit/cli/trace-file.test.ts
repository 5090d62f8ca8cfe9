import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { VelumError } from '../../../src/base/errors.ts';
import { requireSound } from '../../../src/cli/sim/run-scenario.ts';
import { parseTrace, traceJson } from '../../../src/cli/sim/trace-file.ts';
import { FORMAT_VERSION } from '../../../src/params/version.ts';
import { runScenario, type Scenario } from '../../../src/sim/scenario.ts';

const scenario: Scenario = {
  validators: 4,
  payloadBytes: 20,
  faulty: 1,
  fault: 'split',
  delay: { kind: 'uniform', fromMs: 50, toMs: 150 },
  rbc: 'digest',
  acs: 'bkr',
  heights: 2,
  seed: 3,
};
const report = runScenario(scenario);
const text = traceJson(scenario, report);
const changed = (change: (trace: Record<string, unknown>) => unknown): string =>
  JSON.stringify(change(JSON.parse(text)));
const inScenario = (fields: object): string =>
  changed((trace) => ({ ...trace, scenario: { ...(trace['scenario'] as object), ...fields } }));

describe('a trace file', () => {
  test('comes back as the run that it is of', () => {
    const { traceHash, checkpoints } = report;
    expect(parseTrace(text, 'run.json')).toEqual({
      velumTrace: FORMAT_VERSION,
      scenario,
      traceHash,
      checkpoints,
    });
    expect(runScenario(parseTrace(text, 'run.json').scenario).traceHash).toBe(traceHash);
  });

  test('holds the latencies of a file, and says whose adversary it was', () => {
    const file = {
      name: 'mine.ts',
      sha256: 'a'.repeat(64),
      others: [{ name: 'b.ts', sha256: 'b'.repeat(64) }],
    };
    const delay = {
      kind: 'matrix',
      ms: [
        [0, 5.5],
        [7, 0.25],
      ],
      file: './two.csv',
    } as const;
    const own = { ...scenario, adversary: './mine.ts', delay };
    const read = parseTrace(traceJson(own, report, file), 'run.json');
    expect(read).toMatchObject({ scenario: { ...scenario, delay }, adversary: file });
    expect(read.scenario).not.toHaveProperty('adversary');
  });

  test.each([
    ['an empty file', ''],
    ['latencies that are no square', inScenario({ delay: { kind: 'matrix', ms: [[0, 1]], file: 'a.csv' } })],
    ['no latencies', inScenario({ delay: { kind: 'matrix', ms: [], file: 'a.csv' } })],
    ['a negative latency', inScenario({ delay: { kind: 'matrix', ms: [[-1]], file: 'a.csv' } })],
    ['a latency that never ends', inScenario({ delay: { kind: 'matrix', ms: [[1e9]], file: 'a.csv' } })],
    ['an adversary to be run from where the trace says', inScenario({ adversary: '/tmp/mine.ts' })],
    [
      'an adversary without a hash',
      changed((trace) => ({ ...trace, adversary: { name: 'mine.ts', others: [] } })),
    ],
    ['an array', '[]'],
    ['an unknown field', changed((trace) => ({ ...trace, more: 1 }))],
    ['a hash that is none', changed((trace) => ({ ...trace, traceHash: 'g'.repeat(16) }))],
    ['more heights than are run', inScenario({ heights: 1e9 })],
    ['more validators than there are seats', inScenario({ validators: 1000 })],
    ['payloads beyond the limit', inScenario({ payloadBytes: 1 << 20 })],
    ['more faulty validators than f', inScenario({ faulty: 2 })],
    ['a seed with a fraction', inScenario({ seed: 0.5 })],
    ['a fault nobody knows', inScenario({ fault: '__proto__' })],
    ['a delay that never ends', inScenario({ delay: 'const:99999999' })],
    ['a delay that is negative', inScenario({ delay: 'uniform:-5:10' })],
  ])('is refused with its name: %s', (_what, bad) => {
    expect(() => parseTrace(bad, 'run.json')).toThrow(expect.objectContaining({ code: 'TRACE_FILE' }));
    expect(() => parseTrace(bad, 'run.json')).toThrow(/run\.json/);
  });

  test('any damage to its text is a refusal or another trace, never a crash', () => {
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.string({ maxLength: 3 }), (position, insert) => {
        try {
          parseTrace(text.slice(0, position) + insert + text.slice(position + 1), 'run.json');
        } catch (error) {
          expect((error as VelumError).code).toBe('TRACE_FILE');
        }
      }),
    );
  });
});

test('a broken property is an error with the one command that repeats the run', () => {
  const violation = {
    property: 'agreement',
    height: 2,
    node: 1,
    detail: 'differs from validator 0',
  } as const;
  const broken = { ...report, violations: [violation] };
  expect(() => requireSound(scenario, broken)).toThrow(
    expect.objectContaining({
      code: 'SIM_VIOLATED',
      message: expect.stringMatching(
        /agreement at height 2, validator 1: differs from validator 0\nRepeat it with: velum sim acs --validators 4 --payload-bytes 20 --faulty 1 --fault split --delay uniform:50:150 --rbc digest --acs bkr --heights 2 --seed 3$/,
      ),
    }),
  );
  requireSound(scenario, report);
});
