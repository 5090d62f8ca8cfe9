import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { equity } from '../../../src/market/account.ts';
import { bandsOf } from '../../../src/market/band.ts';
import { checkEntry, type EntryInput } from '../../../src/market/entry.ts';
import { marginRequirement } from '../../../src/market/margin.ts';
import { expiryRequirement, type HeldOption, reducedMaintenance } from '../../../src/market/option-margin.ts';
import type { Order, Side } from '../../../src/market/order.ts';
import { type Prices, pricesOf } from '../../../src/market/prices.ts';
import { instrumentIndex } from '../../../src/params/ids.ts';
import {
  fillSome,
  lotsOfEach,
  nearOrders,
  portfolio,
  priced,
  sixteenths,
} from '../../helpers/market-fills.ts';
import { INDEX, MARKS, market, ratedMarkets } from '../../helpers/market-fixtures.ts';

const PRICES = pricesOf(market, MARKS, INDEX);
const inputOf = (
  prices: Prices,
  cash: bigint,
  sizes: readonly bigint[],
  orders: readonly Order[],
): EntryInput => ({
  prices,
  bands: bandsOf(prices, prices.marks),
  account: portfolio(cash, sizes, prices.marks),
  orders,
  liquidating: new Map(),
});
/** A reduce-only order at the mark. */
const reduce = (side: Side, instrument: number, lots: bigint): Order => ({
  side,
  instrument: instrumentIndex(instrument),
  price: MARKS[instrument]!,
  lots,
  reduceOnly: true,
});
/** Numbers of the orders that enter. */
const entering = (cash: bigint, sizes: readonly bigint[], ...orders: Order[]): number[] =>
  checkEntry(inputOf(PRICES, cash, sizes, orders)).entered.map(({ leg }) => leg);

describe('reducing orders of an account below its initial margin', () => {
  test('do not enter because their last lot would reach it: they may fill in part', () => {
    // E 277.28 is below IM 280.32, and reaches it when both long puts are sold. Of one that is sold only the fee is felt.
    const held = [-7n, 0n, 2n, -3n, -18n, 12n, 0n, 2n];
    expect(entering(277_281_100n, held, reduce('sell', 5, 2n), reduce('buy', 0, 1n))).toEqual([1]);
  });

  test('do not enter because their last lot frees more than the first', () => {
    // Five short calls and a long one further out: the first four free 19.8 each, the last one 29.6, for then the pair is what is required for.
    const held = [0n, -5n, 1n, 0n, 0n, 0n, 0n, -3n];
    expect(entering(40_798n, held, reduce('buy', 1, 4n))).toEqual([]);
    expect(entering(60_000n, held, reduce('buy', 1, 4n))).toEqual([0]);
  });

  test('do not enter because together they free what neither of them frees', () => {
    // A condor requires for one of its sides only. At equity 99 the fees of a side cost more than their share, which is nothing.
    const condor = [0n, 0n, -10n, 10n, 10n, -10n, 0n, 0n];
    expect(entering(99_000_000n, condor, reduce('buy', 2, 10n), reduce('buy', 5, 10n))).toEqual([]);
  });

  test('are at most four in a height, in id order', () => {
    const orders = [1, 2, 3, 4, 5, 6].map(() => reduce('sell', 0, 1n));
    const held = [10n, 0n, 0n, 0n, 0n, 0n, 0n, 0n];
    expect(entering(40_000_000n, held, ...orders)).toEqual([0, 1, 2, 3]);
    expect(entering(60_000_000n, held, ...orders)).toEqual([0, 1, 2, 3, 4, 5]);
  });
});

/**
 * I13 after a partial fill of what entered. What is asked is linear or convex in real numbers; rounded are: up, the fee of each of the k legs; up, the requirement of each
 * of the P perpetuals; up, what long options are asked for, which reads off both. So E' may be k units lower than reckoned and MM' P + ¼(P + k) + 1 higher:
 * E'·MM ≥ E·MM' − k·MM − E·(P + ¼(P + k) + 1).
 */
