import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { coverDeficits, heightGain } from '../../../src/market/insurance.ts';
import { accountId } from '../../../src/params/ids.ts';

const rows = (prefix: string, amounts: readonly bigint[]) =>
  amounts.map((amount, i) => ({ account: accountId(`${prefix}${i}`), amount }));
const sum = (amounts: readonly { amount: bigint }[]): bigint =>
  amounts.reduce((s, { amount }) => s + amount, 0n);

describe('what accounts without positions owe', () => {
  test('is paid by insurance as long as it lasts', () => {
    const cover = coverDeficits(rows('d', [30n, 20n]), rows('g', [100n]), 60n, 0n);
    expect(cover).toMatchObject({ fromInsurance: 50n, haircuts: [], fromFees: 0n, leftOver: 0n });
  });

  test('then by gains pro rata, rounded up, the left-over to insurance', () => {
    const cover = coverDeficits(rows('d', [50n]), rows('g', [10n, 20n, 70n]), 10n, 0n);
    expect(cover.haircuts.map(({ amount }) => amount)).toEqual([4n, 8n, 28n]);
    expect(coverDeficits(rows('d', [10n]), rows('g', [1n, 1n, 1n, 11n]), 0n, 0n)).toMatchObject({
      haircuts: rows('g', [1n, 1n, 1n, 8n]),
      leftOver: 1n,
    });
  });

  test('then by the trading fees of the height, and more than all that is our own bug', () => {
    expect(coverDeficits(rows('d', [50n]), rows('g', [20n]), 10n, 20n).fromFees).toBe(20n);
    expect(() => coverDeficits(rows('d', [51n]), rows('g', [20n]), 10n, 20n)).toThrow('invariant');
  });

  test('can be taken from gains, for what left an account in the same height was its own before', () => {
    fc.assert(
      fc.property(
        fc.bigInt(0n, 1_000n),
        fc.bigInt(0n, 1_000n),
        fc.bigInt(-1_000n, 1_000n),
        fc.bigInt(0n, 1_000n),
        fc.bigInt(-500n, 500n),
        (before, paidIn, early, wanted, late) => {
          // Withdrawn after a gain or loss `early`, at most as `withdrawable` says; then the auction gains `late`.
          const soFar = heightGain({ equity: before + paidIn + early, before, paidIn, left: 0n });
          const most = before + paidIn + early - (soFar > 0n ? soFar : 0n);
          const left = wanted < most ? wanted : most;
          fc.pre(left >= 0n);
          const equity = before + paidIn + early - left + late;
          const gain = heightGain({ equity, before, paidIn, left });
          expect(gain).toBe(early + late);
          expect(gain <= equity).toBe(true);
        },
      ),
    );
  });

  test('is exactly covered, and no haircut exceeds its gain', () => {
    const amounts = fc.array(fc.bigInt(1n, 10n ** 9n), { maxLength: 8 });
    fc.assert(
      fc.property(amounts, amounts, fc.bigInt(0n, 10n ** 9n), (owing, gains, insurance) => {
        const cover = coverDeficits(rows('d', owing), rows('g', gains), insurance, 10n ** 12n);
        const paid = cover.fromInsurance + sum(cover.haircuts) - cover.leftOver + cover.fromFees;
        expect(paid).toBe(sum(cover.deficits));
        for (const [i, { amount }] of cover.haircuts.entries()) expect(amount <= gains[i]!).toBe(true);
        expect(cover.fromInsurance <= insurance && cover.leftOver >= 0n).toBe(true);
      }),
    );
  });
});
