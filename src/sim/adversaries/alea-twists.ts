import { type AleaMessage, aleaMessage } from '../../consensus/alea/messages.ts';
import { type Authenticator, Certificates } from '../../consensus/pbft/certificates.ts';
import { hashBytes } from '../../crypto/hash.ts';
import { type ValidatorIndex, validatorIndex } from '../../params/ids.ts';
import type { Adversary } from '../world.ts';
import { twisted } from './adversaries.ts';
import { ACS_TWISTS, type Twist } from './twists.ts';

/** Another proposal, list or signature as long. */
const twinOf = (message: AleaMessage): AleaMessage => ({
  ...message,
  bytes: message.bytes.map((byte, i) => (i === message.bytes.length - 1 ? byte ^ 1 : byte)),
});

/** A lie of the common subset about votes. */
const lifted =
  (name: keyof typeof ACS_TWISTS): Twist<AleaMessage> =>
  (message, to, height, world) =>
    message.kind === 'votes'
      ? ACS_TWISTS[name](message.frame, to, height, world).map(({ votes }) =>
          aleaMessage({ kind: 'votes', frame: { rbc: [], votes } }),
        )
      : [message];

/** Another proposal to odd peers, other answers, opposite votes. */
const equivocate: Twist<AleaMessage> = (message, to, height, world) =>
  message.kind === 'votes'
    ? lifted('equivocate')(message, to, height, world)
    : [to % 2 === 0 ? message : twinOf(message)];

/** Shows its proposal and its certificate to some only, and answers with rubbish or not at all. */
const withhold: Twist<AleaMessage> = (message, _to, _height, { prng }) => {
  if (message.kind === 'votes' || message.kind === 'ready') return [message];
  if (message.kind === 'filler') return prng.bit() ? [twinOf(message)] : [];
  return prng.bit() ? [message] : [];
};

/** Gives its certificate to the first correct validator alone, and says FIRST to everybody: the others have to ask. */
const hideCertificate: Twist<AleaMessage> = (message, to) =>
  message.kind === 'final' && to > 0 ? [] : [message];

/** Votes of any kind and round, signatures and certificates that nobody made, lists of what nobody holds, answers to nobody. */
const noise: Twist<AleaMessage> = (message, to, height, world) => {
  const { n, prng } = world;
  const proposer = prng.below(n + 2);
  const certificate = { view: proposer, digest: prng.bytes(32), signatures: [] };
  const junk = (
    [
      { kind: 'send', proposer, bytes: prng.bytes(9) },
      { kind: 'ready', proposer, bytes: prng.bytes(prng.bit() ? 32 : 5) },
      { kind: 'final', proposer, certificate },
      { kind: 'seek', proposer },
      { kind: 'fill-gap', proposer },
      { kind: 'filler', proposer, bytes: prng.bytes(9) },
      { kind: 'list', bytes: new Uint8Array((n + 7) >> 3).fill(0xff) },
      { kind: 'list', bytes: prng.bytes(3) },
    ] as const
  )[prng.below(8)]!;
  const lies = message.kind === 'votes' ? lifted('noise')(message, to, height, world) : [message];
  return [...lies, aleaMessage(junk)];
};

/** What a faulty validator may say in Alea without a second signature. */
export const ALEA_TWISTS = {
  ...(Object.fromEntries(
    Object.keys(ACS_TWISTS).map((name) => [name, lifted(name as keyof typeof ACS_TWISTS)]),
  ) as Readonly<Record<keyof typeof ACS_TWISTS, Twist<AleaMessage>>>),
  equivocate,
  withhold,
  noise,
  'hide-certificate': hideCertificate,
} as const;

/** Proposes two things, and all faulty validators sign both: each proposer hears of its own both signatures. */
export function doubleReadies(
  authenticatorOf: (self: ValidatorIndex) => Authenticator,
): Adversary<AleaMessage> {
  /** What a faulty proposer shows, by height and proposer. */
  const shown = new Map<string, readonly Uint8Array[]>();
  return {
    name: 'double-readies',
    open: (world, self) => {
      const twist: Twist<AleaMessage> = (message, to, height) => {
        const place = `${height}/${message.proposer}`;
        if (message.kind === 'send') {
          const twin = twinOf(message);
          shown.set(
            place,
            [message.bytes, twin.bytes].map((bytes) => hashBytes('payload', bytes)),
          );
          return [to % 2 === 1 ? twin : message];
        }
        const digests = shown.get(place);
        if (message.kind !== 'ready' || digests === undefined) return [message];
        const certificates = new Certificates(world.n, height, authenticatorOf(self));
        return digests.map((digest) => ({
          ...message,
          bytes: certificates.signVote('ready', validatorIndex(message.proposer), digest),
        }));
      };
      return twisted('double-readies', twist).open(world, self);
    },
  };
}
