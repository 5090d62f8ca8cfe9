import type { RandomBytes } from '../base/random.ts';
import { decodeState, encodeState } from '../base/state-codec.ts';
import { fieldsOf, isNatural, recordOf, type Shape } from '../base/state-shape.ts';
import type { CertifiedBlock } from '../ledger/certified-block.ts';
import type { ChainGenesis } from '../ledger/chain-genesis.ts';
import { foundationHash } from '../ledger/chain-genesis.ts';
import { claimOf } from '../ledger/claims.ts';
import type { EpochConfig } from '../ledger/epoch-config.ts';
import type { Item } from '../ledger/items.ts';
import type { ReplayProblem } from '../ledger/replay.ts';
import { Replica } from '../ledger/replica.ts';
import { accountIdOf } from '../ledger/settlement-state.ts';
import { shieldedNotes } from '../ledger/transfers.ts';
import type { Settlement } from '../ledger/transition.ts';
import { type Account, equity } from '../market/account.ts';
import { type AccountId, type Height, height, type ItemId, itemId } from '../params/ids.ts';
import { FORMAT_VERSION } from '../params/version.ts';
import { type Happening, happeningsOf, isHistory } from './history.ts';
import { KEPT_REPLICA, type KeptReplica, keepReplica, resumeReplica } from './kept-replica.ts';
import { openSession, sealSession } from './locked-seed.ts';
import { actionTerms, batchTerms } from './terms.ts';
import {
  type ActionWish,
  type AuthorisedAction,
  type BatchWish,
  type SealedBatch,
  Wallet,
} from './wallet.ts';
import { isWalletState, type WalletState } from './wallet-state.ts';

/** Lasting accounts are numbers; a wallet looks for so many beyond the last one that the chain knows, and opens none beyond them. */
export const LASTING_GAP = 20;

/** An account of the wallet that the chain knows. */
export interface OwnAccount {
  readonly id: AccountId;
  /** Of a lasting one; undefined: of a batch alone. */
  readonly number: number | undefined;
  readonly account: Account;
  /** Units. */
  readonly equity: bigint;
}

/**
 * A trader who follows the chain: a wallet, and a replica by which it judges every block. Whatever it shows has passed both certificates
 * and a replay. Pure: blocks are handed in, from anybody.
 */
export class Trader {
  readonly replica: Replica;
  readonly #seed: Uint8Array;
  readonly #wallet: Wallet;
  readonly #history: Happening[];
  /** What was made and may still be ordered, and its last height. */
  readonly #sent: Map<ItemId, Height>;
  /** Lasting accounts that it looks for, by their numbers. */
  readonly #lasting: AccountId[] = [];

  private constructor(
    seed: Uint8Array,
    replica: Replica,
    wallet: Wallet,
    { history, sent }: Pick<Saved, 'history' | 'sent'>,
  ) {
    this.#seed = seed;
    this.replica = replica;
    this.#wallet = wallet;
    this.#history = [...history];
    this.#sent = new Map([...sent].map(([id, last]) => [itemId(id), height(last)]));
    this.#lookFor();
  }

  /** At genesis, with nothing but the seed. @param seed 32 bytes, secret */
  static begin(chain: ChainGenesis, epoch: EpochConfig, seed: Uint8Array): Trader {
    return new Trader(seed, new Replica(chain, epoch), new Wallet(seed, foundationHash(chain)), {
      history: [],
      sent: new Map(),
    });
  }

  /** The last height that it has verified; 0 is genesis. */
  get height(): Height {
    return this.replica.settlement.height;
  }

  /** Everything that happened to this wallet's money, in the order of the chain. */
  get history(): readonly Happening[] {
    return this.#history;
  }

  /** Values of notes that can be spent, or will be when their shield has joined the tree, units. */
  get notes(): readonly bigint[] {
    return this.#wallet.spendable;
  }

  /** By note: whether it has joined the tree, so that a batch can spend it now. */
  get joined(): readonly boolean[] {
    return this.#wallet.joined(this.replica);
  }

  get setAside(): Wallet['setAside'] {
    return this.#wallet.setAside;
  }

  /** What was made, and what no height up to the last one that may has ordered yet. */
  get open(): readonly { readonly id: ItemId; readonly lastHeight: Height }[] {
    const ordered = new Set(this.#history.map(({ id }) => id));
    return [...this.#sent].flatMap(([id, lastHeight]) => (ordered.has(id) ? [] : [{ id, lastHeight }]));
  }

  /** A lasting account. @returns undefined if a restored wallet would not look so far */
  lasting(number: number): AccountId | undefined {
    return this.#lasting[number];
  }

  /** The wallet's accounts that the chain knows, lasting ones first. */
  get accounts(): readonly OwnAccount[] {
    const { accounts, market } = this.replica.settlement;
    const found = this.#wallet.accounts.flatMap((id): OwnAccount[] => {
      const account = accounts.get(id);
      const at = this.#lasting.indexOf(id);
      const number = at < 0 ? undefined : at;
      return account === undefined ? [] : [{ id, number, account, equity: equity(account, market.marks) }];
    });
    return found.sort((a, b) => (a.number ?? Infinity) - (b.number ?? Infinity) || (a.id < b.id ? -1 : 1));
  }

