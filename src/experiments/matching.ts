const ROUNDS = 200;
/** Half of the way in logarithms. The square root is rounded rightly on every machine; other powers are not. */
const damped = (before: number, next: number): number => Math.sqrt(before) * Math.sqrt(next);
/** Below it a sum of messages is nothing: the match is certain. */
const NOTHING = 1e-12;

/**
 * P(a thing of class i belongs to one of class j), where all of the one side (rows) are matched one to one to all of the other (columns):
 * belief propagation on the matching, exact where its constraints make no loops and close to exact elsewhere.
 * @param rows    how many things a class of the one side has  @param columns the same of the other side
 * @param weights likelihoods by class of both sides
 * @see Huang and Jebara, “Approximating the permanent with belief propagation”, arXiv 0908.1769; Vontobel, “The Bethe permanent of a nonnegative matrix”, IEEE Trans. Inf. Theory 59 (2013)
 */
export function matched(
  weights: readonly (readonly number[])[],
  rows: readonly number[],
  columns: readonly number[],
): number[][] {
  const scaled = weights.map((line) => {
    const most = Math.max(...line);
    return line.map((weight) => (most > 0 ? weight / most : 0));
  });
  const fromRow = scaled.map((line) => line.map(() => 1));
  const fromColumn = scaled.map((line) => line.map(() => 1));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, line] of scaled.entries()) {
      let sum = 0;
      for (const [j, weight] of line.entries()) sum += columns[j]! * weight * fromColumn[i]![j]!;
      for (const [j, weight] of line.entries()) {
        const next = 1 / Math.max(NOTHING, sum - weight * fromColumn[i]![j]!);
        fromRow[i]![j] = damped(fromRow[i]![j]!, next);
      }
    }
    for (let j = 0; j < columns.length; j++) {
      let sum = 0;
      for (const [i, line] of scaled.entries()) sum += rows[i]! * line[j]! * fromRow[i]![j]!;
      for (const [i, line] of scaled.entries()) {
        const next = 1 / Math.max(NOTHING, sum - line[j]! * fromRow[i]![j]!);
        fromColumn[i]![j] = damped(fromColumn[i]![j]!, next);
      }
    }
  }
  return scaled.map((line, i) =>
    normal(
      line.map((weight, j) => {
        const odds = weight * fromRow[i]![j]! * fromColumn[i]![j]!;
        return odds / (1 + odds);
      }),
      columns,
    ),
  );
}

/** Scaled to sum up to one over all members of the classes. @param members one each by default */
export function normal(line: readonly number[], members: readonly number[] = line.map(() => 1)): number[] {
  let total = 0;
  for (const [j, value] of line.entries()) total += members[j]! * value;
  return line.map((value) => (total > 0 ? value / total : 0));
}

/** So many rows are matched exactly: the work doubles with each one more. */
const EXACT_ROWS = 13;

/**
 * P(row i belongs to column j) over all ways to match rows to columns one to one, each as likely as the product of its weights: exact, by sums
 * over sets of columns. Every row needs a way with a weight above zero.
 * @param weights square, at most EXACT_ROWS rows
 */
export function matchedExactly(weights: readonly (readonly number[])[]): number[][] {
  const size = weights.length;
  const sets = 2 ** size;
  const scaled = weights.map((line) => {
    const most = Math.max(...line);
    return line.map((weight) => weight / most);
  });
  const rowOf = new Uint8Array(sets);
  for (let set = 1; set < sets; set++) rowOf[set] = rowOf[set >> 1]! + (set & 1);
  // Weights of all ways in which the first rows take just these columns, and in which the others take the rest.
  const first = new Float64Array(sets);
  const rest = new Float64Array(sets);
  first[0] = 1;
  rest[sets - 1] = 1;
  for (let set = 0; set < sets - 1; set++) {
    const line = scaled[rowOf[set]!]!;
    for (let j = 0; j < size; j++)
      if ((set & (1 << j)) === 0) first[set | (1 << j)]! += first[set]! * line[j]!;
  }
  for (let set = sets - 2; set >= 0; set--) {
    const line = scaled[rowOf[set]!]!;
    for (let j = 0; j < size; j++) if ((set & (1 << j)) === 0) rest[set]! += line[j]! * rest[set | (1 << j)]!;
  }
  const found = scaled.map((line) => line.map(() => 0));
  for (let set = 0; set < sets - 1; set++) {
    const i = rowOf[set]!;
    for (let j = 0; j < size; j++)
      if ((set & (1 << j)) === 0) found[i]![j]! += first[set]! * scaled[i]![j]! * rest[set | (1 << j)]!;
  }
  return found.map((line) => line.map((sum) => sum / rest[0]!));
}

/** Rows matched to columns one to one: exactly where they are few, by belief propagation else. @param weights square */
export function matchedOneToOne(weights: readonly (readonly number[])[]): number[][] {
  if (weights.length <= EXACT_ROWS) return matchedExactly(weights);
  const ones = weights.map(() => 1);
  return matched(weights, ones, ones);
}
