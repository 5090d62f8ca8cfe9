/** How numbers of the chain are written for people. */

const UNITS = 1_000_000n;

/** Units of 10^-6 USDC with two decimals, or as many as it takes for less than a cent. */
export function money(units: bigint): string {
  const sign = units < 0n ? '−' : '';
  const size = units < 0n ? -units : units;
  const whole = (size / UNITS).toLocaleString('en');
  const six = (size % UNITS).toString().padStart(6, '0');
  const decimals = six.endsWith('0000') ? six.slice(0, 2) : six.replace(/0+$/, '');
  return `${sign}${whole}.${decimals}`;
}

/** The beginning of an id, which a search finds it by. */
export const short = (hex: string): string => `${hex.slice(0, 8)}…`;

/** A time that no calendar here has is told in unix seconds. */
export function utc(timeS: bigint): string {
  const date = new Date(Number(timeS) * 1000);
  if (Number.isNaN(date.getTime())) return `${timeS} s`;
  return date.toISOString().replace('T', ' ').replace('.000Z', ' UTC');
}

export const counted = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;

/** "1, 2 and 5", "nobody". */
export function listed(numbers: readonly number[]): string {
  if (numbers.length === 0) return 'nobody';
  const last = numbers.at(-1)!;
  return numbers.length === 1 ? `${last}` : `${numbers.slice(0, -1).join(', ')} and ${last}`;
}
