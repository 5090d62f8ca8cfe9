import { ContainerType, ListBasicType, ListCompositeType } from '@chainsafe/ssz';
import { byteList, bytes32, codec, uint32, uint64, uint256 } from '../base/codec.ts';
import { hashBytes } from '../crypto/hash.ts';
import { r } from '../params/fields.ts';
import { type Height, height } from '../params/ids.ts';
import { ARITY, MAX_ORDERED_ITEMS, NOTE_TREE_DEPTH, ROOT_WINDOW, SHIELD_DELAY } from '../params/sizes.ts';
import { NumberList } from './number-list.ts';
import type { Rotation } from './rotation/rotation.ts';
import {
  decodeRotation,
  encodeRotation,
  MAX_ROTATION_BYTES,
  rotationRoot,
} from './rotation/rotation-encoding.ts';

/** The ordering state as plain data. Equal histories give equal lists, in equal order. */
export interface OrderingSnapshot {
  /** The last height closed. */
  readonly height: Height;
  /** In the order in which they were spent. */
  readonly nullifiers: readonly bigint[];
  /** Of the note tree. */
  readonly leaves: readonly bigint[];
  /** Roots of the note tree after the last ROOT_WINDOW heights, oldest first. */
  readonly noteRoots: readonly bigint[];
  /** Leaves of shields that wait for their settlement, and the height that ordered them. */
  readonly reserved: ReadonlyMap<bigint, Height>;
  /** By height: leaves of the shields that it paid for and that have not joined. */
  readonly shielded: ReadonlyMap<Height, readonly bigint[]>;
  /** Numbers of the deposits, in the order in which they were ordered. */
  readonly deposits: readonly bigint[];
  /** By account A: number of its next action, ≥ 1. */
  readonly sequences: ReadonlyMap<bigint, bigint>;
  /** Names of all keys that ever were a validator's or registered for one, in the order in which they came. */
  readonly registered: readonly bigint[];
  readonly rotation: Rotation;
}

const MAX_NOTES = ARITY ** NOTE_TREE_DEPTH;
const MAX_LIST = 2 ** 32;
const ReservedType = new ListCompositeType(
  new ContainerType({ note: uint256, height: uint32 }),
  SHIELD_DELAY * MAX_ORDERED_ITEMS,
);
const ShieldedType = new ListCompositeType(
  new ContainerType({ height: uint32, notes: new ListBasicType(uint256, MAX_ORDERED_ITEMS) }),
  SHIELD_DELAY,
);
const NoteRootsType = new ListBasicType(uint256, ROOT_WINDOW);

const snapshotCodec = codec(
  new ContainerType({
    height: uint32,
    nullifiers: new ListBasicType(uint256, MAX_NOTES),
    leaves: new ListBasicType(uint256, MAX_NOTES),
    noteRoots: NoteRootsType,
    reserved: ReservedType,
    shielded: ShieldedType,
    deposits: new ListBasicType(uint64, MAX_LIST),
    sequences: new ListCompositeType(new ContainerType({ account: uint256, sequence: uint64 }), MAX_LIST),
    registered: new ListBasicType(uint256, MAX_LIST),
    rotation: byteList(MAX_ROTATION_BYTES),
  }),
  Number.MAX_SAFE_INTEGER,
);
const SummaryType = new ContainerType({
  height: uint32,
  nullifiers: bytes32,
  noteRoots: NoteRootsType,
  reserved: ReservedType,
  shielded: ShieldedType,
  deposits: bytes32,
  registered: bytes32,
  rotation: bytes32,
});
const rootCodec = codec(SummaryType);
/** Bytes of an ordering summary, at most. */
export const MAX_SUMMARY_BYTES = SummaryType.maxSize;

const waiting = ({ reserved, shielded }: Pick<OrderingSnapshot, 'reserved' | 'shielded'>) => ({
  reserved: [...reserved].map(([note, at]) => ({ note, height: at })),
  shielded: [...shielded].map(([at, notes]) => ({ height: at, notes: [...notes] })),
});

/** SSZ, canonical. */
export function encodeOrdering(state: OrderingSnapshot): Uint8Array {
  return snapshotCodec.encode({
    ...waiting(state),
    height: state.height,
    nullifiers: [...state.nullifiers],
    leaves: [...state.leaves],
    noteRoots: [...state.noteRoots],
    deposits: [...state.deposits],
    sequences: [...state.sequences].map(([account, sequence]) => ({ account, sequence })),
    registered: [...state.registered],
    rotation: encodeRotation(state.rotation),
  });
}

