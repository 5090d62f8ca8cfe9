import { createHash } from 'node:crypto';
import type { Curve, Group } from 'ffjavascript';
import { z } from 'zod';
import { VelumError } from '../base/errors.ts';
import { q } from '../params/fields.ts';

/** Characters of a verification key's JSON, at most: 256 public signals need about 50,000. */
export const MAX_VKEY_CHARS = 200_000;
const MAX_PUBLIC_SIGNALS = 256;

const coordinate = z
  .string()
  .regex(/^(0|[1-9][0-9]{0,77})$/)
  .transform(BigInt)
  .refine((c) => c < q, 'is not below q');
const g1 = z.tuple([coordinate, coordinate, z.literal('1')]).transform(([x, y]) => [x, y] as const);
const g2 = z
  .tuple([
    z.tuple([coordinate, coordinate]),
    z.tuple([coordinate, coordinate]),
    z.tuple([z.literal('1'), z.literal('0')]),
  ])
  .transform(([x, y]) => [x, y] as const);

/** snarkjs' export; it repeats e(α, β) as `vk_alphabeta_12`, which is not believed but computed. */
const schema = z
  .object({
    protocol: z.literal('groth16'),
    curve: z.literal('bn128'),
    nPublic: z.int().min(1).max(MAX_PUBLIC_SIGNALS),
    vk_alpha_1: g1,
    vk_beta_2: g2,
    vk_gamma_2: g2,
    vk_delta_2: g2,
    IC: z.array(g1).max(MAX_PUBLIC_SIGNALS + 1),
  })
  .refine((key) => key.IC.length === key.nPublic + 1, 'IC has not nPublic + 1 points');

/** A checked Groth16 verification key in the forms that verifying uses. Public. */
export interface VerificationKey {
  readonly nPublic: number;
  /** SHA-256 of the JSON text. */
  readonly digest: Uint8Array;
  /** e(α, β) in Gt. */
  readonly alphaBeta: Uint8Array;
  /** γ and δ, prepared for Miller loops. */
  readonly gamma: Uint8Array;
  readonly delta: Uint8Array;
  /** IC₀ and the affine IC₁ … IC_nPublic one after the other. */
  readonly constant: Uint8Array;
  readonly bases: Uint8Array;
}

/** Whether an affine point is on the curve, in its prime-order subgroup and not infinity. */
export const isInSubgroup = <Coordinate>(
  group: Group<Coordinate>,
  order: bigint,
  point: Uint8Array,
): boolean => !group.isZero(point) && group.isValid(point) && group.isZero(group.timesScalar(point, order));

/** Affine point of the prime-order subgroup, not infinity; undefined otherwise. G1 has cofactor 1. */
export function subgroupPoint<Coordinate>(
  group: Group<Coordinate>,
  order: bigint,
  affine: readonly Coordinate[],
): Uint8Array | undefined {
  const point = group.fromObject(affine);
  return isInSubgroup(group, order, point) ? point : undefined;
}

/**
 * Reads and checks a verification key.
 *
 * γ = ±δ is refused: such a key (a phase 2 without contribution leaves γ = δ) accepts A = α, B = β, C = ∓Σ sᵢ·ICᵢ for
 * every statement s. A point of small order or at infinity would drop a term of the equation likewise.
 *
 * @param json  what `vkey.json` holds; at most 200,000 characters
 * @param where named in the errors
 * @throws {VelumError} KEYS_UNSAFE if it is no verification key or could accept forged proofs
 * @see Groth, "On the Size of Pairing-Based Non-interactive Arguments", EUROCRYPT 2016, §3.2
 */
export function parseVerificationKey(curve: Curve, json: string, where: string): VerificationKey {
  const refuse = (reason: string): never => {
    throw new VelumError('KEYS_UNSAFE', `${where}: ${reason}; do not use this key, make keys anew`, {
      where,
    });
  };
  if (json.length > MAX_VKEY_CHARS) refuse(`longer than ${MAX_VKEY_CHARS} characters`);
  const parsed = schema.safeParse(parseJson(json));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return refuse(`${issue?.path.join('.') || 'the whole'} is not as expected: ${issue?.message}`);
  }
  const key = parsed.data;
  const { G1, G2, r } = curve;
  const inG1 = (name: string, affine: readonly [bigint, bigint]): Uint8Array =>
    subgroupPoint(G1, r, affine) ?? refuse(`${name} is not a point of G1`);
  const inG2 = (name: string, affine: readonly [[bigint, bigint], [bigint, bigint]]): Uint8Array =>
    subgroupPoint(G2, r, affine) ?? refuse(`${name} is not a point of G2`);

  const alpha = inG1('vk_alpha_1', key.vk_alpha_1);
  const beta = inG2('vk_beta_2', key.vk_beta_2);
  const gamma = inG2('vk_gamma_2', key.vk_gamma_2);
  const delta = inG2('vk_delta_2', key.vk_delta_2);
  if (G2.eq(gamma, delta) || G2.eq(gamma, G2.neg(delta))) {
    refuse(
      'gamma and delta are equal up to sign: phase 2 has no contribution and every statement can be forged',
    );
  }
  const IC = key.IC.map((affine, i) => inG1(`IC[${i}]`, affine));
  const bases = new Uint8Array(2 * G1.F.n8 * key.nPublic);
  IC.slice(1).forEach((point, i) => {
    bases.set(point, 2 * G1.F.n8 * i);
  });
  return {
    nPublic: key.nPublic,
    digest: createHash('sha256').update(json).digest(),
    alphaBeta: curve.pairing(alpha, beta),
    gamma: curve.prepareG2(G2.toJacobian(gamma)),
    delta: curve.prepareG2(G2.toJacobian(delta)),
    constant: IC[0]!,
    bases,
  };
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
