import { describe, expect, test } from 'vitest';
import { observed } from '../../../src/experiments/ballot-attacks.ts';
import { GossipCommittee, type Setting } from '../../../src/experiments/ballot-journeys.ts';
import { SightModel } from '../../../src/experiments/ballot-observers.ts';
import { answerScore, type ScoreSummary, summaryOf } from '../../../src/experiments/observer-scores.ts';
import { Prng } from '../../../src/sim/prng.ts';

const SETTING: Setting = { way: 'stem 1/4', n: 10, colluders: 3, drops: false, spreadMs: 0 };
/** Seeds that no published row has. */
const SEED = 70_001;

function play(setting: Setting, heights: number) {
  const committee = new GossipCommittee(setting, new Prng(SEED));
  const models = { timed: new SightModel(setting, true), untimed: new SightModel(setting, false) };
  return Array.from({ length: heights }, () => {
    const journeys = committee.height();
    return { journeys, answers: observed(journeys, models) };
  });
}
type Observer = keyof ReturnType<typeof observed>;
const scoresOf = (played: ReturnType<typeof play>, observer: Observer): ScoreSummary =>
  summaryOf(
    played.flatMap(({ journeys, answers }) =>
      answers[observer].map((p, i) => answerScore(p, journeys[i]!.author)),
    ),
  );

describe.each([
  ['that watch', { ...SETTING, n: 7, colluders: 2 }, 80],
  ['that drop stems', { ...SETTING, drops: true }, 60],
  ['over more ballots than are matched exactly', { ...SETTING, n: 25, colluders: 8 }, 12],
  ['of ballots made over a while', { ...SETTING, n: 4, colluders: 1, spreadMs: 100 }, 80],
])('observers of colluders %s', (_, setting, heights) => {
  const played = play(setting, heights);

  test('give each ballot one in all', () => {
    for (const { answers } of played)
      for (const table of Object.values(answers))
        for (const p of table) expect(p.reduce((sum, x) => sum + x, 0)).toBeCloseTo(1, 9);
  });

  test('are the less surprised by the truth the stronger they are', () => {
    const bits = (observer: Observer): number => scoresOf(played, observer).surpriseBits;
    expect(bits('jointly')).toBeLessThanOrEqual(Math.min(bits('alone'), bits('untimed')));
    expect(Math.max(bits('alone'), bits('untimed'))).toBeLessThanOrEqual(bits('plain'));
    expect(bits('plain')).toBeLessThan(Math.log2(setting.n - setting.colluders));
  });

  test('are right about as often as they think', () => {
    for (const observer of ['jointly', 'alone'] as const) {
      const { named, confidence } = scoresOf(played, observer);
      expect(Math.abs(named - confidence)).toBeLessThan(0.07);
    }
  });
});

test('a stem that comes at once is its sender’s, one that comes late of anybody', () => {
  const model = new SightModel(SETTING, true);
  const odds = (atMs: number): number => {
    const [first, second] = model.likelihoods([{ from: 0, as: 'stem', atMs }]);
    return first! / second!;
  };
  expect(odds(1)).toBeGreaterThan(100);
  expect(odds(300)).toBeGreaterThan(0.8);
  expect(odds(300)).toBeLessThan(1.5);
});

test('a validator that passes a broadcast stem is none that made it, and one that asks is its author', () => {
  const model = new SightModel(SETTING, true);
  const broadcast = model.likelihoods([{ from: 2, as: 'broadcast', atMs: 60 }]);
  expect(broadcast[2]!).toBeLessThan(broadcast[0]! / 2);
  const asked = model.likelihoods([{ from: 1, as: 'asked', atMs: 1520 }]);
  expect(asked[0]! / asked[1]!).toBeLessThan(1e-6);
});

test('a second stem after a late broadcast is a new try, one at once the walk come back', () => {
  const model = new SightModel({ ...SETTING, way: 'stem 1/8' }, true);
  const first = { from: 3, as: 'stem', atMs: 200 } as const;
  const late = { from: 4, as: 'broadcast', atMs: 590 } as const;
  const oddsOf = (weights: readonly number[]): number => weights[5]! / weights[0]!;
  expect(oddsOf(model.likelihoods([first, late, { from: 5, as: 'stem', atMs: 505 + 90 }]))).toBeGreaterThan(
    1.5,
  );
  expect(oddsOf(model.likelihoods([first, { from: 5, as: 'stem', atMs: 300 }]))).toBeCloseTo(1, 6);
});
