import { bytesToBigint, fromHex } from '../base/bytes.ts';
import { actionTerms, batchTerms } from '../client/terms.ts';
import {
  type ActionTerms,
  type AuthorisedAction,
  type BatchTerms,
  type SealedBatch,
  Wallet,
} from '../client/wallet.ts';
import { seededRandom } from '../crypto/random.ts';
import type { ActionItem } from '../ledger/actions.ts';
import { claimOf } from '../ledger/claims.ts';
import { type DepositItem, depositIdOf, signDeposit } from '../ledger/deposits.ts';
import { type BatchItem, encodeItem } from '../ledger/items.ts';
import { Replica } from '../ledger/replica.ts';
import { shieldedNotes } from '../ledger/transfers.ts';
import type { Settlement } from '../ledger/transition.ts';
import type { Order } from '../market/order.ts';
import { type AccountId, height, type ItemId, instrumentIndex } from '../params/ids.ts';
import { PROOF_BYTES } from '../params/sizes.ts';
import { Prng } from '../sim/prng.ts';
import { CommitteeWorld, type WorldOptions } from './world.ts';

/** A sealed batch with a proof that the oracle takes. */
export interface SentBatch {
  readonly sealed: SealedBatch;
  readonly item: BatchItem;
  readonly bytes: Uint8Array;
}

export interface SentAction {
  readonly authorised: AuthorisedAction;
  readonly item: ActionItem;
  readonly bytes: Uint8Array;
}

/** What `variant` makes. */
export interface Variant<I> {
  readonly id: ItemId;
  readonly item: I;
  readonly bytes: Uint8Array;
}

export interface SentDeposit {
  readonly id: ItemId;
  readonly item: DepositItem;
  readonly bytes: Uint8Array;
}

const TRADERS = 3;
/** These traders know no other chain, so nothing has to be kept apart. */
const FOUNDATION = new Uint8Array(32).fill(9);
/** The account that a trader uses unless it says otherwise. */
const MAIN = 'main';

export interface TradingOptions extends Omit<WorldOptions, 'notes' | 'notesTotal'> {
  /** Genesis notes of each trader; 2 by default. */
  readonly notesEach?: number;
  /** Genesis notes of one more trader, who means harm; none by default. */
  readonly attackerNotes?: number;
}

/** A committee with traders who know the chain from its blocks alone. */
export class TradingWorld {
  /** The one that orders now. */
  committee: CommitteeWorld;
  readonly replica: Replica;
  /** Of the trader who means harm. */
  readonly attacker: Wallet;
  readonly #wallets: readonly Wallet[];
  readonly #seeds: readonly Uint8Array[];
  readonly #noteValue: bigint;
  readonly #notesEach: number;
  readonly #prng: Prng;
  #batches = 0;

  /**
   * @param noteValue units of each genesis note
   * @param orderSeed of the batches' randomness, where it is not to follow the schedule's
   */
  constructor(options: TradingOptions, noteValue = 20_000_000_000n, orderSeed = options.seed) {
    this.#noteValue = noteValue;
    this.#prng = new Prng(orderSeed + 2 ** 34);
    this.#seeds = Array.from({ length: TRADERS }, (_, i) => new Uint8Array(32).fill(i + 1));
    this.#wallets = this.#seeds.map((seed) => new Wallet(seed, FOUNDATION));
    const { notesEach = 2, attackerNotes = 0 } = options;
    this.#notesEach = notesEach;
    this.attacker = new Wallet(new Uint8Array(32).fill(0xa7), FOUNDATION);
    const notes = [
      ...this.#wallets.flatMap((wallet) => genesisNotes(wallet, noteValue, notesEach)),
      ...genesisNotes(this.attacker, noteValue, attackerNotes),
    ];
    const notesTotal = noteValue * BigInt(notes.length);
    this.committee = new CommitteeWorld({ ...options, notes, notesTotal });
    this.replica = new Replica(this.committee.chain, this.committee.epoch);
  }

  /** Another committee orders from now on. */
  enter(next: CommitteeWorld): void {
    this.committee = next;
  }

