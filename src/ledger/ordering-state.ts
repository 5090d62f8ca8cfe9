import { compareBytes, fromHex } from '../base/bytes.ts';
import { assert } from '../base/errors.ts';
import { hashBytes } from '../crypto/hash.ts';
import { type MerklePath, MerkleTree } from '../crypto/merkle.ts';
import { type Height, height, type ItemId } from '../params/ids.ts';
import {
  ARITY,
  MAX_ITEM_WINDOW,
  MAX_ORDERED_ITEMS,
  NOTE_TREE_DEPTH,
  ROOT_WINDOW,
  SHIELD_DELAY,
  TABLE_DELAY,
  TABLE_WINDOW,
} from '../params/sizes.ts';
import type { ActionStatement } from './actions.ts';
import {
  type BatchStatement,
  type Item,
  isLarge,
  KEY_USED,
  keyOf,
  marksOf,
  noteOf,
  roomOf,
  type Statement,
} from './items.ts';
import { NumberList } from './number-list.ts';
import { hashOrdering, isConsistent, type OrderingSnapshot, orderingSummary } from './ordering-encoding.ts';
import type { RefusalCode } from './refusals.ts';
import { checkRotation } from './rotation/check-rotation.ts';
import { keyNames } from './rotation/registration.ts';
import { closed, type Rotation, turned, withEvidence, withItem } from './rotation/rotation.ts';
import type { ValidatorKeys } from './validator-keys.ts';

/** An item under its name, as the tally hands it on. */
export interface NamedItem<T extends Statement = Item> {
  readonly id: ItemId;
  readonly item: T;
}

/** An item that was ordered and lost at the re-check. */
export interface RefusedItem {
  readonly id: ItemId;
  readonly code: RefusalCode;
}

export interface Recheck<T extends Statement> {
  /** In re-check order, which is the order of the batches' leaves. */
  readonly accepted: readonly NamedItem<T>[];
  readonly refused: readonly RefusedItem[];
}

/**
 * Ascending H(itemOrder; previous beacon ‖ id). Whoever makes an item after that beacon is public can choose its place; the place
 * decides only between items of one key or with one new note, which their owner alone can make, and who finds room in a full tree.
 */
export function recheckOrder(ids: readonly ItemId[], previousBeacon: Uint8Array): ItemId[] {
  const keyed = ids.map((id) => ({ id, key: hashBytes('itemOrder', previousBeacon, fromHex(id)!) }));
  return keyed.sort((a, b) => compareBytes(a.key, b.key)).map(({ id }) => id);
}

/** First and last height whose reserve table a batch ordered at h may use: h − 9 … h − 2, never before genesis. */
export function tableHeightsAt(at: Height): { readonly first: Height; readonly last: Height } {
  const last = Math.max(0, at - TABLE_DELAY);
  return { first: height(Math.max(0, last - TABLE_WINDOW + 1)), last: height(last) };
}

/**
 * What ordering needs and decryption does not: nullifiers, the note tree and its recent roots, sequence numbers of
 * accounts, numbers of deposits. It advances as soon as a height is ordered, so the next height can be checked while this
 * one is still being opened.
 * Whether the cash of a shield is there only its settlement knows. So ordering a shield uses its sequence number up and
 * reserves its leaf; the leaf joins the tree as h + SHIELD_DELAY closes, and only if the settlement of h paid for it: like
 * the reserve tables, ordering reads the settled state ≤ h − 2 and no newer one.
 */
export class OrderingState {
  readonly #minFee: bigint;
  readonly #nullifiers = new NumberList();
  readonly #tree: MerkleTree;
  /** Leaf → index. */
  readonly #leaves: Map<bigint, number>;
  /** Leaves of shields that wait for their settlement, → the height that ordered them. */
  readonly #reserved = new Map<bigint, Height>();
  /** By height: leaves of the shields that it settled; only until they join. */
  readonly #shielded = new Map<Height, readonly bigint[]>();
  /** By account A, only where it is not 0. */
  readonly #sequences = new Map<bigint, bigint>();
  readonly #deposits = new NumberList();
  /** Names of all keys that ever were a validator's or registered for one. */
  readonly #registered: NumberList;
  #rotation: Rotation;
  /** Roots after the last ROOT_WINDOW heights, oldest first; the last one is of #height. */
  readonly #noteRoots: bigint[] = [];
  #height: Height = height(0);

