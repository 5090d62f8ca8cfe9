import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolders } from '../groth16/make-folders.ts';
import { parseR1cs } from '../groth16/r1cs.ts';
import { createWitnessCalculator } from '../groth16/witness.ts';
import { loadCircuitProver } from '../proofs/circuit-prover.ts';
import { loadVerifier } from '../proofs/circuit-verifier.ts';
import type { CircuitName } from '../proofs/circuits.ts';
import { compileCircuit, type Optimisation, root } from '../proofs/compile.ts';
import { exampleInput } from '../proofs/examples.ts';
import { provePlonk, verifyPlonk } from '../proofs/plonk.ts';
import { loadCircuit } from '../proofs/registry.ts';
import { flattenSignals } from '../proofs/signals.ts';
import { fastestMs } from './processor-time.ts';

const BUILD = join(root, 'build/experiments');
/** Where `velum keys setup CIRCUIT --protocol plonk` leaves its keys unless told otherwise. */
const PLONK_KEYS = join(root, 'build/plonk-keys');

/** A circuit of another size: the registered source with other template arguments. */
export interface CircuitSize {
  readonly circuit: 'ballot' | 'orders' | 'account';
  /** Depth of the Merkle tree, where there is one. */
  readonly depth: number;
  /** Orders of a batch, at most 4: the words of missing ones are 0. */
  readonly orders: number;
}

async function sourceOf({ circuit, depth, orders }: CircuitSize): Promise<string> {
  let source = await readFile(join(root, `circuits/${circuit}.circom`), 'utf8');
  source = source.replaceAll('include "lib/', 'include "../../circuits/lib/');
  if (circuit === 'ballot') source = source.replace('Ballot(COMMITTEE_TREE_DEPTH())', `Ballot(${depth})`);
  if (circuit === 'orders') {
    source = source.replace(
      'Orders(NOTE_TREE_DEPTH(), ORDERS_PER_BATCH(), INSTRUMENT_BITS())',
      `Orders(${depth}, ${orders}, INSTRUMENT_BITS())`,
    );
    for (let missing = orders; missing < 4; missing++) source = source.replaceAll(`word[${missing}]`, '0');
  }
  return source;
}

/** @returns the constraints of a circuit of this size; PLONK takes those of O1, Groth16 those of O2 */
export async function countConstraints(size: CircuitSize, optimisation: Optimisation): Promise<number> {
  const file = join(BUILD, `${size.circuit}-${size.depth}-${size.orders}.circom`);
  makeFolders(BUILD);
  await writeFile(file, await sourceOf(size));
  const { r1cs } = await compileCircuit(file, join(BUILD, optimisation), optimisation);
  return parseR1cs(await readFile(r1cs)).constraints.length;
}

export interface ProofTimes {
  readonly proofBytes: number;
  readonly witnessMs: number;
  readonly proveMs: number;
  readonly verifyMs: number;
  /** A proof in a batch of 64. */
  readonly batchVerifyMs: number | null;
}

const BATCH = 64;

/** Processor time of a registered circuit with its own keys and example input, in this process, warm. */
export async function groth16Times(name: CircuitName, runs: number): Promise<ProofTimes> {
  const circuit = await loadCircuit(name);
  const signals = flattenSignals(name, exampleInput(name));
  const calculator = await createWitnessCalculator(name, await circuit.read('wasm'));
  const prove = await loadCircuitProver(name);
  const made = [await prove(signals), await prove(signals)];
  const verifier = await loadVerifier(name);
  const batch = Array.from({ length: BATCH }, (_, i) => made[i % made.length]!);
  const [publics, proofs] = [batch.map((each) => each.publicSignals), batch.map((each) => each.proof)];
  const { publicSignals, proof } = made[0]!;
  return {
    proofBytes: proof.length,
    witnessMs: await fastestMs(3 * runs, () => calculator.calculate(signals)),
    proveMs: await fastestMs(runs, () => prove(signals)),
    verifyMs: await fastestMs(runs, () => verifier.verify(publicSignals, proof)),
    batchVerifyMs: (await fastestMs(runs, () => verifier.verifyBatch(publics, proofs))) / BATCH,
  };
}

/** The same with PLONK; undefined without keys, which take a powers-of-tau file to make. Proving includes the witness. */
export async function plonkTimes(name: CircuitName, runs: number): Promise<ProofTimes | undefined> {
  if (!existsSync(join(PLONK_KEYS, name))) return undefined;
  const circuit = await loadCircuit(name, PLONK_KEYS);
  const input = exampleInput(name);
  const signals = flattenSignals(name, input);
  const calculator = await createWitnessCalculator(name, await circuit.read('wasm'));
  const { proof, publicSignals } = await provePlonk(circuit, input);
  const verifyMs = await fastestMs(runs, () => verifyPlonk(circuit, publicSignals.map(String), proof));
  const proveMs = await fastestMs(runs, () => provePlonk(circuit, input));
  // Nine points of G1 and six scalars, 64 and 32 bytes.
  return {
    proofBytes: 9 * 64 + 6 * 32,
    witnessMs: await fastestMs(runs, () => calculator.calculate(signals)),
    // provePlonk verifies what it made.
    proveMs: Number((proveMs - verifyMs).toPrecision(3)),
    verifyMs,
    batchVerifyMs: null,
  };
}
