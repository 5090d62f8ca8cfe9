/** Numbers below a bound, the same for the same seed: a search that can be repeated. Nothing secret is drawn here. */
export function drawFrom(seed: number): (below: bigint) => bigint {
  let state = BigInt(seed) * 2654435761n + 88172645463325252n;
  const next = (): bigint => {
    state = BigInt.asUintN(64, state ^ (state << 13n));
    state ^= state >> 7n;
    state = BigInt.asUintN(64, state ^ (state << 17n));
    return BigInt.asUintN(64, state * 2685821657736338717n);
  };
  return (below) => {
    let value = 0n;
    for (let bound = below; bound > 0n; bound >>= 60n) value = (value << 64n) | next();
    return (value >> 4n) % below;
  };
}
