import { moved } from '../../src/committee/sample-market.ts';
import { perp, TradingWorld } from '../../src/committee/traders.ts';
import type { Faulty } from '../../src/committee/world.ts';
import { epochDomain } from '../../src/ledger/epoch-config.ts';
import { ByzantineValidator } from '../../src/sim/byzantine.ts';
import type { Dissemination } from '../../src/validator/types.ts';
import { Validator } from '../../src/validator/validator.ts';
import { kernels } from '../helpers/kernels.ts';
import { trade } from './committee-heights.ts';
import { type DoubledOptions, DoubledValidator } from './doubled-validator.ts';

export interface DoubledWorldOptions extends Omit<DoubledOptions, 'seed'> {
  readonly n: number;
  readonly seed: number;
  readonly dissemination: Dissemination;
  readonly faulty?: ReadonlyMap<number, Faulty>;
  /** Who has others beside it; by default every validator that runs the protocol. */
  readonly who?: readonly number[];
}

/** A committee some of whose validators are written down and restored all the time. */
export function doubledWorld(options: DoubledWorldOptions) {
  const { n, seed, dissemination, faulty, who } = options;
  const doubled: DoubledValidator[] = [];
  const world = new TradingWorld({
    kernels,
    n,
    seed,
    dissemination,
    ...(faulty === undefined ? {} : { faulty }),
    more: {
      machineOf: (config, snapshot) => {
        const misdeeds = faulty?.get(config.self)?.misdeeds;
        if (misdeeds !== undefined)
          return new ByzantineValidator(new Validator(config), misdeeds, {
            domain: epochDomain(config.chain, config.epoch),
            secrets: config.secrets,
          });
        if (who?.includes(config.self) === false) return new Validator(config);
        if (snapshot !== undefined) throw new Error('nobody restarts here');
        const machine = new DoubledValidator(config, options);
        doubled.push(machine);
        return machine;
      },
    },
  });
  return { world, doubled };
}

/**
 * Three heights in which there is something of everything: batches, a deposit, a shield, a withdrawal that is too large, an item
 * that few hold, one that conflicts; while one validator is cut off, and comes back.
 */
export function busyHeights(world: TradingWorld): void {
  const { committee } = world;
  const [first, ...others] = committee.correct;
  const absent = others.at(-1)!;
  const present = committee.correct.filter((i) => i !== absent);
  const account = world.accountOf(0);
  world.submitAll(world.deposit(1n, account, 50_000_000_000n));
  trade(world, 1);
  world.runHeight(1, moved(1));
  committee.check(1);
  const one = world.batch(world.copyOf(2), [perp('buy', 1n)], world.terms(2));
  const other = world.batch(world.copyOf(2), [perp('sell', 1n)], world.terms(2));
  world.submit(one.bytes, [first!]);
  world.submit(other.bytes, others);
  world.submitAll(world.action(0, 1_000_000n));
  committee.drain();
  if (committee.quorum.f > 0 && committee.correct.length > committee.quorum.q) {
    committee.cutOff(absent);
    world.runHeight(2, moved(2), present);
    trade(world, 3);
    committee.heal();
  } else world.runHeight(2, moved(2));
  world.submitAll(world.action(0, 2_000_000n, { destination: new Uint8Array(32).fill(7) }));
  world.runHeight(3, moved(3));
  for (const at of [1, 2, 3]) committee.check(at);
}
