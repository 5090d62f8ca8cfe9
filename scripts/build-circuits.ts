/**
 * Compiles every registered circuit to build/circuits (nothing is done for unchanged sources).
 * `--check` also compares with circuits/circuits.json and keys/MANIFEST.json and fails, naming the fix.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseR1cs } from '../src/groth16/r1cs.ts';
import { type RegisteredCircuit, registeredCircuits } from './circuits.ts';
import { compileCircuit, root } from './compile-circuit.ts';

const manifestPath = join(root, 'keys/MANIFEST.json');
const keyedHashes = (): Record<string, { r1cs: string }> =>
  existsSync(manifestPath) ? JSON.parse(readFileSync(manifestPath, 'utf8')).circuits : {};

function problemsOf(circuit: RegisteredCircuit, bytes: Uint8Array): string[] {
  const r1cs = parseR1cs(bytes);
  const problems: string[] = [];
  if (r1cs.constraints.length !== circuit.constraints)
    problems.push(
      `${circuit.name} has ${r1cs.constraints.length} constraints, reviewed are ${circuit.constraints}: review the circuit and update circuits/circuits.json`,
    );
  if (r1cs.constraints.length + circuit.publicSignals.length + 1 > circuit.domain)
    problems.push(`${circuit.name} does not fit its Groth16 domain of ${circuit.domain}: shrink the circuit`);
  const keyed = keyedHashes()[circuit.name]?.r1cs;
  if (keyed !== createHash('sha256').update(bytes).digest('hex'))
    problems.push(
      `keys/${circuit.name} ${keyed === undefined ? 'are missing' : 'belong to another version of the circuit'}: make new ones with npx tsx scripts/setup-keys.ts --ptau-small FILE --ptau-large FILE`,
    );
  return problems;
}

for (const circuit of registeredCircuits()) {
  const compiled = await compileCircuit(join(root, circuit.file));
  if (!process.argv.includes('--check')) continue;
  for (const problem of problemsOf(circuit, readFileSync(compiled.r1cs))) {
    console.error(problem);
    process.exitCode = 1;
  }
}
