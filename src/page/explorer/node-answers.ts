import { z } from 'zod';

/** What a node answers of heights that nobody has certified yet: its word alone. Strict in form and bounded, for it may be anything. */

const MAX_VALIDATORS = 100;
const count = z.int().min(0);
const indices = z.array(count).max(MAX_VALIDATORS);
const sentence = z.string().max(1_000);

export const PROGRESS = z.object({
  reached: z.array(count).max(MAX_VALIDATORS),
  listable: count,
  heights: z
    .array(
      z.object({
        height: count,
        ballots: count,
        proposals: z
          .array(
            z.object({
              isHere: z.boolean(),
              isValid: z.boolean().nullable(),
              round: count,
              decided: z.union([z.literal(0), z.literal(1)]).nullable(),
            }),
          )
          .max(MAX_VALIDATORS),
        ordered: count.nullable(),
        opening: indices,
        isSettled: z.boolean(),
        signed: indices,
      }),
    )
    .max(4),
});
export type Progress = z.output<typeof PROGRESS>;
export type HeardHeight = Progress['heights'][number];

export const NODE_HEALTH = z.object({ ok: z.boolean(), state: z.string().max(64), why: sentence });
export type Health = z.output<typeof NODE_HEALTH>;

export const PEERS = z
  .array(
    z.object({
      index: count,
      isUp: z.boolean(),
      isOtherVersion: z.boolean(),
      connects: count,
      violations: count,
      bannedMs: count,
      faults: count,
    }),
  )
  .max(MAX_VALIDATORS);
export type Peer = z.output<typeof PEERS>[number];

export const NODE_STATUS = z.object({
  validator: count,
  height: count,
  settled: count,
  certified: count,
  waitingProofs: count,
});
export type NodeStatus = z.output<typeof NODE_STATUS>;
