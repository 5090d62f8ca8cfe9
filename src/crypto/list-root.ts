import { bigintToBytes } from '../base/bytes.ts';
import { assert } from '../base/errors.ts';
import { hashBytes } from './hash.ts';

const VALUE_BYTES = 32;

/**
 * The root of a list that only grows, without the list: of its values only the roots of the full binary trees that stand for its
 * length in base 2 are kept. One value more costs one hash on average and log₂ n at most; the root costs one.
 * root = H(listRoot; n ‖ roots of the trees, smallest first), parent = H(listNode; left ‖ right). How deep a tree is follows
 * from n, so no value passes for a node.
 * @see Crosby and Wallach, Efficient Data Structures for Tamper-Evident Logging, USENIX Security '09
 */
export class ListRoot {
  /** By depth: the root of the full tree of 2^depth values, if the length has that bit. */
  readonly #trees: (Uint8Array | undefined)[] = [];
  #length = 0;

  /** @param value 32 bytes, public */
  append(value: Uint8Array): void {
    assert(value.length === VALUE_BYTES, 'a value of the list has 32 bytes');
    let node = value;
    let depth = 0;
    for (let left = this.#trees[depth]; left !== undefined; left = this.#trees[depth]) {
      node = hashBytes('listNode', left, node);
      this.#trees[depth] = undefined;
      depth += 1;
    }
    this.#trees[depth] = node;
    this.#length += 1;
  }

  /** @returns 32 bytes */
  get root(): Uint8Array {
    const trees = this.#trees.flatMap((tree) => tree ?? []);
    return hashBytes('listRoot', bigintToBytes(BigInt(this.#length), 8), ...trees);
  }
}