  /**
   * @param notes    commitments of the genesis notes, distinct and not 0
   * @param minFee   units a batch pays at least
   * @param rotation of the first epoch
   * @param tree     of the notes, if it is there already
   * @param registered names of the keys of validators so far
   */
  constructor(
    notes: readonly bigint[],
    minFee: bigint,
    rotation: Rotation,
    tree = MerkleTree.from(NOTE_TREE_DEPTH, notes),
    registered: readonly bigint[] = rotation.epoch.validators.flatMap(keyNames),
  ) {
    this.#minFee = minFee;
    this.#rotation = rotation;
    this.#registered = new NumberList(registered);
    this.#tree = tree;
    this.#leaves = new Map(notes.map((note, index) => [note, index]));
    assert(this.#leaves.size === notes.length, 'leaves are unique');
    this.#noteRoots.push(this.#tree.root);
  }

  /**
   * The state of which this is the snapshot, for every item the same as before.
   * @param snapshot its form checked (decodeOrdering), otherwise hostile: whose it is, its root has to show
   * @param nodes    of the note tree (`treeNodes`), from one's own store alone; without them n notes cost n/3 Poseidon hashes
   * @returns undefined if its parts do not fit together. Never throws.
   */
  static restore(snapshot: OrderingSnapshot, minFee: bigint, nodes?: Uint8Array): OrderingState | undefined {
    if (!isConsistent(snapshot)) return undefined;
    const { leaves, rotation, registered } = snapshot;
    const tree = nodes === undefined ? undefined : MerkleTree.read(NOTE_TREE_DEPTH, leaves, nodes);
    if (nodes !== undefined && tree === undefined) return undefined;
    const state = new OrderingState(leaves, minFee, rotation, tree, registered);
    if (state.noteRoot !== snapshot.noteRoots.at(-1)) return undefined;
    state.#noteRoots.splice(0, 1, ...snapshot.noteRoots);
    for (const nullifier of snapshot.nullifiers) state.#nullifiers.add(nullifier);
    for (const nonce of snapshot.deposits) state.#deposits.add(nonce);
    for (const [note, at] of snapshot.reserved) state.#reserved.set(note, at);
    for (const [at, notes] of snapshot.shielded) state.#shielded.set(at, notes);
    for (const [account, sequence] of snapshot.sequences) state.#sequences.set(account, sequence);
    state.#height = snapshot.height;
    return state;
  }

  /** The nodes of the note tree, for `restore`. */
  treeNodes(): Uint8Array {
    return this.#tree.writeNodes();
  }

  /** Shares no memory with the state. */
  snapshot(): OrderingSnapshot {
    return {
      height: this.#height,
      nullifiers: [...this.#nullifiers.all],
      leaves: [...this.#tree.leaves],
      noteRoots: [...this.#noteRoots],
      reserved: new Map(this.#reserved),
      shielded: new Map(this.#shielded),
      deposits: [...this.#deposits.all],
      sequences: new Map(this.#sequences),
      registered: [...this.#registered.all],
      rotation: this.#rotation,
    };
  }

  /** What a header binds of this state, 32 bytes. Costs no more for more nullifiers, notes or deposits. */
  get root(): Uint8Array {
    return hashOrdering(this.summary());
  }

  /** What `root` is the hash of. */
  summary(): Uint8Array {
    const waiting = { reserved: this.#reserved, shielded: this.#shielded };
    const state = { ...waiting, height: this.#height, noteRoots: this.#noteRoots, rotation: this.#rotation };
    const lists = { nullifiers: this.#nullifiers, deposits: this.#deposits, registered: this.#registered };
    return orderingSummary(state, lists);
  }

  /** Whether shields wait to join the note tree: two more heights decide. */
  get hasWaiting(): boolean {
    return this.#reserved.size > 0;
  }

  /** The last height closed. */
  get height(): Height {
    return this.#height;
  }

  /** Who orders the next height, and how the epoch after theirs comes about. */
  get rotation(): Rotation {
    return this.#rotation;
  }

  /** Root after the last height closed, F_r. */
  get noteRoot(): bigint {
    return this.#noteRoots.at(-1)!;
  }

  /** @returns the way from a note to `noteRoot`; undefined if the note was not a leaf when the last height closed. */
  notePath(commitment: bigint): MerklePath | undefined {
    const index = this.#leaves.get(commitment);
    assert(this.#tree.root === this.noteRoot, 'paths are asked for between heights');
    return index === undefined ? undefined : this.#tree.path(index);
  }

  /** Notes that are leaves of the tree. */
  get noteCount(): number {
    return this.#leaves.size;
  }

  /** Leaves from an index on, as many as there are and no more than asked for. */
  notesFrom(index: number, most: number): readonly bigint[] {
    return this.#tree.leaves.slice(index, index + most);
  }

  /** Index of a note's leaf, undefined if it is none. */
  noteIndex(commitment: bigint): number | undefined {
    return this.#leaves.get(commitment);
  }

  /** Number of an account's next action. @param account A in F_r */
  sequenceOf(account: bigint): bigint {
    return this.#sequences.get(account) ?? 0n;
  }

  /**
   * Whether an item, taken alone, could be ordered at a height, by the rules of admission and re-check in their order.
   * @returns the code of the first rule broken, undefined if none is
   */
  check(item: Statement, at: Height): RefusalCode | undefined {
    switch (item.kind) {
      case 'batch':
        return this.#checkBatch(item, at) ?? this.#checkNote(item);
      case 'action':
        return this.#checkAction(item, at) ?? this.#checkNote(item);
      case 'deposit':
        return this.#deposits.has(item.nonce) ? 'ITEM_DEPOSIT_USED' : undefined;
      case 'registration':
        return checkRotation(this.#rotation, item, at) ?? this.#checkKeys(item);
      case 'dealing':
      case 'evidence':
        return checkRotation(this.#rotation, item, at);
    }
  }

  #checkKeys(keys: ValidatorKeys): RefusalCode | undefined {
    return keyNames(keys).some((name) => this.#registered.has(name)) ? 'ITEM_KEY_USED' : undefined;
  }

  #checkBatch(item: BatchStatement, at: Height): RefusalCode | undefined {
    const { fromHeight, toHeight, tableHeight } = item;
    if (at < fromHeight || at > toHeight || toHeight - fromHeight >= MAX_ITEM_WINDOW) return 'ITEM_WINDOW';
    if (!this.#noteRoots.includes(item.noteRoot)) return 'ITEM_ROOT_UNKNOWN';
    const { first, last } = tableHeightsAt(at);
    if (tableHeight < first || tableHeight > last) return 'ITEM_TABLE_STALE';
    if (item.fee < this.#minFee) return 'ITEM_FEE_LOW';
    return this.#nullifiers.has(item.nullifier) ? 'ITEM_NULLIFIER_SPENT' : undefined;
  }

  #checkAction({ account, sequence, lastHeight }: ActionStatement, at: Height): RefusalCode | undefined {
    if (at > lastHeight || lastHeight - at >= MAX_ITEM_WINDOW) return 'ITEM_WINDOW';
    return sequence === this.sequenceOf(account) ? undefined : 'ITEM_SEQUENCE';
  }

  #checkNote(item: Statement): RefusalCode | undefined {
    const note = noteOf(item);
    if (note === undefined) return undefined;
    if (note === 0n || this.#leaves.has(note) || this.#reserved.has(note)) return 'ITEM_COMMITMENT_EXISTS';
    return this.#room <= 0 ? 'ITEM_TREE_FULL' : undefined;
  }

  /** Leaves that the tree can still take. */
  get #room(): number {
    return ARITY ** NOTE_TREE_DEPTH - this.#tree.size - this.#reserved.size;
  }

  /**
   * Splits what the tally accepted: each item is checked against the state and against the items before it, in
   * ascending H(previous beacon ‖ id). Of items that use one key up the first wins, so a height orders at most one action of
   * an account. Dealings take as many places as they are large, and wait if the height has no more. Changes nothing.
   * @param items          distinct ids, any order
   * @param previousBeacon beacon of the height before
   */
  recheck<T extends Statement>(
    items: readonly NamedItem<T>[],
    previousBeacon: Uint8Array,
    at: Height,
  ): Recheck<T> {
    const byId = new Map(items.map((named) => [named.id, named]));
    assert(byId.size === items.length, 'the items of a height have distinct ids');
    const keys = new Set<string>();
    const marks = new Set<string>();
    let places = items.filter(({ item }) => !isLarge(item)).length;
    const notes = new Set<bigint>();
    const accepted: NamedItem<T>[] = [];
    const refused: RefusedItem[] = [];
    for (const id of recheckOrder([...byId.keys()], previousBeacon)) {
      const named = byId.get(id)!;
      const key = keyOf(named.item);
      const note = noteOf(named.item);
      const own = marksOf(named.item);
      let code = this.check(named.item, at);
      if (keys.has(key)) code ??= KEY_USED[named.item.kind];
      if (new Set(own).size < own.length || own.some((mark) => marks.has(mark)))
        code ??= named.item.kind === 'dealing' ? 'ITEM_DEALING_REPEATED' : 'ITEM_KEY_USED';
      if (isLarge(named.item)) {
        if (places + roomOf(named.item) > MAX_ORDERED_ITEMS) code ??= 'ITEM_HEIGHT_FULL';
        if (code === undefined) places += roomOf(named.item);
      }
      if (note !== undefined && notes.has(note)) code ??= 'ITEM_COMMITMENT_EXISTS';
      if (note !== undefined && notes.size >= this.#room) code ??= 'ITEM_TREE_FULL';
      if (code !== undefined) {
        refused.push({ id, code });
        continue;
      }
      accepted.push(named);
      keys.add(key);
      for (const mark of own) marks.add(mark);
      if (note !== undefined) notes.add(note);
    }
    return { accepted, refused };
  }

  /** Uses up what an accepted item uses up, and appends a batch's change note. Its `recheck` was at this state. */
  apply(item: Statement): void {
    switch (item.kind) {
      case 'batch':
        assert(!this.#nullifiers.has(item.nullifier), 'a note is spent once');
        this.#append(item.changeCommitment);
        this.#nullifiers.add(item.nullifier);
        return;
      case 'action':
        assert(item.sequence === this.sequenceOf(item.account), 'actions of an account go by their numbers');
        this.#sequences.set(item.account, item.sequence + 1n);
        if (item.action === 'shield') this.#reserved.set(item.commitment, height(this.#height + 1));
        return;
      case 'deposit':
        assert(!this.#deposits.has(item.nonce), 'a deposit is ordered once');
        this.#deposits.add(item.nonce);
        return;
      case 'registration':
        for (const name of keyNames(item)) this.#registered.add(name);
        this.#rotation = withItem(this.#rotation, item);
        return;
      case 'dealing':
      case 'evidence':
        this.#rotation = withItem(this.#rotation, item);
    }
  }

  /**
   * A height was settled.
   * @param notes  leaves of its shields that were paid for, in the order in which they are to join
   * @param beacon of the height, 64 bytes
   */
  settled(at: Height, notes: readonly bigint[], beacon: Uint8Array): void {
    assert(
      notes.every((note) => this.#reserved.get(note) === at),
      'only a leaf that its height reserved can join',
    );
    this.#shielded.set(at, notes);
    this.#rotation = turned(this.#rotation, at, beacon);
  }

  /**
   * Ends a height: with its evidence and its dealings the next epoch may be made; the tree as it is now, with the shields settled two heights ago, gives the one root of that height.
   * @param revealed identity secrets that its evidence reveals
   */
  closeHeight(at: Height, revealed: readonly bigint[] = []): void {
    assert(at === this.#height + 1, 'heights close one after the other');
    this.#rotation = closed(withEvidence(this.#rotation, revealed), at);
    this.#join(height(at - SHIELD_DELAY));
    this.#height = at;
    this.#noteRoots.push(this.#tree.root);
    if (this.#noteRoots.length > ROOT_WINDOW) this.#noteRoots.shift();
  }

  /** The shields of a height, paid for or not, wait no longer. */
  #join(at: Height): void {
    const waiting = [...this.#reserved].filter(([, orderedAt]) => orderedAt === at);
    const paid = this.#shielded.get(at);
    assert(waiting.length === 0 || paid !== undefined, 'a height with shields is settled two heights later');
    for (const [note] of waiting) this.#reserved.delete(note);
    for (const note of paid ?? []) this.#append(note);
    this.#shielded.delete(at);
  }

  #append(leaf: bigint): void {
    assert(!this.#leaves.has(leaf), 'leaves are unique');
    this.#leaves.set(leaf, this.#tree.append(leaf));
  }
}

/** What of it is told to whoever asks for notes. Public. */
export type NoteView = Pick<
  OrderingState,
  'height' | 'noteRoot' | 'noteCount' | 'notesFrom' | 'noteIndex' | 'notePath'
>;
