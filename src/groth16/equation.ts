import { bigintToBytes, concatBytes, littleEndian } from '../base/bytes.ts';
import { r } from '../params/fields.ts';
import type { CheckedProof } from './checked-proof.ts';
import type { Curve } from './curve-types.ts';
import { fixedPower, fixedSum } from './fixed-sums.ts';
import type { MillerLoops, MillerProduct, Pair } from './miller-loops.ts';
import type { VerificationKey } from './verification-key.ts';

export const WEIGHT_BYTES = 16;
/** Proofs of one product, at most: their weights' sum stays below 2^EXPONENT_BITS. */
export const MAX_PROOFS = 1024;
const EXPONENT_BITS = 8 * WEIGHT_BYTES + Math.log2(MAX_PROOFS);

/** A proof under its weight. */
export interface Weighted {
  readonly proof: CheckedProof;
  /** Below 2^128. */
  readonly weight: bigint;
  /** [weight]A and B. */
  readonly pair: Pair;
}

/** Groth16's equation under one key, of one proof and of many under weights. */
export interface Equation {
  /** Is B in G2, and e(A, B) = e(α, β)·e(IC₀ + Σ sⱼ·ICⱼ, γ)·e(C, δ)? */
  holds(proof: CheckedProof): boolean;
  /** The same of two proofs, for less than twice as much. */
  bothHold(first: CheckedProof, second: CheckedProof): readonly [boolean, boolean];
  weigh(proof: CheckedProof, weight: bigint): Weighted;
  /** The product of the Miller loops of their pairs, and those whose B is not in G2: if there are any, it means nothing. */
  miller(proofs: readonly Weighted[]): {
    readonly product: Uint8Array;
    readonly outside: readonly Weighted[];
  };
  /**
   * R = ∏ (e(Aᵢ, Bᵢ)·e(α, β)^−1·e(−IC₀ − Σ sᵢⱼ·ICⱼ, γ)·e(−Cᵢ, δ))^wᵢ: 1 if every equation holds, and multiplicative:
   * of disjoint sets the product is that of both together.
   * @param proofs at most MAX_PROOFS
   * @param miller the product of the Miller loops of their pairs
   */
  residue(proofs: readonly Weighted[], miller: Uint8Array): Promise<Uint8Array>;
  /** In F_q¹², where residues and products of Miller loops live. */
  product(a: Uint8Array, b: Uint8Array): Uint8Array;
  quotient(a: Uint8Array, b: Uint8Array): Uint8Array;
  isOne(a: Uint8Array): boolean;
}

export function equationOf(curve: Curve, key: VerificationKey, loops: MillerLoops): Equation {
  const { G1, Gt } = curve;
  const signalSum = fixedSum(curve, key.bases);
  const alphaBetaTo = fixedPower(curve, key.alphaBeta, EXPONENT_BITS);
  const fixedPairs = (statement: Uint8Array, C: Uint8Array): Pair[] => [
    { P: G1.toAffine(G1.neg(statement)), Q: key.gamma },
    { P: G1.toAffine(G1.neg(C)), Q: key.delta },
  ];
  const pairsOf = ({ A, B, C, scalars }: CheckedProof): Pair[] => [
    { P: A, Q: B },
    ...fixedPairs(G1.add(signalSum(scalars), key.constant), C),
  ];
  const productOf = ({ factors }: MillerProduct): Uint8Array =>
    factors.reduce((a, b) => Gt.mul(a, b), Gt.one);
  const verdict = (made: MillerProduct): boolean =>
    made.outside.length === 0 && Gt.eq(curve.finalExponentiation(productOf(made)), key.alphaBeta);
  const hasInfinity = (pairs: readonly Pair[]): boolean => pairs.some(({ P }) => G1.isZero(P));
  return {
    holds: (proof) => verdict(loops.product(pairsOf(proof))),
    bothHold(first, second) {
      const [a, b] = [pairsOf(first), pairsOf(second)];
      if (hasInfinity(a) || hasInfinity(b)) return [verdict(loops.product(a)), verdict(loops.product(b))];
      const [ofFirst, ofSecond] = loops.both(a, b);
      return [verdict(ofFirst), verdict(ofSecond)];
    },
    weigh: (proof, weight) => ({
      proof,
      weight,
      pair: { P: G1.toAffine(G1.timesScalar(proof.A, weight)), Q: proof.B },
    }),
    miller(proofs) {
      const made = loops.product(proofs.map(({ pair }) => pair));
      return { product: productOf(made), outside: made.outside.map((i) => proofs[i]!) };
    },
    async residue(proofs, miller) {
      const total = proofs.reduce((sum, { weight }) => sum + weight, 0n);
      const scalars = Array.from(
        { length: key.nPublic },
        (_, j) => proofs.reduce((sum, { weight, proof }) => sum + weight * proof.signals[j]!, 0n) % r,
      );
      const statement = G1.add(signalSum(littleEndian(scalars)), G1.timesScalar(key.constant, total));
      const C = await G1.multiExpAffine(
        concatBytes(...proofs.map(({ proof }) => proof.C)),
        concatBytes(...proofs.map(({ weight }) => bigintToBytes(weight, WEIGHT_BYTES).reverse())),
      );
      const product = Gt.mul(miller, productOf(loops.product(fixedPairs(statement, C))));
      return Gt.mul(curve.finalExponentiation(product), Gt.inv(alphaBetaTo(total)));
    },
    product: (a, b) => Gt.mul(a, b),
    quotient: (a, b) => Gt.mul(a, Gt.inv(b)),
    isOne: (a) => Gt.eq(a, Gt.one),
  };
}
