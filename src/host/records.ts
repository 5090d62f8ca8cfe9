import { decodeState, encodeState } from '../base/state-codec.ts';
import {
  bytesOf,
  either,
  fieldsOf,
  isBigint,
  isBytes,
  isFlag,
  isNatural,
  isText,
  listOf,
  oneOf,
  recordOf,
  type ShapeOf,
  type StateCheck,
} from '../base/state-shape.ts';
import { NONCE_BYTES } from '../params/sizes.ts';
import { FORMAT_VERSION } from '../params/version.ts';
import type { Dissemination, Input } from '../validator/types.ts';
import { HostError } from './errors.ts';

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
  /** Of a peer's frame: its number on the link. Of `connected`: the number that one goes on after, if one has forgotten it. Else 0. */
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

const isItemRef = recordOf({ type: oneOf('item'), copy: isText });
const isBallotRef = recordOf({ type: oneOf('ballot'), height: isNatural, copy: isText });
export const isVerifyRef = either(isItemRef, isBallotRef);
export const isProveRef = recordOf({ type: oneOf('own'), height: isNatural, items: listOf(isText) });
export const isBlockRef = recordOf({ type: oneOf('block'), to: isNatural, height: isNatural });
export const isDealRef = recordOf({ type: oneOf('deal'), session: isBigint });
export const isDealingsRef = recordOf({
  type: oneOf('dealings'),
  session: isBigint,
  dealers: listOf(isNatural),
});

/** The fields of every input beside its type. */
const INPUTS: { readonly [T in Input['type']]: ShapeOf<Omit<Extract<Input, { type: T }>, 'type'>> } = {
  item: { bytes: isBytes },
  message: { from: isNatural, bytes: isBytes },
  observe: { prices: listOf(isBigint), observedS: isBigint, clockS: isBigint },
  ballotDue: {},
  announceDue: {},
  resend: {},
  verified: { verdicts: listOf(recordOf({ ref: isVerifyRef, ok: isFlag })) },
  proved: { ref: isProveRef, proof: isBytes },
  stored: { ref: isBlockRef, bytes: either(isBytes, oneOf(undefined)) },
  connected: { peer: isNatural },
  forgotten: { nonce: bytesOf(NONCE_BYTES) },
  block: { bytes: isBytes },
  dealDue: {},
  dealt: { ref: isDealRef, bytes: isBytes },
  dealingsVerified: { ref: isDealingsRef, bad: listOf(isNatural) },
};

const HEADER: ShapeOf<HeaderRecord> = {
  type: oneOf('header'),
  version: oneOf(FORMAT_VERSION),
  chain: bytesOf(32),
  epoch: bytesOf(32),
  self: isNatural,
  dissemination: oneOf('direct', 'stem'),
  after: bytesOf(32),
};

/** A header of another version may have other fields: it is to be refused by its version. */
export const isHeader: StateCheck = (value) => {
  const { type, version } = fieldsOf(value) ?? {};
  return type === 'header' && isNatural(version) && (version !== FORMAT_VERSION || recordOf(HEADER)(value));
};

const isInput: StateCheck = (value) => {
  const type = fieldsOf(value)?.['type'];
  if (typeof type !== 'string' || !Object.hasOwn(INPUTS, type)) return false;
  return recordOf({ type: isText, ...INPUTS[type as Input['type']] })(value);
};

const isRecord = either(
  isHeader,
  recordOf({ type: oneOf('input'), number: isNatural, input: isInput }),
  recordOf({ type: oneOf('commit'), hash: bytesOf(32) }),
);

/** @throws {HostError} HOST_LOG_VERSION */
export function requireVersion({ version }: HeaderRecord): void {
  if (version === FORMAT_VERSION) return;
  throw new HostError(
    'HOST_LOG_VERSION',
    `the log has version ${version}, this program reads version ${FORMAT_VERSION}: go on with the program that wrote it`,
    { version, reads: FORMAT_VERSION },
  );
}
