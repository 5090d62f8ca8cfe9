const UNIT_DECIMALS = 6;

/**
 * The exact value of a plain decimal number ("61.25", no sign, exponent, separators or spaces) times 10^decimals.
 * @returns undefined if the text is anything else, or has more than `decimals` digits after the point. Never rounds.
 */
export function parseDecimal(text: string, decimals = UNIT_DECIMALS): bigint | undefined {
  const match = /^(0|[1-9]\d{0,19})(?:\.(\d{1,18}))?$/.exec(text);
  if (match === null) return undefined;
  const fraction = match[2] ?? '';
  if (fraction.length > decimals) return undefined;
  return BigInt(match[1]! + fraction.padEnd(decimals, '0'));
}

/** The exact decimal text of value·10^−decimals: at least `shown` digits after the point, no other trailing zeros. */
export function formatDecimal(value: bigint, decimals = UNIT_DECIMALS, shown = 0): string {
  const digits = (value < 0n ? -value : value).toString().padStart(decimals + 1, '0');
  const fraction = digits
    .slice(digits.length - decimals)
    .replace(/0+$/, '')
    .padEnd(shown, '0');
  const whole = digits.slice(0, digits.length - decimals);
  return `${value < 0n ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

/** USDC for a person: two digits after the point at least, thousands apart, exact. */
export function formatUsdc(units: bigint): string {
  const [whole, fraction] = formatDecimal(units, UNIT_DECIMALS, 2).split('.');
  return `${whole!.replace(/\B(?=(\d{3})+(?!\d))/g, ',')}.${fraction}`;
}
