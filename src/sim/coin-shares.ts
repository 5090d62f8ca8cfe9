import type { ValidatorIndex } from '../params/ids.ts';
import type { Quorum } from '../params/quorum.ts';
import { ABA_ROUND_WINDOW } from '../params/sizes.ts';

/** The first round with a real coin: where every agreement's window begins. */
const FIRST_REAL_ROUND = 2;

/**
 * Shares of one height's oracle coins, one a sender and coin. A faulty validator can make good shares of any round, so
 * shares count up to ABA_ROUND_WINDOW rounds beyond the last one whose own share went out; see src/consensus/README.md.
 */
export class CoinShares {
  private readonly quorum: Quorum;
  private readonly senders = new Map<string, Set<ValidatorIndex>>();
  private readonly released: Uint16Array;

  /** @param coins instances that have coins */
  constructor(quorum: Quorum, coins: number = quorum.n) {
    this.quorum = quorum;
    this.released = new Uint16Array(coins).fill(FIRST_REAL_ROUND);
  }

  /** The own share goes out. */
  release(instance: number, round: number): void {
    this.released[instance] = Math.max(this.released[instance]!, round);
  }

  /** @returns 'open' for the share that makes sharesRequired of one coin, 'beyond' outside committee or window */
  add(from: ValidatorIndex, instance: number, round: number): 'open' | 'kept' | 'beyond' {
    const released = this.released[instance];
    if (released === undefined || round > released + ABA_ROUND_WINDOW) return 'beyond';
    const key = `${instance}/${round}`;
    const senders = this.senders.get(key) ?? new Set();
    if (senders.has(from)) return 'kept';
    this.senders.set(key, senders.add(from));
    return senders.size === this.quorum.sharesRequired ? 'open' : 'kept';
  }
}
