import { MmrAba } from '../../src/consensus/aba/mmr.ts';
import { type AbaRules, MMR } from '../../src/consensus/aba/rules.ts';
import { type Bit, type BitSet, VOTE_KINDS, type Vote } from '../../src/consensus/aba/votes.ts';
import { validatorIndex as at } from '../../src/params/ids.ts';
import { quorumOf } from '../../src/params/quorum.ts';
import { type Delivery, Network } from '../../src/sim/network.ts';
import { Prng } from '../../src/sim/prng.ts';

type Wire = Vote | { readonly kind: 'share'; readonly round: number };

/** What an agreement came to. */
export interface Run {
  readonly decided: readonly (Bit | undefined)[];
  readonly closed: readonly boolean[];
  readonly slandered: readonly string[];
  /** Message delays until the last decision, if run synchronously. */
  readonly delays: number;
  /** Rounds in which an honest validator released its coin share. */
  readonly coins: number;
}

export interface Options {
  readonly n: number;
  readonly seed: number;
  readonly inputs: readonly (Bit | undefined)[];
  /** The last f validators send random, contradicting votes instead of running the protocol. */
  readonly liars?: boolean;
  /** Its messages wait while any other can be delivered, most of the time. */
  readonly starved?: number;
  readonly synchronous?: boolean;
  readonly rules?: AbaRules;
}

/** One agreement in any order of delivery, with a coin of degree 2f: 2f + 1 shares open it, liars give theirs or not. */
export function run({
  n,
  seed,
  inputs,
  liars = false,
  starved,
  synchronous = false,
  rules = MMR,
}: Options): Run {
  const { f, sharesRequired } = quorumOf(n);
  const honest = liars ? n - f : n;
  const prng = new Prng(seed + 2 ** 40);
  const network = new Network<Wire>({ n, seed });
  const machines = Array.from({ length: honest }, () => new MmrAba({ n, rules }));
  const shares = new Map<string, Set<number>>();
  const slandered: string[] = [];
  const coins = new Set<number>();
  let delays = 0;
  let delay = 0;

  const perform = (self: number, step: ReturnType<MmrAba['handle']>): void => {
    for (const { to, message } of step.sends) network.send(at(self), to, message);
    for (const { round } of step.effects) {
      coins.add(round);
      network.send(at(self), 'all', { kind: 'share', round });
    }
    for (const { by, fault } of step.faults) if (by < honest) slandered.push(fault);
    if (step.outputs.length > 0) delays = delay;
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

  for (let i = honest; i < n; i++) {
    for (let round = 0; round < 8; round++) {
      for (let to = 0; to < honest; to++) {
        for (const kind of VOTE_KINDS) {
          if (prng.chance(kind === 'term' ? 0.1 : 0.8)) {
            const values = (1 + prng.below(kind === 'conf' ? 3 : 2)) as BitSet;
            network.send(at(i), at(to), { kind, round, values });
            if (kind === 'bval' && prng.bit())
              network.send(at(i), at(to), { kind, round, values: (3 - values) as BitSet });
          }
        }
        if (prng.bit()) network.send(at(i), at(to), { kind: 'share', round });
      }
    }
  }
  machines.forEach((machine, i) => {
    const input = inputs[i];
    if (input !== undefined) perform(i, machine.input(input));
  });
  while (network.size > 0) {
    delay += 1;
    if (synchronous) network.nextRound().forEach(deliver);
    else {
      const delivery = network.next()!;
      const starve = delivery.to === starved || delivery.from === starved;
      if (starve && network.size > 0 && prng.chance(0.97)) {
        network.send(delivery.from, delivery.to, delivery.message);
      } else deliver(delivery);
    }
  }
  return {
    decided: machines.map((machine) => machine.decided),
    closed: machines.map((machine) => machine.closed),
    slandered,
    delays,
    coins: coins.size,
  };
}

/** Random inputs among four, one of which may be a liar that says little: how many schedules out of so many leave one undecided. */
export function stuckAmong(schedules: number, rules: AbaRules, from = 1): number {
  let stuck = 0;
  for (let seed = from; seed < from + schedules; seed++) {
    const prng = new Prng(seed);
    const inputs = Array.from({ length: 4 }, () => prng.bit());
    const result = run({ n: 4, seed, inputs, liars: prng.bit() === 1, starved: prng.below(4), rules });
    if (result.decided.includes(undefined)) stuck += 1;
  }
  return stuck;
}
