import { BOTH, only, single } from '../../consensus/aba/votes.ts';
import type { AcsMessage, VoteGroup } from '../../consensus/acs/frame.ts';
import type { PbftMessage } from '../../consensus/pbft/messages.ts';
import { RBC_KINDS, type RbcMessage } from '../../consensus/rbc/messages.ts';
import { type ValidatorIndex, validatorIndex } from '../../params/ids.ts';
import { quorumOf } from '../../params/quorum.ts';
import type { World } from '../world.ts';

/**
 * A faulty validator runs the correct machine and twists what it says: one outgoing message becomes any messages for
 * any one peer. It is asked once a message and peer, so it may tell peers different things.
 */
export type Twist<M> = (message: M, to: ValidatorIndex, height: number, world: Known) => readonly M[];

/** What it knows of the world: also what no validator can know yet. */
type Known = Pick<World<unknown>, 'n' | 'prng' | 'coinOf'>;

const map = (
  { rbc, votes }: AcsMessage,
  part: (part: RbcMessage) => readonly RbcMessage[],
  vote: (group: VoteGroup) => readonly VoteGroup[],
): readonly AcsMessage[] => {
  const frame = { rbc: rbc.flatMap(part), votes: votes.flatMap(vote) };
  return frame.rbc.length + frame.votes.length === 0 ? [] : [frame];
};
const keep = <T>(what: T): readonly T[] => [what];
const flipBytes = (part: RbcMessage): RbcMessage => ({ ...part, bytes: part.bytes.map((byte) => byte ^ 1) });
/** The opposite vote; the opposite of FIRST is BVAL and AUX of 0. */
const flipVote = (group: VoteGroup): readonly VoteGroup[] => {
  if (group.kind === 'first') {
    return [
      { ...group, kind: 'bval', values: 1 },
      { ...group, kind: 'aux', values: 1 },
    ];
  }
  const bit = single(group.values);
  return bit === undefined ? [group] : [{ ...group, values: only(bit === 0 ? 1 : 0) }];
};

/** Tells odd peers another payload, other digests and opposite votes. */
const equivocate: Twist<AcsMessage> = (frame, to) =>
  to % 2 === 0 ? [frame] : map(frame, (part) => [flipBytes(part)], flipVote);

/** Votes 0 to one half and 1 to the other, so that no value gets ahead. */
const split: Twist<AcsMessage> = (frame, to) => {
  const b = only(to % 2 === 0 ? 0 : 1);
  return map(frame, keep, (group) => {
    if (group.kind === 'first') return b === 2 ? [group] : flipVote(group);
    return [{ ...group, values: b }];
  });
};

/** Proposes to some only, and answers pulls with garbage or not at all. */
const withhold: Twist<AcsMessage> = (frame, _to, _height, { prng }) =>
  map(
    frame,
    (part) => {
      if (part.kind === 'propose' || part.kind === 'val') return prng.bit() ? [part] : [];
      if (part.kind === 'payload') return prng.bit() ? [{ ...part, bytes: prng.bytes(5) }] : [];
      return [part];
    },
    keep,
  );

/**
 * Shows its proposal to the f + 1 correct validators that come first and to the faulty ones, just enough for it to be certified; the others
 * have to fetch it.
 * @param lies whether it answers pulls with garbage as long as the payload
 */
export const serveFew =
  (lies: boolean): Twist<AcsMessage> =>
  (frame, to, _height, { n, prng }) => {
    const { f } = quorumOf(n);
    return map(
      frame,
      (part) => {
        if (part.kind === 'propose' || part.kind === 'val') return to <= f || to >= n - f ? [part] : [];
        return lies && part.kind === 'payload' ? [{ ...part, bytes: prng.bytes(part.bytes.length) }] : [part];
      },
      keep,
    );
  };

/** Says everything and its opposite. */
const doubleVote: Twist<AcsMessage> = (frame) => [
  frame,
  ...map(frame, (part) => [flipBytes(part)], flipVote),
];

/** Votes at random, TERM included. */
const random: Twist<AcsMessage> = (frame, _to, _height, { prng }) =>
  map(
    frame,
    (part) => (prng.chance(0.8) ? [part] : [flipBytes(part)]),
    (group) => (prng.bit() ? [group] : flipVote(group)),
  );

/** Adds frames with random kinds, rounds and indices. */
const noise: Twist<AcsMessage> = (frame, _to, _height, { prng }) => {
  const kind = RBC_KINDS[prng.below(RBC_KINDS.length)]!;
  const width = frame.votes[0]?.instances.length ?? 1;
  const bytes = kind === 'pull' ? new Uint8Array(0) : new Uint8Array(32).fill(prng.below(3));
  return [
    frame,
    {
      rbc: [{ kind, proposer: validatorIndex(prng.below(100)), bytes }],
      votes: [
        {
          kind: (['bval', 'aux', 'conf', 'term', 'first'] as const)[prng.below(5)]!,
          round: prng.below(prng.bit() ? 4 : 0x10000),
          values: ([1, 2, BOTH] as const)[prng.below(3)]!,
          instances: new Uint8Array(width).fill(1 + prng.below(255)),
        },
      ],
    },
  ];
};

/** Knows the coin before it is tossed: splits the rounds with fixed coins, then votes against the coin. */
const mmrCoin: Twist<AcsMessage> = (frame, to, height, world) => {
  const against = (group: VoteGroup): readonly VoteGroup[] => {
    const votes: VoteGroup[] = [];
    for (let j = 0; j < world.n; j++) {
      if ((group.instances[j >> 3]! & (1 << (j & 7))) === 0) continue;
      const instances = new Uint8Array(group.instances.length);
      instances[j >> 3] = 1 << (j & 7);
      const coin = world.coinOf(height, j, group.round);
      votes.push({ ...group, values: only(coin === 0 ? 1 : 0), instances });
    }
    return votes;
  };
  const [halves] = split(frame, to, height, world);
  if (halves === undefined) return [];
  return [
    {
      rbc: halves.rbc,
      votes: halves.votes.flatMap((group) => {
        if (group.kind === 'term') return [];
        return group.round >= 2 ? against(group) : [group];
      }),
    },
  ];
};

/** What a faulty validator may say in a common subset. */
export const ACS_TWISTS = {
  equivocate,
  split,
  withhold,
  'double-vote': doubleVote,
  random,
  noise,
  'mmr-coin': mmrCoin,
} as const;

/** PBFT: a leader proposes something else to odd peers. Votes are signed, so there is no telling them apart. */
export const equivocatingLeader: Twist<PbftMessage> = (message, to) => {
  const leads = message.kind === 'pre-prepare' || message.kind === 'new-view';
  if (!leads || to % 2 === 0) return [message];
  return [{ ...message, payload: message.payload.map((byte, i) => (i === 9 ? byte ^ 1 : byte)) }];
};
