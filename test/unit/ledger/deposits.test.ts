import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { signKeyFromSeed } from '../../../src/crypto/signature.ts';
import { type DepositItem, depositIdOf, isSignedDeposit, signDeposit } from '../../../src/ledger/deposits.ts';
import { decodeItem, encodeItem, screenItem } from '../../../src/ledger/items.ts';
import { r } from '../../../src/params/fields.ts';
import { BRIDGE_SECRET } from './market.ts';
import { CHAIN, sampleDeposit } from './transfer-items.ts';

const BRIDGE = signKeyFromSeed(BRIDGE_SECRET).publicKey;
const codeOf = (bytes: Uint8Array): string | undefined => {
  const screened = screenItem(bytes);
  return 'code' in screened ? screened.code : undefined;
};

describe('a deposit on the wire', () => {
  test('comes back as it was, also at the ends of its ranges', () => {
    const most = { nonce: (1n << 64n) - 1n, account: r - 1n, amount: (1n << 64n) - 1n };
    for (const item of [sampleDeposit(), sampleDeposit(most), sampleDeposit({ amount: 1n, account: 0n })]) {
      expect(decodeItem(encodeItem(item))).toEqual(item);
    }
  });

  test('is refused by code: an amount of 0, an account not below r, another length', () => {
    expect(codeOf(encodeItem(sampleDeposit({ amount: 0n })))).toBe('ITEM_AMOUNT_ZERO');
    expect(codeOf(encodeItem(sampleDeposit({ account: r })))).toBe('ITEM_SIGNAL_RANGE');
    const bytes = encodeItem(sampleDeposit());
    expect(bytes.length).toBe(1 + 8 + 32 + 8 + 64);
    expect(codeOf(bytes.subarray(0, -1))).toBe('ITEM_MALFORMED');
    expect(codeOf(bytes.with(0, 2))).toBe('ITEM_MALFORMED');
  });

  test('an amount or number of 2^64 has no encoding: it would be another number', () => {
    expect(() => encodeItem({ ...sampleDeposit(), amount: 1n << 64n })).toThrow('64 bits');
    expect(() => encodeItem({ ...sampleDeposit(), nonce: 1n << 64n })).toThrow('64 bits');
  });
});

describe('the signature of a deposit', () => {
  test('is the bridge’s over chain, number, account and amount', () => {
    const good = sampleDeposit();
    expect(isSignedDeposit(BRIDGE, CHAIN, good)).toBe(true);
    const wrong: DepositItem[] = [
      { ...good, nonce: 1n },
      { ...good, account: 6n },
      { ...good, amount: good.amount + 1n },
      { ...good, signature: good.signature.with(0, good.signature[0]! ^ 1) },
      signDeposit(new Uint8Array(32).fill(78), CHAIN, good),
      sampleDeposit({}, new Uint8Array(32).fill(4)),
    ];
    expect(wrong.filter((item) => isSignedDeposit(BRIDGE, CHAIN, item))).toEqual([]);
  });

  test('is not part of the id, everything else is', () => {
    const base = sampleDeposit();
    const ids = [
      depositIdOf(CHAIN, base),
      depositIdOf(CHAIN, { ...base, nonce: 1n }),
      depositIdOf(CHAIN, { ...base, account: 6n }),
      depositIdOf(CHAIN, { ...base, amount: 1n }),
      depositIdOf(new Uint8Array(32).fill(4), base),
    ];
    expect(new Set(ids).size).toBe(5);
    expect(depositIdOf(CHAIN, { ...base, signature: new Uint8Array(64) } as DepositItem)).toBe(ids[0]);
  });

  test('of random bytes is false, never an exception', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 64, maxLength: 64 }), (signature) => {
        expect(isSignedDeposit(BRIDGE, CHAIN, { ...sampleDeposit(), signature })).toBe(false);
      }),
      { numRuns: 20 },
    );
  });
});
