import { bigintToBytes, utf8 } from '../base/bytes.ts';
import { isUint64 } from '../base/codec.ts';
import { assert } from '../base/errors.ts';
import type { RandomBytes } from '../base/random.ts';
import { encodePoint } from '../crypto/babyjub.ts';
import { hashBytes, hashToField } from '../crypto/hash.ts';
import type { MerklePath } from '../crypto/merkle.ts';
import { randomScalar } from '../crypto/random.ts';
import { sealWords } from '../crypto/seal.ts';
import { type ActionStatement, actionMessage, actionSignals, NOWHERE } from '../ledger/actions.ts';
import { type BatchContent, packBatch } from '../ledger/batch-words.ts';
import { type Block, openableBatches } from '../ledger/block.ts';
import type { ItemDomain } from '../ledger/claims.ts';
import { type BatchStatement, batchSignals, contextOf, itemIdOf } from '../ledger/items.ts';
import { accountOf, changeRho, noteCommitment, noteNullifier, ownerKey } from '../ledger/notes.ts';
import { accountIdOf } from '../ledger/settlement-state.ts';
import type { Order } from '../market/order.ts';
import { type ReserveTable, reserveOf } from '../market/reserve.ts';
import { type AccountId, type Height, height, type ItemId } from '../params/ids.ts';
import { ORDERS_PER_BATCH } from '../params/sizes.ts';
import type { AccountWitness } from '../proofs/account.ts';
import type { OrdersWitness } from '../proofs/orders.ts';
import { ClientError } from './errors.ts';
import { openedContent } from './opened-content.ts';
import type { PlainNote, WalletState } from './wallet-state.ts';

/** Where a wallet learns the way from its notes to a root. Asking a node for one path tells it whose note it is. */
export interface NoteSource {
  readonly noteRoot: bigint;
  notePath(commitment: bigint): MerklePath | undefined;
}

/** The public terms on which a batch is sealed. */
export interface BatchTerms extends ItemDomain {
  readonly fromHeight: Height;
  readonly toHeight: Height;
  /** Height of the reserve table, accepted at every height of the window that matters. */
  readonly tableHeight: Height;
  readonly table: ReserveTable;
  /** Units. */
  readonly fee: bigint;
  readonly notes: NoteSource;
}

/** What a trader wants. Secret. */
export interface BatchWish {
  /** Name of a lasting account of this wallet; undefined: an account of this batch alone, linked to nothing. */
  readonly account: string | undefined;
  /** At most four. */
  readonly orders: readonly Order[];
}

/** What a trader authorises. Public once it is sent. */
export interface ActionWish {
  /** One of this wallet's. */
  readonly account: AccountId;
  /** 1 ≤ amount < 2^64, units; the account also pays the fee of a batch. */
  readonly amount: bigint;
  /** Where a withdrawal goes, 32 bytes, not all zero; undefined: shield into a note of this wallet. */
  readonly destination: Uint8Array | undefined;
}

/** The public terms of an account action. */
export interface ActionTerms {
  /** 32 bytes: the chain. */
  readonly chainHash: Uint8Array;
  /** The account's next number. */
  readonly sequence: bigint;
  readonly lastHeight: Height;
}

/** An account action before its proof. */
export interface AuthorisedAction {
  /** Public; with a proof it becomes the item that is sent. */
  readonly statement: ActionStatement;
  readonly id: ItemId;
  /** S3's four public signals. */
  readonly signals: readonly bigint[];
  /** Secret: for the prover. */
  readonly witness: AccountWitness;
}

/** A sealed batch before its proof. */
export interface SealedBatch {
  /** Public; with a proof it becomes the item that is sent. */
  readonly statement: BatchStatement;
  readonly id: ItemId;
  /** S2's 45 public signals. */
  readonly signals: readonly bigint[];
  /** Secret: for the prover. */
  readonly witness: OrdersWitness;
  /** Secret until the batch is ordered. */
  readonly content: BatchContent;
}

interface OwnedNote {
  readonly value: bigint;
  readonly rho: bigint;
  readonly commitment: bigint;
  readonly nullifier: bigint;
}

/** A batch of one's own that was ordered. */
export interface OwnBatch {
  readonly nullifier: bigint;
  /** undefined: unreadable. */
  readonly content: BatchContent | undefined;
}