function checkI13(input: EntryInput, parts: readonly number[], better: readonly number[]) {
  const { prices, account: start } = input;
  const entry = checkEntry(input);
  const after = fillSome(input, entry, parts, better);
  const [E, left] = [equity(start, prices.marks), equity(after, prices.marks)];
  const [before, required] = [marginRequirement(prices, start), marginRequirement(prices, after)];
  const legs = BigInt(entry.entered.length);
  const perpetuals = BigInt(prices.params.instruments.filter(({ kind }) => kind === 'perp').length);
  const room = 4n * legs * before.maintenance + E * (5n * perpetuals + legs + 4n);
  const isKept = 4n * left * before.maintenance + room >= 4n * E * required.maintenance;
  if (entry.entered.length > 0) {
    expect(left >= 0n).toBe(true);
    expect(left >= required.initial || isKept).toBe(true);
  }
  if (entry.entered.every(({ reduceOnly }) => reduceOnly)) {
    for (const [i, { lots: now }] of after.positions) {
      const was = start.positions.get(i)!.lots;
      expect(was > 0n ? now > 0n && now <= was : now < 0n && now >= was).toBe(true);
    }
  }
  return { entered: entry.entered.length, isBelow: E < before.initial };
}

describe('I13: no order lowers E/MM unless E ≥ IM afterwards, equity stays ≥ 0, and nothing reduced grows or flips', () => {
  /** Equity in thousandths of MM, where it matters most. */
  const shares = fc.oneof(fc.bigInt(0n, 1_100n), fc.bigInt(0n, 3_000n));

  test('at plausible marks', () => {
    const entered = { above: 0, below: 0 };
    fc.assert(
      fc.property(
        lotsOfEach,
        nearOrders(fc.constantFrom(true, true, true, false)),
        shares,
        sixteenths,
        sixteenths,
        (sizes, rows, share, parts, better) => {
          const { maintenance } = marginRequirement(PRICES, portfolio(0n, sizes, MARKS));
          const input = inputOf(PRICES, (maintenance * share) / 1_000n, sizes, priced(rows, MARKS));
          const found = checkI13(input, parts, better);
          if (found.entered > 0) entered[found.isBelow ? 'below' : 'above']++;
        },
      ),
      { numRuns: 3_000 },
    );
    expect([entered.above > 250, entered.below > 250]).toEqual([true, true]);
  });

  test('at marks that stand in no relation to each other', () => {
    let entered = 0;
    fc.assert(
      fc.property(
        ratedMarkets,
        lotsOfEach,
        nearOrders(fc.constant(true)),
        shares,
        sixteenths,
        sixteenths,
        ({ params, marks, index }, sizes, rows, share, parts, better) => {
          const prices = pricesOf(params, marks, index);
          const { maintenance } = marginRequirement(prices, portfolio(0n, sizes, marks));
          const input = inputOf(prices, (maintenance * share) / 1_000n, sizes, priced(rows, marks));
          entered += checkI13(input, parts, better).entered;
        },
      ),
      { numRuns: 1_000 },
    );
    expect(entered).toBeGreaterThan(100);
  });
});

test('the bound of the options of an expiry is exact now, never below MM when less is held, and convex', () => {
  const reducible = fc.record({
    held: fc.array(fc.bigInt(-20n, 20n), { minLength: 6, maxLength: 6 }),
    some: sixteenths.chain((a) => sixteenths.map((b) => [...a, ...b])),
    others: sixteenths.chain((a) => sixteenths.map((b) => [...a, ...b])),
  });
  fc.assert(
    fc.property(reducible, ({ held, some, others }) => {
      // Sixteen times the lots, so that every sixteenth is whole, and so is every middle.
      const options: HeldOption[] = held.flatMap((lots, i) =>
        lots === 0n ? [] : [{ lot: PRICES.options[i + 1]!, lots: 32n * lots }],
      );
      const left = (parts: readonly number[]): HeldOption[] =>
        options.map((row, i) => ({ ...row, lots: (row.lots * BigInt(parts[i]!)) / 16n }));
      const bound = reducedMaintenance(options);
      const mm = (rows: readonly HeldOption[]) =>
        expiryRequirement(rows.filter(({ lots }) => lots !== 0n)).maintenance;
      expect(bound(options)).toBe(mm(options));
      expect(bound(left(some)) >= mm(left(some))).toBe(true);
      const middle = left(some).map((row, i) => ({ ...row, lots: (row.lots + left(others)[i]!.lots) / 2n }));
      expect(2n * bound(middle) <= bound(left(some)) + bound(left(others))).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});
