import { l } from '../../params/fields.ts';
import { gcd, magnitude } from '../system/integers.ts';

/** The integers low, low + step, …, high; one integer has step 0. */
export interface Piece {
  readonly low: bigint;
  readonly high: bigint;
  readonly step: bigint;
}
/** A set of integers k, one of which a point [k]B has. More may stand here than are possible, never fewer. */
export type Multiples = readonly Piece[];

/** Pieces at most; then one that covers all takes their place. And multiples of l that are looked for in one piece. */
const MAX_PIECES = 12;
const MAX_WRAPS = 64;

export const one = (k: bigint): Multiples => [{ low: k, high: k, step: 0n }];

export const isPiece = ({ low, high, step }: Piece): boolean =>
  step === 0n ? low === high : step > 0n && low < high && (high - low) % step === 0n;

const negated = (all: Multiples): Multiples =>
  all.map(({ low, high, step }) => ({ low: -high, high: -low, step }));

/** The multiples of a point, or of what is opposite to it. */
export const signed = (all: Multiples, sign: 1 | -1): Multiples => (sign === 1 ? all : negated(all));

const sum = (p: Piece, q: Piece): Piece => ({
  low: p.low + q.low,
  high: p.high + q.high,
  step: gcd(p.step, q.step),
});

/** All x + y. */
export const sums = (x: Multiples, y: Multiples): Multiples => few(x.flatMap((p) => y.map((q) => sum(p, q))));

/** All 2x. */
export const doubles = (all: Multiples): Multiples =>
  all.map(({ low, high, step }) => ({ low: 2n * low, high: 2n * high, step: 2n * step }));

export const union = (all: readonly Multiples[]): Multiples => few(all.flat());

/** Leaves out what is O: multiples of l. */
export function withoutZero(all: Multiples): Multiples {
  return few(
    all.flatMap((piece) => {
      const found: Piece[] = [];
      let { low } = piece;
      for (const k of zerosIn(piece) ?? []) {
        if (k > piece.low) found.push(pieceOf(low, k - piece.step, piece.step));
        low = k + piece.step;
        if (piece.step === 0n) return [];
      }
      if (low <= piece.high) found.push(pieceOf(low, piece.high, piece.step));
      return found.filter(({ low: from, high }) => from <= high);
    }),
  );
}

/** Whether [k]B = [m]B is excluded for all k and m of the two sets. */
export const neverEqual = (x: Multiples, y: Multiples): boolean =>
  x.every((p) => negated(y).every((q) => zerosIn(sum(p, q))?.length === 0));

/** Whether the first holds nothing that the second does not, as far as single pieces tell. */
export const isWithin = (inner: Multiples, outer: Multiples): boolean =>
  inner.every(({ low, high, step }) =>
    outer.some(
      (piece) =>
        piece.low <= low &&
        high <= piece.high &&
        (piece.step === 0n || ((low - piece.low) % piece.step === 0n && step % piece.step === 0n)),
    ),
  );

const pieceOf = (low: bigint, high: bigint, step: bigint): Piece =>
  low === high ? { low, high, step: 0n } : { low, high, step };

/** Multiples of l in a piece. @returns undefined if there may be too many to look at */
function zerosIn({ low, high, step }: Piece): bigint[] | undefined {
  const first = low / l - 1n;
  const last = high / l + 1n;
  if (last - first > MAX_WRAPS) return undefined;
  const found: bigint[] = [];
  for (let m = first; m <= last; m++) {
    const k = m * l;
    if (k >= low && k <= high && (step === 0n || (k - low) % step === 0n)) found.push(k);
  }
  return found;
}

/** The same pieces, each once, or one that covers them if they are many. */
function few(all: readonly Piece[]): Multiples {
  const seen = new Map(all.map((piece) => [`${piece.low} ${piece.high} ${piece.step}`, piece]));
  const distinct = [...seen.values()];
  if (distinct.length <= MAX_PIECES) return distinct;
  let { low, high, step } = distinct[0]!;
  for (const piece of distinct) {
    step = gcd(gcd(step, piece.step), magnitude(piece.low - low));
    if (piece.low < low) low = piece.low;
    if (piece.high > high) high = piece.high;
  }
  return [{ low, high, step }];
}
