import { describe, expect, test } from 'vitest';
import { ballotId, type ValidatorIndex } from '../../../src/params/ids.ts';
import { MAX_BUNDLE_BALLOTS, MAX_OPEN_BALLOTS } from '../../../src/params/sizes.ts';
import { ballotIdOf, ballotScope } from '../../../src/validator/ballot.ts';
import { BallotBox } from '../../../src/validator/ballot-box.ts';
import { Out } from '../../../src/validator/out.ts';
import {
  ballotBy,
  boxFor,
  contextAt,
  copyOf,
  H1,
  itemNumber,
  proofOf,
  receive,
  said,
  v,
} from './fixtures.ts';

const context = contextAt(4, 0);
const X = itemNumber(7);

describe('a ballot on its stem', () => {
  test('is not named, counted or served before somebody broadcasts it', () => {
    const box = boxFor(context);
    const { id } = receive(box, 1, 'stem', ballotBy(context, 2))!;
    const out = new Out();
    box.serve(v(3), [id], out);
    expect([box.single(), box.get(id), out.frames]).toEqual([[], undefined, []]);
    receive(box, 1, 'ballot', ballotBy(context, 2));
    box.serve(v(3), [id], out);
    expect(box.single()).toEqual([id]);
    expect(said(out)).toEqual([{ to: 3, message: { kind: 'ballot', ballot: ballotBy(context, 2) } }]);
  });

  test('is asked for as if it were not here, so not asking tells nobody that it passed', () => {
    const box = boxFor(context);
    const { id } = receive(box, 1, 'stem', ballotBy(context, 2))!;
    const out = new Out();
    box.ask([id], [v(3)], out);
    expect(said(out)).toMatchObject([{ to: 3, message: { kind: 'pullBallots', ids: [id] } }]);
  });

  test('does not come out for a probe: a broadcast copy with a bad proof', () => {
    const box = boxFor(context);
    const { id } = receive(box, 1, 'stem', ballotBy(context, 2))!;
    const out = new Out();
    receive(box, 3, 'ballot', ballotBy(context, 2, [], 99), { ok: false, out });
    expect(out.faults).toMatchObject([{ by: 3, fault: 'BALLOT_PROOF_INVALID' }]);
    expect(box.get(id)).toBeUndefined();
  });

  test('comes out when its proof is re-randomised; the first copy stays the one that is passed on', () => {
    const box = boxFor(context);
    receive(box, 1, 'stem', ballotBy(context, 2));
    const received = receive(box, 3, 'ballot', ballotBy(context, 2, [], 99));
    expect(received).toMatchObject({ isNew: false, ballot: { proof: proofOf(3) } });
    expect(box.single()).toEqual([received!.id]);
  });
});

describe('one flipped proof byte', () => {
  const good = ballotBy(context, 2);
  const bad = ballotBy(context, 2, [], 99);

  test.each([
    ['before', [bad, good]],
    ['after', [good, bad]],
  ] as const)('does not censor the ballot when it comes %s the good copy', (_, copies) => {
    const box = boxFor(context);
    for (const copy of copies) receive(box, copy === bad ? 3 : 1, 'ballot', copy, { ok: copy === good });
    expect(box.single()).toHaveLength(1);
  });

  test('does not censor it while both are being verified', () => {
    const box = boxFor(context);
    const out = new Out();
    box.offer(v(3), 'ballot', bad, out);
    box.offer(v(1), 'ballot', good, out);
    const [forBad, forGood] = out.effects.map(copyOf);
    expect(box.verified(forBad!, false, out)).toBeUndefined();
    expect(box.verified(forGood!, true, out)).toMatchObject({ isNew: true });
    expect(out.faults.map(({ by }) => by)).toEqual([3]);
  });

  test('is verified once: the same copy is refused from memory, its senders blamed', () => {
    const box = boxFor(context);
    const out = new Out();
    box.offer(v(3), 'ballot', bad, out);
    box.offer(v(2), 'stem', bad, out);
    expect(out.effects).toHaveLength(1);
    box.verified(copyOf(out.effects[0]!), false, out);
    box.offer(v(1), 'ballot', bad, out);
    expect(out.effects).toHaveLength(1);
    expect(out.faults.map(({ by }) => by)).toEqual([3, 2, 1]);
  });

  test('an answer without an open effect changes nothing', () => {
    const box = boxFor(context);
    const out = new Out();
    expect(box.verified('00', true, out)).toBeUndefined();
    box.offer(v(1), 'ballot', good, out);
    const key = copyOf(out.effects[0]!);
    expect(box.verified(key, true, out)).toBeDefined();
    expect(box.verified(key, true, out)).toBeUndefined();
  });
});

