import type { BookOrder } from '../market/auction.ts';
import type { Side } from '../market/order.ts';
import { type CsvRow, isJsonText, parseCsv } from './csv.ts';
import { parseDecimal } from './decimal.ts';
import type { Problem } from './errors.ts';
import { FormatError } from './errors.ts';
import { fileError, quote } from './problems.ts';

export const BOOK_FILE_BYTES = 1 << 24;
const BOOK_FILE_ROWS = 500_000;
const HEADER = 'side,price,lots';
/** Digits after the point of a price, at most. */
export const PRICE_DECIMALS = 9;
const MAX_BOOK_LOTS = 10n ** 15n;

/** One row of a book, its price scaled by 10^PRICE_DECIMALS. */
export interface BookRow {
  readonly line: number;
  readonly side: Side;
  readonly price: bigint;
  readonly lots: bigint;
}

/**
 * The rows of a book file, in file order.
 * @param text RFC 4180, header `side,price,lots`
 * @throws {FormatError} BOOK_FILE with ALL problems, each with line, column and reason
 */
export function parseBookFile(text: string, file: string): BookRow[] {
  if (isJsonText(text))
    throw fileError(FormatError.of('BOOK_FILE'), file, [
      { where: 'file', reason: `this is no CSV but JSON; the first line must be ${HEADER}` },
    ]);
  const { rows: all, problems: broken } = parseCsv(text);
  const problems: Problem[] = broken.map(({ line, reason }) => ({ where: `line ${line}`, reason }));
  const [header, ...rows] = all;
  if (header?.fields.join(',') !== HEADER) {
    const found = header === undefined ? 'nothing' : quote(header.fields.join(','));
    problems.unshift({
      where: `line ${header?.line ?? 1}`,
      reason: `the header must be ${HEADER}, found ${found}`,
    });
    throw fileError(FormatError.of('BOOK_FILE'), file, problems);
  }
  if (rows.length > BOOK_FILE_ROWS)
    problems.push({ where: 'file', reason: `${rows.length} rows, ${BOOK_FILE_ROWS} at most` });
  const good = rows.flatMap((row) => parseRow(row, problems));
  if (problems.length > 0) throw fileError(FormatError.of('BOOK_FILE'), file, problems);
  return good;
}

function parseRow({ line, fields }: CsvRow, problems: Problem[]): BookRow[] {
  if (fields.length !== 3) {
    problems.push({ where: `line ${line}`, reason: `3 fields are expected, found ${fields.length}` });
    return [];
  }
  const [side, priceText, lotsText] = fields as [string, string, string];
  const price = parseDecimal(priceText, PRICE_DECIMALS);
  const lots = parseDecimal(lotsText, 0);
  const count = problems.length;
  const need = (ok: boolean, column: string, reason: string, found: string): void => {
    if (!ok) problems.push({ where: `line ${line}, ${column}`, reason: `${reason}, found ${quote(found)}` });
  };
  need(side === 'buy' || side === 'sell', 'side', '"buy" or "sell" is expected', side);
  const priceRule = `a price above 0 with at most ${PRICE_DECIMALS} decimals is expected`;
  need(price !== undefined && price > 0n, 'price', priceRule, priceText);
  const lotsRule = `a whole number of lots, 1 to ${MAX_BOOK_LOTS}, is expected`;
  need(lots !== undefined && lots > 0n && lots <= MAX_BOOK_LOTS, 'lots', lotsRule, lotsText);
  return problems.length > count ? [] : [{ line, side: side as Side, price: price!, lots: lots! }];
}

/** The largest power of ten, at most 1, of which all prices are multiples; scaled like them. */
export function finestTick(prices: readonly bigint[]): bigint {
  let tick = 10n ** BigInt(PRICE_DECIMALS);
  while (prices.some((price) => price % tick !== 0n)) tick /= 10n;
  return tick;
}

/** Rows as auction orders in ticks. A tie is won by the earlier row. */
export const bookInTicks = (rows: readonly BookRow[], tick: bigint): BookOrder[] =>
  rows.map(({ side, price, lots }, i) => ({ side, price: price / tick, lots, tieKey: rowKey(i) }));

function rowKey(i: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, i);
  return bytes;
}
