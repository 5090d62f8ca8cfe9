import { bigintToBytes, bytesToBigint } from '../base/bytes.ts';
import type { VelumError } from '../base/errors.ts';
import { r } from '../params/fields.ts';
import { ARITY } from '../params/sizes.ts';
import { CryptoError } from './errors.ts';
import { type Children, merkleNode } from './hash.ts';

/** Per level, leaf level first: the four children among which the running hash is found. */
export type MerklePath = readonly Children[];

const NODE_BYTES = 32;

/** EMPTY[d]: root of a tree of depth d without leaves; an empty leaf is 0, which no tagged hash is. */
const EMPTY: bigint[] = [0n];

function emptyRoot(depth: number): bigint {
  for (let d = EMPTY.length; d <= depth; d++) {
    const child = EMPTY[d - 1]!;
    EMPTY.push(merkleNode([child, child, child, child]));
  }
  return EMPTY[depth]!;
}

/**
 * An append-only quaternary Poseidon tree of fixed depth: 4^depth leaves, empty ones 0. Only the occupied part is
 * stored. Appending costs nothing: whoever asks for the root, a path or the nodes has each node hashed once that
 * leaves came below since, so ten leaves cost little more than one.
 */
export class MerkleTree {
  readonly depth: number;
  /** levels[0] are the leaves, levels[depth] the root; nodes right of the last leaf are left out. */
  readonly #levels: bigint[][];
  /** Leaves on which the nodes above are up to date. */
  #hashed = 0;

  /** @throws {CryptoError} CRYPTO_INPUT unless 1 ≤ depth ≤ 16: at depth 0 the root would be the leaf itself. */
  constructor(depth: number) {
    if (!Number.isInteger(depth) || depth < 1 || depth > 16) {
      throw new CryptoError('CRYPTO_INPUT', 'a Merkle tree has a depth of 1 to 16', { depth });
    }
    this.depth = depth;
    this.#levels = Array.from({ length: depth + 1 }, () => []);
  }

  /**
   * The tree of these leaves: n/3 hashes.
   * @param leaves tagged hashes in F_r; empty ones, 0, only where they are said to be `gaps`
   * @throws {CryptoError} CRYPTO_INPUT as the constructor and `append` do
   */
  static from(depth: number, leaves: readonly bigint[], gaps: 'no gaps' | 'gaps' = 'no gaps'): MerkleTree {
    const tree = new MerkleTree(depth);
    requireLeaves(gaps === 'gaps' ? leaves.filter((leaf) => leaf !== 0n) : leaves);
    if (leaves.length > ARITY ** depth) throw treeIsFull(depth);
    tree.#levels[0] = [...leaves];
    tree.#hash();
    return tree;
  }

  /** The nodes above the leaves, 32 bytes each, level by level: with the leaves they are the tree without a hash. */
  writeNodes(): Uint8Array {
    this.#hash();
    const nodes = this.#levels.slice(1).flat();
    const out = new Uint8Array(NODE_BYTES * nodes.length);
    nodes.forEach((node, i) => {
      out.set(bigintToBytes(node, NODE_BYTES), NODE_BYTES * i);
    });
    return out;
  }

