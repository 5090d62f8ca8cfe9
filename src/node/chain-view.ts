import { toHex } from '../base/bytes.ts';
import { openHost } from '../host/host-snapshot.ts';
import type { Segment } from '../host/store.ts';
import type { ChainGenesis } from '../ledger/chain-genesis.ts';
import { genesisState } from '../ledger/chain-state.ts';
import { claimOf, type ItemDomain, itemDomain } from '../ledger/claims.ts';
import { type EpochConfig, epochDomain } from '../ledger/epoch-config.ts';
import type { Item } from '../ledger/items.ts';
import { dealingItemId } from '../ledger/rotation/dealing-item.ts';
import type { Rotation } from '../ledger/rotation/rotation.ts';
import type { SettlementState } from '../ledger/settlement-state.ts';
import { type Height, height, type ItemId, type ValidatorIndex } from '../params/ids.ts';
import { openSnapshot, readCarried } from '../validator/snapshot.ts';
import type { Output } from '../validator/types.ts';

/** How far an item has come here. */
export type ItemStatus =
  | { readonly status: 'waiting' | 'admitted' }
  | { readonly status: 'refused'; readonly code: string; readonly height?: Height }
  | { readonly status: 'ordered' | 'settled' | 'certified'; readonly height: Height };

/** What one validator came to at a height; hex. */
export interface SettledRoots {
  readonly height: Height;
  readonly stateRoot: string;
  readonly receiptsRoot: string;
  readonly accepted: number;
}

/** Items and heights that are remembered; who asks for older ones reads blocks. */
const MAX_ITEMS = 8_192;
const MAX_HEIGHTS = 1_024;

/** What becomes of an item is still to be said. */
const OPEN: ReadonlySet<ItemStatus['status']> = new Set(['waiting', 'admitted']);

/** What a validator has said of itself so far, for whoever asks. Public, and bounded. */
export class ChainView {
  readonly #domain: ItemDomain;
  readonly #items: Map<ItemId, ItemStatus> = new Map();
  readonly #heights: Map<Height, SettledRoots> = new Map();
  #settlement: SettlementState;
  /** As it was when this began: of all items only dealings depend on it, and their names do not. */
  readonly #rotation: Rotation;
  #certified: Height;
  /** The highest height of which it was said that others certified it while this validator was behind. */
  #newest: Height = height(0);
  /** Items of heights that are settled and not certified. */
  readonly #open = new Map<Height, readonly ItemId[]>();
  hasDiverged = false;

  /**
   * @param segments what the store holds: the state at its newest snapshot is where this begins
   * @param before   what was seen of the epoch before
   */
  constructor(
    chain: ChainGenesis,
    epoch: EpochConfig,
    self: ValidatorIndex,
    segments: readonly Segment[],
    before?: ChainView,
  ) {
    if (before !== undefined) {
      // What was not ordered is judged anew by who has a seat now, and is not known any more to who has none.
      const decided = [...before.#items].filter(([, { status }]) => !OPEN.has(status));
      this.#items = new Map(decided);
      this.#heights = new Map(before.#heights);
    }
    const domain = epochDomain(chain, epoch);
    this.#domain = itemDomain(chain, epoch);
    const snapshots = segments.map(({ snapshot }) => snapshot && openHost(snapshot)?.machine);
    const newest = snapshots.findLast((each) => each !== undefined);
    const state = newest && openSnapshot({ domain, self }, newest);
    const carried = state ? readCarried(chain, state.chain) : genesisState(chain, epoch);
    this.#settlement = carried.settlement;
    this.#rotation = carried.ordering.rotation;
    // An epoch begins when all before it is certified; of a height in progress the one before may not be.
    this.#certified = height(Math.max(epoch.firstHeight - 1, (state?.height ?? 1) - 2));
    for (const [at, items] of before === undefined ? [] : before.#open)
      if (at <= this.#certified) for (const id of items) this.#note(id, { status: 'certified', height: at });
    if (state === undefined) return;
    this.#keep(this.#heights, MAX_HEIGHTS, carried.settlement.height, {
      height: carried.settlement.height,
      stateRoot: toHex(carried.stateRoot),
      receiptsRoot: toHex(carried.receiptsRoot),
      accepted: 0,
    });
  }

  /** State after the last height settled here. */
  get settlement(): SettlementState {
    return this.#settlement;
  }

  /** The last height certified here; 0 is genesis. */
  get certified(): Height {
    return this.#certified;
  }

  /** Whether quorums certified heights that are not certified here. */
  get isBehind(): boolean {
    return this.#certified < this.#newest;
  }

  itemStatus(id: ItemId): ItemStatus | undefined {
    return this.#items.get(id);
  }

  roots(at: Height): SettledRoots | undefined {
    return this.#heights.get(at);
  }

  /** The id of an item, unless it names a reserve table that is not known here. */
  idOf(item: Item): ItemId | undefined {
    if (item.kind === 'dealing') return dealingItemId(item);
    return claimOf(this.#domain, { tables: this.#settlement.tables, rotation: this.#rotation }, item)?.id;
  }

  submitted(id: ItemId): void {
    if (!this.#items.has(id)) this.#note(id, { status: 'waiting' });
  }

  said(output: Output): void {
    switch (output.type) {
      case 'admitted':
        return this.#note(output.item, { status: 'admitted' });
      case 'refused': {
        const { item, code } = output;
        // A copy of an item that is held is refused, and the item is held all the same.
        if (item === undefined || (this.#items.get(item)?.status ?? 'waiting') !== 'waiting') return;
        return this.#note(item, { status: 'refused', code });
      }
      case 'ordered': {
        const { height, accepted, refused } = output.result;
        for (const { id } of accepted) this.#note(id, { status: 'ordered', height });
        for (const { id, code } of refused) this.#note(id, { status: 'refused', code, height });
        return;
      }
      case 'settled': {
        const { height, items, settlement } = output.result;
        this.#settlement = settlement.state;
        for (const id of items) this.#note(id, { status: 'settled', height });
        this.#open.set(height, items);
        return this.#keep(this.#heights, MAX_HEIGHTS, height, {
          height,
          stateRoot: toHex(settlement.stateRoot),
          receiptsRoot: toHex(settlement.receiptsRoot),
          accepted: items.length,
        });
      }
      case 'certified': {
        const { height } = output.result;
        for (const id of this.#open.get(height) ?? []) this.#note(id, { status: 'certified', height });
        this.#open.delete(height);
        if (height > this.#certified) this.#certified = height;
        return;
      }
      case 'diverged':
        this.hasDiverged = true;
        return;
      case 'behind':
        this.#newest = output.certified;
        return;
      case 'began':
      case 'votable':
      case 'proposed':
      case 'epochEnds':
      case 'epochOver':
      case 'blockRefused':
        return;
    }
  }

  #note(id: ItemId, status: ItemStatus): void {
    this.#keep(this.#items, MAX_ITEMS, id, status);
  }

  /** The newest stay. */
  #keep<K, V>(map: Map<K, V>, most: number, key: K, value: V): void {
    map.delete(key);
    map.set(key, value);
    if (map.size > most) map.delete(map.keys().next().value!);
  }
}
