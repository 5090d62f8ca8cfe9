import { littleEndian } from '../base/bytes.ts';
import {
  IDENTITY,
  type Point,
  pointOfCoordinates,
  requireMultipliers,
  requireScalar,
} from '../crypto/babyjub.ts';
import type { BatchKernels } from '../crypto/batch-kernels.ts';
import { requireFieldElements } from '../crypto/hash.ts';
import { verifySignature } from '../crypto/signature.ts';
import { fieldTag } from '../params/domains.ts';
import { r, SCALAR_BITS } from '../params/fields.ts';
import type { Kernels } from '../wasm/kernels.ts';
import { loadKernels } from '../wasm/load.ts';

/** Terms of one chain of doublings: more make tables that no cache holds. */
const TERMS = 8;
/** Rows of one call, which bounds the memory: 2 kB a row and 5 kB a term of one. */
const ROWS = 512;

/**
 * The arithmetic of opening by WebAssembly kernels, about twenty times as fast as `NOBLE` for many points. Multiples of
 * points go through the same steps whatever the scalar, but read tables at places that depend on it: not for a machine
 * whose caches a stranger shares.
 * @throws {WasmError} KERNEL_SELF_TEST, KERNEL_MEMORY
 */
export async function loadBatchKernels(): Promise<BatchKernels> {
  return batchKernels(await loadKernels());
}

/** The same in an instance of one's own. */
export function batchKernels(kernels: Kernels): BatchKernels {
  const table = kernels.poseidonTable(4);
  const tag = fieldTag('seal');
  /** Σⱼ kᵢⱼ·Pᵢⱼ of rows of equal length; `scalars` of each row, or of all. */
  const sums = (
    rows: readonly (readonly Point[])[],
    scalars: readonly (readonly bigint[])[],
    bits: number,
  ): Point[] => {
    const out: Point[] = [];
    for (let first = 0; first < rows.length; first += ROWS) {
      const part = rows.slice(first, first + ROWS);
      const own = scalars.length === 1 ? scalars : scalars.slice(first, first + ROWS);
      out.push(...sumPart(kernels, part, own, bits));
    }
    return out;
  };
  return {
    multiplyEach(points, k) {
      requireScalar(k);
      return sums(
        points.map((P) => [P]),
        [[k]],
        SCALAR_BITS,
      );
    },
    clearedSums(scalars, rows) {
      requireMultipliers(scalars);
      return sums(rows, [scalars.map((k) => 8n * k)], bitsOf(scalars) + 3);
    },
    sumPublic(terms) {
      requireMultipliers(terms.map(([k]) => k));
      const rows = Array.from({ length: Math.ceil(terms.length / TERMS) }, (_, i) =>
        terms.slice(TERMS * i, TERMS * (i + 1)),
      );
      const bits = bitsOf(terms.map(([k]) => k));
      const padded = rows.map((row) => [
        ...row,
        ...new Array<(typeof terms)[0]>(TERMS - row.length).fill(NOTHING),
      ]);
      const used = rows.length === 1 ? rows : padded;
      return sums(
        used.map((row) => row.map(([, P]) => P)),
        used.map((row) => row.map(([k]) => k)),
        bits,
      ).reduce((sum, P) => sum.add(P), IDENTITY);
    },
    sealStreams(inputs) {
      requireFieldElements(inputs.flat());
      const { exports } = kernels;
      const mark = exports.mark();
      try {
        const at = kernels.put(littleEndian(inputs.flatMap((input) => [tag, ...input])));
        const out = kernels.alloc(32 * 5 * inputs.length);
        exports.poseidon(out, 5, at, inputs.length, table);
        const words = kernels.readNumbers(out, 5 * inputs.length);
        // The first word of a permutation stays inside: whoever had all five could invert it.
        return inputs.map((_, i) => words.slice(5 * i + 1, 5 * i + 5) as [bigint, bigint, bigint, bigint]);
      } finally {
        exports.release(mark);
      }
    },
    verifySignature,
  };
}

const NOTHING = [0n, IDENTITY] as const;

const bitsOf = (scalars: readonly bigint[]): number =>
  scalars.reduce((most, k) => Math.max(most, (k < 0n ? -k : k).toString(2).length), 1);

function sumPart(
  kernels: Kernels,
  rows: readonly (readonly Point[])[],
  scalars: readonly (readonly bigint[])[],
  bits: number,
): Point[] {
  const [row] = rows;
  if (row === undefined) return [];
  const isOneRow = scalars.length === 1;
  const { exports } = kernels;
  const mark = exports.mark();
  try {
    // −k·P = k·(−P): the kernels take scalars that are not negative.
    const coordinates = rows.flatMap((points, i) =>
      points.flatMap((P, j) => {
        const { x, y } = P.toAffine();
        return scalars[isOneRow ? 0 : i]![j]! < 0n ? [(r - x) % r, y] : [x, y];
      }),
    );
    const sizes = scalars.flat().map((k) => (k < 0n ? -k : k));
    const [points, factors] = [kernels.put(littleEndian(coordinates)), kernels.put(littleEndian(sizes))];
    const out = kernels.alloc(64 * rows.length);
    exports.edwardsSums(out, points, factors, rows.length, row.length, bits, Number(isOneRow));
    const affine = kernels.readNumbers(out, 2 * rows.length);
    return rows.map((_, i) => pointOfCoordinates(affine[2 * i]!, affine[2 * i + 1]!));
  } finally {
    exports.release(mark);
  }
}
