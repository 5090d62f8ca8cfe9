import { littleEndian } from '../../src/base/bytes.ts';
import { loadCurve } from '../../src/groth16/curve.ts';
import { r } from '../../src/params/fields.ts';
import { EL } from '../../src/wasm/field-constants.ts';
import { HALF_BITS, type Kernels, PART_BYTES } from '../../src/wasm/kernels.ts';

export type CurveGroup = 'g1' | 'g2';

/** [a]G of each a, as keys hold points: affine, in the form of the curve library; 0 is infinity. */
export async function basesOf(group: CurveGroup, logarithms: readonly bigint[]): Promise<Uint8Array[]> {
  const { G1, G2 } = await loadCurve();
  const known = new Map<bigint, Uint8Array>();
  const { timesScalar, toAffine, g } = group === 'g1' ? G1 : G2;
  const lib = group === 'g1' ? G1 : G2;
  return logarithms.map((a) => {
    let point = known.get(a);
    if (point === undefined) {
      point =
        a === 0n
          ? new Uint8Array(group === 'g1' ? 64 : 128)
          : toAffine.call(lib, timesScalar.call(lib, g, a));
      known.set(a, point);
    }
    return point;
  });
}

/** Σ kᵢ·Pᵢ by the kernels: coordinates, 32 bytes little-endian each, or undefined for infinity. */
export function multiScalar(
  kernels: Kernels,
  group: CurveGroup,
  bases: readonly Uint8Array[],
  scalars: readonly bigint[],
  c: number,
): Uint8Array | undefined {
  const { exports } = kernels;
  const mark = exports.mark();
  try {
    const [n, size] = [bases.length, group === 'g1' ? 2 * EL : 4 * EL];
    const [points, indexes, out] = [kernels.alloc(2 * size * n), kernels.alloc(4 * n), kernels.alloc(128)];
    const words = kernels.put(Uint8Array.from(bases.flatMap((base) => [...base])));
    const load = group === 'g1' ? exports.loadBasesG1 : exports.loadBasesG2;
    const count = load(points, indexes, words, n, 0, kernels[group].beta, kernels[group].b);
    if (count < 0) throw new Error(`base ${-1 - count} is not on the curve`);
    const parts = kernels.alloc(2 * PART_BYTES * n);
    exports.split(parts, kernels.put(littleEndian(scalars)), n, kernels.halves);
    const isPoint =
      group === 'g1'
        ? exports.msmG1(points, indexes, count, parts, HALF_BITS, c, out)
        : exports.msmG2(points, indexes, count, parts, HALF_BITS, c, out);
    return isPoint === 0 ? undefined : kernels.read(out, group === 'g1' ? 64 : 128);
  } finally {
    exports.release(mark);
  }
}

/** The same by the logarithms of the bases and the curve library's own multiplication. */
export async function expectedSum(
  group: CurveGroup,
  logarithms: readonly bigint[],
  scalars: readonly bigint[],
): Promise<Uint8Array | undefined> {
  const { G1, G2 } = await loadCurve();
  const k = logarithms.reduce((sum, a, i) => sum + a * scalars[i]!, 0n) % r;
  if (k === 0n) return undefined;
  const coordinates =
    group === 'g1'
      ? G1.toObject(G1.toAffine(G1.timesScalar(G1.g, k))).slice(0, 2)
      : G2.toObject(G2.toAffine(G2.timesScalar(G2.g, k)))
          .slice(0, 2)
          .flat();
  return littleEndian(coordinates as bigint[]);
}
