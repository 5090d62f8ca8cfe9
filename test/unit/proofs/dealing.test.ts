import { beforeAll, describe, expect, test } from 'vitest';
import { multiplyBase } from '../../../src/crypto/babyjub.ts';
import { decodeDealing, encodeDealing, type ProvedDealing } from '../../../src/crypto/dealing/encoding.ts';
import { isMismatch, openDealing, proveMismatch } from '../../../src/crypto/dealing/open.ts';
import { checkDealing, dealingStatements } from '../../../src/crypto/dealing/verify.ts';
import type { Verifier } from '../../../src/groth16/verifier.ts';
import { l, r } from '../../../src/params/fields.ts';
import { loadCircuitProver } from '../../../src/proofs/circuit-prover.ts';
import { loadVerifier } from '../../../src/proofs/circuit-verifier.ts';
import { dealingInput, falseDealers, proveDealing } from '../../../src/proofs/dealing.ts';
import type { Prover } from '../../../src/proofs/prover.ts';
import { flattenSignals } from '../../../src/proofs/signals.ts';
import { index, type KnownDealing, knownDealing, random, sceneOf } from '../../helpers/dealings.ts';

/** Dealings of two of three validators with real proofs. */

const { session, secrets } = sceneOf(3);
const made: readonly KnownDealing[] = [0, 1].map((d) => knownDealing(session, d));
let verifier: Verifier;
let proved: readonly ProvedDealing[];
beforeAll(async () => {
  const prove = await loadCircuitProver('dealing');
  const prover: Prover = {
    prove: (circuit, signals) => prove(flattenSignals(circuit, signals)),
    close: async () => {},
  };
  verifier = await loadVerifier('dealing');
  proved = [await proveDealing(prover, made[0]!), await proveDealing(prover, made[1]!)];
});
const falseOf = (
  ...dealings: readonly (readonly [dealer: number, dealing: ProvedDealing])[]
): Promise<number[]> =>
  falseDealers(verifier, session, new Map(dealings.map(([dealer, dealing]) => [index(dealer), dealing])));

describe('a proved dealing', () => {
  test('holds for anybody who reads it: encoded, checked, proofs in one batch, and opens', async () => {
    const read = decodeDealing(encodeDealing(proved[0]!), 3)!;
    expect(checkDealing(session, index(0), read, undefined)).toBeUndefined();
    expect(await falseOf([0, read], [1, proved[1]!])).toEqual([]);
    const opened = secrets.map((sk, i) => openDealing(session, index(0), read, index(i), sk));
    expect(opened).toEqual(made[0]!.witnesses.map(({ shares }) => shares));
  });
  test('of a false proof is named, and the others stand', async () => {
    const [first, ...rest] = proved[1]!.proofs;
    const other = { ...proved[1]!, proofs: [proved[0]!.proofs[0]!, ...rest] };
    expect(await falseOf([0, proved[0]!], [1, other])).toEqual([1]);
    const turned = { ...proved[1]!, proofs: [...rest, first!] };
    expect(await falseOf([0, proved[0]!], [1, turned])).toEqual([1]);
  });
  test('copied by another dealer, or to another session, has no valid proof', async () => {
    expect(await falseOf([0, proved[0]!], [2, proved[0]!])).toEqual([2]);
    const next = { ...session, id: session.id + 1n };
    expect(await falseDealers(verifier, next, new Map([[index(0), proved[0]!]]))).toEqual([0]);
  });
  test('for another key of a recipient has no valid proof', async () => {
    const keys8 = session.keys8.map((key8, i) => (i === 2 ? multiplyBase(5n) : key8));
    expect(await falseDealers(verifier, { ...session, keys8 }, new Map([[index(0), proved[0]!]]))).toEqual([
      0,
    ]);
  });
  test('with the two keys exchanged has no valid proof', async () => {
    const shares = proved[0]!.shares.map(({ commitments, ciphertexts }) => ({
      commitments: { decryption: commitments.coin, coin: commitments.decryption },
      ciphertexts: { decryption: ciphertexts.coin, coin: ciphertexts.decryption },
    }));
    expect(await falseOf([0, { ...proved[0]!, shares }])).toEqual([0]);
    const pads = proved[0]!.shares.map(({ commitments, ciphertexts }) => ({
      commitments,
      ciphertexts: { decryption: ciphertexts.coin, coin: ciphertexts.decryption },
    }));
    expect(await falseOf([0, { ...proved[0]!, shares: pads }])).toEqual([0]);
  });
  test('with a wrong pad has no valid proof, so a mismatch that is shown is no complaint about a sound one', async () => {
    const shares = proved[0]!.shares.map((one, i) =>
      i === 1 ? { ...one, ciphertexts: { ...one.ciphertexts, coin: (one.ciphertexts.coin + 1n) % r } } : one,
    );
    const wrong = { ...proved[0]!, shares };
    expect(await falseOf([0, wrong])).toEqual([0]);
    const shown = proveMismatch(session, index(0), wrong, index(1), secrets[1]!, random(4))!;
    expect(isMismatch(session, index(0), wrong, index(1), shown)).toBe(true);
    expect(isMismatch(session, index(0), proved[0]!, index(1), shown)).toBe(false);
  });
  test('has proofs whose signals are not reduced: r more in any of them is refused', async () => {
    const [statement] = dealingStatements(session, index(0), proved[0]!);
    const [proof] = proved[0]!.proofs;
    expect(await verifier.verify(statement!, proof!)).toBe(true);
    for (let at = 0; at < 11; at++) {
      expect(await verifier.verify(statement!.with(at, statement![at]! + r), proof!)).toBe(false);
      expect(await verifier.verify(statement!.with(at, (statement![at]! + 1n) % r), proof!)).toBe(false);
    }
    expect(await verifier.verify(statement!.slice(0, 10), proof!)).toBe(false);
  });
});

describe('dealingInput', () => {
  const [witness] = made[0]!.witnesses;
  test('gives the circuit its signals in the order of its keys', () => {
    const { x, y } = session.keys8[0]!.toAffine();
    const { shares, t, context } = witness!;
    expect(dealingInput(witness!)).toEqual({
      PK8: [x, y],
      context,
      t,
      share: [shares.decryption, shares.coin],
    });
  });
  test.each([
    ['t', { t: 2n ** 251n }],
    ['share[0]', { shares: { decryption: -1n, coin: 1n } }],
    ['share[1]', { shares: { decryption: 1n, coin: 2n ** 251n } }],
    ['context', { context: r }],
  ])('names %s when it is wrong', (signal, change) => {
    expect(() => dealingInput({ ...witness!, ...change })).toThrow(
      expect.objectContaining({ code: 'CIRCUIT_INPUT', data: { circuit: 'dealing', signal } }),
    );
    expect(dealingInput({ ...witness!, t: l })['t']).toBe(l);
  });
});