interface Spend {
  readonly note: OwnedNote;
  readonly toHeight: Height;
}

/** What a wallet reads of a height that closed; all of it public. */
export interface ClosedHeight {
  readonly block: Pick<Block, 'header' | 'items' | 'keys'>;
  /** Commitments that its settlement shielded. */
  readonly shielded: readonly bigint[];
}

/**
 * One trader's keys, notes and accounts on one chain. Pure: randomness is handed in, and heights are told. Two wallets of one seed and
 * chain are the same trader who does not know what the other copy spends: the ledger accepts one of two batches that spend one note.
 * Nothing but the seed need be remembered: a wallet that is told every height finds its change, its shielded notes and the accounts of
 * its batches again. Lasting accounts it finds by their names, genesis notes by their values.
 */
export class Wallet {
  readonly #seed: Uint8Array;
  readonly #spendingKey: bigint;
  #genesisNotes = 0;
  /** Spendable, in the order in which they are spent. */
  #notes: OwnedNote[] = [];
  /** By nullifier: batches whose fate is open. */
  readonly #spends = new Map<bigint, Spend>();
  /** Salts of the accounts named so far. */
  readonly #salts = new Map<AccountId, bigint>();

  /**
   * @param seed       32 bytes, secret; one serves any number of chains
   * @param foundation `foundationHash` of the chain, 32 bytes: keys, notes and accounts of two chains have nothing in common
   */
  constructor(seed: Uint8Array, foundation: Uint8Array) {
    if (seed.length !== 32) throw new ClientError('WALLET_INPUT', 'a wallet seed is 32 bytes');
    if (foundation.length !== 32) throw new ClientError('WALLET_INPUT', 'a chain’s foundation is 32 bytes');
    this.#seed = hashBytes('walletChain', seed, foundation);
    this.#spendingKey = hashToField('walletKey', this.#seed);
  }

