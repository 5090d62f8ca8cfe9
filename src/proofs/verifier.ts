import type { Curve } from 'ffjavascript';
import { VelumError } from '../base/errors.ts';
import { r } from '../params/fields.ts';
import type { CircuitName } from './circuits.ts';
import { loadCurve } from './curve.ts';
import { proofCoordinates } from './encoding.ts';
import { type Circuit, loadCircuit } from './registry.ts';
import { parseVerificationKey, subgroupPoint, type VerificationKey } from './verification-key.ts';

/** Checks Groth16 proofs of one circuit. */
export interface Verifier {
  /** Public signals of a statement; fewer or more are refused. */
  readonly nPublic: number;
  /**
   * Whether e(A, B) = e(α, β)·e(IC₀ + Σ sᵢ·ICᵢ, γ)·e(C, δ) and every part is what Groth16 takes for granted: exactly
   * nPublic signals with 0 ≤ sᵢ < r, eight coordinates below q, A and C on G1, B in the order-r subgroup of G2, none at
   * infinity. About 13 ms for 45 signals.
   * @param publicSignals the statement, from anybody
   * @param proof         256 bytes, from anybody
   * @returns             false for whatever is not a proof of this statement; never rejects
   * @see Groth, EUROCRYPT 2016, §3.2
   */
  verify(publicSignals: readonly bigint[], proof: Uint8Array): Promise<boolean>;
}

/**
 * Loads the verifier of a circuit; the curve is built once a process.
 * @param keysDir keys folder; the package's own by default
 * @throws {VelumError} CIRCUIT_UNKNOWN, KEYS_MISSING, KEYS_STALE, KEYS_UNSAFE
 */
export async function loadVerifier(name: CircuitName, keysDir?: string): Promise<Verifier> {
  return circuitVerifier(await loadCircuit(name, keysDir));
}

/** The same for a circuit already looked up. @throws {VelumError} KEYS_MISSING, KEYS_STALE, KEYS_UNSAFE */
export async function circuitVerifier(circuit: Circuit): Promise<Verifier> {
  const where = circuit.path('vkey');
  const verifier = await createVerifier(Buffer.from(await circuit.read('vkey')).toString('utf8'), where);
  const { publicSignals } = circuit.shape;
  if (verifier.nPublic === publicSignals) return verifier;
  throw new VelumError(
    'KEYS_STALE',
    `${where} is for ${verifier.nPublic} public signals, ${circuit.name} has ${publicSignals}`,
    { circuit: circuit.name },
  );
}

/**
 * @param vkeyJson snarkjs' export of a verification key
 * @param where    names the key in errors
 * @throws {VelumError} KEYS_UNSAFE
 */
export async function createVerifier(vkeyJson: string, where: string): Promise<Verifier> {
  const curve = await loadCurve();
  return verifierOf(curve, parseVerificationKey(curve, vkeyJson, where));
}

/** The verifier under a key that has been checked. */
export function verifierOf(curve: Curve, key: VerificationKey): Verifier {
  return {
    nPublic: key.nPublic,
    async verify(publicSignals, proof) {
      try {
        return await holds(curve, key, publicSignals, proof);
      } catch {
        // Out of memory or a bug of the curve library: an outsider's bytes must not stop a validator.
        return false;
      }
    },
  };
}

const isSignal = (s: unknown): boolean => typeof s === 'bigint' && s >= 0n && s < r;

async function holds(
  curve: Curve,
  key: VerificationKey,
  publicSignals: readonly bigint[],
  proof: Uint8Array,
): Promise<boolean> {
  if (!Array.isArray(publicSignals) || publicSignals.length !== key.nPublic) return false;
  if (!publicSignals.every(isSignal)) return false;
  const coordinates = proofCoordinates(proof);
  if (coordinates === undefined) return false;

  const { G1, G2, Gt } = curve;
  const A = curvePoint(curve, coordinates.A);
  const C = curvePoint(curve, coordinates.C);
  const B = subgroupPoint(G2, r, coordinates.B as [[bigint, bigint], [bigint, bigint]]);
  if (A === undefined || B === undefined || C === undefined) return false;

  const statement = G1.add(await G1.multiExpAffine(key.bases, littleEndian(publicSignals)), key.constant);
  const miller = (P: Uint8Array, preparedQ: Uint8Array): Uint8Array =>
    curve.millerLoop(curve.prepareG1(G1.toJacobian(P)), preparedQ);
  const product = [
    miller(A, curve.prepareG2(G2.toJacobian(B))),
    miller(G1.neg(statement), key.gamma),
    miller(G1.neg(C), key.delta),
  ].reduce((x, y) => Gt.mul(x, y));
  return Gt.eq(curve.finalExponentiation(product), key.alphaBeta);
}

/** A point of G1 other than infinity; the whole curve is the group, so no subgroup check is due. */
function curvePoint({ G1 }: Curve, affine: readonly [bigint, bigint]): Uint8Array | undefined {
  const point = G1.fromObject(affine);
  return G1.isZero(point) || !G1.isValid(point) ? undefined : point;
}

/** 32 bytes a scalar, as multi-exponentiation reads them. */
function littleEndian(scalars: readonly bigint[]): Uint8Array {
  const out = new Uint8Array(32 * scalars.length);
  const view = new DataView(out.buffer);
  scalars.forEach((scalar, i) => {
    for (let word = 0; word < 4; word++) {
      view.setBigUint64(32 * i + 8 * word, BigInt.asUintN(64, scalar >> BigInt(64 * word)), true);
    }
  });
  return out;
}
