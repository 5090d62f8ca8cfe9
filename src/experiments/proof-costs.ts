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
import { loadCircuit } from '../proofs/registry.ts';
import { flattenSignals } from '../proofs/signals.ts';
import type { Measured } from './define.ts';
import { poolSource } from './pool-circuits.ts';
import { writePrice } from './prices.ts';
import { measurePrice, type Price } from './processor-time.ts';

const BUILD = join(root, 'build/experiments');

/** A circuit of another size: the registered source with other template arguments, or a pool of others in today's hash. */
export interface CircuitSize {
  readonly circuit: 'ballot' | 'orders' | 'account' | 'note pool' | 'amount pool';
  /** Depth of the Merkle tree, where there is one: four children a level, in the pools two. */
  readonly depth: number;
  /** Orders of a batch, at most 4: the words of missing ones are 0. */
  readonly orders: number;
}

async function sourceOf({ circuit, depth, orders }: CircuitSize): Promise<string> {
  if (circuit === 'note pool' || circuit === 'amount pool') return poolSource(circuit, depth);
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

/** What a proof of so many constraints and public signals works on: a Fourier transform of a power of two. */
export const domainOf = (constraints: number, publicSignals: number): number =>
  2 ** Math.ceil(Math.log2(constraints + publicSignals + 1));

/** @returns constraints and domain of a circuit of this size; PLONK takes those of O1, Groth16 those of O2 */
export async function countConstraints(
  size: CircuitSize,
  optimisation: Optimisation,
): Promise<{ readonly constraints: number; readonly domain: number }> {
  const file = join(BUILD, `${size.circuit.replace(' ', '-')}-${size.depth}-${size.orders}.circom`);
  makeFolders(BUILD);
  await writeFile(file, await sourceOf(size));
  const { r1cs } = await compileCircuit(file, join(BUILD, optimisation), optimisation);
  const system = parseR1cs(await readFile(r1cs));
  const constraints = system.constraints.length;
  return { constraints, domain: domainOf(constraints, system.outputCount + system.publicInputCount) };
}

/** So many proofs are verified together. */
export const BATCH = 64;
/** What is timed of a circuit, as the price table calls it. */
export const proofPriceName = (
  work: 'witness' | 'prove' | 'verify' | `verify ${typeof BATCH}`,
  circuit: CircuitName,
): string => `${work} ${circuit}`;

/** What the proofs of registered circuits take with their keys and example inputs, in this process, warm, on one thread. */
export async function measureProofs(circuits: readonly CircuitName[], timings: number): Promise<Measured> {
  let measured: Measured = {};
  const put = async (name: string, call: () => unknown, each = 1): Promise<void> => {
    const eachOf = (whole: number): number => Number((whole / each).toPrecision(3));
    const { timings: count, ...ms } = await measurePrice(timings, call);
    const price: Price = { q1: eachOf(ms.q1), median: eachOf(ms.median), q3: eachOf(ms.q3), timings: count };
    measured = { ...measured, ...writePrice(name, price) };
  };
  for (const name of circuits) {
    const circuit = await loadCircuit(name);
    const signals = flattenSignals(name, exampleInput(name));
    const calculator = await createWitnessCalculator(name, await circuit.read('wasm'));
    const prove = await loadCircuitProver(name);
    const made = [await prove(signals), await prove(signals)];
    const verifier = await loadVerifier(name);
    const batch = Array.from({ length: BATCH }, (_, i) => made[i % made.length]!);
    const [publics, proofs] = [batch.map((each) => each.publicSignals), batch.map((each) => each.proof)];
    const { publicSignals, proof } = made[0]!;
    await put(proofPriceName('witness', name), () => calculator.calculate(signals));
    await put(proofPriceName('prove', name), () => prove(signals));
    await put(proofPriceName('verify', name), () => verifier.verify(publicSignals, proof));
    await put(proofPriceName('verify 64', name), () => verifier.verifyBatch(publics, proofs), BATCH);
    if (name === 'ballot') await put('prove ballot again', await nextBallot());
  }
  return measured;
}

/** A validator proves a ballot a height, and keeps the sums of what all of an epoch have in common. */
async function nextBallot(): Promise<() => unknown> {
  const prover = await loadCircuitProver('ballot', { keepsSums: true });
  let height = 0n;
  return () => {
    height += 1n;
    return prover(flattenSignals('ballot', { ...exampleInput('ballot'), scope: height, x: height }));
  };
}
