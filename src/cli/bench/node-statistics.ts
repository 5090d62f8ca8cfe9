/** A quantile of a sample with the interval that holds that of the distribution with 95 %: between two of the sample’s values. */
export interface Interval {
  readonly value: number;
  readonly from: number;
  /** Null if the sample is too small to say. */
  readonly to: number | null;
}

/** By the binomial distribution of how many of n values lie below the quantile; nothing is assumed of theirs. */
export function interval(values: readonly number[], q: number): Interval {
  const sorted = values.map(Math.round).sort((a, b) => a - b);
  const n = sorted.length;
  const below = binomialSums(n, q);
  const low = Math.max(0, below.findIndex((sum) => sum > 0.025) - 1);
  const high = below.findIndex((sum) => sum >= 0.975);
  return {
    value: sorted[Math.min(n - 1, Math.ceil(q * n) - 1)]!,
    from: sorted[low]!,
    to: high < n ? sorted[high]! : null,
  };
}

/** P(X ≤ k) for k = 0 … n. */
function binomialSums(n: number, p: number): number[] {
  const sums: number[] = [];
  let term = (1 - p) ** n;
  let sum = 0;
  for (let k = 0; k <= n; k++) {
    sum += term;
    sums.push(sum);
    term *= ((n - k) * p) / ((k + 1) * (1 - p));
  }
  sums[n] = 1;
  return sums;
}
