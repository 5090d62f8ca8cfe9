import { decodeAcsMessage, encodeAcsMessage } from '../../consensus/acs/codec.ts';
import { type AcsMessage, bitmapBytes } from '../../consensus/acs/frame.ts';
import { ABA_ROUND_WINDOW } from '../../params/sizes.ts';
import { Prng } from '../../sim/prng.ts';
import { type CommitteeAttack, heightAfter, type Play } from '../attack.ts';
import { twistOf } from '../faulty.ts';

/** What becomes of the frames of the common subset that Byzantine validators send; nothing is sent in place of an empty one. */
function twistingVotes(change: (frame: AcsMessage) => AcsMessage): NonNullable<Play['twist']> {
  const twist = twistOf('acs', (message) => {
    const frame = change(decodeAcsMessage(message.bytes)!);
    if (frame.rbc.length + frame.votes.length === 0) return undefined;
    return { ...message, bytes: encodeAcsMessage(frame) };
  });
  const unused = new Prng(0);
  return (bytes, _from, to) => twist(bytes, to, unused);
}

const withoutTerm = ({ rbc, votes }: AcsMessage): AcsMessage => ({
  rbc,
  votes: votes.filter(({ kind }) => kind !== 'term'),
});

export const noTerm: CommitteeAttack = {
  name: 'no-term',
  explains:
    'Byzantine validators never say that they have decided (TERM), to drive those that have through round after round of coins.',
  open: () => ({ twist: twistingVotes(withoutTerm) }),
};

export const noTermSlow: CommitteeAttack = {
  name: 'no-term-slow',
  explains:
    'As no-term, while the links of one correct validator are slow in the second and the third quarter of the heights: what it relays late must drive nobody on.',
  open: ({ world, heights }) => {
    const { members, correct } = world.committee;
    let delays = 0;
    let isSlow = false;
    return {
      twist: twistingVotes(withoutTerm),
      onHeight: (at) => {
        isSlow = at >= heightAfter(0.25, heights) && at < heightAfter(0.75, heights);
        if (isSlow) members.hold(correct[0]!);
        else members.release();
      },
      // Slow, not gone: every now and then all of it arrives at once.
      onDelay: () => {
        delays += 1;
        if (!isSlow || delays % 12 !== 0) return;
        members.release();
        members.hold(correct[0]!);
      },
    };
  },
};

/** The first round that nobody in round 0 or 1 may be told of, and ones beyond. */
const FAR = [ABA_ROUND_WINDOW + 1, ABA_ROUND_WINDOW + 2, 1000];

export const farVotes: CommitteeAttack = {
  name: 'far-votes',
  explains:
    'Byzantine validators put votes of rounds that nobody has reached beside honest ones, so that correct validators relay them and look faulty themselves.',
  open: ({ world }) => {
    const instances = new Uint8Array(bitmapBytes(world.committee.quorum.n)).map((_, i) => {
      const bits = Math.min(8, world.committee.quorum.n - 8 * i);
      return 2 ** bits - 1;
    });
    const far = FAR.flatMap((round) => [
      { kind: 'bval' as const, round, values: 1 as const, instances },
      { kind: 'bval' as const, round, values: 2 as const, instances },
    ]);
    return { twist: twistingVotes(({ rbc, votes }) => ({ rbc, votes: [...votes, ...far] })) };
  },
};
