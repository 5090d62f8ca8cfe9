import { afterEach, describe, expect, test, vi } from 'vitest';
import { min } from '../../src/market/rounding.ts';
import { type Path, START } from '../helpers/market-adversary.ts';

/** The adversary's search: what it finds stays inside the limits that src/market/README.md states, and it can find more when a rule is gone. */

const GENERATIONS = 1_000;
/** Roundings of prices, a unit a lot: 0.02 USDC over a run. */
const DUST = 20_000n;
const SETTINGS = (['flat', 'mirrored', 'falling'] as Path[]).flatMap((path) =>
  [false, true].map((hasMaker) => ({ path, hasMaker })),
);

const fresh = async () => (await import('../helpers/market-adversary.ts')).search;

test.each(SETTINGS)(
  'on a $path path, with a maker: $hasMaker, nobody gains beyond the limits',
  async (setting) => {
    const search = await fresh();
    const { beyond, taken, plan } = search(1, GENERATIONS, setting);
    console.log(
      `${JSON.stringify(setting)}: took ${taken}, ${beyond} beyond the limits, by ${JSON.stringify(plan)}`,
    );
    expect(beyond).toBeLessThanOrEqual(DUST);
  },
);

describe('with one rule switched off the search finds what it was for', () => {
  afterEach(() => {
    vi.doUnmock('../../src/market/liquidation.ts');
    vi.doUnmock('../../src/market/deleverage.ts');
    vi.doUnmock('../../src/market/marks.ts');
    vi.doUnmock('../../src/market/state.ts');
    vi.doUnmock('../../src/market/funding.ts');
    vi.doUnmock('../../src/market/margin.ts');
    vi.doUnmock('../../src/market/reducing.ts');
    vi.resetModules();
  });

  /** Expects a few searches to find more than ten times the dust beyond the limits, and prints the best. */
  async function expectFound(rule: string): Promise<void> {
    const found = await most();
    console.log(`without the rule (${rule}): ${found} beyond the limits`);
    expect(found).toBeGreaterThan(10n * DUST);
  }

  async function most(): Promise<bigint> {
    const search = await fresh();
    let found = 0n;
    for (const setting of SETTINGS)
      for (const seed of [1, 2]) {
        const { beyond } = search(seed, GENERATIONS, setting);
        if (beyond > found) found = beyond;
        if (found > 50n * DUST) return found;
      }
    return found;
  }

  test('a bankrupt position may be sold at any price that insurance can pay', async () => {
    vi.resetModules();
    vi.doMock('../../src/market/liquidation.ts', async (original) => {
      const real = await original<typeof import('../../src/market/liquidation.ts')>();
      const bankruptcyOrders: typeof real.bankruptcyOrders = (...args) =>
        real.bankruptcyOrders(...args).map((row) => ({
          ...row,
          price: row.side === 'sell' ? (row.mark * 9n) / 10n : (row.mark * 11n) / 10n,
        }));
      return { ...real, bankruptcyOrders };
    });
    await expectFound('fillable price');
  });

  test('the last resort closes at the bankruptcy price', async () => {
    vi.resetModules();
    vi.doMock('../../src/market/deleverage.ts', async (original) => {
      const real = await original<typeof import('../../src/market/deleverage.ts')>();
      const { equity } = await import('../../src/market/account.ts');
      const closeAtMarks: typeof real.closeAtMarks = (prices, accounts, id) => {
        const account = accounts.get(id)!;
        const { lots } = [...account.positions.values()][0]!;
        const E = equity(account, prices.marks);
        return real.closeAtMarks({ ...prices, marks: [prices.marks[0]! - E / lots] }, accounts, id);
      };
      return { ...real, closeAtMarks };
    });
    await expectFound('last resort');
  });

  test('perpetuals are marked at their reference price, which trades move', async () => {
    vi.resetModules();
    let remembered: unknown;
    vi.doMock('../../src/market/state.ts', async (original) => {
      const real = await original<typeof import('../../src/market/state.ts')>();
      const rememberClears: typeof real.rememberClears = (...args) => {
        const clears = real.rememberClears(...args);
        remembered = clears;
        return clears;
      };
      return { ...real, rememberClears };
    });
    vi.doMock('../../src/market/marks.ts', async (original) => {
      const real = await original<typeof import('../../src/market/marks.ts')>();
      const computeMarks: typeof real.computeMarks = (params, height, kept) => {
        const marks = real.computeMarks(params, height, kept);
        // A new desk remembers nothing.
        if (remembered === undefined || height.timeS <= START + 60n) return marks;
        return real.computeReferences(params, remembered as never, height.medians[0]!, marks);
      };
      return { ...real, computeMarks };
    });
    await expectFound('marks');
  });

  test('premium samples are not clamped to ± β', async () => {
    vi.resetModules();
    vi.doMock('../../src/market/funding.ts', async (original) => {
      const real = await original<typeof import('../../src/market/funding.ts')>();
      const premiumSample: typeof real.premiumSample = (bid, ask, S) =>
        real.premiumSample(bid, ask, S, 10n ** 9n);
      return { ...real, premiumSample };
    });
    await expectFound('premium clamp');
  });

  test('cash that positions have lost may leave, up to their initial margin', async () => {
    vi.resetModules();
    vi.doMock('../../src/market/margin.ts', async (original) => {
      const real = await original<typeof import('../../src/market/margin.ts')>();
      const { equity } = await import('../../src/market/account.ts');
      const withdrawable: typeof real.withdrawable = (prices, account) => {
        const lent = real.marginRequirement(prices, account).initial;
        return min(account.cash, equity(account, prices.marks) + lent);
      };
      return { ...real, withdrawable };
    });
    await expectFound('withdrawals');
  });

  test('reducing orders enter whatever they leave', async () => {
    vi.resetModules();
    vi.doMock('../../src/market/reducing.ts', async (original) => {
      const real = await original<typeof import('../../src/market/reducing.ts')>();
      const thatOnlyReduce: typeof real.thatOnlyReduce = (_, orders) => [...orders];
      return { ...real, thatOnlyReduce };
    });
    await expectFound('reducing');
  });
});
