import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type BallotId, height } from '../../../src/params/ids.ts';
import {
  type Bundle,
  decodeBundle,
  encodeBundle,
  MAX_BUNDLE_BYTES,
  signBundle,
} from '../../../src/validator/bundle.ts';
import { BundleJudge, namedBallots } from '../../../src/validator/bundle-judge.ts';
import { Out } from '../../../src/validator/out.ts';
import { MEDIANS } from '../ledger/market.ts';
import { ballotBy, boxFor, contextAt, dealt, H1, ids, itemNumber, receive, said, v } from './fixtures.ts';

const context = contextAt(4, 0);
const report = { prices: [...MEDIANS], observedS: 5n, clockS: 5n };

/** A box with one public ballot of each seat and a second one of seat 3. */
function fullBox() {
  const box = boxFor(context);
  const id = [0, 1, 2].map((seat) => receive(box, 1, 'ballot', ballotBy(context, seat))!.id);
  const pair = [[], [itemNumber(1)]]
    .map((items) => receive(box, 1, 'ballot', ballotBy(context, 3, items))!.id)
    .sort();
  return { box, ballots: id.sort(), pair: [pair[0]!, pair[1]!] as const };
}

function bundleOf(ballots: readonly BallotId[], changes: Partial<Bundle> = {}, signer = 2): Bundle {
  const unsigned = { height: H1, ballots, evidence: [], report, ...changes };
  const { signSecret } = dealt(4).secrets[signer]!;
  return { ...signBundle(context.domain, unsigned, signSecret), ...changes };
}

describe('the validity predicate', () => {
  const { box, ballots, pair } = fullBox();
  const verdict = (bundle: Bundle): boolean | undefined =>
    new BundleJudge(context, box, H1).judge(v(2), encodeBundle(bundle), new Out())?.ok;
  const [a, b, c] = ballots as [BallotId, BallotId, BallotId];

  test('holds for q ballots of distinct nullifiers with a signed report', () => {
    expect(verdict(bundleOf(ballots))).toBe(true);
    expect(verdict(bundleOf(ballots, { evidence: [pair] }))).toBe(true);
  });

  const wrong: readonly (readonly [string, Bundle])[] = [
    ['too few ballots', bundleOf([a, b])],
    ['more ballots than validators', bundleOf([a, b, c, ...pair].sort())],
    ['two ballots of one nullifier', bundleOf([a, b, ...pair].sort())],
    ['another height', bundleOf(ballots, { height: height(2) })],
    [
      'the signature of another height',
      bundleOf(ballots, { signature: bundleOf(ballots, { height: height(2) }).signature }),
    ],
    ['the signature of other ballots', bundleOf(ballots, { signature: bundleOf([a, b]).signature })],
    ["another validator's signature", bundleOf(ballots, {}, 1)],
    ['a missing price', bundleOf(ballots, { report: { ...report, prices: [MEDIANS[0]] } })],
    ['a price too many', bundleOf(ballots, { report: { ...report, prices: [...MEDIANS, 1n] } })],
    ['a price of nothing', bundleOf(ballots, { report: { ...report, prices: [MEDIANS[0], 0n] } })],
    ['prices from the future', bundleOf(ballots, { report: { ...report, observedS: 6n } })],
    ['evidence of two nullifiers', bundleOf(ballots, { evidence: [[a, b]] })],
  ];
  test.each(wrong)('refuses %s', (_, bundle) => {
    expect(verdict(bundle)).toBe(false);
  });

  test('refuses one equivocation told as two', () => {
    const other = boxFor(context);
    const three = [0, 1, 2].map((seat) => receive(other, 1, 'ballot', ballotBy(context, seat))!.id).sort();
    const many = [1, 2, 3, 4].map((i) => ballotBy(context, 3, [itemNumber(i)]));
    const known = many.map((ballot) => receive(boxFor(context), 1, 'ballot', ballot)!.id);
    other.ask(known, [v(1)], new Out());
    const [w, x, y, z] = many.map((ballot) => receive(other, 1, 'ballot', ballot)!.id).sort() as BallotId[];
    const bundle = bundleOf(three, {
      evidence: [
        [w!, x!],
        [y!, z!],
      ],
    });
    expect(new BundleJudge(context, other, H1).judge(v(2), encodeBundle(bundle), new Out())?.ok).toBe(false);
  });

  test('refuses bytes that are no bundle', () => {
    for (const bytes of [new Uint8Array(), encodeBundle(bundleOf(ballots)).subarray(1)]) {
      expect(new BundleJudge(context, box, H1).judge(v(2), bytes, new Out())).toEqual({
        proposer: 2,
        ok: false,
      });
    }
  });

  test('waits for ballots that it pulls from the proposer, also for one that is here on its stem only', () => {
    const late = boxFor(context);
    const judge = new BundleJudge(context, late, H1);
    receive(late, 1, 'ballot', ballotBy(context, 0));
    receive(late, 1, 'stem', ballotBy(context, 1));
    const out = new Out();
    expect(judge.judge(v(2), encodeBundle(bundleOf(ballots)), out)).toBeUndefined();
    const pulls = said(out);
    expect(pulls).toMatchObject([{ to: 2, message: { kind: 'pullBallots' } }]);
    expect('ids' in pulls[0]!.message && pulls[0]!.message.ids).toHaveLength(2);
    receive(late, 2, 'ballot', ballotBy(context, 1));
    expect(judge.review()).toEqual([]);
    receive(late, 2, 'ballot', ballotBy(context, 2));
    expect(judge.review()).toEqual([{ proposer: 2, ok: true }]);
    expect(judge.review()).toEqual([]);
  });

  test('asks in messages that can be encoded, however many ballots a bundle names', () => {
    const evidence = Array.from(
      { length: 4 },
      (_, i) => [itemNumber(2 * i), itemNumber(2 * i + 1)] as unknown as [BallotId, BallotId],
    );
    const hundred = Array.from(
      { length: 100 },
      (_, i) => [itemNumber(2 * i), itemNumber(2 * i + 1)] as unknown as [BallotId, BallotId],
    );
    const judge = new BundleJudge(context, boxFor(context), H1);
    expect(judge.judge(v(2), encodeBundle(bundleOf(ballots, { evidence: hundred })), new Out())?.ok).toBe(
      false,
    );
    const out = new Out();
    expect(judge.judge(v(2), encodeBundle(bundleOf(ballots, { evidence })), out)).toBeUndefined();
    expect(said(out)).toHaveLength(1);
  });
});

