/**
 * Groth16 proofs over BN254 by WebAssembly kernels, on the calling thread.
 *
 *   A = α + Σ zᵢ·Aᵢ + r·δ      B = β + Σ zᵢ·Bᵢ + s·δ      C = Σ zᵢ·Cᵢ + Σ hⱼ·Hⱼ + s·A + r·B₁ − rs·δ
 *
 * with hⱼ = (a·b − c)(xⱼ) on the coset whose Lagrange basis the key's H are. α, β and δ are bases like the others, with
 * scalars 1, r, s and −rs. Not constant time, as snarkjs and rapidsnark are not: how long a proof takes depends on its
 * witness, so it is not made where a stranger can time it.
 * @see Groth, "On the Size of Pairing-Based Non-interactive Arguments", EUROCRYPT 2016, §3.2
 */

import { concatBytes, littleEndian } from '../base/bytes.ts';
import { r } from '../params/fields.ts';
import { EL, FE, inverse, radix } from '../wasm/field-constants.ts';
import { HALF_BITS, type Kernels, PART_BYTES } from '../wasm/kernels.ts';
import { Groth16Error } from './errors.ts';
import { checkFile } from './iden3-file.ts';
import { KeptSums, type KeyPoints, type NamedBases, type Sum, type SumName } from './kept-sums.ts';
import type { ProvingKey } from './proving-key.ts';

/** Which sums a core makes: all, or one of two shares that need nothing of each other and take about as long. */
export type Share = 'all' | 'quotient' | 'witness';

/** What the shares give: `CH` is of the quotient's, the others of the witness'. */
export type Sums = { readonly [K in SumName]?: Sum };

/** Scalars behind those of the witness and of H: 1, r, s, −rs. */
const BLINDS = 4;
/** Bytes of a coefficient's entry in the kernels' memory. */
const ENTRY = 96;

export interface ProverCoreOptions {
  readonly share?: Share;
  /** Whether it keeps the sums of what two proofs in a row have in common (kept-sums.ts). */
  readonly keepsSums?: boolean;
}

/** A key in the kernels' memory, for as many proofs as wanted. */
export class ProverCore {
  readonly #kernels: Kernels;
  readonly #signals: number;
  readonly #domain: number;
  readonly #scalars: number;
  readonly #bases: NamedBases;
  readonly #kept: KeptSums | undefined;
  readonly #rows:
    | { readonly rows: number; readonly entries: number; readonly powers: number; readonly coset: number }
    | undefined;

