import { assert } from '../base/errors.ts';

const FIRST_CAPACITY = 256;

/**
 * A binary heap of (key, value) in flat arrays, equal keys in the order of pushing. Pushing and popping allocate nothing
 * but when the arrays double.
 */
export class EventQueue {
  private keys = new Float64Array(FIRST_CAPACITY);
  private orders = new Float64Array(FIRST_CAPACITY);
  private values = new Float64Array(FIRST_CAPACITY);
  private count = 0;
  private pushed = 0;

  get size(): number {
    return this.count;
  }

  /** Key of the next event; only if there is one. */
  get nextKey(): number {
    assert(this.count > 0, 'the queue has a next event');
    return this.keys[0]!;
  }

  push(key: number, value: number): void {
    if (this.count === this.keys.length) this.grow();
    let at = this.count++;
    const order = this.pushed++;
    const { keys, orders, values } = this;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (keys[parent]! <= key) break;
      keys[at] = keys[parent]!;
      orders[at] = orders[parent]!;
      values[at] = values[parent]!;
      at = parent;
    }
    keys[at] = key;
    orders[at] = order;
    values[at] = value;
  }

  /** @returns the value with the least key; only if there is one. */
  pop(): number {
    assert(this.count > 0, 'the queue has an event');
    const { keys, orders, values } = this;
    const top = values[0]!;
    const last = --this.count;
    const key = keys[last]!;
    const order = orders[last]!;
    const value = values[last]!;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= last) break;
      const right = child + 1;
      if (right < last && this.precedes(right, keys[child]!, orders[child]!)) child = right;
      if (!this.precedes(child, key, order)) break;
      keys[at] = keys[child]!;
      orders[at] = orders[child]!;
      values[at] = values[child]!;
      at = child;
    }
    keys[at] = key;
    orders[at] = order;
    values[at] = value;
    return top;
  }

  private precedes(at: number, key: number, order: number): boolean {
    const own = this.keys[at]!;
    return own < key || (own === key && this.orders[at]! < order);
  }

  private grow(): void {
    for (const name of ['keys', 'orders', 'values'] as const) {
      const wider = new Float64Array(2 * this.count);
      wider.set(this[name]);
      this[name] = wider;
    }
  }
}