/** @returns undefined for anything but the encoding of a snapshot; whether its parts fit together is OrderingState's. Never throws. */
export function decodeOrdering(bytes: Uint8Array): OrderingSnapshot | undefined {
  const body = snapshotCodec.decode(bytes);
  if (body === undefined) return undefined;
  const reserved = new Map(body.reserved.map((each) => [each.note, height(each.height)]));
  const shielded = new Map(body.shielded.map((each) => [height(each.height), each.notes]));
  const sequences = new Map(body.sequences.map(({ account, sequence }) => [account, sequence]));
  const isTwice =
    reserved.size < body.reserved.length ||
    shielded.size < body.shielded.length ||
    sequences.size < body.sequences.length;
  const rotation = decodeRotation(body.rotation);
  if (isTwice || rotation === undefined) return undefined;
  return { ...body, height: height(body.height), reserved, shielded, sequences, rotation };
}

/**
 * What a header binds of the ordering state, by its hash: nullifiers and deposit numbers by the roots of their lists, the notes by the
 * roots of their tree, what waits, the keys of validators, and how the next epoch comes about. Numbers of actions are not in it: they
 * stand in the accounts of the settled state, which the same header binds. Whoever has the hash alone can be shown a part of the state with it.
 * @param lists each with its root (ListRoot)
 */
export function orderingSummary(
  state: Pick<OrderingSnapshot, 'height' | 'noteRoots' | 'reserved' | 'shielded' | 'rotation'>,
  lists: Readonly<Record<'nullifiers' | 'deposits' | 'registered', { readonly root: Uint8Array }>>,
): Uint8Array {
  const { height, noteRoots } = state;
  return rootCodec.encode({
    ...waiting(state),
    height,
    noteRoots: [...noteRoots],
    nullifiers: lists.nullifiers.root,
    deposits: lists.deposits.root,
    registered: lists.registered.root,
    rotation: rotationRoot(state.rotation),
  });
}

/** What a header binds of the state of a snapshot; the notes by the root that it claims for them, unhashed. */
export function snapshotRoot(snapshot: OrderingSnapshot): Uint8Array {
  const { nullifiers, deposits, registered } = snapshot;
  const lists = {
    nullifiers: new NumberList(nullifiers),
    deposits: new NumberList(deposits),
    registered: new NumberList(registered),
  };
  return hashOrdering(orderingSummary(snapshot, lists));
}

/** Whether a snapshot is one that some history could have led to, as far as its parts show it. */
export function isConsistent(snapshot: OrderingSnapshot): boolean {
  const { height, nullifiers, leaves, noteRoots, reserved, shielded, deposits, sequences, registered } =
    snapshot;
  const isNew = new Set(leaves);
  const isDistinct = (list: readonly bigint[]): boolean => new Set(list).size === list.length;
  const isField = (x: bigint): boolean => x < r;
  const isWaiting = (at: Height): boolean => at > Math.max(0, height - SHIELD_DELAY) && at <= height;
  return (
    [nullifiers, leaves, deposits, registered].every(isDistinct) &&
    [nullifiers, leaves, noteRoots, [...reserved.keys()], [...sequences.keys()]].flat().every(isField) &&
    !isNew.has(0n) &&
    !reserved.has(0n) &&
    noteRoots.length === Math.min(height + 1, ROOT_WINDOW) &&
    [...reserved].every(([note, at]) => isWaiting(at) && !isNew.has(note)) &&
    isNew.size + reserved.size <= ARITY ** NOTE_TREE_DEPTH &&
    [...shielded].every(
      ([at, notes]) => isWaiting(at) && isDistinct(notes) && notes.every((note) => reserved.get(note) === at),
    ) &&
    [...sequences.values()].every((sequence) => sequence > 0n)
  );
}

/** @param summary of `orderingSummary`. @returns the ordering root, 32 bytes */
export const hashOrdering = (summary: Uint8Array): Uint8Array => hashBytes('orderingState', summary);

/** @returns the root of the rotation in a summary, 32 bytes; undefined if it is none. Never throws. */
export const rotationIn = (summary: Uint8Array): Uint8Array | undefined =>
  rootCodec.decode(summary)?.rotation;