describe('a bundle on the wire', () => {
  const anyBundle: fc.Arbitrary<Bundle> = fc.record({
    height: fc.nat(2 ** 32 - 1).map(height),
    ballots: ids(12) as unknown as fc.Arbitrary<BallotId[]>,
    evidence: (ids(12) as unknown as fc.Arbitrary<BallotId[]>).map((list) =>
      list.flatMap((id, i) => (i % 2 === 1 ? [[list[i - 1]!, id] as const] : [])),
    ),
    report: fc.record({
      prices: fc.array(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), { maxLength: 17 }),
      observedS: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      clockS: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    }),
    signature: fc.uint8Array({ minLength: 64, maxLength: 64 }),
  });

  test('is read as it was written', () => {
    fc.assert(
      fc.property(anyBundle, (bundle) => {
        expect(decodeBundle(encodeBundle(bundle))).toEqual(bundle);
        expect(new Set(namedBallots(bundle)).size).toBe(namedBallots(bundle).length);
      }),
    );
  });

  test('is refused, never thrown at, with lists out of order and with any other bytes', () => {
    fc.assert(
      fc.property(anyBundle, (bundle) => {
        const backwards = { ...bundle, ballots: [...bundle.ballots].reverse() };
        if (bundle.ballots.length > 1) expect(decodeBundle(encodeBundle(backwards))).toBeUndefined();
        const swapped = { ...bundle, evidence: bundle.evidence.map(([x, y]) => [y, x] as const) };
        if (bundle.evidence.length > 0) expect(decodeBundle(encodeBundle(swapped))).toBeUndefined();
        expect(decodeBundle(Uint8Array.from([...encodeBundle(bundle), 0]))).toBeUndefined();
      }),
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => reencodes(bytes)));
    expect(decodeBundle(new Uint8Array(MAX_BUNDLE_BYTES + 1))).toBeUndefined();
  });
});

function reencodes(bytes: Uint8Array): void {
  const bundle = decodeBundle(bytes);
  if (bundle !== undefined) expect(encodeBundle(bundle)).toEqual(bytes);
}
