import { bigintToBytes } from '../base/bytes.ts';
import { ListRoot } from '../crypto/list-root.ts';

/** Distinct numbers below 2^256 in the order in which they came, and the root of their list. */
export class NumberList {
  readonly #all = new Set<bigint>();
  readonly #root = new ListRoot();

  constructor(numbers: readonly bigint[] = []) {
    for (const number of numbers) this.add(number);
  }

  get all(): ReadonlySet<bigint> {
    return this.#all;
  }

  get root(): Uint8Array {
    return this.#root.root;
  }

  has(number: bigint): boolean {
    return this.#all.has(number);
  }

  add(number: bigint): void {
    this.#all.add(number);
    this.#root.append(bigintToBytes(number, 32));
  }
}
