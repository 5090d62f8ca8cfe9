/**
 * PLONK over BN254 by snarkjs, for study: no phase 2 and one universal setup, against longer proofs and a slower
 * prover. Nothing of the protocol takes such proofs.
 * @see Gabizon, Williamson, Ciobotaru, "PLONK", eprint 2019/953
 */
import { type PlonkProof, plonk } from 'snarkjs';
import { z } from 'zod';
import { VelumError } from '../base/errors.ts';
import { parsePublicSignals } from '../groth16/json-files.ts';
import { withThreads } from '../groth16/threads.ts';
import { createWitnessCalculator } from '../groth16/witness.ts';
import { q, r } from '../params/fields.ts';
import type { ProverStage } from './prover.ts';
import type { Circuit } from './registry.ts';
import { flattenSignals, type Signals } from './signals.ts';

const below = (limit: bigint) =>
  z.string().refine((text) => /^(0|[1-9]\d{0,77})$/.test(text) && BigInt(text) < limit);
const coordinate = below(q);
const point = z.tuple([coordinate, coordinate, z.literal('1')]);
const scalar = below(r);
/** Nine points of G1 and six numbers of F_r, each in its one spelling. */
const schema = z.strictObject({
  ...{ A: point, B: point, C: point, Z: point, T1: point, T2: point, T3: point, Wxi: point, Wxiw: point },
  ...{ eval_a: scalar, eval_b: scalar, eval_c: scalar, eval_s1: scalar, eval_s2: scalar, eval_zw: scalar },
  protocol: z.literal('plonk'),
  curve: z.literal('bn128'),
});

export interface PlonkStatement {
  /** As snarkjs writes it. */
  readonly proof: PlonkProof;
  readonly publicSignals: bigint[];
}

/**
 * @param circuit with keys of PLONK, of the circuit compiled at O1
 * @param signals every input; secret
 * @returns       a proof that has been verified
 * @throws {VelumError} as `Prover.prove`
 */
export async function provePlonk(
  circuit: Circuit,
  signals: Signals,
  onStage?: (stage: ProverStage) => void,
): Promise<PlonkStatement> {
  const flat = flattenSignals(circuit.name, signals);
  onStage?.('keys');
  const calculator = await createWitnessCalculator(circuit.name, await circuit.read('wasm'));
  const zkey = await circuit.read('zkey');
  onStage?.('witness');
  const witness = calculator.calculate(flat);
  return withThreads(async () => {
    onStage?.('prove');
    const { proof, publicSignals } = await plonk.prove(zkey, witness);
    onStage?.('verify');
    if (!(await verifyPlonk(circuit, publicSignals, proof)))
      throw new VelumError('PROVER_FAILED', `a PLONK proof of ${circuit.name} did not verify: wrong keys`);
    return { proof, publicSignals: publicSignals.map(BigInt) };
  });
}

/**
 * snarkjs' verifier behind checks of form: exactly the circuit's signals below r, coordinates below q, no infinity.
 * @param publicSignals decimal strings, from anybody
 * @param proof         from anybody
 * @throws {VelumError} KEYS_MISSING, KEYS_STALE
 */
export async function verifyPlonk(
  circuit: Circuit,
  publicSignals: unknown,
  proof: unknown,
): Promise<boolean> {
  const vkey: unknown = JSON.parse(Buffer.from(await circuit.read('vkey')).toString('utf8'));
  const signals = parsePublicSignals(publicSignals);
  const parsed = schema.safeParse(proof);
  if (!parsed.success || signals?.length !== circuit.shape.publicSignals) return false;
  if (signals.some((s) => s >= r)) return false;
  return withThreads(async () => {
    try {
      return await plonk.verify(vkey, signals.map(String), parsed.data);
    } catch {
      // snarkjs reports a point off its curve to a logger that is not there.
      return false;
    }
  });
}
