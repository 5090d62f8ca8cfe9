import { basename } from 'node:path';
import { MAX_R1CS_BYTES } from '../groth16/r1cs.ts';
import { readRegularFile } from '../groth16/regular-file.ts';
import { CircuitTester } from './circuit-tester.ts';

/** Paths of a compiled circuit, as circom writes it. */
export interface CompiledPaths {
  readonly r1cs: string;
  /** The witness program, `<name>_js/<name>.wasm` of circom's output. */
  readonly wasm: string;
  /** Names of the signals. Without it wire 7 is called `w7`. */
  readonly sym?: string;
}

/** Bytes of a .sym file and of a witness program, at most. */
const MAX_SYM_BYTES = 1 << 28;
const MAX_WASM_BYTES = 1 << 28;

/**
 * Opens a circuit for tests.
 * @throws {FileError} FILE_UNREADABLE
 * @throws {Groth16Error} CIRCUIT_FILE
 */
export async function circuitTester({ r1cs, wasm, sym }: CompiledPaths): Promise<CircuitTester> {
  return new CircuitTester({
    name: basename(r1cs, '.r1cs'),
    r1cs: await readRegularFile(r1cs, MAX_R1CS_BYTES),
    sym: sym === undefined ? undefined : new TextDecoder().decode(await readRegularFile(sym, MAX_SYM_BYTES)),
    wasm: await readRegularFile(wasm, MAX_WASM_BYTES),
  });
}
