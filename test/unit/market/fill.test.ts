import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bigintToBytes } from '../../../src/base/bytes.ts';
import { type Account, equity } from '../../../src/market/account.ts';
import { clearAuction } from '../../../src/market/auction.ts';
import { applyFill } from '../../../src/market/fill.ts';
import { instrumentIndex } from '../../../src/params/ids.ts';
import { account } from '../../helpers/market-fixtures.ts';

const perp = instrumentIndex(0);
const worth = ({ cash, positions }: Account): bigint =>
  [...positions.values()].reduce((sum, { quote }) => sum + quote, cash);

describe('applyFill', () => {
  test('a buy adds lots, takes lots·price from the quote and the fee, rounded up, from cash', () => {
    const result = applyFill(account(1_000n), perp, 'buy', 3n, 101n, 500n);
    expect(result.fee).toBe(1n); // 0.1515
    expect(result.account).toEqual(account(999n, [[0, 3n, -303n]]));
  });

  test('a sale beyond the position turns it short and keeps one quote', () => {
    const long = account(0n, [[0, 3n, -303n]]);
    expect(applyFill(long, perp, 'sell', 5n, 110n, 0n).account).toEqual(account(0n, [[0, -2n, 247n]]));
  });

  test('closing a position realises its quote into cash', () => {
    const long = account(10n, [[0, 3n, -303n]]);
    expect(applyFill(long, perp, 'sell', 3n, 110n, 0n).account).toEqual(account(37n));
  });

  test('the account given is not changed', () => {
    const before = account(10n, [[0, 3n, -303n]]);
    applyFill(before, perp, 'sell', 3n, 110n, 500n);
    expect(before).toEqual(account(10n, [[0, 3n, -303n]]));
  });

  test('equity changes by lots·(mark − price) and the fee only', () => {
    fc.assert(
      fc.property(
        fc.bigInt(-50n, 50n),
        fc.boolean(),
        fc.bigInt(1n, 50n),
        fc.bigInt(1n, 1n << 32n),
        fc.bigInt(1n, 1n << 32n),
        (held, buys, lots, price, mark) => {
          const before = held === 0n ? account(7n) : account(7n, [[0, held, 99n]]);
          const side = buys ? 'buy' : 'sell';
          const { account: after, fee } = applyFill(before, perp, side, lots, price, 500n);
          const gain = (buys ? lots : -lots) * (mark - price);
          expect(equity(after, [mark]) - equity(before, [mark])).toBe(gain - fee);
        },
      ),
    );
  });

  test('I6: after an auction Σ lots is 0 and Σ (cash + quote) has fallen by the fees', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            side: fc.constantFrom('buy' as const, 'sell' as const),
            price: fc.bigInt(90n, 110n),
            lots: fc.bigInt(1n, 9n),
            owner: fc.nat(4),
          }),
          { maxLength: 20 },
        ),
        (rows) => {
          const book = rows.map((order, i) => ({ ...order, tieKey: bigintToBytes(BigInt(i), 32) }));
          const { price, fills } = clearAuction({ book, mark: 100n, bandPpm: 50_000n, reference: 100n });
          const accounts = Array.from({ length: 5 }, () => account(1_000n));
          let fees = 0n;
          rows.forEach(({ side, owner }, i) => {
            if (fills[i] === 0n) return;
            const filled = applyFill(accounts[owner]!, perp, side, fills[i]!, price!, 2_500n);
            accounts[owner] = filled.account;
            fees += filled.fee;
          });
          const total = accounts.reduce((sum, a) => sum + worth(a), 0n);
          const lots = accounts.reduce((sum, a) => sum + (a.positions.get(perp)?.lots ?? 0n), 0n);
          expect([total, lots]).toEqual([5_000n - fees, 0n]);
        },
      ),
    );
  });
});
