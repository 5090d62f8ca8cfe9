import { type AbaStep, MmrAba } from '../../src/consensus/aba/mmr.ts';
import type { RoundVotes } from '../../src/consensus/aba/round.ts';
import type { AbaRules } from '../../src/consensus/aba/rules.ts';
import { type Bit, type BitSet, only, VOTE_KINDS, type Vote } from '../../src/consensus/aba/votes.ts';
import { validatorIndex as at } from '../../src/params/ids.ts';
import { quorumOf } from '../../src/params/quorum.ts';
import { type Delivery, Network } from '../../src/sim/network.ts';
import { Prng } from '../../src/sim/prng.ts';
import { nodeKey } from './aba-explore.ts';
import { AbaModel, type ModelNode, type ModelState } from './aba-model.ts';

type Wire =
  | Vote
  | { readonly kind: 'share'; readonly round: number }
  | { readonly kind: 'input'; readonly bit: Bit };

/** What an explored state means for the machines is only as good as this: the machine's every step is steps of the model. */
export class Refinement {
  /** Steps of machines that changed what the model sees. */
  steps = 0;
  private readonly model: AbaModel;
  private readonly seed: number;
  private readonly prng: Prng;
  private readonly network: Network<Wire>;
  private readonly machines: readonly MmrAba[];
  private readonly sent: Sent[];
  private readonly shares = new Map<string, Set<number>>();
  private state: ModelState;

  constructor(n: number, rounds: number, rules: AbaRules, seed: number) {
    this.model = new AbaModel({ n, rounds, rules });
    this.seed = seed;
    this.prng = new Prng(seed);
    this.network = new Network({ n, seed: seed + 1 });
    this.machines = Array.from({ length: this.model.correct }, () => new MmrAba({ n, rules }));
    this.sent = this.machines.map(() => ({ input: 0, first: false, bval: [], aux: [], conf: [] }));
    this.state = this.model.initial;
  }

  /** Runs until all is delivered or a machine leaves the explored rounds. @throws if a step is none of the model's */
  run(): void {
    this.lie();
    const { rules } = this.model.options;
    const someDeliver = this.prng.chance(0.8);
    this.machines.forEach((_, i) => {
      const refuses = this.prng.bit() === 1 || !someDeliver;
      if (refuses) this.network.send(at(i), at(i), { kind: 'input', bit: 0 });
      if (someDeliver && (!refuses || rules.firstHand))
        this.network.send(at(i), at(i), { kind: 'input', bit: 1 });
    });
    for (let next = this.network.next(); next !== undefined; next = this.network.next()) {
      this.deliver(next);
      if (this.machines.some((machine) => machine.status().round >= this.model.options.rounds)) return;
    }
  }

  private deliver({ from, to, message }: Delivery<Wire>): void {
    const machine = this.machines[to];
    if (machine === undefined) return;
    if (message.kind === 'share') {
      const key = `${to}/${message.round}`;
      const senders = this.shares.get(key) ?? new Set();
      this.shares.set(key, senders.add(from));
      if (senders.size !== quorumOf(this.model.options.n).sharesRequired) return;
      return this.perform(to, machine.coin(message.round, this.coinOf(message.round)));
    }
    if (message.kind !== 'input') return this.perform(to, machine.handle(from, message));
    const sent = this.sent[to]!;
    // The owner refuses once, and only what it has not taken.
    if (message.bit === 0 && sent.input !== 0) return;
    sent.input |= only(message.bit);
    this.perform(to, machine.input(message.bit));
  }

  private coinOf(round: number): Bit {
    return new Prng(this.seed * 131 + round).bit();
  }

  private perform(i: number, step: AbaStep): void {
    const sent = this.sent[i]!;
    for (const { message } of step.sends) {
      if (message.kind === 'first') sent.first = true;
      if (message.kind === 'bval' || message.kind === 'first')
        sent.bval[message.round] = (sent.bval[message.round] ?? 0) | message.values;
      if (message.kind === 'aux') sent.aux[message.round] = message.values;
      if (message.kind === 'first' && this.model.options.rules.auxAtOnce) sent.aux[0] = message.values;
      if (message.kind === 'conf') sent.conf[message.round] = message.values;
      this.network.send(at(i), 'all', message);
    }
    for (const { round } of step.effects) this.network.send(at(i), 'all', { kind: 'share', round });
    const machine = this.machines[i]!;
    if (machine.closed || machine.status().round >= this.model.options.rounds) return;
    this.follow(i, this.abstract(machine, sent));
  }

