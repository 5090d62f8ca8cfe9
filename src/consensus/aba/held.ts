import type { ValidatorIndex } from '../../params/ids.ts';
import { ABA_ROUND_WINDOW } from '../../params/sizes.ts';
import { type AbaStep, MmrAba } from './mmr.ts';
import { FIRST_HAND } from './rules.ts';
import type { Bit, Vote } from './votes.ts';

/**
 * A first-hand agreement whose votes wait for the own input. So whoever has an input of 1 says it first, whatever the others have said,
 * and an agreement to which f + 1 correct validators give 1 decides 1 (README, first-hand, 2).
 */
export class HeldAba {
  private readonly aba: MmrAba;
  private given: Bit | undefined;
  /** Votes that came before the input, one a sender, kind, round and value. */
  private readonly early = new Map<string, { readonly from: ValidatorIndex; readonly vote: Vote }>();

  /** @param n validators */
  constructor(n: number) {
    this.aba = new MmrAba({ n, rules: FIRST_HAND });
  }

  /** The own input; undefined before there is one. A 0 becomes 1 by a second input. */
  get input(): Bit | undefined {
    return this.given;
  }

  get decided(): Bit | undefined {
    return this.aba.decided;
  }

  get closed(): boolean {
    return this.aba.closed;
  }

  /** The first input, or a 1 after a 0. The votes that waited follow it, by `take`. */
  propose(bit: Bit): AbaStep {
    this.given = bit;
    return this.aba.input(bit);
  }

  /** Takes out the votes that waited for the input, in the order in which they came. */
  take(): readonly { readonly from: ValidatorIndex; readonly vote: Vote }[] {
    const early = [...this.early.values()];
    this.early.clear();
    return early;
  }

  /** A peer's vote; hostile. @returns undefined if it waits, or is so far ahead that it is dropped */
  handle(from: ValidatorIndex, vote: Vote): AbaStep | undefined {
    if (this.given !== undefined) return this.aba.handle(from, vote);
    const { kind, round, values } = vote;
    if (round <= ABA_ROUND_WINDOW) this.early.set(`${from}/${kind}/${round}/${values}`, { from, vote });
    return undefined;
  }

  /** The common coin of a round. */
  coin(round: number, bit: Bit): AbaStep {
    return this.aba.coin(round, bit);
  }
}
