export const magnitude = (x: bigint): bigint => (x < 0n ? -x : x);

/** The greatest common divisor of two numbers that are not negative; of 0 and x it is x. */
export function gcd(x: bigint, y: bigint): bigint {
  let [a, b] = [x, y];
  while (b !== 0n) [a, b] = [b, a % b];
  return a;
}

/** @param all at least one */
export function smallest(all: readonly bigint[]): bigint {
  let found = all[0]!;
  for (const one of all) if (one < found) found = one;
  return found;
}

/** @param all at least one */
export function largest(all: readonly bigint[]): bigint {
  let found = all[0]!;
  for (const one of all) if (one > found) found = one;
  return found;
}
