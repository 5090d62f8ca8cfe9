import { blockOf } from '../../consensus/hotstuff/block-tree.ts';
import { type HotStuffMessage, hotStuffMessage } from '../../consensus/hotstuff/messages.ts';
import { type Authenticator, Certificates } from '../../consensus/pbft/certificates.ts';
import type { ValidatorIndex } from '../../params/ids.ts';
import type { Adversary } from '../world.ts';
import { twisted } from './adversaries.ts';
import type { Twist } from './twists.ts';

/** The same block with another proposal. */
const twinOf = (message: HotStuffMessage): HotStuffMessage => ({
  ...message,
  payload: message.payload?.map((byte, i) => (i === 9 ? byte ^ 1 : byte)) ?? Uint8Array.of(1),
});

/** A leader shows another block to odd peers. */
const equivocate: Twist<HotStuffMessage> = (message, to) =>
  message.kind === 'generic' && to % 2 === 1 ? [twinOf(message)] : [message];

/** A leader shows its blocks to some only; who is asked for a block answers with another one, or not at all. */
const withhold: Twist<HotStuffMessage> = (message, _to, _height, { prng }) => {
  if (message.kind === 'generic') return prng.bit() ? [message] : [];
  if (message.kind === 'block') return prng.bit() ? [twinOf(message)] : [];
  return [message];
};

/** Votes that nobody signed, certificates of another view, views far ahead. */
const noise: Twist<HotStuffMessage> = (message, _to, _height, { prng }) => [
  message,
  { ...message, view: message.view + prng.below(300) },
  { ...message, signature: prng.bytes(32), digest: prng.bytes(prng.bit() ? 32 : 5) },
  { ...message, certificate: { ...message.certificate, view: prng.below(9) } },
];

/** What a faulty validator may say in HotStuff without a second signature. */
export const HOTSTUFF_TWISTS = { equivocate, withhold, noise } as const;

/** A leader shows two blocks, and all faulty validators vote for both. */
export function doubleVotes(
  authenticatorOf: (self: ValidatorIndex) => Authenticator,
): Adversary<HotStuffMessage> {
  const shown = new Map<string, readonly Uint8Array[]>();
  return {
    name: 'double-votes',
    open: (world, self) => {
      const twist: Twist<HotStuffMessage> = (message, to, height) => {
        const { kind, view, payload, certificate } = message;
        const place = `${height}/${view}`;
        if (kind === 'generic') {
          const twin = twinOf(message);
          const digests = [payload, twin.payload].map(
            (each) => blockOf(view, self, each, certificate).digest,
          );
          shown.set(place, digests);
          return [to % 2 === 1 ? twin : message];
        }
        if (kind !== 'vote') return [message];
        const certificates = new Certificates(world.n, height, authenticatorOf(self));
        return (shown.get(place) ?? [message.digest]).map((digest) =>
          hotStuffMessage({ kind, view, digest, signature: certificates.signVote('generic', view, digest) }),
        );
      };
      return twisted('double-votes', twist).open(world, self);
    },
  };
}
