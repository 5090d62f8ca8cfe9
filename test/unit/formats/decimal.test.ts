import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatDecimal, formatUsdc, parseDecimal } from '../../../src/formats/decimal.ts';

describe('decimal numbers', () => {
  test.each([
    ['0', 0n],
    ['61.25', 61_250_000n],
    ['0.000001', 1n],
    ['4294.967296', 1n << 32n],
  ])('%s is exactly %i units', (text, units) => expect(parseDecimal(text)).toBe(units));

  test.each([
    '',
    '.5',
    '5.',
    '-1',
    '+1',
    '1e3',
    '01',
    '1,000',
    ' 1',
    '1 ',
    '0.0000001',
    '٣',
    'NaN',
    '0x10',
    '1\n',
  ])('refuses %j', (text) => expect(parseDecimal(text)).toBeUndefined());

  test('text and value agree both ways', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 1n << 64n), (units) => {
        expect(parseDecimal(formatDecimal(units))).toBe(units);
      }),
    );
  });

  test('a person sees cents and thousands, and never a rounded amount', () => {
    expect(formatUsdc(1_234_567_500_000n)).toBe('1,234,567.50');
    expect(formatUsdc(-1_000_000_001n)).toBe('-1,000.000001');
    expect(formatUsdc(-50_000n)).toBe('-0.05');
    expect(formatDecimal(-1n)).toBe('-0.000001');
  });
});
