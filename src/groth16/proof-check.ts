/**
 * The verifier for one proof at a time by the WebAssembly kernels alone: what a prover needs, which a process that makes
 * a single proof would wait longer for a curve library than for the proof, and a browser has none. The checks are those
 * of verifier.ts.
 */

import { littleEndian } from '../base/bytes.ts';
import { q } from '../params/fields.ts';
import { EL } from '../wasm/field-constants.ts';
import { HALF_BITS, type Kernels, PART_BYTES } from '../wasm/kernels.ts';
import { signalsOf } from './checked-proof.ts';
import { proofCoordinates } from './encoding.ts';
import {
  isOnCurve,
  isOnTwist,
  type PointOfG1,
  type PointOfG2,
  pairingCheck,
  stockPoint,
} from './pairing-check.ts';
import type { ProofCheck } from './proved-statement.ts';
import { windowBits } from './prover-core.ts';
import { isUnsafePair, parseKeyForm, UNSAFE_PAIR, unsafeKey } from './verification-key-form.ts';

/**
 * @param vkeyJson snarkjs' export of a verification key
 * @param where    names the key in errors
 * @param kernels  kept, with a table of the key
 * @throws {Groth16Error} KEYS_FILE, KEYS_UNSAFE
 */
export function createProofCheck(vkeyJson: string, where: string, kernels: Kernels): ProofCheck {
  const key = parseKeyForm(vkeyJson, where);
  const pairing = pairingCheck(kernels);
  const points = { vk_alpha_1: key.vk_alpha_1, ...Object.fromEntries(key.IC.map((P, i) => [`IC[${i}]`, P])) };
  for (const [name, point] of Object.entries(points))
    if (!isOnCurve(point)) throw unsafeKey(where, `${name} is not a point of G1`);
  for (const name of ['vk_beta_2', 'vk_gamma_2', 'vk_delta_2'] as const)
    if (!isOnTwist(key[name]) || !pairing.areInG2([ofG2(key[name])]))
      throw unsafeKey(where, `${name} is not a point of G2`);
  if (isUnsafePair(key.vk_gamma_2, key.vk_delta_2)) throw unsafeKey(where, UNSAFE_PAIR);
  const alphaBeta = { P: minus(key.vk_alpha_1), Q: ofG2(key.vk_beta_2) };
  const [gamma, delta] = [ofG2(key.vk_gamma_2), ofG2(key.vk_delta_2)];
  const signalSum = sumOf(kernels, key.IC);
  return {
    nPublic: key.nPublic,
    async verify(publicSignals, proof) {
      const signals = signalsOf(publicSignals, key.nPublic);
      const coordinates = proof instanceof Uint8Array ? proofCoordinates(proof) : undefined;
      if (signals === undefined || coordinates === undefined) return false;
      const { A, B, C } = coordinates;
      if (!isOnCurve(A) || !isOnCurve(C) || !isOnTwist(B)) return false;
      return pairing.isOne([
        { P: stockPoint(...A), Q: ofG2(B) },
        alphaBeta,
        { P: signalSum([1n, ...signals]), Q: gamma },
        { P: minus(C), Q: delta },
      ]);
    },
  };
}

const ofG2 = (point: PointOfG2): Uint8Array => stockPoint(...point.flat());
const minus = ([x, y]: PointOfG1): Uint8Array => stockPoint(x, (q - y) % q);

/** −Σ sᵢ·Pᵢ of fixed points, in stock form; zeros for infinity. */
function sumOf(kernels: Kernels, fixed: readonly PointOfG1[]): (scalars: readonly bigint[]) => Uint8Array {
  const { exports, g1, halves } = kernels;
  const n = fixed.length;
  // A point and its image under the endomorphism, of two stored coordinates each.
  const [points, indexes] = [kernels.alloc(4 * EL * n), kernels.alloc(4 * n)];
  const mark = exports.mark();
  const words = kernels.put(stockPoint(...fixed.flat()));
  exports.loadBasesG1(points, indexes, words, n, 0, g1.beta, g1.b);
  exports.release(mark);
  return (scalars) => {
    const start = exports.mark();
    try {
      const parts = kernels.alloc(2 * PART_BYTES * n);
      exports.split(parts, kernels.put(littleEndian(scalars)), n, halves);
      const out = kernels.alloc(64);
      const isAPoint = exports.msmG1(points, indexes, n, parts, HALF_BITS, windowBits(2 * n), out);
      if (isAPoint === 0) return new Uint8Array(64);
      const [x, y] = kernels.readNumbers(out, 2) as [bigint, bigint];
      return minus([x, y]);
    } finally {
      exports.release(start);
    }
  };
}
