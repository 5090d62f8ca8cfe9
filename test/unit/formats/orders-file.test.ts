import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { VelumError } from '../../../src/base/errors.ts';
import { parseMarketFile } from '../../../src/formats/market-file.ts';
import { parseOrdersFile } from '../../../src/formats/orders-file.ts';

const example = (name: string): string =>
  readFileSync(new URL(`../../../examples/${name}`, import.meta.url), 'utf8');
const market = parseMarketFile(example('market.json'), 'market.json');
const HEADER = 'height,trader,account,batch,instrument,side,lots,limit,reduceOnly';

/** The message for a file with these rows; fails when the file is taken. */
function refusal(...rows: string[]): string {
  try {
    parseOrdersFile([HEADER, ...rows].join('\n'), 'orders.csv', market);
  } catch (error) {
    if (error instanceof VelumError && error.code === 'ORDERS_FILE') return error.message;
    throw error;
  }
  throw new Error('the file was taken');
}

const row = (changes: Partial<Record<string, string>> = {}): string => {
  const cells: Record<string, string> = {
    height: '1',
    trader: 'ana',
    account: 'fresh',
    batch: 'ana-1',
    instrument: 'BTC-PERP',
    side: 'buy',
    lots: '10',
    limit: '62.5',
    reduceOnly: 'false',
  };
  return HEADER.split(',')
    .map((column) => changes[column] ?? cells[column])
    .join(',');
};

describe('an orders file', () => {
  test('becomes batches in order of height, with exact units', () => {
    const text = [
      HEADER,
      row({ height: '2', batch: 'late', account: 'main' }),
      row(),
      row({ side: 'sell', limit: '0.000001', lots: '4294967296', reduceOnly: 'true' }),
    ].join('\r\n');
    expect(parseOrdersFile(`\uFEFF${text}\r\n`, 'orders.csv', market)).toEqual([
      {
        name: 'ana-1',
        height: 1,
        trader: 'ana',
        account: undefined,
        orders: [
          { instrument: 0, side: 'buy', lots: 10n, price: 62_500_000n, reduceOnly: false },
          { instrument: 0, side: 'sell', lots: 1n << 32n, price: 1n, reduceOnly: true },
        ],
      },
      {
        name: 'late',
        height: 2,
        trader: 'ana',
        account: 'main',
        orders: [{ instrument: 0, side: 'buy', lots: 10n, price: 62_500_000n, reduceOnly: false }],
      },
    ]);
  });

  test('with bad rows names every bad cell at once, in order of lines', () => {
    const message = refusal(
      row({ height: '0', trader: 'zoe', side: 'BUY' }),
      row({ account: 'my account', lots: '1.5', limit: '4294.967297', reduceOnly: 'yes' }),
      '1,ana,fresh',
      row({ batch: 'x/../y', instrument: 'ETH', limit: '-1' }),
      row({ height: '2' }),
      '1,"ana',
    );
    expect(message).toMatchInlineSnapshot(`
      "orders.csv has 12 problems:
        line 2, height: a whole number from 1 to 1000 is expected, found "0"
        line 2, trader: "zoe" has no genesis notes in the market file
        line 2, side: buy or sell is expected, found "BUY"
        line 3, account: a name of 1 to 32 letters, digits, ".", "_" or "-" is expected, found "my account"
        line 3, lots: a whole number from 1 to 4294967296 is expected, found "1.5"
        line 3, limit: USDC a lot is expected, more than 0 and at most 4294.967296, with at most 6 decimals; found "4294.967297"
        line 3, reduceOnly: false or true is expected, found "yes"
        line 4: 3 columns, 9 expected (height,trader,account,batch,instrument,side,lots,limit,reduceOnly)
        line 5, batch: a name of 1 to 32 letters, digits, ".", "_" or "-" is expected, found "x/../y"
        line 5, instrument: the market has BTC-PERP, BTC-25DEC26-55000-C, BTC-25DEC26-55000-P, BTC-25DEC26-60000-C, BTC-25DEC26-60000-P, BTC-25DEC26-65000-C, BTC-25DEC26-65000-P, BTC-25DEC26-70000-C, BTC-25DEC26-70000-P; found "ETH"
        line 5, limit: USDC a lot is expected, more than 0 and at most 4294.967296, with at most 6 decimals; found "-1"
        line 7: a quote that is never closed"
    `);
  });

  test('with rows of one batch that disagree names the first and the other', () => {
    expect(
      refusal(row(), row({ height: '2', trader: 'bo', account: 'swing' }), row(), row(), row()),
    ).toMatchInlineSnapshot(`
      "orders.csv has 4 problems:
        line 3, height: batch ana-1 has height 1 on line 2, here 2
        line 3, trader: batch ana-1 has trader ana on line 2, here bo
        line 3, account: batch ana-1 has account fresh on line 2, here swing
        line 6, batch: batch ana-1 has 5 orders, 4 at most"
    `);
  });

  test('with batches that only differ in case is refused: they would be one file', () => {
    expect(refusal(row(), row({ batch: 'ANA-1' }))).toContain(
      'line 3, batch: batch ANA-1 differs from ana-1 only in case',
    );
  });

  test('may leave heights out: there only the market moves', () => {
    const batches = parseOrdersFile([HEADER, row({ height: '3' })].join('\n'), 'orders.csv', market);
    expect(batches.map(({ height }) => height)).toEqual([3]);
  });

  test('with a thousand bad rows names them all', () => {
    const message = refusal(...Array.from({ length: 1000 }, () => row({ lots: '0' })));
    expect(message).toMatch(/has 1000 problems:\n/);
    expect(message.split('\n')).toHaveLength(1001);
    expect(message).toMatch(/\n {2}line 1001, lots: [^\n]*$/);
  });

  test('with more rows than the limit, or none, or another header is refused', () => {
    expect(refusal(...Array.from({ length: 10_001 }, () => row()))).toContain('10001 rows, 10000 at most');
    expect(refusal()).toContain('no orders after the header');
    expect(() => parseOrdersFile(`${HEADER},x\n${row()}`, 'o.csv', market)).toThrow(
      /line 1: the header must be/,
    );
    expect(() => parseOrdersFile('', 'o.csv', market)).toThrow(/found nothing/);
    expect(() => parseOrdersFile('{\n  "a": "b"\n}', 'o.csv', market)).toThrow(
      /one problem:\n {2}file: this is no CSV but JSON/,
    );
  });

  test('with more batches at a height than a ballot lists is refused', () => {
    const rows = Array.from({ length: 65 }, (_, i) => row({ batch: `b${i}` }));
    expect(refusal(...rows)).toContain('65 batches at height 1; a ballot lists 64');
  });

  test('cannot send control characters to the terminal', () => {
    const message = refusal(row({ instrument: '\u001b[31mred\u009b\u202e' }));
    expect(message.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });
});
