import { assert } from '../base/errors.ts';
import { MmrAba } from '../consensus/aba/mmr.ts';
import { type AbaRules, MMR } from '../consensus/aba/rules.ts';
import { type Bit, type BitSet, only, type Vote, type VoteKind } from '../consensus/aba/votes.ts';
import { validatorIndex } from '../params/ids.ts';
import { quorumOf } from '../params/quorum.ts';
import type { Prng } from '../sim/prng.ts';

interface Sent {
  readonly from: number;
  readonly vote: Vote;
  readonly heardBy: Set<number>;
}

export interface AttackOptions {
  /** 3f + 1 with f ≥ 1. */
  readonly n: number;
  readonly rules?: AbaRules;
  /** The coin of a round ≥ 2. */
  readonly coinOf: (round: number) => Bit;
  /** What the adversary bets a round's coin will be, before it is tossed. */
  readonly guess: (round: number) => Bit;
  /** Whether it does not look at coins that are released before the votes are fixed, as they are without CONF. */
  readonly isBlind?: boolean;
  readonly prng: Prng;
}

/** Coins of rounds 0 and 1 (D4): everybody knows them, the adversary too. */
const FIXED: readonly Bit[] = [1, 0];
const other = (b: Bit): Bit => (b === 0 ? 1 : 0);

/**
 * Drives the machines of 2f + 1 correct validators through an agreement with f Byzantine voters and a scheduler in one hand. The
 * aim of each round: some correct validators end with V = {w}, the others with {0, 1}, for then only a coin that equals w
 * decides. What it withholds in a round it delivers after the round.
 * @see Tholoniat and Gramoli, arXiv 1909.07453, for the attack on a coin that is known too early
 */
export class AbaAttack {
  private readonly options: AttackOptions;
  private readonly f: number;
  private readonly machines: MmrAba[];
  private sent: Sent[] = [];
  private readonly released = new Set<number>();
  private round = 0;

  constructor(options: AttackOptions) {
    this.options = options;
    this.f = quorumOf(options.n).f;
    this.machines = Array.from(
      { length: 2 * this.f + 1 },
      () => new MmrAba({ n: options.n, rules: options.rules ?? MMR }),
    );
    for (const [i, machine] of this.machines.entries()) this.absorb(i, machine.input(i === 0 ? 0 : 1));
  }

  /** @returns whether a correct validator has decided in one of so many rounds with real coins, and in which of them */
  run(rounds: number): { readonly decided: boolean; readonly coinRounds: number } {
    for (; this.round < FIXED.length + rounds; this.round++) {
      const { rules, isBlind = false } = this.options;
      if (rules?.conf === false && !isBlind && this.round >= FIXED.length) this.earlyRound();
      else this.lateRound(FIXED[this.round] ?? this.options.guess(this.round));
      this.deliverAll();
      if (this.machines.some(({ decided }) => decided !== undefined))
        return { decided: true, coinRounds: this.round - FIXED.length + 1 };
      // Undecided is not stuck: everybody goes on to the next round, with all that was ever sent.
      assert(
        this.machines.every((machine) => machine.status().round === this.round + 1),
        'the attack withholds nothing for ever',
      );
    }
    return { decided: false, coinRounds: rounds };
  }

  /** The coin is tossed after the votes are fixed: bet that it is `bet`, so w is the other bit. */
  private lateRound(bet: Bit): void {
    const w = other(bet);
    const all = this.machines.map((_, i) => i);
    const hasConf = this.round >= FIXED.length && this.options.rules?.conf !== false;
    for (const b of [w, other(w)]) {
      for (const i of all) this.lie(i, 'bval', only(b));
      this.deliverBvals(all, b);
    }
    // f + 1 see only AUX(w); f see the liars' AUX(1 − w) as well.
    const single = this.shuffled(all).slice(0, this.f + 1);
    const double = all.filter((i) => !single.includes(i));
    for (const i of single) this.deliver(i, ({ vote }) => vote.kind === 'aux');
    for (const i of double) {
      this.lie(i, 'aux', only(other(w)));
      this.deliver(i, ({ vote, from }) => vote.kind === 'aux' && single.includes(from));
    }
    if (hasConf) {
      const kept = single.slice(0, 1 + this.options.prng.below(this.f + 1));
      for (const i of all) {
        if (kept.includes(i)) this.lie(i, 'conf', only(w));
        this.deliver(
          i,
          ({ vote, from }) => vote.kind === 'conf' && (!kept.includes(i) || single.includes(from)),
        );
      }
    }
    this.toss();
  }

