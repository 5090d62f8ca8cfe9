import { encodeItem } from '../ledger/items.ts';
import { EventQueue } from '../sim/event-queue.ts';
import { type LinkOptions, Links } from '../sim/links.ts';
import { Prng } from '../sim/prng.ts';
import { oneWayMs } from '../sim/wan-latency.ts';
import { type Frame, MempoolCommittee, modelBatch, modelIdOf } from './mempool-committee.ts';

export interface SpreadSetting {
  readonly n: number;
  /** The last validators, dead from the start. */
  readonly crashed: number;
  readonly batches: number;
  readonly links: LinkOptions;
}

/** From a trader to the validator in its region. */
const SUBMIT_MS = oneWayMs('one region')[0]![0]!;
/** A node announces when nothing more was admitted for this long, and this long after what it announced before. */
const ANNOUNCE_QUIET_MS = 10;
const ANNOUNCE_APART_MS = 50;
/** It votes when no item was admitted for this long. */
const BALLOT_QUIET_MS = 20;

/**
 * Virtual milliseconds from the traders' hands until every live validator may cast its ballot: each batch goes to the validator in its trader's
 * region, is announced, pulled by the others, announced by them, and listable when 2f + 1 say that they hold it. The mempools are the
 * project's own, and the timers those of a node.
 */
export function spreadMs({ n, crashed, batches, links: options }: SpreadSetting, seed: number): number {
  const live = n - crashed;
  const prng = new Prng(seed + 2 ** 35);
  const links = new Links(n, options, prng);
  const queue = new EventQueue();
  const frames: Frame[] = [];
  let nowMs = 0;
  const committee = new MempoolCommittee(n, live, 'held by 2f + 1', (frame) => {
    queue.push(links.arrival(frame.from, frame.to, frame.bytes, nowMs), frames.push(frame) - 1);
  });
  const items = Array.from({ length: batches }, (_, i) => modelBatch(i));
  const ids = items.map(modelIdOf);
  const held = new Array<number>(live).fill(0);
  const toldMs = new Array<number>(live).fill(-ANNOUNCE_APART_MS);
  const readyMs = new Map<number, number>();
  // A batch that is handed in is the value -1 - i, a tick of validator i after those.
  const nobody = batches;
  const isTicking = new Set<number>();
  const look = (i: number): void => {
    const pool = committee.pools[i]!;
    const holds = ids.filter((id) => pool.get(id) !== undefined).length;
    if (holds > held[i]! && !isTicking.has(i)) {
      isTicking.add(i);
      queue.push(Math.max(nowMs + ANNOUNCE_QUIET_MS, toldMs[i]! + ANNOUNCE_APART_MS), -1 - nobody - i);
    }
    held[i] = holds;
    if (!readyMs.has(i) && ids.every((id) => pool.isListable(id))) readyMs.set(i, nowMs);
  };
  for (let i = 0; i < batches; i++) queue.push(SUBMIT_MS, -1 - i);
  const atValidator = items.map(() => prng.below(live));
  while (readyMs.size < live && queue.size > 0) {
    nowMs = queue.nextKey;
    const event = queue.pop();
    if (event >= 0) {
      const frame = frames[event]!;
      if (frame.to >= live) continue;
      committee.deliver(frame);
      look(frame.to);
    } else if (event >= -nobody) {
      const i = -1 - event;
      const to = atValidator[i]!;
      committee.at(to, (pool, out) => pool.offer(encodeItem(items[i]!), out));
      look(to);
    } else {
      const i = -1 - nobody - event;
      isTicking.delete(i);
      toldMs[i] = nowMs;
      committee.at(i, (pool, out) => pool.tick(out));
      look(i);
    }
  }
  return nowMs + BALLOT_QUIET_MS;
}
