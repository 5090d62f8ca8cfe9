import { assert } from '../base/errors.ts';
import { decodeState, encodeState } from '../base/state-codec.ts';
import {
  either,
  fieldsOf,
  isBigint,
  isBytes,
  isNatural,
  listOf,
  oneOf,
  recordOf,
  type ShapeOf,
} from '../base/state-shape.ts';
import { epochContext } from '../validator/context.ts';
import { ballotStatement } from '../validator/own-ballot.ts';
import type { SingleEffect } from './effects.ts';
import { HostError, WHEN_DAMAGED } from './errors.ts';
import { frameRecord, recordAt } from './log.ts';
import type { HostConfig } from './machine.ts';
import type { OutboxState } from './outbox.ts';
import {
  type HeaderRecord,
  isBlockRef,
  isDealingsRef,
  isDealRef,
  isHeader,
  isProveRef,
  isVerifyRef,
  requireVersion,
} from './records.ts';
import type { Segment } from './store.ts';

type Prove = Extract<SingleEffect, { type: 'prove' }>;
/** An effect as it is kept: of a proof that is wanted the ref alone, for its statement holds the identity secret. */
export type KeptEffect = Exclude<SingleEffect, Prove> | Pick<Prove, 'type' | 'ref'>;

/** What a host has between two commits. No secret. */
export interface HostState {
  /** Whose it is, and after which commit. */
  readonly header: HeaderRecord;
  /** The machine's own snapshot. */
  readonly machine: Uint8Array;
  /** Highest number taken from each peer. */
  readonly received: readonly number[];
  readonly outbox: OutboxState;
  /** Effects without an answer, in the order in which they were asked. */
  readonly unanswered: readonly KeptEffect[];
}

const isFrame = recordOf({ number: isNatural, bytes: isBytes, at: isNatural });
const isEffect = either(
  recordOf({ type: oneOf('prove'), ref: isProveRef }),
  recordOf({ type: oneOf('serveBlock'), ref: isBlockRef }),
  recordOf({ type: oneOf('deal'), ref: isDealRef }),
  recordOf({ type: oneOf('verifyDealings'), ref: isDealingsRef, dealings: listOf(isBytes) }),
  recordOf({
    type: oneOf('verify'),
    request: recordOf({
      ref: isVerifyRef,
      circuit: oneOf('ballot', 'orders', 'account', 'dealing'),
      proofs: listOf(recordOf({ signals: listOf(isBigint), proof: isBytes })),
    }),
  }),
);
const STATE: ShapeOf<HostState> = {
  header: isHeader,
  machine: isBytes,
  received: listOf(isNatural),
  outbox: listOf(recordOf({ last: isNatural, waiting: listOf(isFrame) })),
  unanswered: listOf(isEffect),
};

/** One checksummed record. */
export const sealHost = (state: HostState): Uint8Array => frameRecord(encodeState(state));

/**
 * @returns undefined if the snapshot is damaged: then the one before it is to be taken
 * @throws {HostError} HOST_LOG_VERSION
 */
export function openHost(snapshot: Uint8Array): HostState | undefined {
  const record = recordAt(snapshot, 0);
  const state = record === undefined ? undefined : decodeState(record);
  const header = fieldsOf(state)?.['header'];
  if (isHeader(header)) requireVersion(header as unknown as HeaderRecord);
  return recordOf(STATE)(state) ? (state as unknown as HostState) : undefined;
}

export const keptEffect = (effect: SingleEffect): KeptEffect =>
  effect.type === 'prove' ? { type: effect.type, ref: effect.ref } : effect;

/** The state of the newest snapshot that is whole, and the logs since then: from genesis if nothing else is left. */
export function newestWhole(segments: readonly Segment[]): {
  readonly state: HostState | undefined;
  readonly logs: readonly Uint8Array[];
} {
  for (let i = segments.length - 1; i >= 0; i--) {
    const { snapshot } = segments[i]!;
    const state = snapshot === undefined ? undefined : openHost(snapshot);
    if (snapshot === undefined || state !== undefined)
      return { state, logs: segments.slice(i).map(({ log }) => log) };
  }
  throw new HostError('HOST_LOG_DAMAGED', `no snapshot is whole: ${WHEN_DAMAGED}`);
}

/** An effect as it was asked: the statement of a proof holds a secret, and is made again from the configuration. */
export function wholeEffect(config: HostConfig, kept: KeptEffect): SingleEffect {
  if (kept.type !== 'prove') return kept;
  assert('epoch' in config, 'only a validator has ballots to prove');
  return { ...kept, statement: ballotStatement(epochContext(config), kept.ref) };
}
