import { concatBytes, toHex } from '../../base/bytes.ts';
import { hashBytes } from '../../crypto/hash.ts';
import type { ValidatorIndex } from '../../params/ids.ts';
import { HASH_BYTES } from '../../params/sizes.ts';
import type { AcsProposal } from '../acs/common-subset.ts';
import type { Quorate } from '../pbft/messages.ts';

/** A node of the tree: it extends the block of its certificate. */
export interface ChainBlock {
  readonly view: number;
  /** The leader of its view. */
  readonly proposer: ValidatorIndex;
  /** undefined: it proposes nothing, and is there to certify those before it. */
  readonly payload: Uint8Array | undefined;
  readonly justify: Quorate;
  readonly digest: Uint8Array;
}

/** H(view ‖ whether it proposes ‖ view and digest of its parent; payload): which signatures certify the parent is no part of it. */
export function blockOf(
  view: number,
  proposer: ValidatorIndex,
  payload: Uint8Array | undefined,
  justify: Quorate,
): ChainBlock {
  const head = new Uint8Array(9);
  const words = new DataView(head.buffer);
  words.setUint32(0, view);
  words.setUint32(4, justify.view);
  words.setUint8(8, payload === undefined ? 0 : 1);
  const parent = justify.view === 0 ? new Uint8Array(HASH_BYTES) : justify.digest;
  const digest = hashBytes('subset', concatBytes(head, parent), payload ?? new Uint8Array(0));
  return { view, proposer, payload, justify, digest };
}

/** Blocks by digest. The certificate of view 0 stands for the root, which is no block. */
export class BlockTree {
  private readonly blocks = new Map<string, ChainBlock>();

  add(block: ChainBlock): void {
    this.blocks.set(toHex(block.digest), block);
  }

  get(digest: Uint8Array): ChainBlock | undefined {
    return this.blocks.get(toHex(digest));
  }

  /** The certified block and all before it, newest first; or the certificate whose block is missing. */
  branch(certificate: Quorate): readonly ChainBlock[] | { readonly missing: Quorate } {
    const branch: ChainBlock[] = [];
    for (let at = certificate; at.view > 0; ) {
      const block = this.get(at.digest);
      if (block === undefined) return { missing: at };
      branch.push(block);
      at = block.justify;
    }
    return branch;
  }
}

/**
 * What a certified branch commits: the newest block that has two more in the two views after it, and all before it.
 * @param branch newest first; its first block is certified
 * @returns newest first
 */
export function committed(branch: readonly ChainBlock[]): readonly ChainBlock[] {
  const at = branch.findIndex(
    ({ view }, i) => branch[i + 1]?.view === view - 1 && branch[i + 2]?.view === view - 2,
  );
  return at < 0 ? [] : branch.slice(at + 2);
}

/** The first proposal of each proposer, oldest first. */
export function proposalsOf(branch: readonly ChainBlock[]): readonly AcsProposal[] {
  const first = new Map<ValidatorIndex, AcsProposal>();
  for (const { proposer, payload } of [...branch].reverse()) {
    if (payload !== undefined && !first.has(proposer)) first.set(proposer, { proposer, payload });
  }
  return [...first.values()];
}
