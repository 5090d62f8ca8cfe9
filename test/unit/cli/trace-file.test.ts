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

  test.each([
    ['an empty file', ''],
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
