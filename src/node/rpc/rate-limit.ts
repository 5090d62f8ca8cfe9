/** Requests that an address may make a second on average, and at once. */
const PER_SECOND = 500;
const BURST = 1_000;
/** Addresses that are remembered. */
const MAX_ADDRESSES = 1_024;

/** A bucket of permissions for each address, filled as time goes by. */
export class RateLimit {
  readonly #buckets = new Map<string, { left: number; atMs: number }>();

  /** @returns whether one more request of this address is within its rate */
  take(address: string, nowMs: number): boolean {
    const known = this.#buckets.get(address) ?? { left: BURST, atMs: nowMs };
    const left = Math.min(BURST, known.left + ((nowMs - known.atMs) / 1000) * PER_SECOND);
    const isWithin = left >= 1;
    this.#buckets.delete(address);
    this.#buckets.set(address, { left: isWithin ? left - 1 : left, atMs: nowMs });
    if (this.#buckets.size > MAX_ADDRESSES) this.#buckets.delete(this.#buckets.keys().next().value!);
    return isWithin;
  }
}