  /**
   * The tree whose leaves and nodes were written. No hash is computed, so both have to come from where nobody else writes.
   * @returns undefined if there are more or fewer nodes than such a tree has
   */
  static read(depth: number, leaves: readonly bigint[], nodes: Uint8Array): MerkleTree | undefined {
    const tree = new MerkleTree(depth);
    tree.#levels[0] = [...leaves];
    let at = 0;
    for (let level = 1; level <= depth; level++) {
      const width = Math.ceil(tree.#levels[level - 1]!.length / ARITY);
      const end = at + NODE_BYTES * width;
      if (end > nodes.length) return undefined;
      for (; at < end; at += NODE_BYTES)
        tree.#levels[level]!.push(bytesToBigint(nodes.subarray(at, at + NODE_BYTES)));
    }
    tree.#hashed = leaves.length;
    return at === nodes.length ? tree : undefined;
  }

  get size(): number {
    return this.#levels[0]!.length;
  }

  get root(): bigint {
    this.#hash();
    return this.#node(this.depth, 0);
  }

  /**
   * @param leaf a tagged hash in F_r, so never 0
   * @returns    its index
   * @throws {CryptoError} CRYPTO_INPUT if the leaf is 0 or not below r, or the tree is full
   */
  append(leaf: bigint): number {
    requireLeaves([leaf]);
    const index = this.size;
    if (index >= ARITY ** this.depth) throw treeIsFull(this.depth);
    this.#levels[0]!.push(leaf);
    return index;
  }

  /** All leaves, in order. */
  get leaves(): readonly bigint[] {
    return this.#levels[0]!;
  }

  /** @returns the leaf at an index, undefined beyond the last one. */
  leaf(index: number): bigint | undefined {
    return this.#levels[0]![index];
  }

  /**
   * @returns the children on the way from a leaf to the root: `depth` entries
   * @throws {CryptoError} CRYPTO_INPUT if there is no such leaf
   */
  path(index: number): MerklePath {
    if (this.leaf(index) === undefined)
      throw new CryptoError('CRYPTO_INPUT', 'no such Merkle leaf', { index });
    this.#hash();
    const path: Children[] = [];
    let position = index;
    for (let level = 0; level < this.depth; level++) {
      position = Math.floor(position / ARITY);
      path.push(this.#children(level, position));
    }
    return path;
  }

  /** An independent copy: appending to one leaves the other as it is. */
  clone(): MerkleTree {
    const copy = new MerkleTree(this.depth);
    for (let level = 0; level <= this.depth; level++) copy.#levels[level] = this.#levels[level]!.slice();
    copy.#hashed = this.#hashed;
    return copy;
  }

  /** Hashes the nodes below which leaves came since the last time. */
  #hash(): void {
    if (this.#hashed === this.size) return;
    let from = this.#hashed;
    this.#hashed = this.size;
    for (let level = 1; level <= this.depth; level++) {
      from = Math.floor(from / ARITY);
      const width = Math.ceil(this.#levels[level - 1]!.length / ARITY);
      for (let i = from; i < width; i++) this.#levels[level]![i] = merkleNode(this.#children(level - 1, i));
    }
  }

  #node(level: number, position: number): bigint {
    return this.#levels[level]![position] ?? emptyRoot(level);
  }

  /** The four nodes of `level` below node `parent` of the next level. */
  #children(level: number, parent: number): Children {
    const first = parent * ARITY;
    return [
      this.#node(level, first),
      this.#node(level, first + 1),
      this.#node(level, first + 2),
      this.#node(level, first + 3),
    ];
  }
}

function requireLeaves(leaves: readonly bigint[]): void {
  if (leaves.some((leaf) => leaf <= 0n || leaf >= r))
    throw new CryptoError('CRYPTO_INPUT', 'a Merkle leaf is a hash in F_r');
}

const treeIsFull = (depth: number): VelumError =>
  new CryptoError('CRYPTO_INPUT', 'the Merkle tree is full', { depth });

/**
 * Membership without a position, as the circuits prove it: at every level the running hash is one of the four
 * children, and the next running hash is their node.
 * @param leaf F_r; 0 (an empty leaf) is refused
 * @param path from outside; anything malformed gives false
 */
export function verifyPath(leaf: bigint, path: MerklePath, root: bigint, depth: number): boolean {
  if (path.length !== depth || depth < 1 || leaf === 0n) return false;
  let running = leaf;
  for (const children of path) {
    if (children.length !== ARITY || children.some((child) => child < 0n || child >= r)) return false;
    if (!children.includes(running)) return false;
    running = merkleNode(children);
  }
  return running === root;
}
