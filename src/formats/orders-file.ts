import { MAX_LOTS, MAX_PRICE, type Order } from '../market/order.ts';
import { instrumentIndex } from '../params/ids.ts';
import { MAX_BALLOT_ITEMS, ORDERS_PER_BATCH } from '../params/sizes.ts';
import { type CsvRow, isJsonText, parseCsv } from './csv.ts';
import { formatDecimal, parseDecimal } from './decimal.ts';
import type { Problem } from './errors.ts';
import { FormatError } from './errors.ts';
import { isName, NAME_RULE } from './names.ts';
import { fileError, quote } from './problems.ts';
import { type FileBatch, MAX_RUN_HEIGHT, type MarketFile } from './run-input.ts';

export const ORDERS_FILE_BYTES = 1 << 20;
export const ORDERS_FILE_ROWS = 10_000;
const COLUMNS = [
  'height',
  'trader',
  'account',
  'batch',
  'instrument',
  'side',
  'lots',
  'limit',
  'reduceOnly',
] as const;
type Column = (typeof COLUMNS)[number];

/** The account word that means: an account of this batch alone. */
const FRESH = 'fresh';

interface Row extends Order {
  readonly line: number;
  readonly height: number;
  readonly trader: string;
  readonly account: string;
  readonly batch: string;
}

/**
 * The batches of an orders file, in order of their height and then of the file.
 * @param text   RFC 4180, header `height,trader,account,batch,instrument,side,lots,limit,reduceOnly`
 * @param file   its name, for messages
 * @param market names the instruments and the traders that rows may use
 * @throws {FormatError} ORDERS_FILE with ALL problems, each with line, column and reason
 */
export function parseOrdersFile(text: string, file: string, market: MarketFile): FileBatch[] {
  if (isJsonText(text))
    throw fileError(FormatError.of('ORDERS_FILE'), file, [
      { where: 'file', reason: `this is no CSV but JSON; the first line must be ${COLUMNS.join(',')}` },
    ]);
  const { rows: all, problems: broken } = parseCsv(text);
  const problems: Problem[] = broken.map(({ line, reason }) => ({ where: `line ${line}`, reason }));
  const [header, ...rows] = all;
  const expected = COLUMNS.join(',');
  if (header?.fields.join(',') !== expected) {
    const found = header === undefined ? 'nothing' : quote(header.fields.join(','));
    const reason = `the header must be ${expected}, found ${found}`;
    throw fileError(FormatError.of('ORDERS_FILE'), file, [
      { where: `line ${header?.line ?? 1}`, reason },
      ...problems,
    ]);
  }
  if (rows.length > ORDERS_FILE_ROWS) {
    const reason = `${rows.length} rows, ${ORDERS_FILE_ROWS} at most; split the file`;
    throw fileError(FormatError.of('ORDERS_FILE'), file, [{ where: 'file', reason }]);
  }
  const good: Row[] = [];
  for (const row of rows) {
    const parsed = parseRow(row, market, problems);
    if (parsed !== undefined) good.push(parsed);
  }
  const batches = groupRows(good, problems);
  if (rows.length === 0) problems.push({ where: 'file', reason: 'no orders after the header' });
  if (problems.length === 0) problems.push(...heightProblems(batches));
  if (problems.length > 0) {
    const line = ({ where }: Problem): number => Number(/^line (\d+)/.exec(where)?.[1] ?? Infinity);
    throw fileError(
      FormatError.of('ORDERS_FILE'),
      file,
      problems.sort((a, b) => line(a) - line(b) || 0),
    );
  }
  return batches.sort((a, b) => a.height - b.height);
}

