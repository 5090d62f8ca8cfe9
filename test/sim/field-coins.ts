import { acsProtocol, finProtocol, type Protocol } from '../../src/consensus/protocol.ts';
import { quorumOf } from '../../src/params/quorum.ts';
import { twisted } from '../../src/sim/adversaries/adversaries.ts';
import { FIN_TWISTS } from '../../src/sim/adversaries/fin-twists.ts';
import { ACS_TWISTS, type Twist } from '../../src/sim/adversaries/twists.ts';
import { Simulation } from '../../src/sim/simulation.ts';

/** Coins and lots of one height, the mean over seeds, where messages come in any order and f validators split every vote. */
export function coinsOf(protocol: 'fin' | 'first-hand', n: number, seeds: number): number {
  const run = <M>(seed: number, spoken: Protocol<M>, twist: Twist<M>): number => {
    const { heights, violations } = new Simulation({
      n,
      seed,
      heights: 1,
      protocol: spoken,
      schedule: { kind: 'random' },
      payloadBytes: 20,
      faulty: quorumOf(n).f,
      adversary: twisted('split', twist),
    }).run();
    if (violations.length > 0) throw new Error(`SEED=${seed} ${JSON.stringify(violations[0])}`);
    return heights[0]!.coins;
  };
  let sum = 0;
  for (let seed = 1; seed <= seeds; seed++) {
    sum +=
      protocol === 'fin'
        ? run(seed, finProtocol(), FIN_TWISTS.split)
        : run(seed, acsProtocol('first-hand', 'digest'), ACS_TWISTS.split);
  }
  return sum / seeds;
}
