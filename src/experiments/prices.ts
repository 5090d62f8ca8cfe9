import { assert } from '../base/errors.ts';
import type { Measured } from './define.ts';
import {
  CALL_KINDS,
  type CallKind,
  type CountedCall,
  type HeightPhase,
  type HeightSize,
  PHASES,
} from './height-calls.ts';
import type { Price } from './processor-time.ts';

/**
 * The price table: what each call of a validator takes, and what proofs take, with how often a height calls. It is one flat list of
 * numbers, as measurements are; e7, e8 and the pages read it by these functions only.
 */

const FIGURES = ['q1', 'median', 'q3', 'timings'] as const;
const sizeKey = ({ n, batches }: Pick<HeightSize, 'n' | 'batches'>): string => `${n}/${batches}`;
const heightKey = (size: HeightSize): string => `${sizeKey(size)}/${size.crashed}`;

/** What the proofs of a height are called in the table; all other calls are priced for the size of their height. */
const PROOF_CALLS: Partial<Record<CallKind, string>> = {
  proveBallot: 'prove ballot again',
  verifyBallot: 'verify ballot',
  verifyOrders: 'verify orders',
};
/** What the machine of a validator does in a height beside its calls. */
const REST = 'rest of a height';

/** A call's name in the table. */
export const callName = (kind: CallKind | typeof REST, size: Pick<HeightSize, 'n' | 'batches'>): string =>
  PROOF_CALLS[kind as CallKind] ?? `${kind}/${sizeKey(size)}`;
export const restName = (size: Pick<HeightSize, 'n' | 'batches'>): string => callName(REST, size);

export const writePrice = (name: string, price: Price): Measured =>
  Object.fromEntries(FIGURES.map((figure) => [`${name}|${figure}`, price[figure]]));

/** @throws {AssertionError} if it was not measured: nothing counts as free */
export function priceOf(measured: Measured, name: string): Price {
  assert(`${name}|median` in measured, `${name} was measured`);
  return Object.fromEntries(
    FIGURES.map((figure) => [figure, measured[`${name}|${figure}`]!]),
  ) as unknown as Price;
}

/** @param calls by live validator: of each kind the most that one of them makes in a part of the height */
export function writeCalls(size: HeightSize, calls: readonly (readonly CountedCall[])[]): Measured {
  const most: Record<string, number> = {};
  for (const { phase, kind, times } of calls.flat()) {
    const key = `calls|${heightKey(size)}|${phase}|${kind}`;
    most[key] = Math.max(most[key] ?? 0, times);
  }
  return most;
}

interface CallLine extends CountedCall {
  readonly size: HeightSize;
}

/** All that was counted. */
export const callLines = (measured: Measured): CallLine[] =>
  Object.entries(measured).flatMap(([key, times]) => {
    const [table, where = '', phase, kind] = key.split('|');
    if (table !== 'calls') return [];
    const [n = 0, batches = 0, crashed = 0] = where.split('/').map(Number);
    return [{ size: { n, batches, crashed }, phase: phase as HeightPhase, kind: kind as CallKind, times }];
  });

/** @throws {AssertionError} if such a height was not counted */
export function callsOf(measured: Measured, size: HeightSize): CountedCall[] {
  const calls = callLines(measured).filter((line) => heightKey(line.size) === heightKey(size));
  assert(calls.length > 0, `a height of ${heightKey(size)} (validators, batches, crashed) was counted`);
  return calls.sort((a, b) => PHASES.indexOf(a.phase) - PHASES.indexOf(b.phase));
}

/** Names of all prices. */
export const pricedNames = (measured: Measured): string[] =>
  Object.keys(measured).flatMap((key) => (key.endsWith('|median') ? [key.slice(0, -'|median'.length)] : []));

/** What must not be: a call that a height makes and nobody priced, and a price of a call that no height makes. */
export function pricingGaps(measured: Measured): {
  readonly unpriced: readonly string[];
  readonly uncounted: readonly string[];
} {
  const counted = new Set(callLines(measured).map(({ kind, size }) => callName(kind, size)));
  const priced = new Set(pricedNames(measured));
  const isCall = (name: string): boolean =>
    name.split('/')[0]! in CALL_KINDS || Object.values(PROOF_CALLS).includes(name);
  return {
    unpriced: [...counted].filter((name) => !priced.has(name)),
    uncounted: [...priced].filter((name) => isCall(name) && !counted.has(name)),
  };
}

/** The prices as a table for others: what, for which height, and the figures in ms. */
export const pricesCsv = (measured: Measured): string =>
  [
    'what,validators,batches,timings,q1_ms,median_ms,q3_ms',
    ...pricedNames(measured).map((name) => {
      const [what, n = '', batches = ''] = name.split('/');
      const { timings, q1, median, q3 } = priceOf(measured, name);
      return [what, n, batches, timings, q1, median, q3].join(',');
    }),
    '',
  ].join('\n');

/** How often a validator calls what in a height, at most. */
export const callsCsv = (measured: Measured): string =>
  [
    'validators,batches,crashed,until,call,times',
    ...callLines(measured).map(({ size: { n, batches, crashed }, phase, kind, times }) =>
      [n, batches, crashed, phase, kind, times].join(','),
    ),
    '',
  ].join('\n');
