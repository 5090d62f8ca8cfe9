import { describe, expect, test } from 'vitest';
import {
  commandOf,
  delayText,
  FAULTS,
  FIELD_NAMES,
  openScenario,
  parseDelay,
  runScenario,
  type Scenario,
} from '../../../src/sim/scenario.ts';
import type { Adversary } from '../../../src/sim/world.ts';

const scenario: Scenario = {
  validators: 4,
  payloadBytes: 64,
  faulty: 0,
  fault: 'crash',
  delay: { kind: 'const', ms: 100 },
  rbc: 'digest',
  acs: 'first-hand',
  heights: 3,
  seed: 1,
};

describe('a delay in writing', () => {
  test.each(['const:100', 'const:0', 'uniform:50:150', 'uniform:5:5', 'exp:100', 'exp:0.5', 'wan'])(
    '%s is read as it is written',
    (text) => {
      expect(delayText(parseDelay(text)!)).toBe(text);
    },
  );
  test.each([
    '',
    'const',
    'const:',
    'const:-1',
    'const:1:2',
    'const:60001',
    'exp:0',
    'exp:1e3',
    'uniform:5',
    'uniform:9:5',
    'uniform:1:60001',
    'wan:5',
    'Const:5',
    'const:NaN',
  ])('%j is none', (text) => {
    expect(parseDelay(text)).toBeUndefined();
  });
});

describe('a scenario', () => {
  test('takes 4 delays with first-hand and 5 with bkr, 8 and 9 with f crashed', () => {
    const delays = (fields: Partial<Scenario>): number[] =>
      runScenario({ ...scenario, ...fields }).heights.map((height) => height.delays);
    expect(delays({})).toEqual([4, 4, 4]);
    expect(delays({ acs: 'bkr' })).toEqual([5, 5, 5]);
    expect(delays({ validators: 10, faulty: 3 })).toEqual([8, 8, 8]);
    expect(delays({ validators: 10, faulty: 3, acs: 'bkr' })).toEqual([9, 9, 9]);
  });

  test.each([1, 2, 3])('works with %i validators', (validators) => {
    const { violations, heights } = runScenario({ ...scenario, validators });
    expect(violations).toEqual([]);
    expect(heights.map(({ outputs }) => outputs)).toEqual([validators, validators, validators]);
  });

  test('equal scenarios have equal hashes at every height; another seed, payload or fault has not', () => {
    const hashes = (fields: Partial<Scenario>): string[] => {
      const { traceHash, checkpoints } = runScenario({ ...scenario, faulty: 1, ...fields });
      return [...checkpoints, traceHash];
    };
    expect(hashes({})).toEqual(hashes({}));
    const others = [
      { seed: 2 },
      { payloadBytes: 65 },
      { acs: 'bkr' as const },
      ...FAULTS.slice(1).map((fault) => ({ fault })),
    ];
    const seen = new Set([{}, ...others].map((fields) => hashes(fields).at(-1)));
    // A mute validator is heard as little as a dead one.
    expect(seen.size).toBe(others.length);
  });

  test.each(FIELD_NAMES)('names the faults of %s and refuses what its messages do not allow', (acs) => {
    for (const fault of ['crash', 'mute', 'equivocate', 'twins', 'fake-network'] as const) {
      expect([fault, ...runScenario({ ...scenario, acs, faulty: 1, fault }).violations]).toEqual([fault]);
    }
    for (const fault of ['flood', 'split', 'mmr-coin'] as const)
      if ((acs === 'fin' || acs === 'alea') && fault !== 'flood')
        expect(runScenario({ ...scenario, acs, faulty: 1, fault }).violations).toEqual([]);
      else expect(() => runScenario({ ...scenario, acs, faulty: 1, fault })).toThrow(`with ${acs} use crash`);
  });

  test('is run with the adversary that it is given in place of its fault, and over the latencies of a table', () => {
    const own: Adversary<unknown> = { name: 'dead', open: () => undefined };
    const lying = { ...scenario, faulty: 1, fault: 'equivocate' } as const;
    const given = openScenario(lying, undefined, own).run();
    expect(given.traceHash).toBe(runScenario({ ...lying, fault: 'crash' }).traceHash);
    expect(given.traceHash).not.toBe(runScenario(lying).traceHash);
    // Validators 0 and 2 sit in one place, 1 and 3 in the other; each message takes its latency, 10 % more or less.
    const delay = {
      kind: 'matrix',
      ms: [
        [1, 50],
        [50, 1],
      ],
      file: 'two.csv',
    } as const;
    for (const { ms, delays } of runScenario({ ...scenario, delay }).heights) {
      expect(ms).toBeGreaterThan(2 * 45);
      expect(ms).toBeLessThan(delays * 55);
    }
  });

  test('is written as the command that runs it', () => {
    const rest = '--delay const:100 --rbc digest --acs first-hand --heights 3 --seed 1';
    expect(commandOf(scenario)).toBe(`velum sim acs --validators 4 --payload-bytes 64 --faulty 0 ${rest}`);
    expect(commandOf({ ...scenario, faulty: 1 })).toBe(
      `velum sim acs --validators 4 --payload-bytes 64 --faulty 1 --fault crash ${rest}`,
    );
    const delay = { kind: 'matrix', ms: [[1]], file: 'one place.csv' } as const;
    expect(commandOf({ ...scenario, faulty: 1, adversary: './mine.ts', delay })).toBe(
      "velum sim acs --validators 4 --payload-bytes 64 --faulty 1 --adversary ./mine.ts --delay 'one place.csv' --rbc digest --acs first-hand --heights 3 --seed 1",
    );
  });
});