  /** Seals a batch for the next heights, on what the chain says now. @returns undefined if no note holds deposit and fee */
  seal(wish: BatchWish, random: RandomBytes): SealedBatch | undefined {
    const sealed = this.#wallet.seal(wish, batchTerms(this.replica, height(this.height + 1)), random);
    if (sealed !== undefined) this.#sent.set(sealed.id, sealed.statement.toHeight);
    return sealed;
  }

  /** A sealed batch that could not be proved and so was given to nobody: its note can be spent again. */
  takeBack({ id, statement }: SealedBatch): void {
    this.#sent.delete(id);
    this.#wallet.takeBack(statement.nullifier);
  }

  /** @throws {ClientError} WALLET_INPUT */
  authorise(wish: ActionWish): AuthorisedAction {
    const terms = actionTerms(this.replica, wish.account, height(this.height + 1));
    const authorised = this.#wallet.authorise(wish, terms);
    this.#sent.set(authorised.id, terms.lastHeight);
    return authorised;
  }

  /** An authorised action that could not be proved and so was given to nobody. */
  giveUp({ id }: AuthorisedAction): void {
    this.#sent.delete(id);
  }

  /**
   * Follows the next block.
   * @param certified form checked, otherwise hostile
   * @returns why it is not the next one; then nothing changed. Never throws.
   */
  apply(certified: CertifiedBlock): Settlement | ReplayProblem {
    const { block } = certified;
    const { items, claims } = this.replica;
    const settlement = this.replica.apply(block, certified.settlementCertificate);
    if (typeof settlement === 'string') return settlement;
    const shielded = shieldedNotes(settlement.transfers);
    const closed = this.#wallet.heightClosed(items, { block, shielded });
    this.#lookFor();
    const own = new Map(closed.map(({ nullifier, content }) => [nullifier, content]));
    const isOwn = (item: Item): boolean =>
      item.kind === 'batch'
        ? own.has(item.nullifier)
        : (item.kind === 'action' || item.kind === 'deposit') && this.#wallet.owns(accountIdOf(item.account));
    const named = block.items.filter(isOwn).map((item) => {
      const id: ItemId = claimOf(items, claims, item)!.id;
      return { id, item, content: item.kind === 'batch' ? own.get(item.nullifier) : undefined };
    });
    const ids = new Set([...named.map(({ id }) => id), ...this.#sent.keys()]);
    this.#history.push(
      ...happeningsOf(block.header, settlement, { items: named, ids }, (id) => this.#wallet.owns(id)),
    );
    for (const [id, last] of this.#sent) if (last <= this.height) this.#sent.delete(id);
    return settlement;
  }

  /** Names the lasting accounts up to the gap beyond the last one that the chain knows. */
  #lookFor(): void {
    const { accounts } = this.replica.settlement;
    const last = (): number => this.#lasting.findLastIndex((id) => accounts.has(id));
    while (this.#lasting.length <= last() + LASTING_GAP)
      this.#lasting.push(this.#wallet.accountNamed(String(this.#lasting.length)));
  }

  /** All that would have to be taken from the chain again, sealed with a key of this wallet. */
  save(random: RandomBytes): Uint8Array {
    const { chain } = this.replica;
    const state = encodeState({
      version: FORMAT_VERSION,
      ...keepReplica(this.replica),
      wallet: this.#wallet.state(),
      history: this.#history,
      sent: this.#sent,
    });
    return sealSession(this.#seed, foundationHash(chain), state, random);
  }

  /**
   * Goes on from what `save` gave.
   * @param sealed hostile
   * @returns undefined if it is of another wallet, chain or version, or was changed: then begin anew
   */
  static resume(chain: ChainGenesis, seed: Uint8Array, sealed: Uint8Array): Trader | undefined {
    const foundation = foundationHash(chain);
    const bytes = openSession(seed, foundation, sealed);
    const saved = bytes && fieldsOf(decodeState(bytes));
    if (saved === undefined || saved['version'] !== FORMAT_VERSION || !recordOf(SAVED)(saved))
      return undefined;
    const session = saved as unknown as Saved;
    const replica = resumeReplica(chain, session);
    if (replica === undefined) return undefined;
    const wallet = Wallet.restore(seed, foundation, session.wallet);
    return new Trader(seed, replica, wallet, session);
  }
}

interface Saved extends KeptReplica {
  readonly wallet: WalletState;
  readonly history: readonly Happening[];
  readonly sent: ReadonlyMap<string, number>;
}

const SAVED: Shape = {
  version: isNatural,
  ...KEPT_REPLICA,
  wallet: isWalletState,
  history: isHistory,
  sent: (value) =>
    value instanceof Map &&
    [...value].every(([id, last]) => /^[0-9a-f]{64}$/.test(String(id)) && isNatural(last)),
};
