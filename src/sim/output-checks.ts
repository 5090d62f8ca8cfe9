import { equalBytes } from '../base/bytes.ts';
import type { AcsProposal } from '../consensus/acs/common-subset.ts';
import type { Violation } from './report.ts';

export type Violate = (property: Violation['property'], height: number, node: number, detail: string) => void;

/** What is true of the outputs, whatever the protocol. The first `correct` validators are correct. */
export interface Expected {
  readonly correct: number;
  readonly leastOutputs: number;
  readonly proposalOf: (height: number, proposer: number) => Uint8Array;
  /** Whether what this faulty validator proposes is invalid: the predicate itself is not asked. */
  readonly isRefused: (proposer: number) => boolean;
}

/** A height's first output: all others must equal it. */
interface First {
  readonly payloads: readonly AcsProposal[];
  readonly by: number;
  readonly takers: Uint8Array;
}

/** Agreement, total order, validity and convergence of what correct validators put out; knows nothing of how. */
export class OutputChecks {
  private readonly expected: Expected;
  private readonly violate: Violate;
  private readonly firsts = new Map<number, First>();
  /** Heights that a validator has put out, without a gap. */
  private readonly reached: Uint32Array;

  constructor(expected: Expected, violate: Violate) {
    this.expected = expected;
    this.violate = violate;
    this.reached = new Uint32Array(expected.correct);
  }

  /** Checks an output of a correct validator. @returns whether it is its first one of that height */
  take(self: number, height: number, payloads: readonly AcsProposal[]): boolean {
    const first = this.firsts.get(height);
    if (first?.takers[self] === 1) {
      if (!sameOutput(first.payloads, payloads))
        this.violate('agreement', height, self, 'put out twice, and differently');
      return false;
    }
    if (height === this.reached[self]! + 1) this.reached[self] = height;
    else this.violate('total order', height, self, `after height ${this.reached[self]}`);
    if (first === undefined) {
      const takers = new Uint8Array(this.expected.correct);
      takers[self] = 1;
      this.firsts.set(height, { payloads, by: self, takers });
      this.checkValidity(self, height, payloads);
      return true;
    }
    first.takers[self] = 1;
    if (sameOutput(first.payloads, payloads)) return true;
    this.violate('agreement', height, self, `differs from validator ${first.by}`);
    this.checkValidity(self, height, payloads);
    return true;
  }

  /** Whether all correct validators have put this height out. */
  isComplete(height: number): boolean {
    return this.reached.every((reached) => reached >= height);
  }

  /** Lets go of a height. */
  forget(height: number): void {
    this.firsts.delete(height);
  }

  /** Checks that each correct validator has put out all heights. */
  converged(heights: number): void {
    this.reached.forEach((reached, i) => {
      if (reached < heights)
        this.violate('convergence', reached + 1, i, `put out ${reached} of ${heights} heights`);
    });
  }

  private checkValidity(self: number, height: number, payloads: readonly AcsProposal[]): void {
    const { correct, leastOutputs, proposalOf, isRefused } = this.expected;
    if (payloads.length < leastOutputs)
      this.violate('validity', height, self, `only ${payloads.length} proposals came out`);
    payloads.forEach(({ proposer, payload }, at) => {
      if (at > 0 && payloads[at - 1]!.proposer >= proposer)
        this.violate('validity', height, self, 'not ascending');
      if (proposer >= correct) {
        if (isRefused(proposer)) this.violate('validity', height, self, `an invalid proposal of ${proposer}`);
      } else if (!equalBytes(payload, proposalOf(height, proposer)))
        this.violate('validity', height, self, `the proposal of ${proposer} was changed`);
    });
  }
}

function sameOutput(a: readonly AcsProposal[], b: readonly AcsProposal[]): boolean {
  if (a === b) return true;
  return (
    a.length === b.length &&
    a.every(({ proposer, payload }, i) => {
      const other = b[i]!;
      return proposer === other.proposer && (payload === other.payload || equalBytes(payload, other.payload));
    })
  );
}
