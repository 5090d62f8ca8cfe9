import { z } from 'zod';
import { FormatError } from '../../formats/errors.ts';
import { readJson, readParsed } from '../../formats/json-file.ts';
import { MAX_RUN_HEIGHT } from '../../formats/run-input.ts';

/**
 * Compares what two runs of a market say, height by height. Results of one command are compared field by field. A result of `velum epoch`
 * and one of `velum market simulate` are compared by what both have: prices, auctions, events, orders that did not fill, accounts,
 * and the sums of money.
 */

/** What an epoch says of a height and two runs need not have in common: times of the machine, and who proposed, signed or was at fault. */
const PASSED_OVER = new Set(['ms', 'acsProposers', 'certificateSignedBy', 'settledBy', 'faults']);
/** What only a simulation says of an account. */
const SIMULATED_ONLY = new Set(['initialMargin', 'maintenanceMargin']);

type Row = Readonly<Record<string, unknown>>;

/** Something that two results say differently; undefined: not there. */
export interface Difference {
  readonly height: number;
  /** Empty: the whole height. */
  readonly path: string;
  readonly a: unknown;
  readonly b: unknown;
}

const heightsOf = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.looseObject({
    velum: z.string().optional(),
    heights: z.array(z.looseObject({ height: z.int(), ...shape })).max(MAX_RUN_HEIGHT),
  });
const anyResult = heightsOf({});
/** What is read of an epoch's heights to say them as a simulation does. */
const epochResult = heightsOf({
  market: z.looseObject({}),
  accounts: z.array(
    z.looseObject({
      trader: z.string(),
      name: z.string(),
      after: z.looseObject({
        cash: z.string(),
        equity: z.string(),
        positions: z.array(z.looseObject({ instrument: z.string(), lots: z.string() })),
      }),
    }),
  ),
});
const simulatedResult = heightsOf({ accounts: z.array(z.looseObject({})) });

/** A result file: its name, for messages, and its text. */
export interface ResultFile {
  readonly name: string;
  readonly text: string;
}

/**
 * All that two results say differently, by ascending height.
 * @throws {FormatError} RUN_FILES for what is no result
 */
export function compareResults(a: ResultFile, b: ResultFile): Difference[] {
  const [left, right] = [a, b].map(({ name, text }) => ({
    name,
    json: readJson(anyResult, text, name, FormatError.of('RUN_FILES')),
  })) as [Opened, Opened];
  const isMixed = isEpoch(left) !== isEpoch(right);
  const [leftRows, rightRows] = [left, right].map((side) => rowsOf(side, isMixed)) as [Rows, Rows];
  const heights = new Set([...left.json.heights, ...right.json.heights].map(({ height }) => height));
  return [...heights]
    .sort((x, y) => x - y)
    .flatMap((height) => [...differences(height, '', leftRows(height), rightRows(height))]);
}

interface Opened {
  readonly name: string;
  readonly json: z.output<typeof anyResult>;
}
/** A height's row; to be asked by ascending height. */
type Rows = (height: number) => Row | undefined;

const isEpoch = ({ json }: Opened): boolean => json.velum === 'epoch';

/** @param isMixed the other result is of the other command: only what both have is told, in the shape of a simulation */
function rowsOf(result: Opened, isMixed: boolean): Rows {
  const read = <S extends z.ZodType>(schema: S): z.output<S> =>
    readParsed(schema, result.json, result.name, FormatError.of('RUN_FILES'));
  if (!isMixed) return rowsByHeight(result.json.heights);
  if (!isEpoch(result)) {
    const { heights } = read(simulatedResult);
    return rowsByHeight(
      heights.map((row) => ({ ...row, accounts: row.accounts.map((account) => without(account)) })),
    );
  }
  const rows = rowsByHeight(read(epochResult).heights);
  // An epoch lists the accounts that a height changed; the others are as they were.
  const accounts = new Map<string, Row>();
  return (height) => {
    const row = rows(height);
    if (row === undefined) return undefined;
    for (const { trader, name, after } of row.accounts) {
      const { cash, equity } = after;
      const positions = Object.fromEntries(after.positions.map(({ instrument, lots }) => [instrument, lots]));
      accounts.set(`${trader} ${name}`, { trader, account: name, cash, equity, positions });
    }
    return { ...row.market, height, accounts: [...accounts.values()] };
  };
}

const without = (account: Row): Row =>
  Object.fromEntries(Object.entries(account).filter(([key]) => !SIMULATED_ONLY.has(key)));

function rowsByHeight<R extends { readonly height: number }>(
  rows: readonly R[],
): (height: number) => R | undefined {
  const byHeight = new Map(rows.map((row) => [row.height, row]));
  return (height) => byHeight.get(height);
}

/**
 * Rows of a list by what they are about, because the order of a list follows from ids, which two runs need not share. Rows about the
 * same are numbered in their order; of a list with rows about nothing the place counts.
 */
function keyed(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  const counts = new Map<string, number>();
  const keys = value.map((row: unknown) => {
    if (typeof row !== 'object' || row === null) return undefined;
    const { trader, account, counterparty, name, instrument, side, item, leg, type } = row as Row;
    const parts = [type, trader, name ?? account, counterparty, item, leg, side, instrument];
    const key = parts.filter((part) => part !== undefined).join(' ');
    if (key === '') return undefined;
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    return count === 1 ? key : `${key} #${count}`;
  });
  if (!keys.every((key) => key !== undefined)) return { ...value };
  return Object.fromEntries(keys.map((key, i) => [key, value[i] as unknown]));
}

function* differences(height: number, path: string, left: unknown, right: unknown): Generator<Difference> {
  const [a, b] = [keyed(left), keyed(right)];
  if (typeof a === 'object' && a !== null && typeof b === 'object' && b !== null) {
    const [x, y] = [a as Row, b as Row];
    for (const key of new Set([...Object.keys(x), ...Object.keys(y)])) {
      if (path === '' && PASSED_OVER.has(key)) continue;
      yield* differences(height, path === '' ? key : `${path}.${key}`, x[key], y[key]);
    }
  } else if (a !== b) yield { height, path, a: left, b: right };
}
