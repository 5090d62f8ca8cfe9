import { decodeState, encodeState } from '../base/state-codec.ts';
import { isBytes, recordOf, type ShapeOf } from '../base/state-shape.ts';
import { FORMAT_VERSION } from '../params/version.ts';
import type { Border, ShownBorder } from '../validator/border.ts';
import type { ValidatorConfig } from '../validator/types.ts';
import { Validator } from '../validator/validator.ts';
import { sealHost } from './host-snapshot.ts';
import { type LogOwner, logOwnerOf } from './machine.ts';
import type { HeaderRecord } from './records.ts';
import type { Store } from './store.ts';

/** Hash of the last commit where there is none yet. */
export const NO_COMMIT: Uint8Array = new Uint8Array(32);

/** @param after hash of the commit before */
export function ownHeader({ self, dissemination, chain, epoch }: LogOwner, after: Uint8Array): HeaderRecord {
  return { type: 'header', version: FORMAT_VERSION, chain, epoch, self, dissemination, after };
}

/**
 * Writes down the state with which a validator begins a later epoch, as the first snapshot of its store for that epoch. The state is
 * durable when this returns, and its host starts from the store alone.
 * @throws {LedgerError} LEDGER_INPUT, {ValidatorError} VALIDATOR_BORDER
 */
export function beginEpoch(store: Store, config: ValidatorConfig, border: Border): void {
  const n = config.epoch.validators.length;
  const snapshot = sealHost({
    header: ownHeader(logOwnerOf(config), NO_COMMIT),
    machine: new Validator(config, border).snapshot(),
    received: new Array<number>(n).fill(0),
    outbox: Array.from({ length: n }, () => ({ last: 0, waiting: [] })),
    unanswered: [],
  });
  store.begin(snapshot);
}

/** Whether a store holds the beginning of a later epoch, or anything after it. */
export const hasBegun = (store: Store): boolean =>
  store.load().some(({ snapshot }) => snapshot !== undefined);

type ShownState = Omit<ShownBorder, 'block'>;
const SHOWN: ShapeOf<ShownState> = { ordering: isBytes, settlement: isBytes };
const isShown = recordOf(SHOWN);

export const encodeEnd = (state: ShownState): Uint8Array => encodeState(state);

/** @param bytes hostile where they come from another's store. @returns undefined for anything but the encoding. Never throws. */
export function decodeEnd(bytes: Uint8Array): ShownState | undefined {
  const state = decodeState(bytes);
  return isShown(state) ? (state as unknown as ShownState) : undefined;
}
