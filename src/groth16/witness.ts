import { bigintToBytes } from '../base/bytes.ts';
import type { VelumError } from '../base/errors.ts';
import { r } from '../params/fields.ts';
import { Groth16Error, type TraceFrame } from './errors.ts';
import type { FileField } from './r1cs.ts';

/** A circuit's inputs by name, every array flattened row by row: the order in which circom reads it. Many are secret. */
export type FlatSignals = Readonly<Record<string, readonly bigint[]>>;

/** What a witness program made by circom 2 exports, as far as it is called. */
interface WitnessProgram {
  memory: { readonly buffer: ArrayBuffer };
  /** Address of the one number that crosses the border: 32 bytes, little-endian. */
  getSharedRWMemoryStart(): number;
  getFieldNumLen32(): number;
  getRawPrime(): void;
  getMessageChar(): number;
  init(sanityCheck: number): void;
  getInputSize(): number;
  getInputSignalSize(hashHigh: number, hashLow: number): number;
  setInputSignal(hashHigh: number, hashLow: number, position: number): void;
  getWitnessSize(): number;
  getWitness(index: number): void;
}

const SCALARS: FileField = { modulus: r, bytes: 32 };
/** Bytes of a `.wtns` file before its numbers. */
const headerBytes = ({ bytes }: FileField): number => 4 + 4 + 4 + 12 + (8 + bytes) + 12;
const ASSERT_FAILED = 4;

/** Computes a circuit's witness from its inputs. */
export interface WitnessCalculator {
  /** How many numbers an input signal has; undefined if the program reads none of this name. */
  sizeOf(signal: string): number | undefined;
  /** Numbers of all inputs together. */
  readonly inputCount: number;
  /** Size of what `calculate` returns. */
  readonly witnessBytes: number;
  /**
   * All wires of the circuit, in the `.wtns` format (version 2: header with r and the count, then 32 bytes
   * little-endian a wire). Secret, as the inputs are.
   *
   * Every call runs in a fresh instance: no wire of one witness outlives it, and a failed run spoils nothing.
   * @throws {Groth16Error} CIRCUIT_UNSATISFIED naming template and line if a constraint fails, `data.trace` for `brokenConstraint`;
   *                      KEYS_STALE if the program does not know these inputs; CIRCUIT_FILE if it is over another field
   */
  calculate(signals: FlatSignals): Uint8Array;
}

/**
 * Compiles a witness program once. What it prints with `log` is dropped: it could be secret.
 * @param circuit names it in errors
 * @param wasm    `witness.wasm` as circom 2 made it, or what it was compiled to
 * @param field   of the circuit, F_r unless said
 * @see circom 2.2, code_producers/src/wasm_elements: exports and the exception codes
 */
export async function createWitnessCalculator(
  circuit: string,
  wasm: Uint8Array | WebAssembly.Module,
  field: FileField = SCALARS,
): Promise<WitnessCalculator> {
  const module =
    wasm instanceof WebAssembly.Module ? wasm : await WebAssembly.compile(wasm as Uint8Array<ArrayBuffer>);
  const about = instantiate(circuit, module);
  return {
    sizeOf(signal) {
      const { high, low } = hashOf(signal);
      const size = about.getInputSignalSize(high, low);
      return size > 0 ? size : undefined;
    },
    inputCount: about.getInputSize(),
    witnessBytes: headerBytes(field) + field.bytes * about.getWitnessSize(),
    calculate(signals) {
      const program = instantiate(circuit, module);
      const memory = new DataView(program.memory.buffer, program.getSharedRWMemoryStart(), field.bytes);
      program.init(0);
      program.getRawPrime();
      if (program.getFieldNumLen32() * 4 !== field.bytes || readNumber(memory) !== field.modulus)
        throw new Groth16Error(
          'CIRCUIT_FILE',
          `${circuit}: the witness program is over another field than ${field === SCALARS ? 'F_r' : 'the circuit'}`,
        );
      // The program itself runs over an array's end, and starts only with the last input: so all are counted first.
      const inputs = Object.entries(signals).map(([signal, values]) => ({ ...hashOf(signal), values }));
      const count = inputs.reduce((sum, { values }) => sum + values.length, 0);
      const known = inputs.every(
        ({ high, low, values }) => program.getInputSignalSize(high, low) === values.length,
      );
      if (!known || count !== program.getInputSize()) throw staleProgram(circuit);
      for (const { high, low, values } of inputs) {
        values.forEach((value, position) => {
          writeNumber(memory, value);
          program.setInputSignal(high, low, position);
        });
      }
      return encodeWitness(program, field);
    },
  };
}

