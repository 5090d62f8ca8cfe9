import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Subject } from '../audit/audit.ts';
import { namesFromSym } from '../audit/names.ts';
import { type ProofTampering, tamperWithProof } from '../audit/proof-tamper.ts';
import { type Snapshot, snapshotOf } from '../audit/snapshot.ts';
import { parseR1cs, parseWitness } from '../groth16/r1cs.ts';
import { createWitnessCalculator } from '../groth16/witness.ts';
import { registeredCircuit } from './circuit-list.ts';
import { loadCircuitProver } from './circuit-prover.ts';
import { loadVerifier } from './circuit-verifier.ts';
import type { CircuitName } from './circuits.ts';
import { compileCircuit, root } from './compile.ts';
import { readManifest } from './keys/manifest-file.ts';
import { auditInputs } from './own-inputs.ts';
import { KEYS_DIR } from './registry.ts';
import { flattenSignals } from './signals.ts';

/** One of our circuits, compiled, with witnesses of its own witness program. */
export interface OwnCircuit {
  readonly subject: Subject;
  /** The compiled file. */
  readonly r1csFile: Uint8Array;
  /** Source, relative to the package. */
  readonly file: string;
  readonly now: Required<Snapshot>;
  readonly reviewed: Snapshot;
}

/** @throws {ProofsError} TOOL_MISSING without circom2; CIRCUIT_UNKNOWN; CIRCUIT_COMPILE */
export async function openOwnCircuit(circuit: CircuitName): Promise<OwnCircuit> {
  const registered = await registeredCircuit(circuit);
  const compiled = await compileCircuit(join(root, registered.file));
  const bytes = await readFile(compiled.r1cs);
  const r1cs = parseR1cs(bytes);
  const names = namesFromSym(r1cs, await readFile(compiled.sym, 'utf8'));
  const calculator = await createWitnessCalculator(circuit, await readFile(compiled.wasm));
  const witnesses = auditInputs(circuit).map(({ label, signals }) => ({
    label,
    witness: parseWitness(calculator.calculate(flattenSignals(circuit, signals))),
  }));
  const { constraints, publicSignals } = registered;
  const keyed = (await readManifest(KEYS_DIR))?.circuits[circuit]?.r1cs;
  return {
    subject: { r1cs, names, witnesses },
    r1csFile: bytes,
    file: registered.file,
    now: snapshotOf(r1cs, names.wires, createHash('sha256').update(bytes).digest('hex')),
    reviewed: { constraints, publicSignals: [...publicSignals], ...(keyed && { r1csSha256: keyed }) },
  };
}

/**
 * Proves the example with the package's keys, and tries the proof for other public signals.
 * @throws {ProofsError} KEYS_MISSING, KEYS_STALE, KEYS_UNSAFE
 */
export async function tamperWithOwnProof(circuit: CircuitName): Promise<ProofTampering> {
  const [example] = auditInputs(circuit);
  const prove = await loadCircuitProver(circuit);
  const { proof, publicSignals } = await prove(flattenSignals(circuit, example!.signals));
  const names = (await registeredCircuit(circuit)).publicSignals;
  return tamperWithProof(await loadVerifier(circuit), names, publicSignals, proof);
}
