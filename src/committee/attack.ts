import type { ValidatorIndex } from '../params/ids.ts';
import type { Misdeed } from '../sim/byzantine.ts';
import type { MortalStore } from '../sim/mortal-store.ts';
import type { Prng } from '../sim/prng.ts';
import type { TradingWorld } from './traders.ts';

/** What an attack has to work with: the whole committee, its links and stores, Byzantine validators and a trader with notes. */
export interface AttackStage {
  /** Committee, honest traders, and the trader `attacker`, whose items are the attack's. */
  readonly world: TradingWorld;
  /** The Byzantine validators. Each runs the real machine; what it puts on its links is up to the attack. */
  readonly liars: readonly ValidatorIndex[];
  /** By validator: its host dies in its next write if it is told to. */
  readonly stores: readonly MortalStore[];
  /** Heights of the run; phases of an attack are shares of them. */
  readonly heights: number;
  /** For the attack alone. */
  readonly prng: Prng;
}

/** One attack in one run. It may keep state between the calls. */
export interface Play {
  /** What a Byzantine validator puts on a link in place of a frame that it would send there; the frame itself by default. */
  readonly twist?: (bytes: Uint8Array, from: ValidatorIndex, to: ValidatorIndex) => readonly Uint8Array[];
  /** A height begins somewhere: prices and the honest items of this height are about to arrive. */
  readonly onHeight?: (at: number) => void;
  /** Once every virtual delay. */
  readonly onDelay?: () => void;
}

/** A named way to hurt a committee. Add one by writing such a value; `velum sim committee --attack list` explains those there are. */
export interface CommitteeAttack {
  /** Lower case, words joined by hyphens. */
  readonly name: string;
  /** What it does and what it is after, in a sentence or two. */
  readonly explains: string;
  /** What the machines of its Byzantine validators do, beside what becomes of their frames; nothing by default. */
  readonly misdeeds?: readonly Misdeed[];
  /** Genesis notes that the attacking trader needs; none by default. */
  readonly attackerNotes?: number;
  /** Called once, before the first height. */
  readonly open: (stage: AttackStage) => Play;
}

/** The first height that lies behind a share of the run: `heightAfter(0.5, 8)` is 5. */
export const heightAfter = (share: number, heights: number): number => 1 + Math.floor(share * heights);

/** Several attacks at once: Byzantine validators take turns in playing them, the rest of each is done in full. */
export function together(name: string, attacks: readonly CommitteeAttack[]): CommitteeAttack {
  const notes = Math.max(0, ...attacks.map(({ attackerNotes = 0 }) => attackerNotes));
  return {
    name,
    explains: attacks.map((attack) => attack.name).join(' and '),
    misdeeds: attacks.flatMap(({ misdeeds = [] }) => misdeeds),
    attackerNotes: notes,
    open: (stage) => {
      const plays = attacks.map((attack, k) =>
        attack.open({ ...stage, liars: stage.liars.filter((_, i) => i % attacks.length === k) }),
      );
      return {
        twist: (bytes, from, to) => {
          const play = plays[stage.liars.indexOf(from) % attacks.length]!;
          return play.twist === undefined ? [bytes] : play.twist(bytes, from, to);
        },
        onHeight: (at) => {
          for (const play of plays) play.onHeight?.(at);
        },
        onDelay: () => {
          for (const play of plays) play.onDelay?.();
        },
      };
    },
  };
}