describe('when the timer fires', () => {
  test('ballots are asked again of those that have not sent them, until they are public', () => {
    const box = boxFor(context);
    const out = new Out();
    const scope = ballotScope(context.domain, H1);
    const [one, other] = [1, 2].map((seat) => ballotBy(context, seat));
    const ids = [one!, other!].map((ballot) => ballotIdOf(ballot, scope)).sort();
    box.ask(ids, [v(1), v(2)], out);
    const again = (): unknown[] => {
      const resent = new Out();
      box.resend(resent);
      return said(resent).map(({ to, message }) => [to, message.kind === 'pullBallots' && message.ids]);
    };
    expect(again()).toEqual([
      [1, ids],
      [2, ids],
    ]);
    receive(box, 1, 'ballot', one!, { ok: false, out });
    const left = [ballotIdOf(other!, scope)];
    expect(again()).toEqual([
      [1, left],
      [2, ids],
    ]);
    receive(box, 2, 'ballot', ballotBy(context, 1, [], 77), { out });
    expect(again()).toEqual([
      [1, left],
      [2, left],
    ]);
    receive(box, 2, 'ballot', other!, { out });
    expect(again()).toEqual([]);
  });

  test('a peer that asks again is served again, once', () => {
    const box = boxFor(context);
    const { id } = receive(box, 1, 'ballot', ballotBy(context, 2))!;
    const served = (): number => {
      const out = new Out();
      box.serve(v(2), [id, id], out);
      return out.frames.length;
    };
    expect([served(), served()]).toEqual([1, 0]);
    box.resend(new Out());
    expect([served(), served()]).toEqual([1, 0]);
  });
});

/** Calls every proof bad that is to be verified, and how many were. */
function answered(box: BallotBox, out: Out): number {
  let count = 0;
  for (; out.effects.length > 0; count++) box.verified(copyOf(out.effects.shift()!), false, out);
  return count;
}

describe('what is verified first', () => {
  const bad = (i: number) => ballotBy(context, 2, [], 100 + i);

  test('of one sender so many ballots at a time, in the order in which they came', () => {
    const box = boxFor(context);
    const out = new Out();
    for (let i = 0; i < 7; i++) box.offer(v(3), 'ballot', bad(i), out);
    expect(out.effects).toHaveLength(MAX_OPEN_BALLOTS);
    box.verified(copyOf(out.effects[0]!), true, out);
    expect(out.effects).toHaveLength(MAX_OPEN_BALLOTS + 1);
  });

  test('is what others sent: 2n bad ballots cost their sender its place, also for its good one, at once and later', () => {
    const options = { height: H1, scope: ballotScope(context.domain, H1), n: 4, voided: new Set<bigint>() };
    const distrusted = new Set<ValidatorIndex>();
    const box = new BallotBox({ ...options, committeeRoot: context.committee.root, distrusted });
    const out = new Out();
    for (let i = 0; i < 7; i++) box.offer(v(3), 'ballot', bad(i), out);
    box.offer(v(3), 'ballot', ballotBy(context, 3), out);
    const verified = (ok: boolean) => box.verified(copyOf(out.effects.shift()!), ok, out);
    verified(false);
    expect([...distrusted]).toEqual([3]);
    expect(out.effects, 'nothing more of it while anything is open').toHaveLength(MAX_OPEN_BALLOTS - 1);
    box.offer(v(1), 'ballot', ballotBy(context, 1), out);
    box.offer(v(2), 'ballot', ballotBy(context, 0), out);
    for (let i = 1; i < MAX_OPEN_BALLOTS; i++) verified(false);
    expect(out.effects, 'what others sent is under way').toHaveLength(2);
    expect(verified(true)).toBeDefined();
    expect(out.effects).toHaveLength(1);
    expect(verified(true)).toBeDefined();
    expect(out.effects, 'one of its own at a time').toHaveLength(1);
    box.offer(v(1), 'ballot', ballotBy(context, 3), out);
    expect(out.effects, 'what another passes on does not wait').toHaveLength(2);
    const next = new BallotBox({ ...options, committeeRoot: context.committee.root, distrusted });
    const later = new Out();
    next.offer(v(3), 'ballot', bad(0), later);
    next.offer(v(3), 'ballot', bad(1), later);
    expect(later.effects, 'in the next height too').toHaveLength(1);
  });
});

