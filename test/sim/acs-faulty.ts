import { BOTH, only, single } from '../../src/consensus/aba/votes.ts';
import type { AcsMessage, VoteGroup } from '../../src/consensus/acs/frame.ts';
import type { RbcMessage } from '../../src/consensus/rbc/messages.ts';
import { type ValidatorIndex, validatorIndex } from '../../src/params/ids.ts';
import type { Prng } from '../../src/sim/prng.ts';

/**
 * A faulty validator runs the correct machine and twists what it says: one outgoing frame becomes any frames for
 * any one peer. It is asked once a frame and peer, so it may tell peers different things.
 */
export type Twist = (frame: AcsMessage, to: ValidatorIndex, prng: Prng) => readonly AcsMessage[];

const map = (
  { rbc, votes }: AcsMessage,
  part: (part: RbcMessage) => readonly RbcMessage[],
  vote: (group: VoteGroup) => readonly VoteGroup[],
): readonly AcsMessage[] => {
  const frame = { rbc: rbc.flatMap(part), votes: votes.flatMap(vote) };
  return frame.rbc.length + frame.votes.length === 0 ? [] : [frame];
};

const flipBytes = (part: RbcMessage): RbcMessage => ({ ...part, bytes: part.bytes.map((byte) => byte ^ 1) });
const flipVote = (group: VoteGroup): VoteGroup => {
  const bit = single(group.values);
  return { ...group, values: bit === undefined ? group.values : only(bit === 0 ? 1 : 0) };
};

export const TWISTS: Readonly<Record<string, Twist>> = {
  /** Says nothing at all. */
  mute: () => [],
  /** Proposes to some only, and answers pulls with garbage or not at all. */
  withhold: (frame, _to, prng) =>
    map(
      frame,
      (part) => {
        if (part.kind === 'propose') return prng.bit() ? [part] : [];
        if (part.kind === 'payload') return prng.bit() ? [{ ...part, bytes: prng.bytes(5) }] : [];
        return [part];
      },
      (group) => [group],
    ),
  /** Tells odd peers another payload, other digests and opposite votes. */
  equivocate: (frame, to) =>
    to % 2 === 0
      ? [frame]
      : map(
          frame,
          (part) => [flipBytes(part)],
          (group) => [flipVote(group)],
        ),
  /** Says everything and its opposite. */
  doubleVote: (frame) => [
    frame,
    ...map(
      frame,
      (part) => [flipBytes(part)],
      (group) => [flipVote(group)],
    ),
  ],
  /** Votes at random, TERM included. */
  random: (frame, _to, prng) =>
    map(
      frame,
      (part) => (prng.chance(0.8) ? [part] : [flipBytes(part)]),
      (group) => (prng.bit() ? [group] : [flipVote(group)]),
    ),
  /** Adds frames with random kinds, rounds and indices. */
  noise: (frame, _to, prng) => [frame, noise(prng, frame)],
};

function noise(prng: Prng, frame: AcsMessage): AcsMessage {
  const width = frame.votes[0]?.instances.length ?? 1;
  return {
    rbc: [
      {
        kind: (['propose', 'echo', 'ready', 'pull', 'payload'] as const)[prng.below(5)]!,
        proposer: validatorIndex(prng.below(100)),
        bytes: new Uint8Array(32).fill(prng.below(3)),
      },
    ].map((part) => (part.kind === 'pull' ? { ...part, bytes: new Uint8Array(0) } : part)),
    votes: [
      {
        kind: (['bval', 'aux', 'conf', 'term'] as const)[prng.below(4)]!,
        round: prng.below(prng.bit() ? 4 : 0x10000),
        values: ([1, 2, BOTH] as const)[prng.below(3)]!,
        instances: new Uint8Array(width).fill(1 + prng.below(255)),
      },
    ],
  };
}