  /** Another copy of a trader's wallet, which does not know what the first one spends. */
  copyOf(trader: number): Wallet {
    const wallet = new Wallet(this.#seeds[trader]!, FOUNDATION);
    genesisNotes(wallet, this.#noteValue, this.#notesEach);
    return wallet;
  }

  terms(at: number, overrides: Partial<BatchTerms> = {}): BatchTerms {
    return { ...batchTerms(this.replica, height(at)), ...overrides };
  }

  /** Seals a batch, makes a proof for it, and has the oracle accept it. */
  batch(trader: number | Wallet, orders: readonly Order[], terms: BatchTerms, account?: string): SentBatch {
    const wallet = this.#walletOf(trader);
    const random = seededRandom(this.#prng.bytes(32));
    const sealed = wallet.seal({ account, orders }, terms, random);
    if (sealed === undefined) return this.committee.fail(`trader ${trader} has no note left`);
    const item = { ...sealed.statement, proof: this.#prng.bytes(PROOF_BYTES) };
    item.proof[0] = ++this.#batches;
    this.committee.accept(sealed.signals, item.proof);
    return { sealed, item, bytes: encodeItem(item) };
  }

  /** The account of a trader's name. */
  accountOf(trader: number, name = MAIN): AccountId {
    return this.#walletOf(trader).accountNamed(name);
  }

  /** Authorises an account action, makes a proof for it, and has the oracle accept it. */
  action(
    trader: number | Wallet,
    amount: bigint,
    overrides: Partial<ActionTerms> & {
      readonly destination?: Uint8Array;
      readonly account?: AccountId;
    } = {},
  ): SentAction {
    const wallet = this.#walletOf(trader);
    const { destination, account = wallet.accountNamed(MAIN), ...terms } = overrides;
    const authorised = wallet.authorise(
      { account, amount, destination },
      { ...actionTerms(this.replica, account, height(this.replica.settlement.height + 1)), ...terms },
    );
    const item = { ...authorised.statement, proof: this.#prng.bytes(PROOF_BYTES) };
    this.committee.accept(authorised.signals, item.proof);
    return { authorised, item, bytes: encodeItem(item) };
  }

  /** A deposit that the bridge signed. */
  deposit(
    nonce: bigint,
    account: AccountId,
    amount: bigint,
    secret = this.committee.bridgeSecret,
  ): SentDeposit {
    const { chainHash } = this.replica.items;
    const statement = { kind: 'deposit' as const, nonce, account: bytesToBigint(fromHex(account)!), amount };
    const item = signDeposit(secret, chainHash, statement);
    return { id: depositIdOf(chainHash, statement), item, bytes: encodeItem(item) };
  }

  /** An item that states some things differently, with a proof of its own that the oracle takes: another item of the same key, or a forged one. */
  variant<I extends BatchItem | ActionItem>(of: I, changes: Partial<I>): Variant<I> {
    const item: I = { ...of, ...changes, proof: this.#prng.bytes(PROOF_BYTES) };
    const claim = claimOf(this.replica.items, this.replica.claims, item);
    if (claim?.proved === undefined) return this.committee.fail('a variant of an item nobody can judge');
    this.committee.accept(claim.proved.statements[0]!, item.proof);
    return { id: claim.id, item, bytes: encodeItem(item) };
  }

  #walletOf(trader: number | Wallet): Wallet {
    return typeof trader === 'number' ? this.#wallets[trader]! : trader;
  }

  /** Values of a trader's notes. */
  notesOf(trader: number): readonly bigint[] {
    return this.#wallets[trader]!.spendable;
  }

  /** Everybody gets these items and has judged them. */
  submitAll(...items: readonly { readonly bytes: Uint8Array }[]): void {
    for (const { bytes } of items) this.submit(bytes, this.committee.correct);
    this.committee.drain();
  }

  submit(bytes: Uint8Array, to: readonly number[]): void {
    for (const i of to) this.committee.input(i, { type: 'item', bytes });
  }

  /** Runs a height, checks it, and follows its block. */
  runHeight(at: number, prices: readonly bigint[], who = this.committee.correct): Settlement {
    const { committee } = this;
    committee.runHeight(at, prices, who);
    return this.follow(at, who);
  }

  /** The replica takes the block that the first of `who` certified; every one of them must say the same. */
  follow(at: number, who = this.committee.correct): Settlement {
    const { committee } = this;
    const { block, settlementCertificate } = committee.view(who[0]!, at).certified!;
    const settlement = this.replica.apply(block, settlementCertificate);
    if (typeof settlement === 'string') return committee.fail(`the block of height ${at}: ${settlement}`);
    for (const wallet of [...this.#wallets, this.attacker])
      wallet.heightClosed(this.replica.items, { block, shielded: shieldedNotes(settlement.transfers) });
    return settlement;
  }
}

const genesisNotes = (wallet: Wallet, value: bigint, count: number): bigint[] =>
  Array.from({ length: count }, () => wallet.genesisNote(value));

/** An order near the mark of the perpetual. */
export const perp = (side: Order['side'], lots: bigint, price = 60_000_000n): Order => ({
  side,
  lots,
  price,
  instrument: instrumentIndex(0),
  reduceOnly: false,
});
