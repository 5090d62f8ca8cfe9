import { quorumOf } from '../params/quorum.ts';
import type { Measured } from './define.ts';
import { CALL_KINDS, type CallKind, type HeightSize } from './height-calls.ts';
import { callName, callsOf, priceOf, restName } from './prices.ts';

/** What the work of a height is for. */
export const PARTS = ['proofs', 'threshold', 'other'] as const;
export type WorkPart = (typeof PARTS)[number];

const PART_OF: Readonly<Record<CallKind, WorkPart>> = {
  proveBallot: 'proofs',
  verifyBallot: 'proofs',
  verifyOrders: 'proofs',
  decryptionShares: 'threshold',
  proveDleq: 'threshold',
  verifyDleq: 'threshold',
  combineDecryptions: 'threshold',
  openAll: 'threshold',
  coinShare: 'threshold',
  verifyCoinShare: 'threshold',
  combineCoin: 'threshold',
  sign: 'other',
  verifySignature: 'other',
  blsSign: 'other',
  blsVerify: 'other',
  aggregate: 'other',
  verifyCertificate: 'other',
  settle: 'other',
};

/** Milliseconds of one validator, one core, between two bounds. */
export interface Bounds {
  readonly low: number;
  readonly high: number;
}

/**
 * What a validator's calls until its settlement add to the time of a height. At least: what it makes for its own next message, and of what
 * it does for each message of others one, as it does the rest while it waits; at the lower quartile. At most: every call that was
 * counted, one after the other and none while messages are on their way, and all that its machine does beside them; at the upper quartile.
 * @param coins of the common subset, one after the other: they depend on the network, so that the run says how many there were
 */
export function heightPrice(
  size: HeightSize,
  coins: number,
  measured: Measured,
): Readonly<Record<WorkPart, Bounds>> {
  const sums = Object.fromEntries(PARTS.map((part) => [part, { low: 0, high: 0 }])) as Record<
    WorkPart,
    { low: number; high: number }
  >;
  const add = (kind: CallKind, low: number, high: number): void => {
    const price = priceOf(measured, callName(kind, size));
    sums[PART_OF[kind]].low += low * price.q1;
    sums[PART_OF[kind]].high += high * price.q3;
  };
  for (const { phase, kind, times } of callsOf(measured, size))
    if (phase !== 'certify') add(kind, CALL_KINDS[kind] === 'received' ? 1 : times, times);
  const { sharesRequired } = quorumOf(size.n);
  add('coinShare', coins, coins);
  add('verifyCoinShare', coins, coins * sharesRequired);
  add('combineCoin', coins, coins);
  sums.other.high += priceOf(measured, restName(size)).q3;
  return sums;
}

/** Of all parts together. */
export const wholeOf = (parts: Readonly<Record<WorkPart, Bounds>>): Bounds => ({
  low: PARTS.reduce((sum, part) => sum + parts[part].low, 0),
  high: PARTS.reduce((sum, part) => sum + parts[part].high, 0),
});
