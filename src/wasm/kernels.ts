import { littleEndian } from '../base/bytes.ts';
import { q, r } from '../params/fields.ts';
import { BETA, G1_B, G2_B, LAMBDA, ROOT_OF_A, SCALED_D } from './curve-constants.ts';
import { WasmError } from './errors.ts';
import { EL, FE, fieldConstants, inverse, type KernelPath, lanes } from './field-constants.ts';
import { encodeLattice, shortRelations } from './lattice.ts';
import { poseidonTable } from './poseidon-table.ts';

/** What the modules export (assembly/index.ts): addresses and counts. */
export interface KernelExports {
  readonly memory: WebAssembly.Memory;
  alloc(bytes: number): number;
  mark(): number;
  release(to: number): void;
  fq(): number;
  fr(): number;
  tripleB(): number;
  init(): void;
  split(to: number, scalars: number, n: number, lattice: number): void;
  loadWords(to: number, words: number, n: number): void;
  loadTimes(to: number, words: number, n: number, factor: number, field: number): void;
  powersOf(to: number, root: number, n: number): void;
  cosetPowers(to: number, root: number, first: number, bits: number): void;
  countRows(rows: number, next: number, file: number, count: number, n: number): number;
  fillRows(
    entries: number,
    total: number,
    rows: number,
    next: number,
    file: number,
    count: number,
    n: number,
    factor: number,
  ): void;
  evaluateRows(x: number, rows: number, entries: number, witness: number, n: number): void;
  products(c: number, x: number, n: number): void;
  toCoset(x: number, powers: number, coset: number, n: number): void;
  halvesToCoset(x: number, powers: number, coset: number, n: number): void;
  quotientScalars(to: number, x: number, c: number, n: number): void;
  loadBasesG1(
    points: number,
    indexes: number,
    words: number,
    n: number,
    first: number,
    beta: number,
    b: number,
  ): number;
  loadBasesG2(
    points: number,
    indexes: number,
    words: number,
    n: number,
    first: number,
    beta: number,
    b: number,
  ): number;
  msmG1(
    points: number,
    indexes: number,
    count: number,
    parts: number,
    bits: number,
    c: number,
    out: number,
  ): number;
  msmG2(
    points: number,
    indexes: number,
    count: number,
    parts: number,
    bits: number,
    c: number,
    out: number,
  ): number;
  millerProduct(
    out: number,
    pairs: number,
    n: number,
    digits: number,
    count: number,
    twist: number,
    stock: number,
    inside: number,
    room: number,
  ): void;
  finalPower(
    out: number,
    from: number,
    n: number,
    digits: number,
    count: number,
    powers: number,
    stock: number,
  ): void;
  twoTimes(out: number, points: number, scalars: number): number;
  edwards(): number;
  edwardsSums(
    out: number,
    points: number,
    scalars: number,
    n: number,
    m: number,
    bits: number,
    isOneRow: number,
  ): void;
  poseidon(out: number, outputs: number, inputs: number, n: number, table: number): void;
  product(r: number, a: number, b: number, s: number, c: number, d: number, field: number): void;
  squares(r: number, a: number, s: number, c: number, field: number): void;
  inverses(r: number, a: number, field: number): void;
  productFq2(r: number, a: number, b: number): void;
  reduceLanes(r: number, field: number): void;
  gatherLanes(to: number, p: number, q: number): void;
  scatterLanes(p: number, q: number, a: number): void;
  words(to: number, a: number, field: number): void;
}

/** Bytes of a part of a scalar, and of the reference lattice's parts: 160 bits in two's complement. */
export const PART_BYTES = 20;
/** Bits of a part of two, its sign aside: windows of c bits are ⌊bits/c⌋ + 1. */
export const HALF_BITS = 127;

/** One instance of a module: its memory, and the constants in it. Not shared between threads. */
export class Kernels {
  readonly path: KernelPath;
  readonly exports: KernelExports;
  /** The lattice of scalars in two parts. */
  readonly halves: number;
  /** Of each group, two lanes: β of the endomorphism (x, y) → (βx, y), and b of the curve. */
  readonly g1: { readonly beta: number; readonly b: number };
  readonly g2: { readonly beta: number; readonly b: number };

