import type { DepositItem } from '../ledger/deposits.ts';
import { encodeItem } from '../ledger/items.ts';
import type { ItemId } from '../params/ids.ts';
import { validatorIndex } from '../params/ids.ts';
import { EventQueue } from '../sim/event-queue.ts';
import { Links } from '../sim/links.ts';
import type { Prng } from '../sim/prng.ts';
import { bidOf } from '../validator/bid.ts';
import { type Frame, type ListRule, MempoolCommittee, modelIdOf } from './mempool-committee.ts';

export interface CanarySetting {
  readonly n: number;
  /** The last validators; they announce each canary to the validator that got it, and to nobody else. */
  readonly colluders: number;
  readonly rule: ListRule;
}

/** What is on the lists of one height: by correct validator, the validators whose canaries its ballot lists. */
export type CanaryLists = readonly (readonly number[])[];

/** Mean delay of a link and time between two announcements of a validator. */
const DELAY_MS = 50;
/** What a frame of the gossip takes on a link without bandwidth limit does not depend on its size. */
const FRAME_BYTES = 400;

const canaryOf = (i: number): DepositItem => ({
  kind: 'deposit',
  nonce: BigInt(i),
  account: 1n,
  amount: 1n,
  signature: new Uint8Array(64),
});

/**
 * One canary for each correct validator, given to it alone; then the gossip of items goes on as it does, over exponential links,
 * and all tell at the same moments what they would list.
 * @param ages of the canaries at these moments, in mean link delays, ascending
 * @returns the lists at each age
 */
export function canaryLists(
  { n, colluders, rule }: CanarySetting,
  ages: readonly number[],
  prng: Prng,
): CanaryLists[] {
  const correct = n - colluders;
  const endMs = ages.at(-1)! * DELAY_MS;
  const links = new Links(n, { delay: { kind: 'exp', meanMs: DELAY_MS } }, prng);
  const queue = new EventQueue();
  const frames: Frame[] = [];
  let nowMs = 0;
  const committee = new MempoolCommittee(n, correct, rule, (frame) => {
    const atMs = links.arrival(frame.from, frame.to, FRAME_BYTES, nowMs);
    if (atMs <= endMs) queue.push(atMs, frames.push(frame) - 1);
  });
  const phases = Array.from({ length: correct }, () => (prng.below(1 << 20) / (1 << 20)) * DELAY_MS);
  phases.forEach((phaseMs, i) => {
    // A tick of validator i is the value -1 - i.
    for (let atMs = phaseMs; atMs <= endMs; atMs += DELAY_MS) queue.push(atMs, -1 - i);
    const item = canaryOf(i);
    const bid = bidOf(modelIdOf(item), item);
    committee.at(i, (pool, out) => {
      pool.offer(encodeItem(item), out);
      for (let k = correct; k < n; k++)
        pool.heard(validatorIndex(k), { kind: 'announce', isWhole: false, held: [bid], withdrawn: [] }, out);
    });
  });
  const owners = new Map<ItemId, number>(phases.map((_, i) => [modelIdOf(canaryOf(i)), i]));
  return ages.map((age) => {
    while (queue.size > 0 && queue.nextKey <= age * DELAY_MS) {
      nowMs = queue.nextKey;
      const event = queue.pop();
      if (event >= 0) committee.deliver(frames[event]!);
      else committee.at(-1 - event, (pool, out) => pool.tick(out));
    }
    return committee.pools.map((pool) => pool.list().map((id) => owners.get(id)!));
  });
}