describe('floods', () => {
  test('each sender has a limit of its own, is blamed once, and keeps nobody else out', () => {
    const box = boxFor(context);
    const out = new Out();
    for (let i = 0; i < 30; i++) box.offer(v(3), 'stem', ballotBy(context, 2, [], 100 + i), out);
    expect(answered(box, out)).toBe(2 * 4);
    expect(out.faults.filter(({ fault }) => fault === 'BALLOT_FLOOD').map(({ by }) => by)).toEqual([3]);
    expect(receive(box, 1, 'ballot', ballotBy(context, 2))).toMatchObject({ isNew: true });
  });

  test('what was asked for is judged beyond the limit, one copy an asked peer', () => {
    const box = boxFor(context);
    const out = new Out();
    for (let i = 0; i < 8; i++) box.offer(v(3), 'stem', ballotBy(context, 2, [], 100 + i), out);
    const wanted = ballotBy(context, 1, [X]);
    const id = receive(boxFor(context), 0, 'ballot', wanted)!.id;
    box.ask([id], [v(3)], out);
    for (let i = 0; i < 5; i++) box.offer(v(3), 'ballot', ballotBy(context, 1, [X], 200 + i), out);
    expect(answered(box, out)).toBe(8 + 1);
  });

  test('repeating a copy that is known costs nothing and is no fault', () => {
    const box = boxFor(context);
    const out = new Out();
    for (let i = 0; i < 50; i++) receive(box, 3, 'ballot', ballotBy(context, 2), { out });
    expect([out.effects.length, out.faults.length]).toEqual([1, 0]);
  });

  test('a ballot is served once to each peer', () => {
    const box = boxFor(context);
    const { id } = receive(box, 1, 'ballot', ballotBy(context, 2))!;
    const out = new Out();
    for (const peer of [3, 3, 2, 3]) box.serve(v(peer), [id, id], out);
    expect(out.frames.map(({ to }) => to)).toEqual([3, 2]);
  });

  test('pulls for more ballots than one message holds go out in several, each peer asked once an id', () => {
    const box = boxFor(context);
    const out = new Out();
    const many = Array.from({ length: 2 * MAX_BUNDLE_BALLOTS + 1 }, (_, i) => ballotId(itemNumber(i)));
    box.ask(many, [v(1)], out);
    box.ask(many, [v(1)], out);
    expect(said(out)).toHaveLength(3);
  });
});

describe('two ballots of one nullifier', () => {
  test('are an equivocation: both become public, neither counts, a third is not taken unasked', () => {
    const box = boxFor(context);
    const first = receive(box, 1, 'stem', ballotBy(context, 2, []))!.id;
    const second = receive(box, 1, 'stem', ballotBy(context, 2, [X]))!.id;
    expect(box.pairs()).toEqual([[first, second].sort()]);
    expect(box.single()).toEqual([]);
    expect(box.get(first)).toBeDefined();
    expect(receive(box, 1, 'ballot', ballotBy(context, 2, [itemNumber(8)]))).toBeUndefined();
  });

  test('a third that was asked for is kept and not relayed', () => {
    const box = boxFor(context);
    for (const items of [[], [X]]) receive(box, 1, 'ballot', ballotBy(context, 2, items));
    const third = ballotBy(context, 2, [itemNumber(8)]);
    const id = receive(boxFor(context), 1, 'ballot', third)!.id;
    box.ask([id], [v(3)], new Out());
    expect(receive(box, 3, 'ballot', third)).toMatchObject({ id, isNew: true });
    expect(box.isRelayed(id)).toBe(false);
    expect(box.pairs()).toHaveLength(1);
  });

  test('ballots of a void nullifier are dropped without a word', () => {
    const void2 = ballotBy(context, 2);
    const box = boxFor(context, new Set([void2.nullifier]));
    const out = new Out();
    expect(receive(box, 1, 'ballot', void2, { out })).toBeUndefined();
    expect([out.effects, out.faults]).toEqual([[], []]);
  });
});
