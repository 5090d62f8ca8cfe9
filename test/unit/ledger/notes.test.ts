import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { accountOf, noteCommitment, noteNullifier, ownerKey } from '../../../src/ledger/notes.ts';
import { fieldTag } from '../../../src/params/domains.ts';
import { r } from '../../../src/params/fields.ts';
import { circomlibOracle } from '../../helpers/circomlib-oracle.ts';

const field = fc.bigInt({ min: 0n, max: r - 1n });

describe('notes', () => {
  test('are the tagged Poseidon hashes of circuits/README.md, by another implementation', async () => {
    const { poseidon } = await circomlibOracle();
    const H = (...inputs: bigint[]): bigint => poseidon(inputs);
    for (const sk of [0n, 7n, r - 1n]) {
      expect(ownerKey(sk)).toBe(H(fieldTag('owner'), sk));
      expect(noteNullifier(sk, 9n)).toBe(H(fieldTag('nullifier'), sk, 9n));
      expect(accountOf(sk, 11n)).toBe(H(fieldTag('account'), sk, 11n));
    }
  });

  test('of the largest value has a commitment, one unit more is refused', () => {
    expect(noteCommitment((1n << 64n) - 1n, 1n, 2n)).toBeLessThan(r);
    expect(() => noteCommitment(1n << 64n, 1n, 2n)).toThrow('2^64');
    expect(() => noteCommitment(-1n, 1n, 2n)).toThrow('2^64');
  });

  test('nullifier and account of the same inputs differ, and any change of an input changes them', () => {
    fc.assert(
      fc.property(field, field, field, (a, b, c) => {
        fc.pre(b !== c);
        expect(noteNullifier(a, b)).not.toBe(accountOf(a, b));
        expect(noteNullifier(a, b)).not.toBe(noteNullifier(a, c));
        expect(noteCommitment(5n, a, b)).not.toBe(noteCommitment(5n, a, c));
        expect(noteCommitment(5n, a, b)).not.toBe(noteCommitment(6n, a, b));
      }),
      { numRuns: 20 },
    );
  });
});
