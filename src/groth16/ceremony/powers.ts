/**
 * Whether the points of a powers-of-tau file are what their places say, for a file that no published hash vouches for.
 *
 * With a random u of F_r and S_m = Σ uⁱPᵢ over the first m points: the m points are powers, Pᵢ = τⁱP₀, but for a chance of
 * m/r, if e(S_m − P₀, G2) = e(u(S_m − u^(m−1)P_(m−1)), τG2). The Lagrange points Lᵢ of a domain of n = 2^p points ωⁱ
 * belong to the powers, but for a chance of n/r, if Σ f(ωⁱ)Lᵢ = f(τ)P₀ for f(X) = Σ uʲXʲ of degree n − 1: the right side
 * is S_n, and f(ωⁱ) = (uⁿ − 1)/(uωⁱ − 1). A point of G2's curve outside the group of order r is found by the same sums
 * unless the order of its error divides a random number.
 * @see Bowe, Gabizon, Miers, "Scalable multi-party computation for zk-SNARK parameters in the random beacon model",
 *      eprint 2017/1050, §6: the checks of a transcript of powers
 */
import { randomBytes } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { bytesToBigint, littleEndian } from '../../base/bytes.ts';
import { q, r } from '../../params/fields.ts';
import type { Curve, CurveGroup } from '../curve-types.ts';

import { Groth16Error } from '../errors.ts';
import { type PointsAt, type PtauLayout, pointBytes } from './ptau.ts';

/** Points that are in memory at once. */
const CHUNK = 8192;

type Check = (condition: unknown, why: string) => asserts condition;

/**
 * @param file       of this layout
 * @param path       names the file in errors
 * @param onProgress is told how many points of all have been read
 * @throws {Groth16Error} PHASE_1_FILE naming the points that are not what they should be
 */
export async function checkPowers(
  curve: Curve,
  file: FileHandle,
  { tauG1, tauG2, alphaG1, betaG1, betaG2 }: PtauLayout,
  path: string,
  onProgress?: (done: number, all: number) => void,
): Promise<void> {
  const { G1, G2 } = curve;
  const check: Check = (condition, why) => {
    if (!condition) throw new Groth16Error('PHASE_1_FILE', `${path} ${why}`, { path });
  };
  const kinds = [
    ['tau in G1', tauG1],
    ['tau in G2', tauG2],
    ['tau times alpha', alphaG1],
    ['tau times beta', betaG1],
  ] as const;
  const all = kinds.reduce((sum, [, { powers, lagrange }]) => sum + powers.count + lagrange.count, 0);
  let done = 0;
  const read: Read = async ({ group, at, count }) => {
    const points = await readPoints(curve, file, { group, at, count }, check);
    done += count;
    onProgress?.(Math.min(done, all), all);
    return points;
  };
  const one = (points: PointsAt, index = 0): Promise<Uint8Array> => read(range(points, index, 1));

  check(G1.eq(await one(tauG1.powers), G1.toAffine(G1.g)), 'does not begin with the generator of G1');
  check(G2.eq(await one(tauG2.powers), G2.toAffine(G2.g)), 'does not begin with the generator of G2');
  const [tau1, tau2] = [await one(tauG1.powers, 1), await one(tauG2.powers, 1)];
  const isOneBeta = await curve.pairingEq(await one(betaG1.powers), G2.g, G1.neg(G1.g), await one(betaG2));
  check(isOneBeta, 'has one beta in G1 and another in G2');

  const u = 2n + (bytesToBigint(randomBytes(64)) % (r - 2n));
  for (const [name, { powers, lagrange }] of kinds) {
    const group: CurveGroup<unknown> = curve[powers.group] as CurveGroup<unknown>;
    const sums = await prefixSums(curve, read, powers, u);
    const sum = sums.at(-1)!;
    const last = group.timesScalar(await one(powers, powers.count - 1), power(u, powers.count - 1));
    const withoutFirst = group.add(sum, group.neg(await one(powers)));
    const withoutLast = group.timesScalar(group.add(sum, group.neg(last)), u);
    const arePowers = await (powers.group === 'G1'
      ? curve.pairingEq(withoutFirst, G2.g, G1.neg(withoutLast), tau2)
      : curve.pairingEq(G1.g, withoutFirst, G1.neg(tau1), withoutLast));
    check(arePowers, `has points that are no powers of ${name}`);
    for (const [p, expected] of sums.entries()) {
      if (p > MAX_DOMAIN_POWER) continue;
      const domain = range(lagrange, 2 ** p - 1, 2 ** p);
      const found = await sumOf(curve, read, domain, valuesOn(p, u));
      check(
        group.eq(found, expected),
        `has points of the domain of 2^${p} that do not belong to its powers of ${name}`,
      );
    }
  }
}

