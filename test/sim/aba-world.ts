import { MmrAba } from '../../src/consensus/aba/mmr.ts';
import { type AbaRules, MMR } from '../../src/consensus/aba/rules.ts';
import { type Bit, type BitSet, VOTE_KINDS, type Vote } from '../../src/consensus/aba/votes.ts';
import { validatorIndex as at } from '../../src/params/ids.ts';
import { quorumOf } from '../../src/params/quorum.ts';
import { ABA_ROUND_WINDOW } from '../../src/params/sizes.ts';
import { type Delivery, Network } from '../../src/sim/network.ts';
import { Prng } from '../../src/sim/prng.ts';

type Wire = Vote | { readonly kind: 'share'; readonly round: number };

/** Rounds in which liars vote: the first ones, and those at the edge of the window. */
const LIED_ROUNDS = [0, 1, 2, 3, 4, 5, 6, 7, ABA_ROUND_WINDOW, ABA_ROUND_WINDOW + 1, ABA_ROUND_WINDOW + 2];

/** What an agreement came to. */
export interface Run {
  readonly decided: readonly (Bit | undefined)[];
  readonly closed: readonly boolean[];
  readonly slandered: readonly string[];
  /** Message delays until the last decision, if run synchronously. */
  readonly delays: number;
  /** Rounds in which an honest validator released its coin share. */
  readonly coins: number;
  /** The highest round that an honest validator was in. */
  readonly lastRound: number;
}

export interface Options {
  readonly n: number;
  readonly seed: number;
  readonly inputs: readonly (Bit | undefined)[];
  /**
   * What the last f validators do instead of running the protocol: they send random, contradicting votes, or they vote 1 and give their
   * share in every round and never send a TERM.
   */
  readonly liars?: 'random' | 'without TERM';
  /** Its messages wait while any other can be delivered, most of the time. */
  readonly starved?: number;
  /** It hears the liars and the TERMs of f others, and the rest when there is nothing else. */
  readonly slow?: number;
  readonly synchronous?: boolean;
  readonly rules?: AbaRules;
}

/** One agreement in any order of delivery, with a coin of degree 2f: 2f + 1 shares open it, liars give theirs or not. */
export function run({
  n,
  seed,
  inputs,
  liars,
  starved,
  slow,
  synchronous = false,
  rules = MMR,
}: Options): Run {
  const { f, sharesRequired } = quorumOf(n);
  const honest = liars === undefined ? n : n - f;
  const prng = new Prng(seed + 2 ** 40);
  const network = new Network<Wire>({ n, seed });
  const machines = Array.from({ length: honest }, () => new MmrAba({ n, rules }));
  const shares = new Map<string, Set<number>>();
  const slandered: string[] = [];
  const coins = new Set<number>();
  let delays = 0;
  let delay = 0;
  let lastRound = 0;
  const late: Delivery<Wire>[] = [];

  const perform = (self: number, step: ReturnType<MmrAba['handle']>): void => {
    for (const { to, message } of step.sends) network.send(at(self), to, message);
    for (const { round } of step.effects) {
      coins.add(round);
      network.send(at(self), 'all', { kind: 'share', round });
    }
    for (const { by, fault } of step.faults) if (by < honest) slandered.push(fault);
    if (step.outputs.length > 0) delays = delay;
    lastRound = Math.max(lastRound, machines[self]!.status().round);
  };
  const deliver = ({ from, to, message }: Delivery<Wire>): void => {
    const machine = machines[to];
    if (machine === undefined) return;
    if (message.kind !== 'share') return perform(to, machine.handle(from, message));
    const key = `${to}/${message.round}`;
    const senders = shares.get(key) ?? new Set();
    shares.set(key, senders.add(from));
    const bit = new Prng(seed * 131 + message.round).bit();
    if (senders.size === sharesRequired) perform(to, machine.coin(message.round, bit));
  };

  const lie = (i: number, to: number, round: number): void => {
    for (const kind of VOTE_KINDS) {
      if (liars === 'without TERM') {
        if (kind !== 'term') network.send(at(i), at(to), { kind, round, values: 2 });
      } else if (prng.chance(kind === 'term' ? 0.1 : 0.8)) {
        const values = (1 + prng.below(kind === 'conf' ? 3 : 2)) as BitSet;
        network.send(at(i), at(to), { kind, round, values });
        if (kind === 'bval' && prng.bit())
          network.send(at(i), at(to), { kind, round, values: (3 - values) as BitSet });
      }
    }
    if (liars === 'without TERM' || prng.bit()) network.send(at(i), at(to), { kind: 'share', round });
  };
  for (let i = honest; i < n; i++) {
    for (const round of LIED_ROUNDS) for (let to = 0; to < honest; to++) lie(i, to, round);
  }
  const isLate = ({ from, to, message }: Delivery<Wire>): boolean =>
    to === slow && from < honest && !(message.kind === 'term' && (from + n - slow) % n <= f);
  machines.forEach((machine, i) => {
    const input = inputs[i];
    if (input !== undefined) perform(i, machine.input(input));
  });
  while (network.size + late.length > 0) {
    delay += 1;
    if (synchronous) network.nextRound().forEach(deliver);
    else {
      const delivery = network.next();
      if (delivery === undefined) late.splice(0).forEach(deliver);
      else if (isLate(delivery)) late.push(delivery);
      else {
        const starve = delivery.to === starved || delivery.from === starved;
        if (starve && network.size > 0 && prng.chance(0.97)) {
          network.send(delivery.from, delivery.to, delivery.message);
        } else deliver(delivery);
      }
    }
  }
  return {
    decided: machines.map((machine) => machine.decided),
    closed: machines.map((machine) => machine.closed),
    slandered,
    delays,
    coins: coins.size,
    lastRound,
  };
}

/** Schedules that leave an honest validator undecided or open, and those in which one is recorded as faulty. */
export interface Found {
  readonly stuck: number;
  readonly slandered: number;
}

/** Random inputs, with f liars or none, one validator starved: what comes of so many schedules. */
export function foundAmong(schedules: number, rules: AbaRules, n = 4, from = 1): Found {
  let stuck = 0;
  let slandered = 0;
  for (let seed = from; seed < from + schedules; seed++) {
    const prng = new Prng(seed);
    const inputs = Array.from({ length: n }, () => prng.bit());
    const liars = ([undefined, 'random', 'random', 'without TERM'] as const)[prng.below(4)];
    const result = run({ n, seed, inputs, ...(liars && { liars }), starved: prng.below(n), rules });
    if (result.decided.includes(undefined) || result.closed.includes(false)) stuck += 1;
    if (result.slandered.length > 0) slandered += 1;
  }
  return { stuck, slandered };
}