  /** Takes the model from its state to the machine's, by this validator's own steps. */
  private follow(i: number, goal: ModelNode): void {
    const goalKey = nodeKey(goal);
    if (nodeKey(visible(this.state.nodes[i]!)) === goalKey) return;
    this.steps += 1;
    const seen = new Set<string>();
    const queue = [this.state];
    for (const state of queue) {
      for (const { node, coins } of this.model.actions(state, state.nodes[i]!)) {
        if (coins.some((coin, r) => coin !== 0 && coin !== only(this.coinOf(r)))) continue;
        const next = { nodes: state.nodes.with(i, node), coins };
        const key = `${nodeKey(node)} ${coins.join('')}`;
        if (seen.has(key)) continue;
        seen.add(key);
        if (nodeKey(visible(node)) === goalKey) {
          this.state = next;
          return;
        }
        queue.push(next);
      }
    }
    throw new Error(`SEED=${this.seed}: no steps from ${this.state.nodes.map(nodeKey)} make ${i} ${goalKey}`);
  }

  private abstract(machine: MmrAba, sent: Sent): ModelNode {
    const { rounds } = this.model.options;
    const { round, decided } = machine.status();
    const votes = Reflect.get(machine, 'rounds') as (RoundVotes | undefined)[];
    const ownTermRound = Reflect.get(machine, 'ownTermRound') as number;
    return visible({
      input: sent.input,
      round,
      decided: decided === undefined ? 0 : only(decided),
      termRound: Math.min(rounds, ownTermRound),
      closed: false,
      rounds: Array.from({ length: rounds }, (_, r) => {
        const state = votes[r];
        const values = state?.values ?? 0;
        return {
          bval: sent.bval[r] ?? 0,
          first: r === 0 && sent.first,
          bin: state?.bin ?? 0,
          aux: sent.aux[r] ?? 0,
          conf: sent.conf[r] ?? 0,
          values: r === round ? values : r < 2 ? (r === 0 && values === 1 ? 1 : 0) : r < round ? 3 : 0,
        };
      }),
    });
  }

  /** Any votes of f liars in the explored rounds, differently to everybody. */
  private lie(): void {
    const { n, rounds, rules } = this.model.options;
    const { prng } = this;
    for (let i = this.model.correct; i < n; i++) {
      for (let to = 0; to < this.model.correct; to++) {
        if (rules.firstHand && prng.bit())
          this.network.send(at(i), at(to), { kind: 'first', round: 0, values: 2 });
        for (let round = 0; round < rounds; round++) {
          for (const kind of VOTE_KINDS) {
            if (kind === 'first' || prng.chance(kind === 'term' ? 0.8 : 0.3)) continue;
            const values = (1 + prng.below(kind === 'conf' ? 3 : 2)) as BitSet;
            this.network.send(at(i), at(to), { kind, round, values });
            if (kind === 'bval')
              this.network.send(at(i), at(to), { kind, round, values: (3 - values) as BitSet });
          }
          if (prng.bit()) this.network.send(at(i), at(to), { kind: 'share', round });
        }
      }
    }
  }
}

interface Sent {
  input: number;
  first: boolean;
  readonly bval: number[];
  readonly aux: number[];
  readonly conf: number[];
}

/** What model and machine must have in common: not the bin of a round that is over or to come, nor votes that TERM stands for. */
function visible(node: ModelNode): ModelNode {
  return {
    ...node,
    rounds: node.rounds.map((round, r) => ({
      ...round,
      bin: r === node.round && round.values === 0 ? round.bin : 0,
      aux: r > node.termRound ? 0 : round.aux,
      conf: r > node.termRound ? 0 : round.conf,
    })),
  };
}
