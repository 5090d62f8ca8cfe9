import { assert } from '../base/errors.ts';
import { quorumOf } from '../params/quorum.ts';
import { crash } from '../sim/adversaries/adversaries.ts';
import type { LinkOptions } from '../sim/links.ts';
import { Simulation } from '../sim/simulation.ts';
import { type SettlementMessage, settlementProtocol } from './settlement-protocol.ts';

/** The first height starts everywhere at once; the second one as settlement reaches each validator, as in a chain. */
const HEIGHTS = 2;

export interface NetworkSetting {
  readonly n: number;
  /** The last validators, dead from the start. */
  readonly crashed: number;
  readonly batches: number;
  readonly links: LinkOptions;
}

export interface NetworkTimes {
  /** To the last validator's order, and to its settlement. */
  readonly ordered: number;
  readonly settled: number;
  /** Coins of the common subset that were tossed. */
  readonly coins: number;
}

/** Virtual milliseconds of a height that is all network, from the first ballot. */
export function networkTimes({ n, crashed, batches, links }: NetworkSetting, seed: number): NetworkTimes {
  const orderedAt = new Map<number, number>();
  const simulation: Simulation<SettlementMessage> = new Simulation<SettlementMessage>({
    n,
    seed,
    heights: HEIGHTS,
    payloadBytes: 256 + 32 * quorumOf(n).q,
    protocol: settlementProtocol(batches, (height) => orderedAt.set(height, simulation.now)),
    schedule: { kind: 'links', ...links },
    faulty: crashed,
    adversary: crash(),
  });
  const { heights, violations } = simulation.run();
  assert(violations.length === 0, `no property is broken: ${JSON.stringify(violations[0])}`);
  const [first, last] = heights as [(typeof heights)[0], (typeof heights)[0]];
  return { ordered: orderedAt.get(HEIGHTS)! - first.ms, settled: last.ms, coins: last.coins };
}