type Read = (points: PointsAt) => Promise<Uint8Array>;

const range = ({ group, at }: PointsAt, from: number, count: number): PointsAt => ({
  group,
  at: at + pointBytes(group) * from,
  count,
});

/** Points that are all on their curve, none at infinity, coordinates in their one spelling. */
async function readPoints(
  curve: Curve,
  file: FileHandle,
  { group, at, count }: PointsAt,
  check: Check,
): Promise<Uint8Array> {
  const size = pointBytes(group);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(count * size), 0, count * size, at);
  check(bytesRead === count * size, 'has changed while it was read');
  const { G1, G2 } = curve;
  const isPoint =
    group === 'G1'
      ? (point: Buffer) => !G1.isZero(point) && G1.isValid(point)
      : (point: Buffer) => !G2.isZero(point) && G2.isValid(point);
  for (let i = 0; i < count; i++) {
    const point = buffer.subarray(size * i, size * (i + 1));
    check(isCanonical(point) && isPoint(point), `has what is no point of ${group} at byte ${at + size * i}`);
  }
  return buffer;
}

const TOP_OF_Q = q >> 192n;

/** Is every coordinate, as it is stored, below q? */
function isCanonical(point: Buffer): boolean {
  for (let at = 0; at < point.length; at += 32) {
    if (point.readBigUInt64LE(at + 24) < TOP_OF_Q) continue;
    if (bytesToBigint(Buffer.from(point.subarray(at, at + 32)).reverse()) >= q) return false;
  }
  return true;
}

/** Σ sᵢ·Pᵢ, of scalars from the i-th on. */
async function sumOf(
  curve: Curve,
  read: Read,
  points: PointsAt,
  scalarsOf: (from: number, count: number) => readonly bigint[],
): Promise<Uint8Array> {
  const group = curve[points.group] as CurveGroup<unknown>;
  let sum: Uint8Array | undefined;
  for (let from = 0; from < points.count; from += CHUNK) {
    const count = Math.min(CHUNK, points.count - from);
    const bases = await read(range(points, from, count));
    const part = await group.multiExpAffine(bases, littleEndian(scalarsOf(from, count)));
    sum = sum === undefined ? part : group.add(sum, part);
  }
  return sum!;
}

/** S_1, S_2, S_4, … up to the sum over all points, whose number is a power of two or one less. */
async function prefixSums(curve: Curve, read: Read, points: PointsAt, u: bigint): Promise<Uint8Array[]> {
  const group = curve[points.group] as CurveGroup<unknown>;
  const sums: Uint8Array[] = [];
  for (let from = 0, to = 1; from < points.count; from = to, to = Math.min(2 * to, points.count)) {
    const part = await sumOf(curve, read, range(points, from, to - from), (offset, count) =>
      powersFrom(power(u, from + offset), u, count),
    );
    sums.push(sums.length === 0 ? part : group.add(sums.at(-1)!, part));
  }
  return sums;
}

/** first, first·u, first·u², … mod r */
function powersFrom(first: bigint, u: bigint, count: number): bigint[] {
  const powers: bigint[] = [];
  for (let value = first; powers.length < count; value = (value * u) % r) powers.push(value);
  return powers;
}

/** The largest domain: r − 1 = 2^28 · an odd number. */
const MAX_DOMAIN_POWER = 28;

/** (uⁿ − 1)/(uωⁱ − 1) for the n = 2^p points ωⁱ of a domain; all inverses of a chunk for one. */
function valuesOn(p: number, u: bigint): (from: number, count: number) => bigint[] {
  const omega = power(5n, (r - 1n) >> BigInt(p));
  const numerator = (power(u, 2 ** p) + r - 1n) % r;
  return (from, count) => {
    const denominators = powersFrom((u * power(omega, from)) % r, omega, count).map((x) => x - 1n);
    const products: bigint[] = [];
    let product = 1n;
    for (const x of denominators) {
      products.push(product);
      product = (product * x) % r;
    }
    let inverse = power(product, r - 2n);
    const values = new Array<bigint>(count);
    for (let i = count - 1; i >= 0; i--) {
      values[i] = (((inverse * products[i]!) % r) * numerator) % r;
      inverse = (inverse * denominators[i]!) % r;
    }
    return values;
  };
}

function power(base: bigint, exponent: number | bigint): bigint {
  let result = 1n;
  let square = base % r;
  for (let e = BigInt(exponent); e > 0n; e >>= 1n) {
    if (e & 1n) result = (result * square) % r;
    square = (square * square) % r;
  }
  return result;
}