function instantiate(circuit: string, module: WebAssembly.Module): WitnessProgram {
  let trace = '';
  const message = (): string => {
    let text = '';
    for (let c = program.getMessageChar(); c !== 0; c = program.getMessageChar())
      text += String.fromCharCode(c);
    return text;
  };
  const instance = new WebAssembly.Instance(module, {
    runtime: {
      exceptionHandler: (code: number): never => {
        if (code === ASSERT_FAILED) {
          const text = `${circuit}: the inputs do not satisfy the circuit${trace === '' ? '' : `: ${trace}`}`;
          throw new Groth16Error('CIRCUIT_UNSATISFIED', text, { circuit, trace: framesOf(trace) });
        }
        throw new Groth16Error(
          'KEYS_STALE',
          `${circuit}: witness.wasm has other inputs (circom error ${code})`,
          {
            circuit,
          },
        );
      },
      // The innermost template comes first: "Error in template Name_12 line: 34."
      printErrorMessage: (): void => {
        trace = `${trace} ${message().trim()}`.trim();
      },
      writeBufferMessage: (): void => void message(),
      showSharedRWMemory: (): void => {},
    },
  });
  const program = instance.exports as unknown as WitnessProgram;
  return program;
}

/** Instances are numbered: `Orders_246` is a use of the template Orders. */
function framesOf(trace: string): TraceFrame[] {
  const frames = trace.matchAll(/Error in template (\w+)_\d+ line: (\d+)/g);
  return [...frames].map(([, template, line]) => ({ template: template!, line: Number(line) }));
}

function encodeWitness(program: WitnessProgram, { modulus, bytes }: FileField): Uint8Array {
  const count = program.getWitnessSize();
  const header = headerBytes({ modulus, bytes });
  const out = new Uint8Array(header + bytes * count);
  const view = new DataView(out.buffer);
  out.set([0x77, 0x74, 0x6e, 0x73]); // "wtns"
  view.setUint32(4, 2, true); // version
  view.setUint32(8, 2, true); // sections
  view.setUint32(12, 1, true); // section 1: size and order of the field, and how many wires
  view.setBigUint64(16, BigInt(8 + bytes), true);
  view.setUint32(24, bytes, true);
  out.set(bigintToBytes(modulus, bytes).reverse(), 28);
  view.setUint32(28 + bytes, count, true);
  view.setUint32(32 + bytes, 2, true); // section 2: the wires
  view.setBigUint64(36 + bytes, BigInt(bytes * count), true);
  const shared = new Uint8Array(program.memory.buffer, program.getSharedRWMemoryStart(), bytes);
  for (let wire = 0; wire < count; wire++) {
    program.getWitness(wire);
    out.set(shared, header + bytes * wire);
  }
  return out;
}

function writeNumber(memory: DataView, value: bigint): void {
  for (let word = 0; 8 * word < memory.byteLength; word++) {
    memory.setBigUint64(8 * word, BigInt.asUintN(64, value >> BigInt(64 * word)), true);
  }
}

function readNumber(memory: DataView): bigint {
  let value = 0n;
  for (let word = memory.byteLength / 8 - 1; word >= 0; word--)
    value = (value << 64n) | memory.getBigUint64(8 * word, true);
  return value;
}

/** Signals are found by the 64-bit FNV-1a hash of their name. @see Fowler, Noll, Vo: FNV-1a, RFC 9923 */
function hashOf(signal: string): { readonly high: number; readonly low: number } {
  let hash = 0xcbf2_9ce4_8422_2325n;
  for (let i = 0; i < signal.length; i++) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(signal.charCodeAt(i))) * 0x100_0000_01b3n);
  }
  return { high: Number(hash >> 32n), low: Number(hash & 0xffff_ffffn) };
}

const staleProgram = (circuit: string): VelumError =>
  new Groth16Error(
    'KEYS_STALE',
    `${circuit}: witness.wasm is of a circuit with other inputs; make keys anew`,
    {
      circuit,
    },
  );
