import { SimError } from './errors.ts';
import type { LinkDelay } from './links.ts';

/** One-way latencies between places. Validator i sits in place i mod their number. */
export interface LatencyTable {
  /** In the order in which the file names them. */
  readonly places: readonly string[];
  /** Milliseconds one way, from row to column. */
  readonly ms: readonly (readonly number[])[];
  /** The same for `schedule: { kind: 'links', delay }`: each message takes its latency, ±10 % at random. */
  readonly delay: LinkDelay;
}

export const LATENCY_FILE_BYTES = 1 << 20;
export const MAX_PLACES = 256;
export const MAX_LATENCY_MS = 60_000;
const MAX_PROBLEMS = 20;

/**
 * Reads one-way latencies. Either lines `from,to,ms` below these three words, or a table: an empty cell and the places in the first line,
 * then a line for each place with the milliseconds from it to each of them. Every place needs all others and itself: two validators may
 * sit there. Names are up to 64 signs without commas and quotes; milliseconds are decimals up to a minute. Empty lines and those that begin with #
 * are left out.
 * @param name what messages call the file
 * @throws {SimError} SIM_LATENCIES with what is wrong, line by line
 */
export function parseLatencies(text: string, name: string): LatencyTable {
  const problems: string[] = [];
  const wrong = (line: number, what: string): void => void problems.push(`line ${line}: ${what}`);
  const lines = text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((line, i) => ({ at: i + 1, cells: line.split(',').map((cell) => cell.trim()), line }))
    .filter(({ line }) => line.trim() !== '' && !line.startsWith('#'));
  const [head, ...rest] = lines;
  const refuse = (): never => {
    const shown = problems.slice(0, MAX_PROBLEMS);
    const more = problems.length > shown.length ? [`and ${problems.length - shown.length} more`] : [];
    const all = [...shown, ...more].map((each) => `  ${each}`).join('\n');
    throw new SimError('SIM_LATENCIES', `${name} is no file of latencies:\n${all}`, { problems: shown });
  };
  if (text.length > LATENCY_FILE_BYTES) wrong(1, `there are more than ${LATENCY_FILE_BYTES} bytes`);
  else if (head === undefined) wrong(1, 'from,to,ms is expected, or an empty cell and the names of places');
  if (problems.length > 0) return refuse();
  const msOf = new Map<string, number>();
  const places: string[] = [];
  const add = (line: number, from: string, to: string, text: string): void => {
    const key = JSON.stringify([from, to]);
    const ms = /^\d{1,5}(\.\d{1,6})?$/.test(text) ? Number(text) : Number.NaN;
    if (!(ms <= MAX_LATENCY_MS))
      wrong(line, `${JSON.stringify(text)} is no number of milliseconds from 0 to ${MAX_LATENCY_MS}`);
    else if (msOf.has(key)) wrong(line, `${from} to ${to} is there twice`);
    msOf.set(key, ms);
  };
  const place = (line: number, named: string): void => {
    if (!/^[^"]{1,64}$/.test(named)) wrong(line, `${JSON.stringify(named)} is no name of a place`);
    if (!places.includes(named)) places.push(named);
  };
  if (head!.cells.join() === 'from,to,ms') {
    for (const { at, cells } of rest) {
      if (cells.length !== 3) wrong(at, `three cells are expected, not ${cells.length}`);
      const [from = '', to = '', ms = ''] = cells;
      for (const each of [from, to]) place(at, each);
      add(at, from, to, ms);
      if (places.length > MAX_PLACES) break;
    }
  } else if (head!.cells[0] === '' && head!.cells.length > 1) {
    for (const each of head!.cells.slice(1)) {
      if (places.includes(each)) wrong(head!.at, `${each} is there twice`);
      place(head!.at, each);
    }
    for (const { at, cells } of rest) {
      const [from = '', ...values] = cells;
      if (!places.includes(from)) wrong(at, `${JSON.stringify(from)} is not in the first line`);
      if (values.length !== places.length)
        wrong(at, `${places.length} numbers are expected, not ${values.length}`);
      else for (const [i, to] of places.entries()) add(at, from, to, values[i]!);
    }
  } else {
    wrong(head!.at, 'from,to,ms is expected, or an empty cell and the names of places');
    return refuse();
  }
  if (places.length === 0) wrong(head!.at, 'no latencies follow');
  if (places.length > MAX_PLACES) wrong(head!.at, `there are more than ${MAX_PLACES} places`);
  else
    for (const from of places)
      for (const to of places)
        if (!msOf.has(JSON.stringify([from, to])) && problems.length <= MAX_PROBLEMS)
          problems.push(`${from} to ${to} is missing`);
  if (problems.length > 0) return refuse();
  const ms = places.map((from) => places.map((to) => msOf.get(JSON.stringify([from, to]))!));
  return { places, ms, delay: { kind: 'matrix', ms } };
}
