/**
 * Deterministic real functions on integers: x stands for x/10^18. Every function works with WIDE = 10^45 inside and
 * rounds once at the end (to nearest), so results are within one unit of 10^-18 for arguments that are exact.
 */
export const ONE = 10n ** 18n;

const WIDE = 10n ** 45n;
const GUARD = WIDE / ONE;
/** ln 2, scaled by WIDE. @see OEIS A002162 */
const LN2 = 693147180559945309417232121458176568075500134n;
/** 1/√(2π), scaled by WIDE. @see OEIS A231863 */
const INV_SQRT_2PI = 398942280401432677939946059934381868475858631n;
/** From here on N(x) rounds to 1: 1 − N(9.3) < 10^-20. */
const CDF_LIMIT = (93n * ONE) / 10n;
/** From here down e^x rounds to 0: e^-42 < 10^-18/2. */
const EXP_LIMIT = -42n * ONE;

/** a/b of b > 0 to the nearest integer, halves away from zero. */
const roundDiv = (a: bigint, b: bigint): bigint => (a >= 0n ? a + b / 2n : a - b / 2n) / b;

/** a·b of two numbers scaled by ONE, to nearest. */
export const mulFixed = (a: bigint, b: bigint): bigint => roundDiv(a * b, ONE);

/** a/b of two numbers scaled by ONE, b ≠ 0, to nearest. */
export const divFixed = (a: bigint, b: bigint): bigint =>
  b > 0n ? roundDiv(a * ONE, b) : roundDiv(-a * ONE, -b);

/** ⌊√n⌋ of an integer n ≥ 0, by Newton's iteration from above. */
export function integerSqrt(n: bigint): bigint {
  if (n < 2n) return n;
  let x = 1n << BigInt((n.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (x + n / x) >> 1n;
    if (next >= x) return x;
    x = next;
  }
}

/** √x for x ≥ 0, rounded down. */
export const sqrtFixed = (x: bigint): bigint => integerSqrt(x * ONE);

/** ln x for x > 0: x = m·2^k with m in [1/2, 2), ln m = 2·artanh((m − 1)/(m + 1)) by its power series. */
export function lnFixed(x: bigint): bigint {
  const shift = BigInt(x.toString(2).length - ONE.toString(2).length);
  const wide = x * GUARD;
  const m = shift >= 0n ? wide >> shift : wide << -shift;
  const z = ((m - WIDE) * WIDE) / (m + WIDE);
  const square = (z * z) / WIDE;
  let sum = 0n;
  for (let power = z, k = 1n; power !== 0n; power = (power * square) / WIDE, k += 2n) sum += power / k;
  return roundDiv(2n * sum + shift * LN2, GUARD);
}

/** e^x, any x: x = k·ln 2 + s with |s| ≤ ln 2/2, e^s by its power series. Relative error below 10^-40 before rounding. */
export function expFixed(x: bigint): bigint {
  return x < EXP_LIMIT ? 0n : roundDiv(expWide(x * GUARD), GUARD);
}

function expWide(x: bigint): bigint {
  const k = roundDiv(x, LN2);
  const s = x - k * LN2;
  let sum = 0n;
  for (let term = WIDE, n = 1n; term !== 0n; term = (term * s) / (n * WIDE), n += 1n) sum += term;
  return k >= 0n ? sum << k : sum >> -k;
}

/** φ(x) = e^(−x²/2)/√(2π), scaled by WIDE, for |x| below CDF_LIMIT scaled by WIDE. */
const densityWide = (x: bigint): bigint => (expWide(-(x * x) / (2n * WIDE)) * INV_SQRT_2PI) / WIDE;

/** φ(x) = e^(−x²/2)/√(2π), the standard normal density; 0 beyond ±9.3. */
export const normalDensity = (x: bigint): bigint =>
  x >= CDF_LIMIT || x <= -CDF_LIMIT ? 0n : roundDiv(densityWide(x * GUARD), GUARD);

/**
 * N(x), the standard normal distribution function: 1/2 + φ(x)·(x + x³/3 + x⁵/(3·5) + x⁷/(3·5·7) + …). All terms have
 * one sign, so nothing cancels. |error| < 10^-17; exactly 0 or 1 beyond ±9.3.
 * @see Marsaglia, "Evaluating the Normal Distribution", Journal of Statistical Software 11(4), 2004
 */
export function normalCdf(x: bigint): bigint {
  if (x >= CDF_LIMIT) return ONE;
  if (x <= -CDF_LIMIT) return 0n;
  const wide = x * GUARD;
  const square = (wide * wide) / WIDE;
  let sum = 0n;
  for (let term = wide, n = 3n; term !== 0n; term = (term * square) / (n * WIDE), n += 2n) sum += term;
  return roundDiv(WIDE / 2n + (densityWide(wide) * sum) / WIDE, GUARD);
}