  /**
   * The wallet's next genesis note; the same values in the same order give the same notes.
   * @param value units, < 2^64
   * @returns its commitment, for the genesis
   */
  genesisNote(value: bigint): bigint {
    const index = bigintToBytes(BigInt(this.#genesisNotes++), 4);
    const note = this.#own(value, hashToField('walletNote', this.#seed, index));
    this.#notes.push(note);
    return note.commitment;
  }

  /** Values of the notes that can be spent now, or when their shield has joined the tree, units, in the order in which they are spent. Secret. */
  get spendable(): readonly bigint[] {
    return this.#notes.map(({ value }) => value);
  }

  /** By note of `spendable`: whether a batch can spend it now, as there is a path to it. Secret. */
  joined(notes: Pick<NoteSource, 'notePath'>): readonly boolean[] {
    return this.#notes.map(({ commitment }) => notes.notePath(commitment) !== undefined);
  }

  /** @returns the id of the wallet's lasting account of that name. Links its batches to each other once they are open. */
  accountNamed(name: string): AccountId {
    return this.#remember(this.#saltOf(name));
  }

  /** Whether an account is this wallet's, as far as it has named it or sealed or found a batch for it. */
  owns(account: AccountId): boolean {
    return this.#salts.has(account);
  }

  /** Accounts that this wallet has named, or sealed or found a batch for. */
  get accounts(): readonly AccountId[] {
    return [...this.#salts.keys()];
  }

  /** Notes that a batch whose fate is open is to spend, and the last height that may order it. Secret. */
  get setAside(): readonly { readonly value: bigint; readonly toHeight: Height }[] {
    return [...this.#spends.values()].map(({ note, toHeight }) => ({ value: note.value, toHeight }));
  }

  /** All that a wallet of this seed would have to find on the chain again. Secret. */
  state(): WalletState {
    const plain = ({ value, rho }: OwnedNote) => ({ value, rho });
    return {
      genesisNotes: this.#genesisNotes,
      notes: this.#notes.map(plain),
      spends: [...this.#spends.values()].map(({ note, toHeight }) => ({ note: plain(note), toHeight })),
      salts: [...this.#salts.values()],
    };
  }

  /** @param state of `state()`, of a wallet of the same seed and chain */
  static restore(seed: Uint8Array, foundation: Uint8Array, state: WalletState): Wallet {
    const wallet = new Wallet(seed, foundation);
    const own = ({ value, rho }: PlainNote): OwnedNote => wallet.#own(value, rho);
    wallet.#genesisNotes = state.genesisNotes;
    wallet.#notes = state.notes.map(own);
    for (const spend of state.spends) {
      const note = own(spend.note);
      wallet.#spends.set(note.nullifier, { note, toHeight: height(spend.toHeight) });
    }
    for (const salt of state.salts) wallet.#remember(salt);
    return wallet;
  }

  #remember(salt: bigint): AccountId {
    const id = accountIdOf(accountOf(this.#spendingKey, salt));
    this.#salts.set(id, salt);
    return id;
  }

  /**
   * Authorises an account action: shields cash into a note of this wallet or withdraws it to outside. The note can be spent
   * once its leaf is in the tree (see `heightClosed`). Its secret follows from account and number: no two accepted actions share them.
   * @throws {ClientError} WALLET_INPUT for an account of somebody else, an amount or a destination out of range
   */
  authorise(
    { account: id, amount, destination }: ActionWish,
    { chainHash, sequence, lastHeight }: ActionTerms,
  ): AuthorisedAction {
    const need = (ok: boolean, rule: string): void => {
      if (!ok) throw new ClientError('WALLET_INPUT', `an account action needs ${rule}`);
    };
    const salt = this.#salts.get(id);
    need(salt !== undefined, 'an account that this wallet has named or sealed a batch for');
    need(amount > 0n && isUint64(amount), 'an amount of 1 to 2^64 − 1 units');
    const isPlace =
      destination === undefined || (destination.length === 32 && destination.some((b) => b > 0));
    need(isPlace, 'a destination of 32 bytes that are not all zero');
    const account = accountOf(this.#spendingKey, salt!);
    const rho = this.#shieldRho(account, sequence);
    const { commitment } = this.#own(amount, rho);
    const statement: ActionStatement = {
      kind: 'action',
      action: destination === undefined ? 'shield' : 'withdraw',
      account,
      amount,
      commitment,
      sequence,
      destination: destination ?? NOWHERE,
      lastHeight,
    };
    const signals = actionSignals(chainHash, statement);
    const message = actionMessage(chainHash, statement);
    const witness = { spendingKey: this.#spendingKey, salt: salt!, rho, amount, message };
    return { statement, id: itemIdOf(signals), signals, witness };
  }

  /**
   * Seals a batch that deposits exactly what its opening orders reserve, and sets the note it spends aside.
   * @param random secret, of the system or of a seed used for this alone; a repeated draw would reveal the orders
   * @returns undefined if no spendable note holds deposit + fee (see `spendable`)
   * @throws ASSERTION if there are more than four orders or one is out of range
   */
  seal(wish: BatchWish, terms: BatchTerms, random: RandomBytes): SealedBatch | undefined {
    assert(wish.orders.length <= ORDERS_PER_BATCH, 'a batch has at most four orders');
    const { fee, table, Y8, notes } = terms;
    const deposit = reserveOf(table, wish.orders);
    const note = this.#notes.find(
      ({ value, commitment }) => value >= deposit + fee && notes.notePath(commitment) !== undefined,
    );
    if (note === undefined) return undefined;

    const salt = wish.account === undefined ? this.#batchSalt(note.nullifier) : this.#saltOf(wish.account);
    const orders = Array.from({ length: ORDERS_PER_BATCH }, (_, leg) => wish.orders[leg]);
    const content = { account: accountOf(this.#spendingKey, salt), deposit, orders };
    this.#remember(salt);
    const change = this.#changeOf(note, deposit + fee);
    const sealRandomness = randomScalar(random);
    const context = contextOf(terms);
    const { U, ct, tag } = sealWords(packBatch(content), { r: sealRandomness, Y8, context });
    const statement: BatchStatement = {
      kind: 'batch',
      fromHeight: terms.fromHeight,
      toHeight: terms.toHeight,
      tableHeight: terms.tableHeight,
      noteRoot: notes.noteRoot,
      fee,
      nullifier: note.nullifier,
      changeCommitment: change.commitment,
      U: encodePoint(U),
      ct,
      tag,
    };
    const witness: OrdersWitness = {
      spendingKey: this.#spendingKey,
      value: note.value,
      rho: note.rho,
      path: notes.notePath(note.commitment)!,
      salt,
      deposit,
      orders,
      sealRandomness,
      noteRoot: notes.noteRoot,
      Y8,
      context,
      fee,
      table,
    };
    this.#notes = this.#notes.filter((other) => other !== note);
    this.#spends.set(note.nullifier, { note, toHeight: terms.toHeight });
    const signals = batchSignals(statement, { context, Y8, table });
    return { statement, id: itemIdOf(signals), signals, witness, content };
  }

  /** Of a batch that was sealed and that nobody was given: its note can be spent again. @param nullifier of that note */
  takeBack(nullifier: bigint): void {
    const spend = this.#spends.get(nullifier);
    if (spend !== undefined && this.#spends.delete(nullifier)) this.#notes = [spend.note, ...this.#notes];
  }

  /**
   * A height closed: the change of an accepted batch can be spent, whichever copy of this wallet sealed it; the note of a batch whose
   * window has passed can be spent again; a shielded note is this wallet's, to be spent as soon as there is a path to it.
   * @param domain of the chain, for its batches' contexts
   * @param closed a height that was replayed: its certificates hold
   * @returns this wallet's batches among its items
   */
  heightClosed(domain: ItemDomain, { block, shielded }: ClosedHeight): readonly OwnBatch[] {
    const at = block.header.height;
    const own = new Map([...this.#spends.values()].map(({ note }) => [note.nullifier, note]));
    for (const note of this.#notes) own.set(note.nullifier, note);
    const closed: OwnBatch[] = [];
    const change: OwnedNote[] = [];
    for (const [nullifier, { batch, key }] of openableBatches(block)) {
      const note = own.get(nullifier);
      if (note === undefined) continue;
      this.#spends.delete(nullifier);
      this.#notes = this.#notes.filter((other) => other !== note);
      const content = openedContent(domain, batch, key);
      closed.push({ nullifier, content });
      const salt = this.#batchSalt(nullifier);
      if (content?.account === accountOf(this.#spendingKey, salt)) this.#remember(salt);
      const found = this.#findChange(note, batch, content);
      if (found !== undefined) change.push(found);
    }
    const back: OwnedNote[] = [];
    for (const [nullifier, { note, toHeight }] of this.#spends) {
      if (toHeight > at) continue;
      this.#spends.delete(nullifier);
      back.push(note);
    }
    this.#notes = [...back, ...this.#notes, ...change];
    for (const item of block.items)
      if (item.kind === 'action' && shielded.includes(item.commitment)) this.#takeShielded(item);
    return closed;
  }

  #takeShielded({ account, sequence, amount, commitment }: ActionStatement): void {
    if (!this.owns(accountIdOf(account))) return;
    const note = this.#own(amount, this.#shieldRho(account, sequence));
    if (note.commitment === commitment) this.#notes.push(note);
  }

  /** The note that a batch left of `note`, computed anew from what the opened batch says; undefined if nothing was left. */
  #findChange(
    note: OwnedNote,
    batch: BatchStatement,
    content: BatchContent | undefined,
  ): OwnedNote | undefined {
    if (content === undefined || note.value <= content.deposit + batch.fee) return undefined;
    const change = this.#changeOf(note, content.deposit + batch.fee);
    return change.commitment === batch.changeCommitment ? change : undefined;
  }

  #changeOf(note: OwnedNote, paid: bigint): OwnedNote {
    return this.#own(note.value - paid, changeRho(this.#spendingKey, note.nullifier));
  }

  /** Of the account of a batch alone, by the note that it spends. */
  #batchSalt(nullifier: bigint): bigint {
    return hashToField('walletBatch', this.#seed, bigintToBytes(nullifier, 32));
  }

  #shieldRho(account: bigint, sequence: bigint): bigint {
    return hashToField('walletShield', this.#seed, bigintToBytes(account, 32), bigintToBytes(sequence, 8));
  }

  #saltOf(name: string): bigint {
    return hashToField('walletAccount', this.#seed, utf8(name));
  }

  #own(value: bigint, rho: bigint): OwnedNote {
    const commitment = noteCommitment(value, ownerKey(this.#spendingKey), rho);
    return { value, rho, commitment, nullifier: noteNullifier(this.#spendingKey, commitment) };
  }
}