/** One row, or undefined when it has a problem; every bad column is reported. */
function parseRow({ line, fields }: CsvRow, market: MarketFile, problems: Problem[]): Row | undefined {
  const before = problems.length;
  const problem = (column: Column, reason: string): undefined => {
    problems.push({ where: `line ${line}, ${column}`, reason });
  };
  if (fields.length !== COLUMNS.length) {
    const reason = `${fields.length} columns, ${COLUMNS.length} expected (${COLUMNS.join(',')})`;
    problems.push({ where: `line ${line}`, reason });
    return undefined;
  }
  const cell = (column: Column): string => fields[COLUMNS.indexOf(column)]!;
  const found = (column: Column): string => `found ${quote(cell(column))}`;
  const name = (column: Column): string => {
    if (!isName(cell(column))) problem(column, `${NAME_RULE} is expected, ${found(column)}`);
    return cell(column);
  };
  const whole = (column: Column, most: bigint): bigint => {
    const value = parseDecimal(cell(column), 0);
    if (value !== undefined && value >= 1n && value <= most) return value;
    problem(column, `a whole number from 1 to ${most} is expected, ${found(column)}`);
    return 0n;
  };
  const word = <Word extends string>(column: Column, words: readonly Word[]): Word => {
    const match = words.find((w) => w === cell(column));
    if (match === undefined) problem(column, `${words.join(' or ')} is expected, ${found(column)}`);
    return match ?? words[0]!;
  };

  const height = Number(whole('height', BigInt(MAX_RUN_HEIGHT)));
  const trader = name('trader');
  if (isName(trader) && !market.notes.has(trader))
    problem('trader', `${quote(trader)} has no genesis notes in the market file`);
  const account = name('account');
  const batch = name('batch');
  const instruments = market.params.instruments.map((i) => i.name);
  const instrument = instruments.indexOf(cell('instrument'));
  if (instrument < 0)
    problem('instrument', `the market has ${instruments.join(', ')}; ${found('instrument')}`);
  const side = word('side', ['buy', 'sell']);
  const lots = whole('lots', MAX_LOTS);
  const price = parseDecimal(cell('limit'));
  if (price === undefined || price < 1n || price > MAX_PRICE)
    problem(
      'limit',
      `USDC a lot is expected, more than 0 and at most ${formatDecimal(MAX_PRICE)}, with at most 6 decimals; ${found('limit')}`,
    );
  const reduceOnly = word('reduceOnly', ['false', 'true']) === 'true';
  if (problems.length > before || price === undefined) return undefined;
  return {
    line,
    height,
    trader,
    account,
    batch,
    instrument: instrumentIndex(instrument),
    side,
    lots,
    price,
    reduceOnly,
  };
}

/** Rows with one batch name; they must agree on who trades when, and be at most four. */
function groupRows(rows: readonly Row[], problems: Problem[]): FileBatch[] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(row.batch);
    if (group === undefined) groups.set(row.batch, [row]);
    else group.push(row);
  }
  for (const group of groups.values()) {
    const first = group[0]!;
    for (const [i, row] of group.entries()) {
      for (const column of ['height', 'trader', 'account'] as const)
        if (row[column] !== first[column])
          problems.push({
            where: `line ${row.line}, ${column}`,
            reason: `batch ${row.batch} has ${column} ${first[column]} on line ${first.line}, here ${row[column]}`,
          });
      if (i === ORDERS_PER_BATCH)
        problems.push({
          where: `line ${row.line}, batch`,
          reason: `batch ${row.batch} has ${group.length} orders, ${ORDERS_PER_BATCH} at most`,
        });
    }
  }
  problems.push(...caseProblems(groups));
  return [...groups.entries()].map(([name, group]) => {
    const { height, trader, account } = group[0]!;
    return {
      name,
      height,
      trader,
      account: account === FRESH ? undefined : account,
      orders: group.map(({ side, instrument, price, lots, reduceOnly }) => ({
        side,
        instrument,
        price,
        lots,
        reduceOnly,
      })),
    };
  });
}

/** Batch names become file names, and some file systems do not tell A from a. */
function caseProblems(groups: ReadonlyMap<string, readonly Row[]>): Problem[] {
  const seen = new Map<string, string>();
  return [...groups].flatMap(([name, group]) => {
    const other = seen.get(name.toLowerCase());
    seen.set(name.toLowerCase(), name);
    const where = `line ${group[0]!.line}, batch`;
    return other === undefined ? [] : [{ where, reason: `batch ${name} differs from ${other} only in case` }];
  });
}

/** A ballot can list all batches of each height. Heights may be left out: then only the market moves. */
function heightProblems(batches: readonly FileBatch[]): Problem[] {
  const counts = new Map<number, number>();
  for (const { height } of batches) counts.set(height, (counts.get(height) ?? 0) + 1);
  return [...counts].flatMap(([height, count]) =>
    count > MAX_BALLOT_ITEMS
      ? [
          {
            where: 'file',
            reason: `${count} batches at height ${height}; a ballot lists ${MAX_BALLOT_ITEMS}`,
          },
        ]
      : [],
  );
}
