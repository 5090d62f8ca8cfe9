import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { powersOfTau, zKey } from 'snarkjs';
import { loadCurve } from '../../src/groth16/curve.ts';
import { compileCircuit } from '../../src/proofs/compile.ts';
import { tameSnarkjs } from './toy-keys.ts';

const CIRCUIT = `pragma circom 2.1.9;
template Example() {
  signal input value;
  signal input path[3];
  signal output sum;
  sum <== value + path[1] + path[0] * path[2];
}
component main = Example();
`;
/** Domain 4 holds one constraint, the sum and 1. */
const POWER = 2;

/**
 * The circuit that examples in comments and pages are about: `circuit.circom` and what circom and snarkjs make of it, `circuit.r1cs`,
 * `.sym`, `.wasm`, `.zkey` and `vkey.json`.
 */
export async function writeExampleCircuit(dir: string): Promise<void> {
  const file = (name: string): string => join(dir, name);
  await tameSnarkjs();
  await writeFile(file('circuit.circom'), CIRCUIT);
  const { r1cs, sym, wasm } = await compileCircuit(file('circuit.circom'), file('build'));
  await copyFile(wasm, file('circuit.wasm'));
  await copyFile(r1cs, file('circuit.r1cs'));
  await copyFile(sym, file('circuit.sym'));
  await powersOfTau.newAccumulator(await loadCurve(), POWER, file('0.ptau'));
  await powersOfTau.contribute(file('0.ptau'), file('1.ptau'), 'one', 'entropy');
  await powersOfTau.preparePhase2(file('1.ptau'), file('2.ptau'));
  await zKey.newZKey(await readFile(r1cs), file('2.ptau'), file('0.zkey'));
  await zKey.contribute(file('0.zkey'), file('circuit.zkey'), 'one', 'more entropy');
  await writeFile(file('vkey.json'), JSON.stringify(await zKey.exportVerificationKey(file('circuit.zkey'))));
}
