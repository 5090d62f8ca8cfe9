/**
 * PLONK over BN254 by snarkjs, for study: no phase 2 and one universal setup, against longer proofs and a slower
 * prover. Nothing of the protocol takes such proofs.
 * @see Gabizon, Williamson, Ciobotaru, "PLONK", eprint 2019/953
 */
import { type Logger, type PlonkProof, plonk } from 'snarkjs';
import { choice, object, readForm } from '../base/forms.ts';
import { Groth16Error } from '../groth16/errors.ts';
import { parsePublicSignals } from '../groth16/json-files.ts';
import { numeral, pointOfG1, sentenceOf } from '../groth16/json-forms.ts';
import { withThreads } from '../groth16/threads.ts';
import { createWitnessCalculator } from '../groth16/witness.ts';
import { q, r } from '../params/fields.ts';
import type { ProverStage } from './prover.ts';
import type { Circuit } from './registry.ts';
import { flattenSignals, type Signals } from './signals.ts';

/** Nine points of G1 and six numbers, each in its one spelling. */
const proofForm = object(
  {
    ...{
      A: pointOfG1,
      B: pointOfG1,
      C: pointOfG1,
      Z: pointOfG1,
      T1: pointOfG1,
      T2: pointOfG1,
      T3: pointOfG1,
    },
    ...{ Wxi: pointOfG1, Wxiw: pointOfG1, eval_a: numeral, eval_b: numeral, eval_c: numeral },
    ...{ eval_s1: numeral, eval_s2: numeral, eval_zw: numeral },
    protocol: choice(['plonk'], 'is not "plonk"'),
    curve: choice(['bn128'], 'is not "bn128"'),
  },
  { problem: 'is not an object of nine points, six evaluations, protocol and curve', isClosed: true },
);

/** Without one, snarkjs fails where it would report a point off its curve. */
const SILENT: Logger = { debug() {}, info() {}, warn() {}, error() {} };

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
      throw new Groth16Error('PROVER_FAILED', `a PLONK proof of ${circuit.name} did not verify: wrong keys`);
    return { proof, publicSignals: publicSignals.map(BigInt) };
  });
}

/**
 * snarkjs' verifier behind checks of form: exactly the circuit's signals below r, coordinates below q, no infinity.
 * @param publicSignals decimal strings, from anybody
 * @param proof         from anybody
 * @throws {Groth16Error} PROOF_FILE naming the field of another form; KEYS_MISSING, KEYS_STALE
 */
export async function verifyPlonk(
  circuit: Circuit,
  publicSignals: unknown,
  proof: unknown,
): Promise<boolean> {
  const vkey: unknown = JSON.parse(Buffer.from(await circuit.read('vkey')).toString('utf8'));
  const signals = parsePublicSignals(publicSignals, 'the statement');
  const read = readForm(proofForm, proof);
  if (!('data' in read))
    throw new Groth16Error('PROOF_FILE', `the proof is none of PLONK: ${sentenceOf(read)}`, {});
  const { protocol, curve, ...parts } = read.data;
  const numbers = Object.values(parts);
  const areBelow = numbers.every((part) => (typeof part === 'bigint' ? part < r : part.every((c) => c < q)));
  // Infinity has been read as (0, 0), which is not on the curve.
  const areFinite = numbers.every((part) => typeof part === 'bigint' || part.some((c) => c !== 0n));
  if (signals.length !== circuit.shape.publicSignals || signals.some((s) => s >= r)) return false;
  if (!areBelow || !areFinite) return false;
  return withThreads(() => plonk.verify(vkey, signals.map(String), proof as PlonkProof, SILENT));
}
