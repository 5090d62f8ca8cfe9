/** Relations of an endomorphism: rows b with Σ bⱼ·λ^j = 0 mod r, short, and independent. */
export type Basis = readonly (readonly bigint[])[];

const RECIPROCAL_WORDS = 7;
const ENTRY_WORDS = 4;

/**
 * Short relations of λ by Euclid's algorithm on (r, λ): the remainders about √r.
 * @see Gallant, Lambert, Vanstone, CRYPTO 2001, §4
 */
export function shortRelations(lambda: bigint, r: bigint): Basis {
  let [before, now] = [
    [r, 0n],
    [lambda, 1n],
  ] as [[bigint, bigint], [bigint, bigint]];
  while (now[0] * now[0] > r) {
    const quotient = before[0] / now[0];
    [before, now] = [now, [before[0] - quotient * now[0], before[1] - quotient * now[1]]];
  }
  const quotient = before[0] / now[0];
  const next = [before[0] - quotient * now[0], before[1] - quotient * now[1]] as [bigint, bigint];
  // s·λ = remainder mod r, so (remainder, −s) is a relation; of the neighbours the shorter one.
  const long = ([a, b]: readonly [bigint, bigint]): bigint => a * a + b * b;
  const other = long(before) < long(next) ? before : next;
  return [now, other].map(([remainder, s]) => [remainder, -s]);
}

/**
 * A basis in the form that assembly/lattice.ts reads.
 * @throws RangeError if a relation or a reciprocal is too long for it
 */
export function encodeLattice(basis: Basis, r: bigint): Uint8Array {
  const m = basis.length;
  const determinant = det(basis);
  const reciprocals = basis.map((_, i) => {
    const minor = basis.filter((_, row) => row !== i).map((row) => row.slice(1));
    const cofactor = (i % 2 === 0 ? 1n : -1n) * det(minor);
    const product = cofactor << 256n;
    const sign = product < 0n !== determinant < 0n;
    const size = abs(determinant);
    return { value: (abs(product) + size / 2n) / size, isNegative: sign };
  });
  if (abs(determinant) % r !== 0n) throw new RangeError('the basis is not one of relations mod r');
  const words = [
    m,
    0,
    ...reciprocals.flatMap(({ value, isNegative }) => [
      ...wordsOf(value, RECIPROCAL_WORDS),
      Number(isNegative),
    ]),
    ...basis.flat().flatMap((entry) => [...wordsOf(abs(entry), ENTRY_WORDS), Number(entry < 0n)]),
  ];
  const out = new Uint8Array(4 * words.length);
  const view = new DataView(out.buffer);
  words.forEach((word, i) => {
    view.setUint32(4 * i, word, true);
  });
  return out;
}

const abs = (x: bigint): bigint => (x < 0n ? -x : x);

function wordsOf(value: bigint, count: number): number[] {
  if (value >> BigInt(32 * count) !== 0n) throw new RangeError('a lattice entry is too long');
  return Array.from({ length: count }, (_, i) => Number(BigInt.asUintN(32, value >> BigInt(32 * i))));
}

/** Determinant by the first column. */
function det(rows: Basis): bigint {
  if (rows.length === 0) return 1n;
  return rows.reduce((sum, row, i) => {
    const minor = rows.filter((_, other) => other !== i).map((other) => other.slice(1));
    return sum + (i % 2 === 0 ? 1n : -1n) * row[0]! * det(minor);
  }, 0n);
}
