import { decodeAcsMessage, encodeAcsMessage } from '../consensus/acs/codec.ts';
import { BASE, decodePoint, encodePoint } from '../crypto/babyjub.ts';
import { decodeMessage, encodeMessage, type Message } from '../validator/messages.ts';
import type { Faulty, FrameTwist } from './world.ts';

/** A twist of one kind of message; every other frame goes as it is. */
export const twistOf =
  <K extends Message['kind']>(
    name: K,
    twist: (message: Extract<Message, { kind: K }>) => Message | undefined,
  ): FrameTwist =>
  (bytes) => {
    const message = decodeMessage(bytes);
    if (message?.kind !== name) return [bytes];
    const twisted = twist(message as Extract<Message, { kind: K }>);
    return twisted === undefined ? [] : [encodeMessage(twisted)];
  };

/** The point plus [1]B: of the right form, and wrong. */
export const shifted = (point: Uint8Array): Uint8Array => encodePoint(decodePoint(point)!.add(BASE));
/** The bytes with one bit flipped. */
export const flipped = (bytes: Uint8Array, at: number): Uint8Array =>
  bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));
const shiftedShare = (share: Uint8Array): Uint8Array =>
  Uint8Array.from([...shifted(share.subarray(0, 64)), ...share.subarray(64)]);

interface Misbehaviour {
  readonly faulty: Faulty;
  /** Faults that correct validators must find; none at all where nothing wrong can be seen. */
  readonly recorded: readonly string[];
}

const kind = (twist: FrameTwist, ...recorded: string[]): Misbehaviour => ({ faulty: { twist }, recorded });

/** Every way in which validators misbehave here, by name. */
export const FAULTY: Readonly<Record<string, Misbehaviour>> = {
  'equivocating ballots': {
    faulty: { misdeeds: ['equivocating ballot'] },
    recorded: ['BALLOT_EQUIVOCATION'],
  },
  'bad decryption shares': {
    faulty: { misdeeds: ['bad decryption share'] },
    recorded: ['DECRYPTION_SHARE_INVALID'],
  },
  silence: { faulty: { misdeeds: ['silence'] }, recorded: [] },
  'random garbage beside its frames': kind(
    (bytes, _, prng) => [
      prng.bytes(prng.below(300)),
      bytes,
      withKind(prng.bytes(1 + prng.below(600)), prng.below(11)),
    ],
    'MESSAGE_MALFORMED',
  ),
  'frames with a flipped bit': kind((bytes, _, prng) => {
    if (prng.chance(0.5)) return [bytes];
    const at = prng.below(bytes.length);
    const bit = 1 << prng.below(8);
    return [bytes.map((byte, i) => (i === at ? byte ^ bit : byte))];
  }, 'MESSAGE_MALFORMED'),
  'every frame three times': kind((bytes) => [bytes, bytes, bytes]),
  'bad beacon shares': kind(
    twistOf('finish', (m) => ({ ...m, beacon: shiftedShare(m.beacon) })),
    'BEACON_SHARE_INVALID',
  ),
  'bad header signatures': kind(
    twistOf('finish', (m) => ({ ...m, signature: flipped(m.signature, 90) })),
    'HEADER_SIGNATURE_INVALID',
  ),
  'bad settlement signatures': kind(
    twistOf('settled', (m) => ({ ...m, signature: flipped(m.signature, 5) })),
    'SETTLEMENT_SIGNATURE_INVALID',
  ),
  'finish messages with too few shares': kind(
    twistOf('finish', (m) => (m.shares.length === 0 ? m : { ...m, shares: m.shares.slice(1) })),
    'FINISH_MALFORMED',
  ),
  'false certificates': kind(
    twistOf('cert', ({ certification, ...rest }) => ({
      ...rest,
      certification: { ...certification, stateRoot: flipped(certification.stateRoot, 3) },
    })),
    'CERT_INVALID',
  ),
  'bad coin shares': kind(twistOf('coin', (m) => ({ ...m, share: shiftedShare(m.share) }))),
  'ballots for few': kind((bytes, to) =>
    decodeMessage(bytes)?.kind === 'ballot' && to !== 0 ? [] : [bytes],
  ),
  'no answers to pulls': kind(twistOf('item', () => undefined)),
  // One holds its ballot and finds its bundle valid; the others have to get both from that one.
  'its ballot and its FIRST for one': kind((bytes, to) => {
    const message = decodeMessage(bytes);
    if (to === 0 || message === undefined) return [bytes];
    if (message.kind === 'ballot') return [];
    if (message.kind !== 'acs') return [bytes];
    const { rbc, votes } = decodeAcsMessage(message.bytes)!;
    const others = votes.filter(({ kind }) => kind !== 'first');
    if (rbc.length + others.length === 0) return [];
    return [encodeMessage({ ...message, bytes: encodeAcsMessage({ rbc, votes: others }) })];
  }),
};

function withKind(bytes: Uint8Array, kind: number): Uint8Array {
  bytes[0] = kind;
  return bytes;
}
