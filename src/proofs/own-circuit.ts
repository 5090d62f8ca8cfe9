import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AuditFiles } from '../audit/examine.ts';
import { type ProofTampering, tamperWithProof } from '../audit/proof-tamper.ts';
import type { Snapshot } from '../audit/snapshot.ts';
import { createWitnessCalculator } from '../groth16/witness.ts';
import { registeredCircuit } from './circuit-list.ts';
import { loadCircuitProver } from './circuit-prover.ts';
import { loadVerifier } from './circuit-verifier.ts';
import type { CircuitName } from './circuits.ts';
import { compileCircuit, root } from './compile.ts';
import { KEYS_DIR } from './key-files.ts';
import { readManifest } from './keys/manifest-file.ts';
import { auditInputs } from './own-inputs.ts';
import { flattenSignals } from './signals.ts';

/** One of our circuits, compiled, with witnesses of its own witness program. */
export interface OwnCircuit {
  readonly files: AuditFiles;
  /** Source, relative to the package. */
  readonly file: string;
  readonly reviewed: Snapshot;
}

/** @throws {ProofsError} TOOL_MISSING without circom2; CIRCUIT_UNKNOWN; CIRCUIT_COMPILE */
export async function openOwnCircuit(circuit: CircuitName): Promise<OwnCircuit> {
  const registered = await registeredCircuit(circuit);
  const compiled = await compileCircuit(join(root, registered.file));
  const wasm = await readFile(compiled.wasm);
  const calculator = await createWitnessCalculator(circuit, wasm);
  const { constraints, publicSignals } = registered;
  const keyed = (await readManifest(KEYS_DIR))?.circuits[circuit]?.r1cs;
  return {
    files: {
      r1cs: { name: `${circuit}.r1cs`, bytes: await readFile(compiled.r1cs) },
      sym: { name: `${circuit}.sym`, text: await readFile(compiled.sym, 'utf8') },
      witnesses: auditInputs(circuit).map(({ label, signals }) => ({
        name: label,
        bytes: calculator.calculate(flattenSignals(circuit, signals)),
      })),
    },
    file: registered.file,
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
