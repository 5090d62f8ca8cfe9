/** WebAssembly that has the exports of circom's witness programs and does what a test wants of them. */

const I32 = 0x7f;
const NO_LOCALS = 0x00;
const END = 0x0b;
const constant = (value: number): number[] => [0x41, ...signedLeb(value)];

/** Endless: `loop br 0 end`. */
export const LOOPING = [0x03, 0x40, 0x0c, 0x00, END];
/** Grows the memory by a page for ever: `loop (drop (memory.grow 1)) br 0 end`, so long as it may; then it traps. */
export const GROWING = [
  ...[0x03, 0x40, ...constant(64), 0x40, 0x00, ...constant(-1), 0x46],
  ...[0x04, 0x40, 0x00, END, 0x0c, 0x00, END],
];

interface ProgramOptions {
  /** Code of `init`. */
  readonly init?: readonly number[];
  /** Pages of 64 KiB at the start. */
  readonly pages?: number;
  readonly witnessSize?: number;
}

/** A program with one input `a` of one number; it calculates nothing. */
export function witnessProgram({ init = [], pages = 1, witnessSize = 2 }: ProgramOptions = {}): Uint8Array {
  const functions: readonly (readonly [name: string, type: number, code: readonly number[]])[] = [
    ['getSharedRWMemoryStart', 0, constant(0)],
    ['getFieldNumLen32', 0, constant(8)],
    ['getRawPrime', 2, []],
    ['getMessageChar', 0, constant(0)],
    ['init', 1, init],
    ['getInputSize', 0, constant(1)],
    ['getInputSignalSize', 3, constant(1)],
    ['setInputSignal', 4, []],
    ['getWitnessSize', 0, constant(witnessSize)],
    ['getWitness', 1, []],
  ];
  const types = [
    [0x60, 0, 1, I32],
    [0x60, 1, I32, 0],
    [0x60, 0, 0],
    [0x60, 2, I32, I32, 1, I32],
    [0x60, 3, I32, I32, I32, 0],
  ];
  const text = (name: string): number[] => [...leb(name.length), ...Buffer.from(name)];
  const vector = (items: readonly (readonly number[])[]): number[] => [...leb(items.length), ...items.flat()];
  const section = (id: number, body: readonly number[]): number[] => [id, ...leb(body.length), ...body];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, vector(types)),
    ...section(3, vector(functions.map(([, type]) => [type]))),
    ...section(5, vector([[0, ...leb(pages)]])),
    ...section(
      7,
      vector([
        [...text('memory'), 2, 0],
        ...functions.map(([name], index) => [...text(name), 0, ...leb(index)]),
      ]),
    ),
    ...section(
      10,
      vector(
        functions.map(([, , code]) => {
          const body = [NO_LOCALS, ...code, END];
          return [...leb(body.length), ...body];
        }),
      ),
    ),
  ]);
}

function leb(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(Math.floor(value / 128))];
}

function signedLeb(value: number): number[] {
  const rest = value >> 7;
  const isLast = (rest === 0 && (value & 0x40) === 0) || (rest === -1 && (value & 0x40) !== 0);
  return isLast ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signedLeb(rest)];
}
