/** A point (x, y) of an Edwards curve. */
export type SmallPoint = readonly [x: number, y: number];

/**
 * A curve with the structure of BabyJubJub over a small prime field: a·x² + y² = 1 + d·x²·y² over F_p with a = A + 2 a square and
 * d = A − 2 none, hence birational to v² = u³ + A·u² + u, with cofactor·l points, l prime.
 */
export interface SmallCurve {
  readonly p: number;
  readonly A: number;
  readonly l: number;
  readonly cofactor: 4 | 8;
  /** Bits that stand for the 251 of BabyJubJub: 2^(bits + 1) < 3·l and l < 2^bits, as there. */
  readonly bits: number;
}

export const isPrime = (n: number): boolean => {
  for (let d = 2; d * d <= n; d++) if (n % d === 0) return false;
  return n > 1;
};
export const mod = (x: number, p: number): number => ((x % p) + p) % p;

/** x^−1 by its index, 0 for 0. */
export function inverses(p: number): Int32Array {
  const out = new Int32Array(p);
  out[1] = 1;
  for (let x = 2; x < p; x++) out[x] = mod(-Math.floor(p / x) * out[p % x]!, p);
  return out;
}

function squareRoots(p: number): number[][] {
  const out: number[][] = Array.from({ length: p }, () => []);
  for (let y = 0; y < p; y++) out[(y * y) % p]!.push(y);
  return out;
}

/**
 * Every curve over F_p, one for each number of points: the one of the smallest A.
 * @param allBits which bits the order l may have
 */
export function curvesOver(p: number, allBits: readonly number[]): SmallCurve[] {
  const [roots, inverse] = [squareRoots(p), inverses(p)];
  const isSquare = (x: number): boolean => roots[x]!.length > 0;
  const found = new Map<number, SmallCurve>();
  for (let A = 3; A < p - 2; A++) {
    if (!isSquare(A + 2) || isSquare(A - 2)) continue;
    let points = 0;
    for (let x = 0; x < p; x++) points += roots[ySquared(x, A, p, inverse)]!.length;
    for (const cofactor of [8, 4] as const) {
      const l = points / cofactor;
      const bits = allBits.find((b) => 2 ** (b + 1) < 3 * l && l < 2 ** b);
      if (bits !== undefined && isPrime(l) && !found.has(points))
        found.set(points, { p, A, l, cofactor, bits });
    }
  }
  return [...found.values()];
}

/** y² = (1 − a·x²)/(1 − d·x²); d is no square, so the divisor is not 0. */
const ySquared = (x: number, A: number, p: number, inverse: Int32Array): number => {
  const square = (x * x) % p;
  return (mod(1 - (A + 2) * square, p) * inverse[mod(1 - (A - 2) * square, p)]!) % p;
};

/** The group of a curve by the complete Edwards law: what a multiplication has to give, found without Montgomery's formulas. */
export class SmallGroup {
  readonly points: readonly SmallPoint[];
  private readonly curve: SmallCurve;
  private readonly inverse: Int32Array;
  constructor(curve: SmallCurve) {
    this.curve = curve;
    this.inverse = inverses(curve.p);
    const roots = squareRoots(curve.p);
    this.points = Array.from({ length: curve.p }, (_, x) =>
      roots[ySquared(x, curve.A, curve.p, this.inverse)]!.map((y): SmallPoint => [x, y]),
    ).flat();
  }
  add([x1, y1]: SmallPoint, [x2, y2]: SmallPoint): SmallPoint {
    const { p, A } = this.curve;
    const [x12, y12] = [(x1 * x2) % p, (y1 * y2) % p];
    const product = ((((A - 2) * x12) % p) * y12) % p;
    return [
      (((x1 * y2 + y1 * x2) % p) * this.inverse[mod(1 + product, p)]!) % p,
      (mod(y12 - (((A + 2) * x12) % p), p) * this.inverse[mod(1 - product, p)]!) % p,
    ];
  }
  /** [0]P, [1]P, … [order − 1]P. */
  multiples(P: SmallPoint): SmallPoint[] {
    const out: SmallPoint[] = [[0, 1]];
    for (let Q = P; Q[0] !== 0 || Q[1] !== 1; Q = this.add(Q, P)) out.push(Q);
    return out;
  }
  /** A point of order l. */
  generator(): SmallPoint {
    const { l } = this.curve;
    return this.points.find((P) => this.multiples(P).length === l)!;
  }
}
