import fc from 'fast-check';
import { toHex, utf8 } from '../../../src/base/bytes.ts';
import { encodePoint, multiplyBase } from '../../../src/crypto/babyjub.ts';
import { hashBytes } from '../../../src/crypto/hash.ts';
import type { BatchItem } from '../../../src/ledger/items.ts';
import { r } from '../../../src/params/fields.ts';
import { height, type ItemId, instrumentIndex, itemId } from '../../../src/params/ids.ts';

/** Generators and sample values of the ledger's tests. */

export const anyOrder = fc.record({
  side: fc.constantFrom('buy' as const, 'sell' as const),
  reduceOnly: fc.boolean(),
  instrument: fc.integer({ min: 0, max: 15 }).map(instrumentIndex),
  price: fc.bigInt({ min: 1n, max: 1n << 32n }),
  lots: fc.bigInt({ min: 1n, max: 1n << 32n }),
});

export const anyContent = fc.record({
  account: fc.bigInt({ min: 0n, max: r - 1n }),
  deposit: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
  orders: fc.array(fc.option(anyOrder, { nil: undefined }), { minLength: 4, maxLength: 4 }),
});

/** An item of the right form whose proof proves nothing: good for what comes before the verifier. */
export function sampleItem(overrides: Partial<BatchItem> = {}): BatchItem {
  return {
    kind: 'batch',
    fromHeight: height(1),
    toHeight: height(4),
    tableHeight: height(0),
    noteRoot: 5n,
    fee: 1000n,
    nullifier: 11n,
    changeCommitment: 12n,
    U: encodePoint(multiplyBase(3n)),
    ct: [21n, 22n, 23n],
    tag: 24n,
    proof: new Uint8Array(256).fill(7),
    ...overrides,
  };
}

/** A distinct id for each name. */
export const idNamed = (name: string | number): ItemId =>
  itemId(toHex(hashBytes('itemId', utf8(String(name)))));
