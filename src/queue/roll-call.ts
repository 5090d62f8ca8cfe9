import { z } from 'zod';
import type { QueueConnection } from './connection.ts';
import { MAX_PRESENT, PRESENT_MS } from './limits.ts';
import { KEY_PREFIX } from './task-queue.ts';

/** What a worker says of itself, again and again while it is there. */
export interface Present {
  /** Of the package. */
  readonly version: string;
  /** Names of the queues that it takes tasks of. */
  readonly queues: readonly string[];
}

const MAX_BYTES = 1 << 14;
const schema: z.ZodType<Present> = z.object({
  version: z.string().regex(/^[\w.+-]{1,40}$/),
  queues: z.array(z.string().max(100)).max(200),
});
const keyOf = (worker: string): string => `${KEY_PREFIX}:workers:${worker}`;

/** @param worker a name that no other worker has */
export async function announce({ redis }: QueueConnection, worker: string, present: Present): Promise<void> {
  await redis.set(keyOf(worker), JSON.stringify(present), 'PX', PRESENT_MS);
}

/** A worker that ends is not waited for. */
export async function takeLeave({ redis }: QueueConnection, worker: string): Promise<void> {
  await redis.del(keyOf(worker));
}

/** The workers that are there; what does not read as a worker is none. */
export async function whoIsThere({ redis }: QueueConnection): Promise<Present[]> {
  const keys = new Set<string>();
  let cursor = '0';
  do {
    const [next, some] = await redis.scan(cursor, 'MATCH', keyOf('*'), 'COUNT', 10_000);
    for (const key of some) if (keys.size < MAX_PRESENT) keys.add(key);
    cursor = next;
  } while (cursor !== '0' && keys.size < MAX_PRESENT);
  const found = await Promise.all(
    [...keys].map(async (key) => {
      // A key of another type answers with an error.
      const length = await redis.strlen(key).catch(() => Number.POSITIVE_INFINITY);
      return length > MAX_BYTES ? undefined : presentIn(await redis.get(key).catch(() => null));
    }),
  );
  return found.filter((each) => each !== undefined);
}

function presentIn(text: string | null): Present | undefined {
  try {
    return schema.safeParse(JSON.parse(text ?? '')).data;
  } catch {
    return undefined;
  }
}
