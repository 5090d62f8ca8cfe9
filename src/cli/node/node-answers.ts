import { z } from 'zod';
import { NODE_STATES } from '../../node/node-health.ts';

/** What a node answers, as its callers read it: a node is no more trusted than a file. Fields that nobody reads may come or not. */

const count = z.int().min(0);
/** A code of a refusal: what may be shown at a terminal. */
export const CODE = z.string().regex(/^[A-Z][A-Z0-9_]{0,63}$/);
const hex32 = z.string().regex(/^[0-9a-f]{64}$/);

export const STATUS = z.object({
  validator: count,
  chain: hex32,
  height: count,
  settled: count,
  certified: count,
  isReady: z.boolean(),
  peersUp: count,
  waitingProofs: count,
});
export const HEALTH = z.object({ ok: z.boolean(), state: z.enum(NODE_STATES) });
export const SUBMITTED = z.object({ id: hex32.nullable() });
export const BLOCK = z.object({ encoded: z.string() });
export const SETTLEMENT = z.object({ stateRoot: hex32 });
export const ITEM_STATUS = z.discriminatedUnion('status', [
  z.object({ status: z.enum(['waiting', 'admitted']) }),
  z.object({ status: z.literal('refused'), code: CODE, height: count.optional() }),
  z.object({ status: z.enum(['ordered', 'settled', 'certified']), height: count }),
]);
