import { expect, test } from 'vitest';
import { stepsOf } from '../../../src/page/explorer/curves.ts';
import { PROGRESS } from '../../../src/page/explorer/node-answers.ts';
import { HEIGHT_STEPS, standOf } from '../../../src/page/explorer/stages.ts';
import { absorb, BEFORE_ANY } from '../../../src/page/shell/chain-seen.ts';
import { money } from '../../../src/page/shell/format.ts';

const awaited = { isHere: false, isValid: null, round: 0, decided: null };
const BEGUN = {
  height: 3,
  ballots: 0,
  proposals: [awaited, awaited, awaited, awaited],
  ordered: null,
  opening: [],
  isSettled: false,
  signed: [],
};
const peer = (index: number, isUp = true) => ({
  ...{ index, isUp, isOtherVersion: false, connects: 1 },
  ...{ violations: 0, bannedMs: 0, faults: 0 },
});
const situation = (listable: number, up = [true, true, true]) => ({
  progress: { reached: [3, 3, 3, 3], listable, heights: [] },
  health: { ok: true, state: 'ready', why: 'It takes part.' },
  peers: up.map((isUp, i) => peer(i + 1, isUp)),
  quorum: 3,
});
const here = { isHere: true, isValid: true, round: 0, decided: null };

test.each([
  ['items', BEGUN, 0, 'Nothing is waiting to be ordered.'],
  ['ballots', BEGUN, 2, '0 of 3 anonymous ballots are public.'],
  ['ballots', { ...BEGUN, ballots: 2 }, 2, '2 of 3 anonymous ballots are public.'],
  [
    'subset',
    { ...BEGUN, ballots: 3, proposals: [here, awaited, awaited, awaited] },
    2,
    'Bundles are here of 0; not decided yet: 0, 1, 2 and 3.',
  ],
  [
    'opening',
    { ...BEGUN, ordered: 2, opening: [0, 2] },
    0,
    '2 items are ordered; 2 of 3 decryption shares are here, none yet of 1 and 3.',
  ],
  [
    'certificate',
    { ...BEGUN, ordered: 2, isSettled: true, signed: [0] },
    0,
    '1 of 3 signatures of the result are here, none yet of 1, 2 and 3.',
  ],
])('a height stands at %s and says what is there', (name, height, listable, said) => {
  const { at, there } = standOf(height, situation(listable));
  expect([HEIGHT_STEPS[at]!.name, there]).toEqual([name, said]);
});

test('a height that cannot get further says why, and one that has nothing to do does not', () => {
  const cut = situation(1, [true, false, false]);
  expect(standOf(BEGUN, cut).why).toContain('2 and 3 of 4 are not, and 3 are needed');
  // What waits is listed once enough validators hold it, of which too few are reached.
  expect(standOf(BEGUN, situation(0, [true, false, false])).why).toContain('3 are needed');
  expect(standOf(BEGUN, situation(0, [true, true, false])).why).toBeUndefined();
  expect(standOf(BEGUN, situation(1, [true, true, false])).why).toContain('The others are enough.');
  expect(standOf(BEGUN, situation(1)).why).toBeUndefined();
  const behind = { ...situation(1), health: { ok: false, state: 'behind', why: 'Others are ahead.' } };
  expect(standOf(BEGUN, behind).why).toBe('Others are ahead.');
});

test('what no validator says of a height is not shown', () => {
  const good = { reached: [3], listable: 0, heights: [BEGUN] };
  expect(PROGRESS.safeParse(good).success).toBe(true);
  for (const wrong of [
    { ...good, reached: Array.from({ length: 101 }, () => 1) },
    { ...good, heights: Array.from({ length: 5 }, () => BEGUN) },
    { ...good, heights: [{ ...BEGUN, ordered: 'two' }] },
    { ...good, listable: -1 },
  ])
    expect(PROGRESS.safeParse(wrong).success).toBe(false);
});

test('demand falls and supply rises with the lots', () => {
  const book = [
    { side: 'buy', price: 10n, lots: 2n },
    { side: 'buy', price: 12n, lots: 1n },
    { side: 'sell', price: 9n, lots: 3n },
  ] as const;
  expect(stepsOf(book, 'buy').map(({ lots, price }) => [lots, price])).toEqual([
    [0, 12],
    [1, 12],
    [1, 10],
    [3, 10],
  ]);
  expect(stepsOf(book, 'sell').map(({ lots }) => lots)).toEqual([0, 3]);
});

test('a lie stays told when the node says the truth again, and a silence does not', () => {
  const fault = { code: 'REPLAY_SETTLEMENT', text: 'wrong', height: 2, isLie: true };
  const verified = { kind: 'verified', heights: [], state: { height: 2 } } as never;
  const caught = absorb(BEFORE_ANY, { kind: 'fault', fault });
  expect(absorb(caught, verified).fault).toEqual(fault);
  const silent = absorb(BEFORE_ANY, { kind: 'fault', fault: { ...fault, isLie: false } });
  expect(absorb(silent, verified).fault).toBeUndefined();
  expect(absorb(caught, { kind: 'fault', fault: silent.fault! }).fault).toEqual(fault);
});

test('amounts are written as people write them', () => {
  expect([money(1_234_567_890_000n), money(-500_000n), money(1n)]).toEqual([
    '1,234,567.89',
    '−0.50',
    '0.000001',
  ]);
});