  constructor(module: WebAssembly.Module, path: KernelPath) {
    this.path = path;
    this.exports = new WebAssembly.Instance(module).exports as unknown as KernelExports;
    const { exports } = this;
    this.write(exports.fq(), fieldConstants(q, path));
    this.write(exports.fr(), fieldConstants(r, path));
    exports.init();
    this.halves = this.put(encodeLattice(shortRelations(LAMBDA, r), r));
    this.g1 = { beta: this.#montgomery('fq', [BETA.g1]), b: this.#montgomery('fq', [G1_B]) };
    this.g2 = { beta: this.#montgomery('fq', [BETA.g2]), b: this.#montgomery('fq', G2_B) };
    this.write(
      exports.edwards(),
      this.read(this.#montgomery('fr', [ROOT_OF_A, inverse(ROOT_OF_A, r), SCALED_D]), 3 * FE),
    );
    this.write(
      exports.tripleB(),
      this.read(
        this.#montgomery(
          'fq',
          G2_B.map((c) => (3n * c) % q),
        ),
        2 * FE,
      ),
    );
  }

  /** Address of a field's i-th common constant, two lanes: 1, R², 1/R, R²/2^256. */
  constant(field: 'fq' | 'fr', i: 0 | 1 | 2 | 3): number {
    return this.exports[field]() + 768 + FE * i;
  }

  /** @throws {WasmError} KERNEL_MEMORY if the module's 4 GB are full */
  alloc(bytes: number): number {
    const at = this.exports.alloc(bytes) >>> 0;
    if (at !== 0) return at;
    throw new WasmError('KERNEL_MEMORY', `no ${bytes} bytes more of WebAssembly memory`, { bytes });
  }

  /** A view that the next allocation can make void. */
  view(at: number, length: number): Uint8Array {
    return new Uint8Array(this.exports.memory.buffer, at, length);
  }

  write(at: number, bytes: Uint8Array): void {
    this.view(at, bytes.length).set(bytes);
  }

  /** Bytes in memory of their own. */
  put(bytes: Uint8Array): number {
    const at = this.alloc(bytes.length);
    this.write(at, bytes);
    return at;
  }

  /** A copy. */
  read(at: number, length: number): Uint8Array {
    return this.view(at, length).slice();
  }

  /** Numbers of 32 bytes little-endian, one after the other. */
  readNumbers(at: number, count: number): bigint[] {
    const view = new DataView(this.exports.memory.buffer, at, 32 * count);
    return Array.from({ length: count }, (_, i) => {
      const word = (k: number): bigint => view.getBigUint64(32 * i + 8 * k, true);
      return (((word(3) << 64n) | word(2)) << 128n) | (word(1) << 64n) | word(0);
    });
  }

  /** The table of Poseidon of so many inputs, 1 to 7; written once. */
  poseidonTable(inputs: number): number {
    let table = this.#poseidon.get(inputs);
    if (table === undefined) {
      table = this.put(poseidonTable(inputs + 1, this.path));
      this.#poseidon.set(inputs, table);
    }
    return table;
  }
  readonly #poseidon = new Map<number, number>();

  /** Two equal lanes of a value as it is. */
  putLanes(value: bigint): number {
    return this.put(lanes(value, this.path));
  }

  /** Two equal lanes of each number, in Montgomery form. */
  #montgomery(field: 'fq' | 'fr', coordinates: readonly bigint[]): number {
    const { exports } = this;
    const words = this.put(littleEndian(coordinates));
    const [stored, out] = [this.alloc(coordinates.length * EL), this.alloc(coordinates.length * FE)];
    exports.loadTimes(stored, words, coordinates.length, this.constant(field, 1), exports[field]());
    for (const i of coordinates.keys()) {
      exports.gatherLanes(out + FE * i, stored + EL * i, stored + EL * i);
    }
    return out;
  }
}
