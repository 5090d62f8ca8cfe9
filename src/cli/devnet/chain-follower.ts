import { fromHex, toHex } from '../../base/bytes.ts';
import { BLOCK, STATUS } from '../../client/ask-node.ts';
import type { Genesis } from '../../formats/genesis-file.ts';
import { decodeCertifiedBlock } from '../../ledger/certified-block.ts';
import { claimOf } from '../../ledger/claims.ts';
import { Replica } from '../../ledger/replica.ts';
import { shieldedNotes } from '../../ledger/transfers.ts';
import type { Address } from '../../net/transport.ts';
import { type Height, height, type ItemId } from '../../params/ids.ts';
import type { Traders } from '../epoch/traders.ts';
import { CliError } from '../errors.ts';
import { askNode } from '../node/rpc-client.ts';

/** A height as the follower came to it. */
export interface FollowedHeight {
  readonly height: Height;
  readonly accepted: number;
  /** Hex. */
  readonly stateRoot: string;
}

/** Told of a height: what it accepted, and what it ordered and refused. */
export type OnItems = (at: Height, accepted: readonly ItemId[], refused: readonly ItemId[]) => void;

/** Follows a chain by the blocks that a node serves, checks each of them, and tells the traders. Trusts no node. */
export class ChainFollower {
  readonly replica: Replica;
  readonly #traders: Traders;
  readonly #onItems: OnItems;

  /** @param onItems told of what each height ordered */
  constructor({ chain, epoch }: Genesis, traders: Traders, onItems: OnItems = () => {}) {
    this.replica = new Replica(chain, epoch);
    this.#traders = traders;
    this.#onItems = onItems;
  }

  /**
   * Takes the blocks that nodes have and this follower has not: each from the first node that shows it, for none has those of epochs
   * in which it had no seat.
   * @returns the new heights
   * @throws {CliError} DEVNET_FAILED if a block is not the next one of the chain; NODE_UNREACHABLE, NODE_REFUSED if nobody has it
   */
  async follow(rpcs: readonly Address[]): Promise<FollowedHeight[]> {
    const followed: FollowedHeight[] = [];
    const states = await Promise.all(
      rpcs.map((rpc) => askNode(rpc, 'status', STATUS).catch(() => ({ certified: 0 }))),
    );
    const certified = Math.max(...states.map((state) => state.certified));
    while (this.replica.settlement.height < certified) {
      const next = height(this.replica.settlement.height + 1);
      const encoded = await blockOf(rpcs, next);
      const bytes = fromHex(encoded);
      const read = bytes === undefined ? undefined : decodeCertifiedBlock(bytes);
      const { items, claims } = this.replica;
      const settlement = read && this.replica.apply(read.block, read.settlementCertificate);
      if (read === undefined || settlement === undefined || typeof settlement === 'string')
        throw new CliError('DEVNET_FAILED', `the block of height ${next} is not the next one: ${settlement}`);
      const { block } = read;
      this.#traders.heightClosed(this.replica.items, {
        block,
        shielded: shieldedNotes(settlement.transfers),
      });
      this.#onItems(
        next,
        block.items.flatMap((item) => claimOf(items, claims, item)?.id ?? []),
        block.refused.map(({ id }) => id),
      );
      followed.push({
        height: next,
        accepted: block.items.length,
        stateRoot: toHex(settlement.stateRoot),
      });
    }
    return followed;
  }
}

async function blockOf(rpcs: readonly Address[], at: Height): Promise<string> {
  for (const [i, rpc] of rpcs.entries()) {
    try {
      return (await askNode(rpc, 'block', BLOCK, { height: at })).encoded;
    } catch (error) {
      if (i === rpcs.length - 1) throw error;
    }
  }
  throw new CliError('DEVNET_FAILED', 'no node is asked');
}
