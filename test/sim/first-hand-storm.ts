import type { AbaRules } from '../../src/consensus/aba/rules.ts';
import { FirstHandAcs } from '../../src/consensus/acs/first-hand.ts';
import type { AcsMessage, VoteGroup } from '../../src/consensus/acs/frame.ts';
import { bitmapBytes } from '../../src/consensus/acs/frame.ts';
import type { ValidatorIndex } from '../../src/params/ids.ts';
import { quorumOf } from '../../src/params/quorum.ts';
import type { Twist } from '../../src/sim/adversaries/twists.ts';
import { Prng } from '../../src/sim/prng.ts';
import { AcsWorld } from './acs-world.ts';

/** What a run came to: the checks hold, or the first one that does not. */
export type StormResult = 'agreed' | 'stuck' | 'sure and refused' | 'too few' | string;

const ROUND = 0;

/**
 * One first-hand subset under a scheduler and f liars made to hurt it. A run draws which broadcasts and which agreements are slow at
 * which validator (so that some refuse what others have), and what the liars vote at whom in the first rounds;
 * their broadcasts are honest or withheld from some, and they say nothing more in the agreements or go on at random.
 */
export function storm(n: number, seed: number, rules: AbaRules): StormResult {
  const { f } = quorumOf(n);
  const prng = new Prng(seed * 7919 + n);
  const slow = new Set<string>();
  const share = [0.15, 0.3, 0.5][prng.below(3)]!;
  for (let to = 0; to < n; to++) {
    for (let j = 0; j < n; j++) {
      for (const what of ['rbc', 'one', 'zero']) if (prng.chance(share)) slow.add(`${to} ${j} ${what}`);
    }
  }
  const holds = ({ rbc, votes }: AcsMessage, to: number): boolean =>
    rbc.some(({ proposer }) => slow.has(`${to} ${proposer} rbc`)) ||
    votes.some(({ values, instances }) => {
      const what = values === 1 ? 'zero' : 'one';
      return Array.from({ length: n }, (_, j) => j).some(
        (j) => (instances[j >> 3]! >> (j & 7)) & 1 && slow.has(`${to} ${j} ${what}`),
      );
    });
  const goesOn = prng.bit() === 1;
  const withheld = prng.bit() === 1;
  const twist: Twist<AcsMessage> = (frame, to) => {
    const rbc = frame.rbc.filter(({ kind }) => kind !== 'propose' || !withheld || to % 2 === 0);
    const votes = goesOn ? frame.votes : [];
    return rbc.length + votes.length === 0 ? [] : [{ rbc, votes }];
  };
  const sure: Set<string>[] = [];
  const world = new AcsWorld({
    n,
    seed,
    faulty: new Map(Array.from({ length: f }, (_, k) => [n - 1 - k, twist])),
    machine: (options) => new Watched(options, rules, sure),
    holds,
    opening: (_to, random) => [opening(n, random)],
  });
  try {
    world.run();
    for (let j = 0; j < n; j++) {
      const isSure = world.machines.some((_, i) => world.isCorrect(i) && sure[i]!.has(String(j)));
      const refused = world.machines.some(
        (machine, i) => world.isCorrect(i) && machine.status().instances[j]!.agreement.decided === 0,
      );
      if (isSure && refused) return 'sure and refused';
    }
    if (world.machines.some((machine, i) => world.isCorrect(i) && isShort(n, machine.status())))
      return 'too few';
    world.check();
    return 'agreed';
  } catch (error) {
    const { message } = error as Error;
    if (/no output|did not close/.test(message)) return 'stuck';
    return message;
  }
}

/** All agreements decided, and too few of them 1: nothing is put out. */
const isShort = (n: number, { undecided, ones }: { undecided: number; ones: number }): boolean =>
  undecided === 0 && ones < quorumOf(n).q;

/** In every agreement nothing, FIRST, or 0 and AUX(0) with or without the relay of 1; in round 1 any value. */
function opening(n: number, prng: Prng): AcsMessage {
  const votes: VoteGroup[] = [];
  for (let j = 0; j < n; j++) {
    const instances = new Uint8Array(bitmapBytes(n));
    instances[j >> 3] = 1 << (j & 7);
    const say = (kind: VoteGroup['kind'], round: number, values: VoteGroup['values']): void => {
      votes.push({ kind, round, values, instances });
    };
    const choice = prng.below(4);
    if (choice === 1) say('first', ROUND, 2);
    if (choice >= 2) {
      say('bval', ROUND, 1);
      say('aux', ROUND, 1);
    }
    if (choice === 3) say('bval', ROUND, 2);
    const later = prng.bit() === 1 ? 2 : 1;
    say('bval', 1, later);
    say('aux', 1, later);
  }
  return { rbc: [], votes };
}

/** Notes which agreements it holds for sure. */
class Watched extends FirstHandAcs {
  private readonly noted: Set<string>;

  constructor(options: ConstructorParameters<typeof FirstHandAcs>[0], rules: AbaRules, all: Set<string>[]) {
    super(options, rules);
    this.noted = new Set();
    all.push(this.noted);
  }

  protected override onSure(j: ValidatorIndex): void {
    this.noted.add(String(j));
    super.onSure(j);
  }
}
