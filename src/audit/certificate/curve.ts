import { FpInvertBatch } from '@noble/curves/abstract/modular.js';
import { babyjubjub } from '@noble/curves/misc.js';
import { l, r } from '../../params/fields.ts';
import type { PrimeField } from '../system/prime-field.ts';

/** BabyJubJub: 168700·x² + y² = 1 + 168696·x²·y². @see EIP-2494 */
const EDWARDS_A = 168700n;
const EDWARDS_D = 168696n;
/** The same curve as v² = u³ + A·u² + u with u = (1 + y)/(1 − y), v = u/x: A = 2(a + d)/(a − d), B = 4/(a − d) = 1. */
export const MONTGOMERY_A = 168698n;

const Point = babyjubjub.Point;
type CurvePoint = typeof Point.ZERO;

/** Whether the curve is over this field. */
export const hasCurve = (field: PrimeField): boolean => field.p === r;

/** [k]B for a base of prime order l, many times. */
export class Base {
  /** [2^i]B */
  private readonly powers: readonly CurvePoint[];

  private constructor(point: CurvePoint) {
    const powers = [point];
    while (1n << BigInt(powers.length) < l) powers.push(powers.at(-1)!.double());
    this.powers = powers;
  }
  /** @returns undefined if (x, y) is no point of the curve, not in the subgroup of order l, or O */
  static of(x: bigint, y: bigint): Base | undefined {
    if (!isOnEdwards(x, y)) return undefined;
    const base = new Base(Point.fromAffine({ x, y }));
    const [point] = base.powers;
    return point!.is0() ||
      !base
        .times(l - 1n)
        .add(point!)
        .is0()
      ? undefined
      : base;
  }
  /** @param k 0 ≤ k < l */
  private times(k: bigint): CurvePoint {
    let sum = Point.ZERO;
    for (let [i, rest] = [0, k]; rest > 0n; i++, rest >>= 1n) if (rest & 1n) sum = sum.add(this.powers[i]!);
    return sum;
  }
  private multiple(k: bigint): CurvePoint {
    const rest = (k < 0n ? -k : k) % l;
    return k < 0n ? this.times(rest).negate() : this.times(rest);
  }
  /** Whether (u, v) in Montgomery form is [k]B and not O: u·(1 − y) = 1 + y and v·x = u. */
  isMultiple({ p }: PrimeField, k: bigint, u: bigint, v: bigint): boolean {
    const { X, Y, Z } = this.multiple(k);
    return X !== 0n && (u * (Z - Y) - Z - Y) % p === 0n && (v * X - u * Z) % p === 0n;
  }
  /** [factor·2^i]B in Montgomery form for i = 0 … count − 1. @param factors odd and positive */
  doublings(field: PrimeField, factors: readonly bigint[], count: number): (readonly [bigint, bigint])[][] {
    return factors.map((factor) => {
      const all: CurvePoint[] = [this.multiple(factor)];
      while (all.length < count) all.push(all.at(-1)!.double());
      const inverses = FpInvertBatch(
        Point.Fp,
        all.map(({ X, Y, Z }) => field.mod((Z - Y) * X)),
      );
      return all.map(({ X, Y, Z }, i): readonly [bigint, bigint] => {
        const over = (field.mod(Z + Y) * inverses[i]!) % field.p;
        return [(over * X) % field.p, (over * Z) % field.p];
      });
    });
  }
}

function isOnEdwards(x: bigint, y: bigint): boolean {
  if (x < 0n || x >= r || y < 0n || y >= r) return false;
  const [xx, yy] = [(x * x) % r, (y * y) % r];
  return (EDWARDS_A * xx + yy - 1n - ((EDWARDS_D * xx) % r) * yy) % r === 0n;
}

/** v² = u³ + A·u² + u */
export const isOnMontgomery = (u: bigint, v: bigint): boolean =>
  (v * v - u * (u * (u + MONTGOMERY_A) + 1n)) % r === 0n;

/** x = u/v, y = (u − 1)/(u + 1). @returns undefined where that is no point: also for the point of order 2 */
export function edwardsOf(field: PrimeField, u: bigint, v: bigint): readonly [bigint, bigint] | undefined {
  if (v === 0n || u === r - 1n || !isOnMontgomery(u, v)) return undefined;
  return [(u * field.inv(v)) % r, field.mod((u - 1n) * field.inv(u + 1n))];
}
