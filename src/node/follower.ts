import { decodeCertifiedBlock, MAX_CERTIFIED_BLOCK_BYTES } from '../ledger/certified-block.ts';
import type { ChainGenesis } from '../ledger/chain-genesis.ts';
import type { ChainState } from '../ledger/chain-state.ts';
import { claimOf } from '../ledger/claims.ts';
import type { EpochConfig } from '../ledger/epoch-config.ts';
import type { NoteView } from '../ledger/ordering-state.ts';
import { Replica } from '../ledger/replica.ts';
import type { Rotation } from '../ledger/rotation/rotation.ts';
import type { Address } from '../net/transport.ts';
import { validatorIndex } from '../params/ids.ts';
import type { Output } from '../validator/types.ts';
import type { ChainEvents } from './chain-events.ts';
import { ChainView } from './chain-view.ts';
import type { Visitor } from './visitor.ts';

/** Blocks that are taken, and time that passes, ms, before somebody else is asked how far the chain is: one may answer slowly on purpose. */
const MAX_BLOCKS = 256;
const MAX_FOLLOW_MS = 5_000;

/** A member without a seat follows an epoch by the blocks that others show, each of which it checks. */
export class Follower {
  readonly view: ChainView;
  readonly #replica: Replica;
  readonly #visitor: Pick<Visitor, 'get'>;
  readonly #events: ChainEvents;

  /**
   * @param state  with which the epoch begins; genesis if nothing is said
   * @param before what was seen of the epoch before
   */
  constructor(
    chain: ChainGenesis,
    epoch: EpochConfig,
    state: ChainState | undefined,
    visitor: Pick<Visitor, 'get'>,
    before: ChainView | undefined,
    events: ChainEvents,
  ) {
    this.#events = events;
    this.#replica = new Replica(chain, epoch, state);
    this.#visitor = visitor;
    this.view = new ChainView(chain, epoch, validatorIndex(0), [], before);
  }

  get height(): number {
    return this.#replica.settlement.height;
  }

  get notes(): NoteView {
    return this.#replica.notes;
  }

  get rotation(): Rotation {
    return this.#replica.claims.rotation;
  }

  /** Takes blocks from one member up to a height that it says is certified. @param isOver whether this is to stop */
  async follow(at: Address, certified: number, isOver: () => boolean): Promise<void> {
    const endMs = performance.now() + MAX_FOLLOW_MS;
    for (let taken = 0; taken < MAX_BLOCKS && this.height < certified; taken++) {
      if (performance.now() > endMs) return;
      const path = `/blocks/${this.height + 1}`;
      const bytes = await this.#visitor.get(at, path, MAX_CERTIFIED_BLOCK_BYTES);
      if (isOver()) return;
      const read = bytes === undefined ? undefined : decodeCertifiedBlock(bytes);
      if (read === undefined) return;
      const { block, settlementCertificate } = read;
      const { claims, items: domain } = this.#replica;
      const settlement = this.#replica.apply(block, settlementCertificate);
      if (typeof settlement === 'string') return;
      const { height } = block.header;
      const items = block.items.flatMap((item) => claimOf(domain, claims, item)?.id ?? []);
      const outputs: readonly Output[] = [
        { type: 'settled', result: { height, items, settlement } },
        { type: 'certified', result: { height, block, settlementCertificate } },
      ];
      for (const output of outputs) {
        this.view.said(output);
        this.#events.said(output);
      }
    }
  }
}
