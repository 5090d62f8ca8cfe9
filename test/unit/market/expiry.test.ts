import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  advanceIndex,
  averagingAt,
  type IndexHistory,
  type IndexSample,
  payExpiry,
  payout,
  SETTLEMENT_WINDOW_S,
  settlementIndex,
} from '../../../src/market/expiry.ts';
import { instrumentIndex } from '../../../src/params/ids.ts';
import { account, option } from '../../helpers/market-fixtures.ts';

const EXPIRY = 100_000n;
const NOTHING = { sum: { integral: 0n, freshS: 0n }, windows: [] };

/** A height, and until when its index is fresh; by default for ever. */
interface Sample extends IndexSample {
  readonly freshUntilS?: bigint;
}
const untilOf = ({ freshUntilS = 1n << 60n }: Sample): bigint => freshUntilS;

/** The history of a run of samples, the first of genesis, with the state that each height settles from. */
function run(samples: readonly Sample[]) {
  const [first] = samples;
  const start = { ...NOTHING, freshUntilS: untilOf(first!) };
  let last = first!;
  let history: IndexHistory = advanceIndex(start, last, { ...last, freshUntilS: untilOf(last) }, [EXPIRY]);
  let settled: bigint | undefined;
  for (const sample of samples.slice(1)) {
    history = advanceIndex(history, last, { ...sample, freshUntilS: untilOf(sample) }, [EXPIRY]);
    if (settled === undefined && sample.timeS >= EXPIRY)
      settled = settlementIndex(history, last, sample.timeS, history.windows[0]!);
    last = sample;
  }
  return { history, settled };
}

/** The indices of the fresh seconds from one time to another. */
function freshSeconds(samples: readonly Sample[], from: bigint, to: bigint): bigint[] {
  const seconds: bigint[] = [];
  for (let t = from; t < to; t += 1n) {
    const held = samples.findLast(({ timeS }) => timeS <= t)!;
    if (t < untilOf(held)) seconds.push(held.index);
  }
  return seconds;
}
const mean = (values: readonly bigint[]): bigint =>
  values.reduce((a, b) => a + b, 0n) / BigInt(values.length);

describe('the settlement index', () => {
  test('is the index weighted by the time it held in the last 30 minutes', () => {
    const samples = [
      { timeS: 90_000n, index: 999n },
      { timeS: 98_000n, index: 100n }, // holds 900 s of the window, from 98,200 on
      { timeS: 99_100n, index: 200n },
      { timeS: 100_000n, index: 777n },
    ];
    expect(run(samples).settled).toBe(150n);
  });

  test('leaves out the seconds in which the index was not fresh', () => {
    const samples = [
      { timeS: 98_200n, index: 100n, freshUntilS: 98_500n },
      { timeS: 99_700n, index: 200n, freshUntilS: 99_800n },
      { timeS: 100_000n, index: 777n },
    ];
    expect(run(samples).settled).toBe(125n); // 300 s at 100, 100 s at 200
  });

  test('of fewer than 300 fresh seconds waits for the first 300 after the expiry', () => {
    const samples: Sample[] = [
      { timeS: 98_200n, index: 100n, freshUntilS: 98_499n },
      { timeS: 99_999n, index: 777n, freshUntilS: 0n },
      { timeS: 100_100n, index: 300n, freshUntilS: 100_200n },
      { timeS: 100_500n, index: 600n },
    ];
    expect(run(samples).settled).toBeUndefined();
    expect(run([...samples, { timeS: 100_699n, index: 1n }]).settled).toBeUndefined();
    // 100 s at 300 and the first 200 s at 600.
    expect(run([...samples, { timeS: 100_900n, index: 1n }]).settled).toBe(500n);
  });

  test('is the last fresh index when there were no 300 fresh seconds an hour after the expiry', () => {
    const stale = [
      { timeS: 98_200n, index: 100n, freshUntilS: 98_260n },
      { timeS: 100_000n, index: 100n, freshUntilS: 98_260n },
    ];
    expect(run([...stale, { timeS: 103_599n, index: 900n }]).settled).toBeUndefined();
    expect(run([...stale, { timeS: 103_600n, index: 900n }]).settled).toBe(100n);
  });

  test('equals the mean second by second, wherever heights fall and feeds stand still', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ wait: fc.nat(700), index: fc.bigInt(1n, 10n ** 12n), fresh: fc.nat(900) }), {
          minLength: 1,
          maxLength: 12,
        }),
        fc.nat(4_000),
        fc.nat(500),
        (steps, before, late) => {
          let timeS = EXPIRY - 1n - BigInt(before);
          const samples: Sample[] = [{ timeS, index: 5n }];
          for (const { wait, index, fresh } of steps) {
            timeS += BigInt(wait);
            if (timeS < EXPIRY) samples.push({ timeS, index, freshUntilS: timeS + BigInt(fresh) });
          }
          samples.push({ timeS: EXPIRY + BigInt(late), index: 1n });
          const first = samples[0]!.timeS;
          const from = first > EXPIRY - SETTLEMENT_WINDOW_S ? first : EXPIRY - SETTLEMENT_WINDOW_S;
          const inside = freshSeconds(samples, from, EXPIRY);
          const after = freshSeconds(samples, EXPIRY, EXPIRY + BigInt(late)).slice(0, 300);
          const expected =
            inside.length >= 300 ? mean(inside) : after.length >= 300 ? mean(after) : undefined;
          expect(run(samples).settled).toBe(expected);
        },
      ),
    );
  });
});

