import { expect, test } from 'vitest';
import { bytesToBigint } from '../../../src/base/bytes.ts';
import {
  BASE,
  clearCofactor,
  IDENTITY,
  multiply,
  type Point,
  pointFromY,
} from '../../../src/crypto/babyjub.ts';
import { type BatchKernels, NOBLE } from '../../../src/crypto/batch-kernels.ts';
import { coinShare, combineCoin, verifyCoinShare } from '../../../src/crypto/coin.ts';
import { proveDleq, verifyDleq } from '../../../src/crypto/dleq.ts';
import { seededRandom } from '../../../src/crypto/random.ts';
import { dealThresholdKey } from '../../../src/crypto/threshold-key.ts';
import { l, r } from '../../../src/params/fields.ts';
import { validatorIndex } from '../../../src/params/ids.ts';
import { batchKernels } from '../../../src/proofs/wasm-batch-kernels.ts';
import { loadKernels } from '../../../src/wasm/load.ts';

const random = seededRandom(new Uint8Array(32).fill(11));
const scalar = (): bigint => bytesToBigint(random(40)) % l;
/** A point outside the subgroup: of order 8·l or less, found by its y. */
const outside = (y: bigint): Point => pointFromY(y, true) ?? outside(y + 1n);
/** (0, −1), of order 2. */
const ORDER_TWO = pointFromY(r - 1n, false)!;
const points = [
  BASE,
  IDENTITY,
  ORDER_TWO,
  BASE.add(ORDER_TWO),
  outside(2n),
  outside(99n),
  ...Array.from({ length: 15 }, () => multiply(BASE, scalar())),
];

const equal = (a: readonly Point[], b: readonly Point[]): boolean =>
  a.length === b.length && a.every((P, i) => P.equals(b[i]!));

for (const path of ['relaxed-simd', 'scalar'] as const) {
  const load = async () => batchKernels(await loadKernels(path));

  test(`multiples are those of noble for points in and out of the subgroup (${path})`, async () => {
    const kernels = await load();
    for (const k of [1n, 2n, 15n, 16n, l - 1n, l >> 1n, scalar()]) {
      expect(equal(kernels.multiplyEach(points, k), NOBLE.multiplyEach(points, k))).toBe(true);
    }
    expect(kernels.multiplyEach([], 5n)).toEqual([]);
    for (const k of [0n, l, -1n]) {
      expect(() => kernels.multiplyEach(points, k)).toThrow(
        expect.objectContaining({ code: 'CRYPTO_SCALAR_OUT_OF_RANGE' }),
      );
    }
  });

  test(`sums of rows and of terms are those of noble, negative and zero scalars too (${path})`, async () => {
    const kernels = await load();
    const scalars = [0n, -1n, 1n, -(l - 1n), l - 1n, 3n << 60n];
    const rows = Array.from({ length: 9 }, (_, i) =>
      scalars.map((_, j) => points[(3 * i + j) % points.length]!),
    );
    expect(equal(kernels.clearedSums(scalars, rows), NOBLE.clearedSums(scalars, rows))).toBe(true);
    for (const n of [1, 2, 7, 8, 9, 17, 21]) {
      const terms = points.slice(0, n).map((P, i) => [i % 3 === 0 ? -scalar() : scalar(), P] as const);
      expect(kernels.sumPublic(terms).equals(NOBLE.sumPublic(terms))).toBe(true);
    }
    expect(() => kernels.clearedSums([l], [[BASE]])).toThrow(
      expect.objectContaining({ code: 'CRYPTO_SCALAR_OUT_OF_RANGE' }),
    );
  });

  test(`keystreams are those of poseidon-lite (${path})`, async () => {
    const kernels = await load();
    const inputs = Array.from({ length: 7 }, (_, i) => [BigInt(i), r - 1n, scalar()] as const);
    expect(kernels.sealStreams(inputs)).toEqual(NOBLE.sealStreams(inputs));
    expect(() => kernels.sealStreams([[r, 0n, 0n]])).toThrow(
      expect.objectContaining({ code: 'CRYPTO_INPUT' }),
    );
  });

  test(`a DLEQ proof has the same bytes whoever computes it (${path})`, async () => {
    const kernels = await load();
    const x = scalar();
    const H = points.slice(6);
    const statement = { A: multiply(BASE, x), pairs: H.map((P) => ({ H: P, D: multiply(P, x) })) };
    const proofs = [kernels, NOBLE].map((each) =>
      proveDleq(x, statement, new Uint8Array(3), seededRandom(new Uint8Array(32)), each),
    );
    expect(proofs[0]).toEqual(proofs[1]);
    expect(verifyDleq(statement, new Uint8Array(3), proofs[0]!, kernels)).toBe(true);
    expect(verifyDleq(statement, new Uint8Array(4), proofs[0]!, kernels)).toBe(false);
    const forged = { ...statement, pairs: statement.pairs.map(({ D }) => ({ H: clearCofactor(D), D })) };
    expect(verifyDleq(forged, new Uint8Array(3), proofs[0]!, kernels)).toBe(false);
  });

  test(`a coin has the same shares, verdicts and value whoever computes it (${path})`, async () => {
    const kernels = await load();
    const id = new Uint8Array([1, 2, 3]);
    const { key, secrets } = dealThresholdKey(7, 4, seededRandom(new Uint8Array(32).fill(3)));
    const sharesBy = (by: BatchKernels): Uint8Array[] =>
      secrets.map((secret, i) => {
        const nonces = seededRandom(new Uint8Array(32).fill(i));
        return coinShare(secret, key.shareKeys[i]!, id, nonces, by);
      });
    const shares = sharesBy(kernels);
    expect(shares).toEqual(sharesBy(NOBLE));
    const verdicts = (by: BatchKernels, of: readonly Uint8Array[]) =>
      of.map((share, i) => verifyCoinShare(key.shareKeys[i]!, id, share, by)?.toAffine());
    expect(verdicts(kernels, shares)).toEqual(verdicts(NOBLE, shares));
    expect(verdicts(kernels, shares)).not.toContain(undefined);
    // Another's share, another id's, and one bit of each half.
    const forged = [
      shares[1]!,
      coinShare(secrets[1]!, key.shareKeys[1]!, new Uint8Array(1), random),
      ...[70, 100].map((at, i) => shares[i + 2]!.with(at, shares[i + 2]![at]! ^ 1)),
    ];
    expect(verdicts(kernels, forged)).toEqual(forged.map(() => undefined));
    expect(verdicts(NOBLE, forged)).toEqual(forged.map(() => undefined));
    for (const members of [[0, 1, 2, 3, 4], [6, 4, 2, 1, 0, 3], [2]]) {
      // A part of small order in a share, which verifies, changes nothing.
      const sigmas = new Map(
        members.map((i) => {
          const sigma = verifyCoinShare(key.shareKeys[i]!, id, shares[i]!)!;
          return [validatorIndex(i), i === 2 ? sigma.add(ORDER_TWO) : sigma];
        }),
      );
      expect(combineCoin(sigmas, kernels)).toEqual(combineCoin(sigmas, NOBLE));
    }
  });
}
