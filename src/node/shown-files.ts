import { decodeState, encodeState } from '../base/state-codec.ts';
import { isBytes, isFlag, isNatural, listOf, recordOf } from '../base/state-shape.ts';
import { decodeEpoch, type EpochConfig, encodeEpoch } from '../ledger/epoch-config.ts';
import { validatorIndex } from '../params/ids.ts';
import { MAX_VALIDATORS } from '../params/sizes.ts';
import type { ShownBorder } from '../validator/border.ts';
import type { GeneratedKeys } from '../validator/genesis/generated-keys.ts';

/** What members show each other, as bytes. Readers take it from anybody and judge it by its signatures; nothing of it is secret. */

/** A border takes at most so many bytes: the states of a chain and one block. */
export const MAX_VISIT_BYTES = 1 << 28;

const BORDER_FIELDS = 3;
/** Four fields, a flag and a dealing of two fields for each validator. */
const MAX_GENERATION_ENTRIES = 4 + MAX_VALIDATORS * (1 + 1 + 2);

const isBorder = recordOf({ ordering: isBytes, settlement: isBytes, block: isBytes });

export const encodeShownBorder = ({ ordering, settlement, block }: ShownBorder): Uint8Array =>
  encodeState({ ordering, settlement, block });

/** @returns undefined for anything but the encoding; whether it is the border is `takeBorder`'s to say. Never throws. */
export function decodeShownBorder(bytes: Uint8Array): ShownBorder | undefined {
  const state = decodeState(bytes, BORDER_FIELDS);
  return isBorder(state) ? (state as unknown as ShownBorder) : undefined;
}

/** The first epoch, and how its keys were generated. */
export type ShownKeys = Pick<GeneratedKeys, 'epoch' | 'certificate' | 'dealings'>;

const isKeys = recordOf({
  epoch: isBytes,
  signers: listOf(isFlag),
  signature: isBytes,
  dealings: listOf(recordOf({ dealer: isNatural, dealing: isBytes })),
});

export const encodeGeneration = ({ epoch, certificate, dealings }: ShownKeys): Uint8Array =>
  encodeState({
    epoch: encodeEpoch(epoch),
    signers: [...certificate.signers],
    signature: certificate.signature,
    dealings: [...dealings].map(([dealer, dealing]) => ({ dealer, dealing })),
  });

/** @returns undefined for anything but the encoding; whether these are the keys is `judgeGeneration`'s to say. Never throws. */
export function decodeGeneration(bytes: Uint8Array): ShownKeys | undefined {
  const state = decodeState(bytes, MAX_GENERATION_ENTRIES);
  if (!isKeys(state)) return undefined;
  const {
    epoch: written,
    signers,
    signature,
    dealings,
  } = state as unknown as {
    readonly epoch: Uint8Array;
    readonly signers: readonly boolean[];
    readonly signature: Uint8Array;
    readonly dealings: readonly { readonly dealer: number; readonly dealing: Uint8Array }[];
  };
  const epoch: EpochConfig | undefined = decodeEpoch(written);
  if (epoch === undefined) return undefined;
  const byDealer = dealings.map(({ dealer, dealing }) => [validatorIndex(dealer), dealing] as const);
  return { epoch, certificate: { signers, signature }, dealings: new Map(byDealer) };
}
