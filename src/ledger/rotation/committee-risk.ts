import { quorumOf } from '../../params/quorum.ts';

/** A probability as the fraction that counting gives. */
export interface Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

function choose(n: number, k: number): bigint {
  let ways = 1n;
  for (let i = 0; i < k; i++) ways = (ways * BigInt(n - i)) / BigInt(i + 1);
  return n < k ? 0n : ways;
}

/**
 * How probable it is that a committee breaks its assumption whose seats are drawn from a registry at random, without one member twice:
 * P(X > f) with X hypergeometric. Exact.
 * @param registry members
 * @param faulty   of them, 0 … registry
 * @param seats    of the committee, 1 … registry
 */
export function committeeRisk(registry: number, faulty: number, seats: number): Fraction {
  const { f } = quorumOf(seats);
  let numerator = 0n;
  for (let k = f + 1; k <= Math.min(faulty, seats); k++)
    numerator += choose(faulty, k) * choose(registry - faulty, seats - k);
  return { numerator, denominator: choose(registry, seats) };
}
