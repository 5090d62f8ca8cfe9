import { ContainerType, ListBasicType, ListCompositeType, type ValueOf } from '@chainsafe/ssz';
import { byteList, bytes32, codec, uint32, uint256 } from '../../base/codec.ts';
import { dealtBytes, decodeDealt, encodeDealt } from '../../crypto/dealing/encoding.ts';
import { hashBytes } from '../../crypto/hash.ts';
import { r } from '../../params/fields.ts';
import { height, validatorIndex } from '../../params/ids.ts';
import { MAX_REGISTRY, MAX_VALIDATORS } from '../../params/sizes.ts';
import { EpochType, encryptionKeysOf, readEpoch, writeEpoch } from '../epoch-config.ts';
import { KEY_FIELDS, readSeats, writeSeats } from '../validator-keys.ts';
import { DraftType, readDraft, writeDraft } from './draft.ts';
import type { CountedDealing, Rotation } from './rotation.ts';

const DealingsType = new ListCompositeType(
  new ContainerType({ dealer: uint32, dealing: byteList(dealtBytes(MAX_VALIDATORS)) }),
  MAX_VALIDATORS,
);

/** A rotation as encodings hold it; of what may be missing a list of at most one. */
const RotationType = new ContainerType({
  chainHash: bytes32,
  epoch: EpochType,
  made: DealingsType,
  registerUntil: uint32,
  registrations: new ListCompositeType(new ContainerType(KEY_FIELDS), MAX_REGISTRY),
  drafted: new ListCompositeType(new ContainerType({ draft: DraftType, session: uint256 }), 1),
  dealings: DealingsType,
  next: new ListCompositeType(EpochType, 1),
  excluded: new ListBasicType(uint32, MAX_REGISTRY),
});
const rotationCodec = codec(RotationType);
/** Bytes of an encoded rotation, at most. */
export const MAX_ROTATION_BYTES = RotationType.maxSize;

const writeDealings = (dealings: readonly CountedDealing[]): ValueOf<typeof DealingsType> =>
  dealings.map(({ dealer, dealing }) => ({ dealer, dealing: encodeDealt(dealing) }));

/** @param n recipients. @returns undefined if one is no dealing, or two are of one dealer */
function readDealings(written: ValueOf<typeof DealingsType>, n: number): CountedDealing[] | undefined {
  const dealings: CountedDealing[] = [];
  for (const each of written) {
    const dealing = decodeDealt(each.dealing, n);
    if (dealing === undefined) return undefined;
    dealings.push({ dealer: validatorIndex(each.dealer), dealing });
  }
  return new Set(dealings.map(({ dealer }) => dealer)).size === dealings.length ? dealings : undefined;
}

/** SSZ, canonical. */
export function encodeRotation(rotation: Rotation): Uint8Array {
  const { epoch, made, registrations, drafted, dealings, next } = rotation;
  return rotationCodec.encode({
    ...rotation,
    epoch: writeEpoch(epoch),
    made: writeDealings(made),
    registrations: writeSeats(registrations),
    drafted: drafted === undefined ? [] : [{ draft: writeDraft(drafted.draft), session: drafted.session }],
    dealings: writeDealings(dealings),
    next: next === undefined ? [] : [writeEpoch(next)],
    excluded: [...rotation.excluded],
  });
}

/** @returns undefined for anything but the encoding of a rotation; whether it is the chain's, its root has to show. Never throws. */
export function decodeRotation(bytes: Uint8Array): Rotation | undefined {
  const body = rotationCodec.decode(bytes);
  if (body === undefined) return undefined;
  const epoch = readEpoch(body.epoch);
  const registrations = readSeats(body.registrations);
  const made = readDealings(body.made, body.epoch.validators.length);
  const [drafted] = body.drafted;
  const draft = drafted && readDraft(drafted.draft);
  const dealings = readDealings(body.dealings, draft?.seats.length ?? 0);
  const next = body.next[0] && readEpoch(body.next[0]);
  const isDealable = draft === undefined || encryptionKeysOf(draft.seats) !== undefined;
  const isWhole =
    isDealable &&
    (draft === undefined) === (drafted === undefined) &&
    (next === undefined) === (body.next.length === 0);
  if (!isWhole || (drafted !== undefined && drafted.session >= r)) return undefined;
  if (epoch === undefined || registrations === undefined || made === undefined || dealings === undefined)
    return undefined;
  const { chainHash, registerUntil, excluded } = body;
  return {
    chainHash,
    epoch,
    made,
    registerUntil: height(registerUntil),
    registrations,
    drafted: draft && { draft, session: drafted!.session },
    dealings,
    next,
    excluded,
  };
}

const roots = new WeakMap<Rotation, Uint8Array>();

/** @param encoded of `encodeRotation`. @returns the rotation's root, 32 bytes */
export const hashRotation = (encoded: Uint8Array): Uint8Array => hashBytes('rotation', encoded);

/** Hash of all of it, 32 bytes; computed once for each. */
export function rotationRoot(rotation: Rotation): Uint8Array {
  const known = roots.get(rotation);
  if (known !== undefined) return known;
  const root = hashRotation(encodeRotation(rotation));
  roots.set(rotation, root);
  return root;
}
