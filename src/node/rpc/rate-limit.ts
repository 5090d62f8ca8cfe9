/** What the requests of an address may cost a second on average, and at once; most methods cost 1 (`methods.ts`). */
const PER_SECOND = 500;
const BURST = 1_000;
/** Addresses that are remembered. */
const MAX_ADDRESSES = 1_024;

/** A bucket of permissions for each address, filled as time goes by. */
export class RateLimit {
  readonly #buckets = new Map<string, { left: number; atMs: number }>();

  /** @returns whether a request of this cost is within the rate of its address */
  take(address: string, nowMs: number, cost: number): boolean {
    const known = this.#buckets.get(address) ?? { left: BURST, atMs: nowMs };
    const left = Math.min(BURST, known.left + ((nowMs - known.atMs) / 1000) * PER_SECOND);
    const isWithin = left >= cost;
    this.#buckets.delete(address);
    this.#buckets.set(address, { left: isWithin ? left - cost : left, atMs: nowMs });
    if (this.#buckets.size > MAX_ADDRESSES) this.#buckets.delete(this.#buckets.keys().next().value!);
    return isWithin;
  }
}
