import { expect, test } from 'vitest';
import { bookNote, stepsOf } from '../../../src/page/explorer/curves.ts';
import { PROGRESS } from '../../../src/page/explorer/node-answers.ts';
import { addressOf, searched } from '../../../src/page/explorer/searched.ts';
import { HEIGHT_STEPS, standOf } from '../../../src/page/explorer/stages.ts';
import { absorb, BEFORE_ANY } from '../../../src/page/shell/chain-seen.ts';
import { money, utc } from '../../../src/page/shell/format.ts';

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
  ['items', BEGUN, 0, 'Nothing that enough validators hold is waiting to be ordered.'],
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
  ['settlement', { ...BEGUN, ordered: 2, opening: [0, 2, 3] }, 0, 'The opened orders are being settled.'],
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

test('a height that cannot get further says why, also where nothing that can be ordered has come', () => {
  for (const listable of [0, 1]) {
    const cut = standOf(BEGUN, situation(listable, [true, false, false]));
    expect(cut).toMatchObject({
      isStopped: true,
      why: expect.stringContaining('2 and 3 of 4 are not, and 3'),
    });
    expect(standOf(BEGUN, situation(listable))).toMatchObject({ isStopped: false, why: undefined });
    const behind = { ok: false, state: 'behind', why: 'Others are ahead.' };
    const stand = standOf(BEGUN, { ...situation(listable), health: behind });
    expect(stand).toMatchObject({ isStopped: true, why: 'Others are ahead.' });
  }
});

test('where one of four is not reached a height goes on, and its picture with it', () => {
  const stand = standOf(BEGUN, situation(1, [true, true, false]));
  expect(stand).toMatchObject({ isStopped: false, why: expect.stringContaining('The others are enough.') });
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
    { side: 'buy', price: 10n, lots: 2n, reduceOnly: false },
    { side: 'buy', price: 12n, lots: 1n, reduceOnly: false },
    { side: 'sell', price: 9n, lots: 3n, reduceOnly: false },
  ] as const;
  expect(stepsOf(book, 'buy').map(({ lots, price }) => [lots, price])).toEqual([
    [0, 12],
    [1, 12],
    [1, 10],
    [3, 10],
  ]);
  expect(stepsOf(book, 'sell').map(({ lots }) => lots)).toEqual([0, 3]);
  // How much of an order that only closes a position took part, follows from the position.
  const reducing = { ...book[2], reduceOnly: true };
  expect([bookNote(book), bookNote([...book, reducing])]).toEqual([
    '',
    expect.stringMatching(/as they were sent/),
  ]);
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

test('a genesis that comes late takes back that there was none', () => {
  const problem = { code: 'FILE_UNREADABLE', text: 'the answer is 404' };
  const none = absorb(BEFORE_ANY, { kind: 'failed', problem });
  expect(none.failed).toEqual(problem);
  const chain = { chainId: 'one', pin: 'new' } as never;
  expect(absorb(none, { kind: 'chain', chain })).toMatchObject({ failed: undefined, chain });
});

test('a node that answers again is not called silent until the next height, and a lie stays told', () => {
  const fault = { code: 'NODE_UNREACHABLE', text: 'gone', height: 2, isLie: false };
  const silent = absorb(BEFORE_ANY, { kind: 'fault', fault });
  expect(absorb(silent, { kind: 'fault', fault: null }).fault).toBeUndefined();
  const caught = absorb(silent, { kind: 'fault', fault: { ...fault, isLie: true } });
  expect(absorb(caught, { kind: 'fault', fault: null })).toBe(caught);
});

test('whatever is typed is looked for, as ids are written, and stands in the address', () => {
  for (const [typed, sought] of [
    [' 7 ', '7'],
    ['AB12cd34', 'ab12cd34'],
    ['buy 2 #/%', 'buy 2 #/%'],
    ['f'.repeat(70), 'f'.repeat(64)],
    ['', ''],
  ] as const)
    expect(searched(`#${addressOf(typed)}`)).toBe(sought);
  expect(['#explorer', '#trader/7', '#explorer/%'].map(searched)).toEqual(['', '', '%']);
});

test('a time that is in no calendar is told as a number', () => {
  expect([utc(1_793_000_000n), utc(2n ** 64n - 1n)]).toEqual([
    '2026-10-26 07:33:20 UTC',
    '18446744073709551615 s',
  ]);
});

test('amounts are written as people write them', () => {
  expect([money(1_234_567_890_000n), money(-500_000n), money(1n)]).toEqual([
    '1,234,567.89',
    '−0.50',
    '0.000001',
  ]);
});
