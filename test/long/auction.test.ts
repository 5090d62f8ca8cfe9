import fc from 'fast-check';
import { test } from 'vitest';
import { auctions, checkAuction } from '../helpers/auction-oracle.ts';

test('the auction equals a brute force over the whole price grid on 20,000 random books, in any order of the rows', () => {
  fc.assert(fc.property(auctions, checkAuction), { numRuns: 20_000 });
});
