import { z } from 'zod';
import { NODE_STATES } from '../../node/node-health.ts';

/** What a node answers to those who run it; what it answers to everybody stands in `src/client/ask-node.ts`. Fields that nobody reads may come or not. */

export const HEALTH = z.object({ ok: z.boolean(), state: z.enum(NODE_STATES) });
export const SETTLEMENT = z.object({ stateRoot: z.string().regex(/^[0-9a-f]{64}$/) });