  /** @throws {Groth16Error} CIRCUIT_FILE if a point of the key is not on its curve; {WasmError} KERNEL_MEMORY */
  constructor(
    kernels: Kernels,
    key: ProvingKey,
    { share = 'all', keepsSums = false }: ProverCoreOptions = {},
  ) {
    this.#kernels = kernels;
    this.#signals = key.signals;
    this.#domain = key.domain;
    this.#scalars = key.signals + key.domain + BLINDS;
    const [one, byR, byS, byRS] = [0, 1, 2, 3].map((i) => key.signals + key.domain + i) as [
      number,
      number,
      number,
      number,
    ];
    const g1 = (...parts: readonly (readonly [string, Uint8Array, number])[]): KeyPoints =>
      this.#load('g1', parts);
    const g2 = (...parts: readonly (readonly [string, Uint8Array, number])[]): KeyPoints =>
      this.#load('g2', parts);
    this.#bases = {
      ...(share === 'quotient'
        ? {}
        : {
            A: g1(['A', key.A, 0], ['alpha', key.alpha1, one], ['delta', key.delta1, byR]),
            B1: g1(['B', key.B1, 0], ['beta', key.beta1, one], ['delta', key.delta1, byS]),
            B2: g2(['B in G2', key.B2, 0], ['beta', key.beta2, one], ['delta', key.delta2, byS]),
          }),
      ...(share === 'witness'
        ? {}
        : { CH: g1(['C', key.C, key.nPublic + 1], ['H', key.H, key.signals], ['delta', key.delta1, byRS]) }),
    };
    this.#rows = share === 'witness' ? undefined : { ...this.#loadRows(key), ...this.#loadPowers() };
    this.#kept = keepsSums ? new KeptSums(kernels, this.#bases, key.signals, one) : undefined;
  }

  /**
   * @param witness 32 bytes little-endian a signal, each below r; secret
   * @param blinds  r and s, uniform in F_r; secret
   */
  sums(witness: Uint8Array, blinds: readonly [bigint, bigint]): Sums {
    const { exports } = this.#kernels;
    const mark = exports.mark();
    try {
      const parts = this.#kernels.alloc(2 * PART_BYTES * this.#scalars);
      const words = this.#kernels.put(witness);
      exports.split(parts, words, this.#signals, this.#kernels.halves);
      const [a, b] = blinds;
      const blindWords = littleEndian([1n, a, b, (r * r - a * b) % r]);
      const at = (scalar: number): number => parts + 2 * PART_BYTES * scalar;
      exports.split(
        at(this.#signals + this.#domain),
        this.#kernels.put(blindWords),
        BLINDS,
        this.#kernels.halves,
      );
      const quotient = this.#quotient(words);
      if (quotient !== undefined) {
        exports.split(at(this.#signals), quotient, this.#domain, this.#kernels.halves);
      }
      const sum = (name: SumName, bases: KeyPoints): Sum =>
        this.#sum(name === 'B2' ? 'g2' : 'g1', bases, parts);
      const all = Object.entries(this.#kept?.basesFor(witness, sum) ?? this.#bases);
      return Object.fromEntries(all.map(([name, bases]) => [name, sum(name as SumName, bases)]));
    } finally {
      exports.release(mark);
    }
  }

  #sum(group: 'g1' | 'g2', { points, indexes, count }: KeyPoints, parts: number): Sum {
    const { exports } = this.#kernels;
    const out = this.#kernels.alloc(128);
    const c = windowBits(2 * count);
    const isAPoint =
      group === 'g1'
        ? exports.msmG1(points, indexes, count, parts, HALF_BITS, c, out)
        : exports.msmG2(points, indexes, count, parts, HALF_BITS, c, out);
    return isAPoint === 0 ? undefined : this.#kernels.read(out, group === 'g1' ? 64 : 128);
  }

  /** Scalars of H, 32 bytes each. */
  #quotient(witness: number): number | undefined {
    if (this.#rows === undefined) return undefined;
    const { exports } = this.#kernels;
    const { rows, entries, powers, coset } = this.#rows;
    const n = this.#domain;
    const [values, x, c] = [
      this.#kernels.alloc(EL * this.#signals),
      this.#kernels.alloc(FE * n),
      this.#kernels.alloc((FE / 2) * n),
    ];
    exports.loadWords(values, witness, this.#signals);
    exports.evaluateRows(x, rows, entries, values, n);
    exports.products(c, x, n);
    exports.toCoset(x, powers, coset, n);
    exports.halvesToCoset(c, powers, coset, n);
    const out = this.#kernels.alloc(32 * n);
    exports.quotientScalars(out, x, c, n);
    return out;
  }

  #load(group: 'g1' | 'g2', parts: readonly (readonly [string, Uint8Array, number])[]): KeyPoints {
    const { exports } = this.#kernels;
    const [bytes, size] = group === 'g1' ? [64, 2 * EL] : [128, 4 * EL];
    const most = parts.reduce((sum, [, points]) => sum + points.length / bytes, 0);
    const [to, indexes] = [this.#kernels.alloc(2 * size * most), this.#kernels.alloc(4 * most)];
    const { beta, b } = this.#kernels[group];
    const load = group === 'g1' ? exports.loadBasesG1 : exports.loadBasesG2;
    let count = 0;
    for (const [name, points, first] of parts) {
      const mark = exports.mark();
      const words = this.#kernels.put(points);
      const kept = load(
        to + 2 * size * count,
        indexes + 4 * count,
        words,
        points.length / bytes,
        first,
        beta,
        b,
      );
      exports.release(mark);
      checkFile(kept >= 0, `has a point of ${name} that is not on the curve: number ${-1 - kept}`);
      count += kept;
    }
    return { points: to, indexes, count };
  }

  /** The matrices' entries by rows: the k-th of A and the k-th of B are two lanes of one product. */
  #loadRows({ coefficients: { count, entries: file }, domain }: ProvingKey): {
    rows: number;
    entries: number;
  } {
    const { exports, path } = this.#kernels;
    const rows = this.#kernels.alloc(4 * (domain + 1));
    const nextOfRows = exports.mark();
    const next = this.#kernels.alloc(8 * domain);
    const total = exports.countRows(rows, next, this.#kernels.put(file), count, domain);
    exports.release(nextOfRows);
    const entries = this.#kernels.alloc(ENTRY * total);
    const mark = exports.mark();
    // A value times 2^512 leaves as the value times R².
    const factor = this.#kernels.putLanes((radix(path) ** 3n * inverse(1n << 512n, r)) % r);
    exports.fillRows(
      entries,
      total,
      rows,
      this.#kernels.alloc(8 * domain),
      this.#kernels.put(file),
      count,
      domain,
      factor,
    );
    exports.release(mark);
    return { rows, entries };
  }

  /** Powers of the domain's root, and of the root between two rows, over n, where coefficients meet them. */
  #loadPowers(): { powers: number; coset: number } {
    const { exports, path } = this.#kernels;
    const n = this.#domain;
    const between = rootOfUnity(2 * n);
    const R = radix(path) % r;
    const form = (x: bigint): number => this.#kernels.putLanes((x * R) % r);
    const powers = this.#kernels.alloc(FE * (n / 2 + 1));
    exports.powersOf(powers, form((between * between) % r), n / 2);
    const coset = this.#kernels.alloc(EL * n);
    exports.cosetPowers(coset, form(between), form(inverse(BigInt(n), r)), Math.log2(n));
    return { powers, coset };
  }
}

/** Bits of a window with the fewest additions: a window adds each item to a bucket, and each bucket to a row and a column. */
export function windowBits(items: number): number {
  const costs = Array.from({ length: 13 }, (_, i) => i + 4).map((c) => ({
    c,
    cost: (Math.floor(HALF_BITS / c) + 1) * (items + 2 ** (c - 1)),
  }));
  return costs.reduce((best, next) => (next.cost < best.cost ? next : best)).c;
}

/** 5 generates F_r*; snarkjs takes its roots of unity from it too. */
const GENERATOR = 5n;

function rootOfUnity(order: number): bigint {
  let [power, exponent, out] = [GENERATOR, (r - 1n) / BigInt(order), 1n];
  for (; exponent > 0n; exponent >>= 1n, power = (power * power) % r) {
    if (exponent & 1n) out = (out * power) % r;
  }
  return out;
}

/**
 * The proof of all sums.
 * @returns 256 bytes: A.x ‖ A.y ‖ B.x₀ ‖ B.x₁ ‖ B.y₀ ‖ B.y₁ ‖ C.x ‖ C.y, big-endian
 * @throws {Groth16Error} PROVER_FAILED if a point is infinity, which no verifier takes: of a key that is none
 */
export function proofOfSums(kernels: Kernels, sums: Sums, [a, b]: readonly [bigint, bigint]): Uint8Array {
  const { A, B1, B2, CH } = sums;
  if (A === undefined || B1 === undefined || B2 === undefined) throw infinite();
  // s·A + r·B₁ blinds C.
  const blind = twoTimes(kernels, [A, B1], [b, a]);
  const C = blind === undefined ? CH : CH === undefined ? blind : twoTimes(kernels, [CH, blind], [1n, 1n]);
  if (C === undefined) throw infinite();
  const words = concatBytes(A, B2, C);
  return concatBytes(
    ...Array.from({ length: 8 }, (_, i) => words.subarray(32 * i, 32 * i + 32).toReversed()),
  );
}

const infinite = (): Error =>
  new Groth16Error(
    'PROVER_FAILED',
    'a proof has a point at infinity: the proving key is no key of a circuit',
  );

function twoTimes(
  kernels: Kernels,
  points: readonly [Uint8Array, Uint8Array],
  scalars: readonly [bigint, bigint],
): Sum {
  const { exports } = kernels;
  const mark = exports.mark();
  try {
    const out = kernels.alloc(64);
    const at = kernels.put(concatBytes(...points));
    return exports.twoTimes(out, at, kernels.put(littleEndian(scalars))) === 0
      ? undefined
      : kernels.read(out, 64);
  } finally {
    exports.release(mark);
  }
}
