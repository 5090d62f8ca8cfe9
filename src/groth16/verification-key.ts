import { q } from '../params/fields.ts';
import type { Curve, CurveGroup } from './curve-types.ts';
import { sha256Of } from './platform.ts';
import { isUnsafePair, type KeyForm, parseKeyForm, UNSAFE_PAIR, unsafeKey } from './verification-key-form.ts';

/** A checked Groth16 verification key in the forms that verifying uses. Public. */
export interface VerificationKey {
  readonly nPublic: number;
  /** SHA-256 of the JSON text. */
  readonly digest: Uint8Array;
  /** e(α, β) in Gt. */
  readonly alphaBeta: Uint8Array;
  /** γ and δ, affine. */
  readonly gamma: Uint8Array;
  readonly delta: Uint8Array;
  /** IC₀ and the affine IC₁ … IC_nPublic one after the other. */
  readonly constant: Uint8Array;
  readonly bases: Uint8Array;
}

/** Whether an affine point is on the curve, in its prime-order subgroup and not infinity. */
export const isSubgroupPoint = <Coordinate>(
  group: CurveGroup<Coordinate>,
  order: bigint,
  point: Uint8Array,
): boolean => !group.isZero(point) && group.isValid(point) && group.isZero(group.timesScalar(point, order));

/** Affine point of the prime-order subgroup, not infinity; undefined otherwise. G1 has cofactor 1. */
export function subgroupPoint<Coordinate>(
  group: CurveGroup<Coordinate>,
  order: bigint,
  affine: readonly Coordinate[],
): Uint8Array | undefined {
  const point = group.fromObject(affine);
  return isSubgroupPoint(group, order, point) ? point : undefined;
}

/**
 * Reads and checks a verification key.
 *
 * @param json  what `vkey.json` holds, also after a byte order mark; at most MAX_VKEY_CHARS characters
 * @param where named in the errors
 * @throws {Groth16Error} KEYS_FILE naming the field if it is no verification key; KEYS_UNSAFE if it could accept forged proofs
 * @see Groth, "On the Size of Pairing-Based Non-interactive Arguments", EUROCRYPT 2016, §3.2
 */
export function parseVerificationKey(curve: Curve, json: string, where: string): VerificationKey {
  const refuse = (reason: string): never => {
    throw unsafeKey(where, reason);
  };
  const key = parseKeyForm(json, where);
  const { G1, G2, r } = curve;
  const inG1 = (name: string, affine: KeyForm['vk_alpha_1']): Uint8Array =>
    (affine.every(isBelowQ) ? subgroupPoint(G1, r, affine) : undefined) ??
    refuse(`${name} is not a point of G1`);
  const inG2 = (name: string, affine: KeyForm['vk_beta_2']): Uint8Array =>
    (affine.flat().every(isBelowQ) ? subgroupPoint(G2, r, affine) : undefined) ??
    refuse(`${name} is not a point of G2`);

  const alpha = inG1('vk_alpha_1', key.vk_alpha_1);
  const beta = inG2('vk_beta_2', key.vk_beta_2);
  const gamma = inG2('vk_gamma_2', key.vk_gamma_2);
  const delta = inG2('vk_delta_2', key.vk_delta_2);
  if (isUnsafePair(key.vk_gamma_2, key.vk_delta_2)) refuse(UNSAFE_PAIR);
  const IC = key.IC.map((affine, i) => inG1(`IC[${i}]`, affine));
  const bases = new Uint8Array(2 * G1.F.n8 * key.nPublic);
  IC.slice(1).forEach((point, i) => {
    bases.set(point, 2 * G1.F.n8 * i);
  });
  return {
    nPublic: key.nPublic,
    digest: sha256Of(json),
    alphaBeta: curve.pairing(alpha, beta),
    gamma,
    delta,
    constant: IC[0]!,
    bases,
  };
}

/** The curve library takes coordinates mod q: a point would have many spellings. */
const isBelowQ = (coordinate: bigint): boolean => coordinate < q;
