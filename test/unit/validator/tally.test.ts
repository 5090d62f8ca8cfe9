import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../src/crypto/random.ts';
import type { BallotId } from '../../../src/params/ids.ts';
import { validatorIndex } from '../../../src/params/ids.ts';
import { type Ballot, ballotIdOf, ballotScope } from '../../../src/validator/ballot.ts';
import { authorRoutes, relayRoute, STEM_TRIES } from '../../../src/validator/dissemination.ts';
import { lowerMedian, medianReport } from '../../../src/validator/oracle.ts';
import { voidNullifiers } from '../../../src/validator/ordering.ts';
import { tally } from '../../../src/validator/tally.ts';
import { ballotBy, contextAt, dealt, H1, itemNumber } from './fixtures.ts';

const context = contextAt(7, 0);
const scope = ballotScope(context.domain, H1);
const none: ReadonlySet<bigint> = new Set();
const items = (...numbers: number[]) => numbers.sort((a, b) => a - b).map(itemNumber);
const named = (...ballots: Ballot[]): Map<BallotId, Ballot> =>
  new Map(ballots.map((b) => [ballotIdOf(b, scope), b]));
const f = 2;

describe('the tally', () => {
  test('accepts what f + 1 ballots list, in ascending order, whatever order the ballots come in', () => {
    const lists = fc.array(fc.uniqueArray(fc.nat(5), { maxLength: 5 }), { minLength: 7, maxLength: 7 });
    fc.assert(
      fc.property(lists, fc.infiniteStream(fc.nat()), (chosen, keys) => {
        const ballots = chosen.map((numbers, seat) => ballotBy(context, seat, items(...numbers)));
        const counts = [0, 1, 2, 3, 4, 5].map((i) => chosen.filter((numbers) => numbers.includes(i)).length);
        const expected = items(...counts.flatMap((count, i) => (count > f ? [i] : [])));
        const shuffled = ballots
          .map((ballot) => ({ ballot, key: keys.next().value! }))
          .sort((a, b) => a.key - b.key)
          .map(({ ballot }) => ballot);
        expect(tally(named(...shuffled), scope, none, f)).toEqual({
          items: expected,
          counted: 7,
          evidence: [],
        });
      }),
      { numRuns: 25 },
    );
  });

  test('a nullifier with two messages voids both and gives the identity secret', () => {
    const [a, b] = [ballotBy(context, 0, items(1)), ballotBy(context, 0, items(2))];
    const others = [1, 2].map((seat) => ballotBy(context, seat, items(1, 2)));
    const { items: accepted, counted, evidence } = tally(named(a, b, ...others), scope, none, f);
    expect([accepted, counted]).toEqual([[], 2]);
    expect(evidence).toEqual([
      {
        nullifier: a.nullifier,
        ballots: [ballotIdOf(a, scope), ballotIdOf(b, scope)].sort(),
        identitySecret: dealt(7).secrets[0]!.identitySecret,
      },
    ]);
  });

  test('a third message of one nullifier changes nothing', () => {
    const ballots = [1, 2, 3].map((i) => ballotBy(context, 0, items(i)));
    const { counted, evidence } = tally(named(...ballots), scope, none, f);
    expect([counted, evidence.length]).toEqual([0, 1]);
  });

  test('ballots of a secret revealed earlier do not count, nor are they evidence again', () => {
    const voided = voidNullifiers(new Set([dealt(7).secrets[0]!.identitySecret]), scope);
    const ballots = [0, 1, 2].map((seat) => ballotBy(context, seat, items(1)));
    const twin = ballotBy(context, 0, items(2));
    expect(tally(named(...ballots, twin), scope, voided, f)).toEqual({ items: [], counted: 2, evidence: [] });
  });
});

describe('oracle medians', () => {
  test('the lower median lies inside the honest range, whatever f of 2f + 1 say', () => {
    const value = fc.bigInt({ min: 1n, max: 1n << 64n });
    const reports = fc.nat(5).chain((k) =>
      fc.record({
        honest: fc.array(value, { minLength: k + 1, maxLength: k + 6 }),
        lies: fc.array(value, { minLength: k, maxLength: k }),
      }),
    );
    fc.assert(
      fc.property(reports, ({ honest, lies }) => {
        const median = lowerMedian([...lies, ...honest]);
        expect(honest.some((x) => x <= median) && honest.some((x) => x >= median)).toBe(true);
      }),
    );
  });

  test.each<[readonly bigint[], bigint]>([
    [[5n], 5n],
    [[9n, 1n], 1n],
    [[3n, 1n, 2n], 2n],
    [[4n, 3n, 2n, 1n], 2n],
  ])('the lower median of %s is %i', (values, median) => expect(lowerMedian(values)).toBe(median));

  test('block time never runs back', () => {
    const report = (clockS: bigint) => ({ prices: [1n], observedS: 5n, clockS });
    expect(medianReport([report(5n), report(9n), report(7n)], 6n).timeS).toBe(7n);
    expect(medianReport([report(5n), report(9n), report(7n)], 8n).timeS).toBe(8n);
  });

  test('the age of the prices grows with the clocks while the feeds stand still', () => {
    const reports = [5n, 7n, 9n].map((clockS) => ({ prices: [1n], observedS: 4n, clockS }));
    expect(medianReport(reports, 6n)).toEqual({ prices: [1n], oracleTimeS: 4n, timeS: 7n });
  });
});

describe('dissemination', () => {
  const self = validatorIndex(2);
  const random = () => seededRandom(new Uint8Array(32).fill(7));

  test('direct broadcasts, and so does a validator without peers', () => {
    expect(authorRoutes('direct', 0, { n: 7, f: 2, self }, random())).toEqual([
      { to: 'all', kind: 'ballot' },
    ]);
    const alone = { n: 1, f: 0, self: validatorIndex(0) };
    expect(authorRoutes('stem', 0, alone, random())).toEqual([{ to: 'all', kind: 'ballot' }]);
  });

  test('stem tries three paths to a random peer, then asks f + 1 different peers to broadcast', () => {
    const stream = random();
    const first = Array.from({ length: STEM_TRIES }, (_, i) =>
      authorRoutes('stem', i, { n: 7, f: 2, self }, stream),
    );
    for (const routes of first) {
      expect(routes).toEqual([{ to: expect.any(Number), kind: 'stem' }]);
      expect(routes[0]!.to).not.toBe(self);
    }
    const last = authorRoutes('stem', STEM_TRIES, { n: 7, f: 2, self }, stream);
    expect(last.map(({ kind }) => kind)).toEqual(['fluff', 'fluff', 'fluff']);
    expect(new Set(last.map(({ to }) => to)).size).toBe(3);
    expect(last.map(({ to }) => to)).not.toContain(self);
  });

  test('a relay broadcasts one time in four and else picks every peer about equally often', () => {
    const stream = random();
    const routes = Array.from({ length: 4000 }, () => relayRoute(5, self, stream));
    const broadcast = routes.filter(({ kind }) => kind === 'ballot').length;
    expect(broadcast).toBeGreaterThan(850);
    expect(broadcast).toBeLessThan(1150);
    for (const peer of [0, 1, 3, 4]) {
      const picked = routes.filter(({ to }) => to === peer).length;
      expect(picked).toBeGreaterThan(630);
      expect(picked).toBeLessThan(870);
    }
    expect(routes.some(({ to }) => to === self)).toBe(false);
  });
});
