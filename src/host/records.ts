import { decodeState, encodeState, type State } from '../base/state-codec.ts';
import { FORMAT_VERSION } from '../params/version.ts';
import type { Dissemination, Input } from '../validator/types.ts';

/** Whose log it is, and where it goes on: the first record of every segment. */
export interface HeaderRecord {
  readonly type: 'header';
  readonly version: number;
  /** Hash of the chain's genesis and of the epoch's configuration, 32 bytes each. */
  readonly chain: Uint8Array;
  readonly epoch: Uint8Array;
  readonly self: number;
  readonly dissemination: Dissemination;
  /** Hash of the commit before this segment, 32 bytes. */
  readonly after: Uint8Array;
}

/** What the validator was given. */
export interface InputRecord {
  readonly type: 'input';
  /** Of a peer's frame: its number on the link; 0 for any other input. */
  readonly number: number;
  readonly input: Input;
}

/** All before it is durable. */
export interface CommitRecord {
  readonly type: 'commit';
  /** H(commit before ‖ all that the inputs since then sent), 32 bytes. */
  readonly hash: Uint8Array;
}

export type HostRecord = HeaderRecord | InputRecord | CommitRecord;

export const encodeRecord = (record: HostRecord): Uint8Array => encodeState(record);

/** @returns undefined for anything but the encoding of a record. Never throws. */
export function decodeRecord(bytes: Uint8Array): HostRecord | undefined {
  const state = decodeState(bytes);
  return isRecord(state) ? (state as unknown as HostRecord) : undefined;
}

type Check = (value: State) => boolean;
type Shape = Readonly<Record<string, Check>>;
/** A check for each field of T but its type. */
type ShapeOf<T> = { readonly [K in Exclude<keyof T, 'type'>]: Check };

const isNatural: Check = (value) => typeof value === 'number' && value >= 0;
const isBigint: Check = (value) => typeof value === 'bigint';
const isText: Check = (value) => typeof value === 'string';
const isFlag: Check = (value) => typeof value === 'boolean';
const isBytes: Check = (value) => value instanceof Uint8Array;
const isHash: Check = (value) => value instanceof Uint8Array && value.length === 32;
const listOf =
  (each: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(each);

/** Whether a value is a record of this type with exactly these fields beside it. */
const isTagged = (value: State, type: string, shape: Shape): boolean =>
  fieldsOf(value)?.['type'] === type && has(value, shape);

/** The fields of every input beside its type. */
const INPUTS: { readonly [T in Input['type']]: ShapeOf<Extract<Input, { type: T }>> } = {
  item: { bytes: isBytes },
  message: { from: isNatural, bytes: isBytes },
  observe: { prices: listOf(isBigint), observedS: isBigint, clockS: isBigint },
  ballotDue: {},
  resend: {},
  verified: {
    ref: (ref) =>
      isTagged(ref, 'item', { copy: isText }) || isTagged(ref, 'ballot', { height: isNatural, copy: isText }),
    ok: isFlag,
  },
  proved: {
    ref: (ref) => isTagged(ref, 'own', { height: isNatural, items: listOf(isText) }),
    proof: isBytes,
  },
  stored: {
    ref: (ref) => isTagged(ref, 'block', { to: isNatural, height: isNatural }),
    bytes: (value) => value === undefined || isBytes(value),
  },
  connected: { peer: isNatural },
  block: { bytes: isBytes },
};

const isInput: Check = (value) => {
  const type = fieldsOf(value)?.['type'];
  return typeof type === 'string' && Object.hasOwn(INPUTS, type) && has(value, INPUTS[type as Input['type']]);
};

const RECORDS: { readonly [T in HostRecord['type']]: ShapeOf<Extract<HostRecord, { type: T }>> } = {
  header: {
    version: isNatural,
    chain: isHash,
    epoch: isHash,
    self: isNatural,
    dissemination: (value) => value === 'direct' || value === 'stem',
    after: isHash,
  },
  input: { number: isNatural, input: isInput },
  commit: { hash: isHash },
};

const isRecord: Check = (value) => {
  const fields = fieldsOf(value);
  const type = fields?.['type'];
  if (typeof type !== 'string' || !Object.hasOwn(RECORDS, type)) return false;
  // A header of another version may have other fields: it is to be refused by its version.
  if (type === 'header' && isNatural(fields!['version']) && fields!['version'] !== FORMAT_VERSION)
    return true;
  return has(value, RECORDS[type as HostRecord['type']]);
};

/** Whether a value is a record of exactly these fields and its type. */
function has(value: State, shape: Shape): boolean {
  const fields = fieldsOf(value);
  if (fields === undefined || Object.keys(fields).length !== Object.keys(shape).length + 1) return false;
  return Object.entries(shape).every(([name, check]) => Object.hasOwn(fields, name) && check(fields[name]));
}

function fieldsOf(value: State): { readonly [field: string]: State } | undefined {
  const isPlain = typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype;
  return isPlain ? (value as { readonly [field: string]: State }) : undefined;
}