describe('the averaging that an option is marked by', () => {
  test('has not begun before the window, and knows inside it what has passed', () => {
    const at = (timeS: bigint) => {
      const { history } = run([
        { timeS: 90_000n, index: 100n },
        { timeS, index: 200n },
      ]);
      return averagingAt(history, EXPIRY, timeS);
    };
    expect(at(95_000n)).toEqual({ known: 0n, remainingS: 5_000n, windowS: 1_800n });
    expect(at(98_200n)).toEqual({ known: 0n, remainingS: 1_800n, windowS: 1_800n });
    expect(at(99_000n)).toEqual({ known: 80_000n, remainingS: 1_000n, windowS: 1_800n });
  });

  test('is of the fresh seconds alone, and of the first 300 after an expiry without them', () => {
    const samples = [
      { timeS: 98_200n, index: 100n, freshUntilS: 98_300n },
      { timeS: 99_000n, index: 200n, freshUntilS: 99_060n },
    ];
    expect(averagingAt(run(samples).history, EXPIRY, 99_000n)).toEqual({
      known: 10_000n,
      remainingS: 1_000n,
      windowS: 1_100n,
    });
    const late = [...samples, { timeS: 100_000n, index: 300n }, { timeS: 100_100n, index: 300n }];
    expect(averagingAt(run(late).history, EXPIRY, 100_100n)).toEqual({
      known: 30_000n,
      remainingS: 200n,
      windowS: 300n,
    });
  });
});

describe('an expiry', () => {
  const call = option('call', 100_000);

  test('pays the payoff at the settlement index, closes the position, and pays once', () => {
    const perLot = payout(call, 103_000_000_000n);
    expect(perLot).toBe(3_000_000n);
    expect(payout(option('put', 100_000), 103_000_000_000n)).toBe(0n);
    const long = account(10n, [[1, 4n, -5_000_000n]]);
    const paid = payExpiry(long, instrumentIndex(1), perLot);
    expect(paid).toEqual({ cash: 10n - 5_000_000n + 12_000_000n, sequence: 0n, positions: new Map() });
    expect(payExpiry(paid, instrumentIndex(1), perLot)).toBe(paid);
  });

  test('opens one window for an expiry that several options share', () => {
    const last = { timeS: EXPIRY - 2_000n, index: 7n };
    const start = { ...NOTHING, freshUntilS: EXPIRY };
    const { windows } = advanceIndex(start, last, { timeS: EXPIRY - 1_000n, freshUntilS: EXPIRY }, [
      EXPIRY,
      EXPIRY,
      EXPIRY + 10_000n,
    ]);
    expect(windows).toEqual([
      {
        expiry: EXPIRY,
        fromS: EXPIRY - 1_800n,
        open: { integral: 7n * 200n, freshS: 200n },
        close: undefined,
      },
    ]);
  });
});
