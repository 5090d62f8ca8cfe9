import { toHex } from '../../../base/bytes.ts';
import type { Genesis } from '../../../formats/genesis-file.ts';
import { headerHash } from '../../../ledger/block.ts';
import { Replica } from '../../../ledger/replica.ts';
import { nodeBlocks } from '../../heights/node-blocks.ts';
import { replayHeight } from '../../heights/read-height.ts';
import type { DevnetNode } from '../devnet-home.ts';

/** What the stores of the correct nodes say when all have stopped. */
export interface StoredChain {
  /** Heights that every one of them keeps, replayed from each store. */
  readonly heights: number;
  /** What does not replay, or is not the same as in another store. */
  readonly problems: readonly string[];
  /** Pieces of evidence in all blocks. */
  readonly evidence: number;
  /** Block times, unix seconds. */
  readonly timesS: readonly number[];
}

/** Replays every height of every store, as `velum verify-height --blocks` does, and compares the headers. */
export function judgeStores(genesis: Genesis, nodes: readonly DevnetNode[]): StoredChain {
  const problems: string[] = [];
  const stores = nodes.map(({ index, home }) => ({ index, blocks: nodeBlocks(home) }));
  const heights = Math.min(...stores.map(({ blocks }) => blocks.last));
  const hashes = new Map<number, string>();
  const timesS: number[] = [];
  let evidence = 0;
  for (const { index, blocks } of stores) {
    const replica = new Replica(genesis.chain, genesis.epoch);
    for (let at = 1; at <= heights; at++) {
      const read = blocks.read(at);
      const replayed = replayHeight(replica, read);
      if (typeof replayed === 'string') {
        problems.push(`height ${at} of node ${index} is not verified: ${replayed}`);
        break;
      }
      const { header } = read.block;
      const hash = toHex(headerHash(header));
      const known = hashes.get(at);
      if (known === undefined) {
        hashes.set(at, hash);
        timesS.push(Number(header.timeS));
        evidence += read.block.evidence.length;
      } else if (known !== hash) {
        problems.push(`height ${at} of node ${index} has another header`);
      }
    }
  }
  return { heights, problems, evidence, timesS };
}
