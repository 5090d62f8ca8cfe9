import { z } from 'zod';
import { height } from '../../params/ids.ts';
import { MAX_INSTRUMENTS, NOTE_TREE_DEPTH } from '../../params/sizes.ts';
import { TOPICS } from '../chain-events.ts';
import { NODE_STATES } from '../node-health.ts';

/** Forms of what is asked and answered. Amounts are units of 10^-6 USDC in decimal strings, bytes and field elements are hex. */

const MAX_HEIGHT = 2 ** 32 - 1;
export const hexOf = (bytes: number) =>
  z.string().regex(new RegExp(`^[0-9a-f]{${2 * bytes}}$`), `${2 * bytes} hex digits are expected`);
export const hex32 = hexOf(32);
export const count = z.int().min(0);
const hex = z.string().regex(/^([0-9a-f]{2})*$/);
const units = z.string().regex(/^-?\d+$/);

export const nothing = z.strictObject({});
export const atHeight = z.strictObject({ height: z.int().min(1).max(MAX_HEIGHT).transform(height) });

const heightOf = z.int().min(0).max(MAX_HEIGHT);
const certificate = z.strictObject({ signers: z.array(z.boolean()), signature: hexOf(96) });

export const BLOCK_FORM = z.strictObject({ height: heightOf, encoded: hex });
export const CERTIFICATE_FORM = z.strictObject({
  height: heightOf,
  header: certificate,
  settlement: certificate,
});
export const SETTLEMENT_FORM = z.strictObject({ height: heightOf, stateRoot: hex32, receiptsRoot: hex32 });
export const ACCOUNT_FORM = z.strictObject({
  height: heightOf,
  cash: units,
  sequence: units,
  equity: units,
  positions: z.array(
    z.strictObject({
      instrument: z
        .int()
        .min(0)
        .max(MAX_INSTRUMENTS - 1),
      lots: units,
      quote: units,
    }),
  ),
});
export const ITEM_STATUS_FORM = z.discriminatedUnion('status', [
  z.strictObject({ status: z.enum(['waiting', 'admitted']) }),
  z.strictObject({ status: z.literal('refused'), code: z.string(), height: heightOf.optional() }),
  z.strictObject({ status: z.enum(['ordered', 'settled', 'certified']), height: heightOf }),
]);
export const SUBMITTED_FORM = z.strictObject({ id: hex32.nullable() });

const noteRoot = { height: heightOf, root: hex32, count };
export const NOTES_FORM = z.strictObject({ ...noteRoot, from: count, notes: z.array(hex32) });
export const NOTE_PATH_FORM = z.strictObject({
  ...noteRoot,
  index: count,
  note: hex32,
  path: z.array(z.tuple([hex32, hex32, hex32, hex32])).length(NOTE_TREE_DEPTH),
});
const rates = z.array(units).length(MAX_INSTRUMENTS);
export const TABLES_FORM = z.strictObject({
  height: heightOf,
  batchFee: units,
  tables: z.array(z.strictObject({ height: heightOf, buyPpm: rates, sellUnits: rates })),
});
const thresholdKey = z.strictObject({ publicKey: hexOf(64), sharesRequired: count });
export const COMMITTEE_FORM = z.strictObject({
  epoch: count,
  epochHash: hex32,
  firstHeight: heightOf,
  epochHeights: count,
  dealingHeights: count,
  decryptionKey: thresholdKey,
  coinKey: thresholdKey,
  validators: z.array(
    z.strictObject({
      index: count,
      registryIndex: count,
      address: z.string(),
      encryptionKey: hexOf(64),
      blsKey: hexOf(48),
      signKey: hex32,
      identityCommitment: hex32,
    }),
  ),
});
export const STATUS_FORM = z.strictObject({
  validator: count,
  chain: hex32,
  height: heightOf,
  settled: heightOf,
  certified: heightOf,
  isReady: z.boolean(),
  peersUp: count,
  waitingProofs: count,
});
export const HEALTH_FORM = z.strictObject({ ok: z.boolean(), state: z.enum(NODE_STATES), why: z.string() });
export const PEERS_FORM = z.array(
  z.strictObject({
    index: count,
    address: z.strictObject({ host: z.string(), port: z.int().min(0).max(65_535) }),
    isUp: z.boolean(),
    isOtherVersion: z.boolean(),
    connects: count,
    violations: count,
    bannedMs: count,
    bytesIn: count,
    bytesOut: count,
    faults: count,
  }),
);
export const PROGRESS_FORM = z.strictObject({
  /** By validator index; none at a member without a seat. */
  reached: z.array(heightOf),
  listable: count,
  heights: z.array(
    z.strictObject({
      height: heightOf,
      ballots: count,
      proposals: z.array(
        z.strictObject({
          isHere: z.boolean(),
          isValid: z.boolean().nullable(),
          round: count,
          decided: z.union([z.literal(0), z.literal(1)]).nullable(),
        }),
      ),
      ordered: count.nullable(),
      opening: z.array(count),
      isSettled: z.boolean(),
      signed: z.array(count),
    }),
  ),
});
export const SUBSCRIPTION_FORM = z.strictObject({ subscription: z.int().min(1) });
export const topicForm = z.strictObject({ topic: z.enum(TOPICS) });

/** What a subscriber is told, by topic: the `event` of a notification. */
export const EVENT_FORMS = {
  heights: z.strictObject({ height: heightOf, headerHash: hex32, items: count }),
  settlements: z.strictObject({ height: heightOf, accepted: count, stateRoot: hex32, receiptsRoot: hex32 }),
  phases: z.strictObject({ height: heightOf, phase: z.enum(['ordered', 'settled', 'certified']) }),
} as const;
