import { decodeAcsMessage, encodeAcsMessage } from '../../consensus/acs/codec.ts';
import { type AcsMessage, bitmapBytes } from '../../consensus/acs/frame.ts';
import { ABA_ROUND_WINDOW } from '../../params/sizes.ts';
import { Prng } from '../../sim/prng.ts';
import { decodeMessage } from '../../validator/messages.ts';
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

/** Delays for which the links of one validator are slow, and then for which they are as quick as the others. */
const SLOW = 25;
const QUICK = 3;

export const noTermSlow: CommitteeAttack = {
  name: 'no-term-slow',
  explains:
    'As no-term, while in the second and the third quarter of the heights the links of one correct validator are slow and the Byzantine ones sign nothing, so that heights stay open: what it relays late must drive nobody on.',
  open: ({ world, heights }) => {
    const { members, correct } = world.committee;
    const slow = correct[0]!;
    const vote = twistingVotes(withoutTerm);
    let delays = 0;
    let isPhase = false;
    return {
      twist: (bytes, from, to) => {
        const kind = isPhase ? decodeMessage(bytes)?.kind : undefined;
        return kind === 'finish' || kind === 'settled' || kind === 'cert' ? [] : vote(bytes, from, to);
      },
      onHeight: (at) => {
        isPhase = at >= heightAfter(0.25, heights) && at < heightAfter(0.75, heights);
        if (!isPhase) members.release();
      },
      onDelay: () => {
        delays += 1;
        if (!isPhase) return;
        if (delays % (SLOW + QUICK) < SLOW) members.hold(slow);
        else members.release();
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