  /** Without CONF the first f + 1 through release the coin, which f liars complete, and the votes of the f others follow from it. */
  private earlyRound(): void {
    const all = this.shuffled(this.machines.map((_, i) => i));
    const zeros = all.slice(0, Math.ceil((this.f + 1) / 2));
    const ones = all.slice(zeros.length, this.f + 1);
    const late = all.slice(this.f + 1);
    for (const b of [0, 1] as const) {
      for (const i of all) this.lie(i, 'bval', only(b));
      // Everybody relays both values; nobody gets the last BVAL that puts one into its bin.
      for (const i of all) this.deliverUpTo(i, b, this.f);
    }
    this.deliverBvals(zeros, 0);
    this.deliverBvals(ones, 1);
    this.deliverBvals([...zeros, ...ones], 1);
    this.deliverBvals([...zeros, ...ones], 0);
    const split = (i: number): void => {
      this.lie(i, 'aux', only(1));
      this.deliver(i, ({ vote, from }) => vote.kind === 'aux' && !late.includes(from));
    };
    for (const i of [...zeros, ...ones]) split(i);
    const coin = this.options.coinOf(this.round);
    const w = other(coin);
    this.deliverBvals(late, w);
    const same = w === 0 ? zeros : ones;
    this.lie(late[0]!, 'aux', only(w));
    this.deliver(
      late[0]!,
      ({ vote, from }) => vote.kind === 'aux' && (late.includes(from) || same.includes(from)),
    );
    this.deliverBvals(late, coin);
    for (const i of late.slice(1)) split(i);
    this.toss();
  }

  /** Hands out the coin, which at least one correct validator has released. */
  private toss(): void {
    if (this.round < FIXED.length) return;
    if (!this.released.has(this.round)) return;
    const coin = this.options.coinOf(this.round);
    for (const [i, machine] of this.machines.entries()) this.absorb(i, machine.coin(this.round, coin));
  }

  /** f Byzantine votes to one validator. */
  private lie(to: number, kind: VoteKind, values: BitSet): void {
    for (let k = 0; k < this.f; k++)
      this.absorb(
        to,
        this.machines[to]!.handle(validatorIndex(this.machines.length + k), {
          kind,
          round: this.round,
          values,
        }),
      );
  }

  private deliverBvals(to: readonly number[], b: Bit): void {
    // Twice: the first pass makes relays.
    for (let pass = 0; pass < 2; pass++)
      for (const i of to) this.deliver(i, ({ vote }) => vote.kind === 'bval' && vote.values === only(b));
  }

  /** At most so many of the correct validators' BVALs of a value. */
  private deliverUpTo(to: number, b: Bit, most: number): void {
    let left = most;
    this.deliver(to, ({ vote }) => vote.kind === 'bval' && vote.values === only(b) && left-- > 0);
  }

  /** Delivers this round's votes that match and were not heard yet. */
  private deliver(to: number, which: (sent: Sent) => boolean): void {
    for (const sent of [...this.sent]) {
      if (sent.vote.round !== this.round || sent.heardBy.has(to) || !which(sent)) continue;
      this.hear(to, sent);
    }
  }

  private hear(to: number, sent: Sent): void {
    sent.heardBy.add(to);
    this.absorb(to, this.machines[to]!.handle(validatorIndex(sent.from), sent.vote));
  }

  /** What was withheld in this round and before arrives. */
  private deliverAll(): void {
    for (const sent of [...this.sent]) {
      if (sent.vote.kind === 'term' || sent.vote.round > this.round) continue;
      for (let to = 0; to < this.machines.length; to++) if (!sent.heardBy.has(to)) this.hear(to, sent);
    }
    this.sent = this.sent.filter(({ vote }) => vote.round > this.round);
  }

  private absorb(from: number, { sends, effects }: ReturnType<MmrAba['handle']>): void {
    for (const { message } of sends) this.sent.push({ from, vote: message, heardBy: new Set() });
    for (const { round } of effects) this.released.add(round);
  }

  private shuffled(list: readonly number[]): number[] {
    const out = [...list];
    for (let i = out.length - 1; i > 0; i--) {
      const j = this.options.prng.below(i + 1);
      [out[i], out[j]] = [out[j]!, out[i]!];
    }
    return out;
  }
}
