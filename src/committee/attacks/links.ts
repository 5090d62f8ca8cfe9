import { decodeMessage } from '../../validator/messages.ts';
import { type CommitteeAttack, heightAfter } from '../attack.ts';

/** How long slow links hold what is on them, at most, if nothing else moves. */
const MOST_DELAYS = 60;

const nothing = (): readonly Uint8Array[] => [];

export const slowThenSilent: CommitteeAttack = {
  name: 'slow-then-silent',
  explains:
    'For half of the heights the links of one correct validator are slow, and the Byzantine ones give their signatures and certificates to one other correct validator only; then all that was slow arrives, and they fall silent.',
  open: ({ world, heights }) => {
    const { members, correct } = world.committee;
    const [favoured, slow = favoured] = correct;
    let isSilent = false;
    let delays = 0;
    if (slow !== favoured) members.hold(slow!);
    const fallSilent = (): void => {
      isSilent = true;
      members.release();
    };
    return {
      twist: (bytes, _from, to) => {
        const kind = decodeMessage(bytes)?.kind;
        if (isSilent || kind === 'block') return [];
        return (kind === 'settled' || kind === 'cert') && to !== favoured ? [] : [bytes];
      },
      onHeight: (at) => {
        delays = 0;
        if (!isSilent && at >= heightAfter(0.5, heights)) fallSilent();
      },
      // Links are slow, not gone: where the others cannot go on alone, what is on them arrives in the end.
      onDelay: () => {
        delays += 1;
        if (!isSilent && delays > MOST_DELAYS) fallSilent();
      },
    };
  },
};

export const lostFrames: CommitteeAttack = {
  name: 'lost-frames',
  explains:
    'The Byzantine validators are silent, and until the last quarter of the heights the links of correct validators go down every few delays: what is on them is lost until it is asked for again.',
  open: ({ world, heights, prng }) => {
    const { members, correct } = world.committee;
    let down: number | undefined;
    let height = 0;
    return {
      twist: nothing,
      onHeight: (at) => {
        height = at;
      },
      onDelay: () => {
        if (down !== undefined) members.reconnect(down);
        down = undefined;
        if (height >= heightAfter(0.75, heights) || !prng.chance(0.4)) return;
        down = correct[prng.below(correct.length)]!;
        members.disconnect(down);
      },
    };
  },
};

export const crashes: CommitteeAttack = {
  name: 'crash',
  explains:
    'The Byzantine validators are silent, and until the last quarter of the heights correct ones die, between two inputs or in the middle of a write, some alone and now and then all at once; each restarts from its store.',
  open: ({ world, stores, heights, prng }) => {
    const { members, correct } = world.committee;
    let height = 0;
    const die = (i: number): void => {
      if (prng.bit() === 0) members.kill(i);
      else stores[i]!.dieAt(prng.below(4) / 4);
    };
    return {
      twist: nothing,
      onHeight: (at) => {
        height = at;
      },
      onDelay: () => {
        if (height >= heightAfter(0.75, heights) || !prng.chance(0.1)) return;
        const others = correct.filter(() => prng.chance(0.3));
        const dying = prng.chance(0.2) ? correct : others;
        for (const i of dying) die(i);
      },
    };
  },
};
