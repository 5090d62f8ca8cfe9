import { equalBytes } from '../../base/bytes.ts';
import { hashBytes } from '../../crypto/hash.ts';

const EMPTY = new Uint8Array(32);

/** Levels above the leaves of a tree over n shards. */
export const shardTreeDepth = (n: number): number => Math.ceil(Math.log2(n));

/** A binary SHA-256 tree over n shards: leaves tagged, missing leaves 32 zero bytes, which are nobody's hash. */
export class ShardTree {
  private readonly levels: Uint8Array[][];

  constructor(shards: readonly Uint8Array[]) {
    let level = shards.map((shard) => hashBytes('shard', shard));
    while (level.length < 2 ** shardTreeDepth(shards.length)) level.push(EMPTY);
    this.levels = [level];
    while (level.length > 1) {
      const below = level;
      level = Array.from({ length: below.length / 2 }, (_, i) =>
        hashBytes('shardNode', below[2 * i]!, below[2 * i + 1]!),
      );
      this.levels.push(level);
    }
  }

  get root(): Uint8Array {
    return this.levels.at(-1)![0]!;
  }

  /** The siblings from the leaf upwards, one after the other. */
  branch(index: number): Uint8Array {
    const out = new Uint8Array(32 * (this.levels.length - 1));
    for (let d = 0; d + 1 < this.levels.length; d++) out.set(this.levels[d]![(index >> d) ^ 1]!, 32 * d);
    return out;
  }
}

/** Whether the shard stands at this index below the root. */
export function verifyShard(root: Uint8Array, branch: Uint8Array, index: number, shard: Uint8Array): boolean {
  let hash = hashBytes('shard', shard);
  for (let d = 0; 32 * d < branch.length; d++) {
    const sibling = branch.subarray(32 * d, 32 * d + 32);
    hash = (index >> d) & 1 ? hashBytes('shardNode', sibling, hash) : hashBytes('shardNode', hash, sibling);
  }
  return equalBytes(hash, root);
}
