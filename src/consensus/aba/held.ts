import { type ValidatorIndex, validatorIndex } from '../../params/ids.ts';
import { ABA_ROUND_WINDOW } from '../../params/sizes.ts';
import { type AbaStep, MmrAba } from './mmr.ts';
import { FIRST_HAND } from './rules.ts';
import { type Bit, type BitSet, VOTE_KINDS, type Vote } from './votes.ts';

/** Bits of a kind's values in a mask: one for each set that a vote can carry. */
const SETS = 3;

/**
 * A first-hand agreement whose votes wait for the own input. So whoever has an input of 1 says it first, whatever the others have said,
 * and an agreement to which f + 1 correct validators give 1 decides 1 (README, first-hand, 2).
 */
export class HeldAba {
  private readonly n: number;
  private readonly aba: MmrAba;
  private given: Bit | undefined;
  /** Votes that came before the input, by round: of each sender a mask of what it said, three bits a kind. */
  private readonly early = new Map<number, Uint16Array>();

  /** @param n validators */
  constructor(n: number) {
    this.n = n;
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

  /** Takes out the votes that waited for the input; in which order votes come makes no difference. */
  take(): readonly { readonly from: ValidatorIndex; readonly vote: Vote }[] {
    const waited = [...this.early].flatMap(([round, masks]) =>
      [...masks].flatMap((mask, from) =>
        votesIn(mask, round).map((vote) => ({ from: validatorIndex(from), vote })),
      ),
    );
    this.early.clear();
    return waited;
  }

  /** A peer's vote; hostile. @returns undefined if it waits, or is so far ahead that it is dropped */
  handle(from: ValidatorIndex, vote: Vote): AbaStep | undefined {
    if (this.given !== undefined) return this.aba.handle(from, vote);
    const { kind, round, values } = vote;
    if (round > ABA_ROUND_WINDOW) return undefined;
    const masks = this.early.get(round) ?? new Uint16Array(this.n);
    masks[from]! |= 1 << (SETS * VOTE_KINDS.indexOf(kind) + values - 1);
    this.early.set(round, masks);
    return undefined;
  }

  /** The common coin of a round. */
  coin(round: number, bit: Bit): AbaStep {
    return this.aba.coin(round, bit);
  }
}

const votesIn = (mask: number, round: number): Vote[] =>
  VOTE_KINDS.flatMap((kind, k) =>
    ([1, 2, 3] as const).flatMap((values: BitSet) =>
      (mask >> (SETS * k + values - 1)) & 1 ? [{ kind, round, values }] : [],
    ),
  );
