import { quorumOf } from '../../params/quorum.ts';
import { MAX_PAYLOAD_BYTES } from '../../params/sizes.ts';

/** Bytes of a transaction, as in the measurements of HoneyBadgerBFT, Dumbo and Dumbo-NG. */
export const TRANSACTION_BYTES = 250;
/** A proposal is at most 64 KiB, as everywhere. */
const MOST_TRANSACTIONS = Math.floor(MAX_PAYLOAD_BYTES / TRANSACTION_BYTES);

export const LOAD_PROTOCOLS = ['first-hand', 'bkr', 'pbft', 'hotstuff'] as const;
export type LoadProtocol = (typeof LOAD_PROTOCOLS)[number];

/** What is measured at once. */
export interface LoadPoint {
  readonly protocol: LoadProtocol;
  /** Validators. */
  readonly n: number;
  /** Transactions under way at once. */
  readonly batch: number;
}

/** Whether one validator proposes everything. */
export const hasLeader = (protocol: LoadProtocol): boolean => protocol === 'pbft' || protocol === 'hotstuff';

/** Validators whose proposals carry the batch. */
const proposersOf = ({ protocol, n }: LoadPoint): number => (hasLeader(protocol) ? 1 : n);

/** Heights that are under way at once: as few as a batch fits into. */
export const heightsAtOnce = (point: LoadPoint): number =>
  Math.ceil(point.batch / (proposersOf(point) * MOST_TRANSACTIONS));

/**
 * Transactions in a validator's proposal for a height. A batch is cut into parts that differ by one at most: one for each height under way and each
 * proposer. With a leader every validator holds the leader's part, as clients hand their requests to all.
 * @param height from 1; parts come again after `heightsAtOnce` heights
 */
export function transactionsOf(point: LoadPoint, height: number, self: number): number {
  const proposers = proposersOf(point);
  const parts = proposers * heightsAtOnce(point);
  const part = (((height - 1) % heightsAtOnce(point)) * proposers + (proposers === 1 ? 0 : self)) % parts;
  return Math.floor(point.batch / parts) + (part < point.batch % parts ? 1 : 0);
}

/** Validators that have to put a height out before it counts. */
export const quorumSize = ({ n }: LoadPoint): number => n - quorumOf(n).f;

/** Nothing compresses or shares it. */
const SPREAD = 2_654_435_761;
const filler = Uint8Array.from(
  { length: MOST_TRANSACTIONS * TRANSACTION_BYTES },
  (_, i) => Math.imul(i + 1, SPREAD) >>> 24,
);

/** A proposal: transactions that differ from all others of the run by height, proposer and place. */
export function payloadOf(point: LoadPoint, height: number, self: number): Uint8Array {
  const count = transactionsOf(point, height, self);
  const payload = filler.slice(0, count * TRANSACTION_BYTES);
  const view = new DataView(payload.buffer);
  for (let i = 0; i < count; i++) {
    view.setUint32(i * TRANSACTION_BYTES, height);
    view.setUint16(i * TRANSACTION_BYTES + 4, hasLeader(point.protocol) ? 0 : self);
    view.setUint16(i * TRANSACTION_BYTES + 6, i);
  }
  return payload;
}
