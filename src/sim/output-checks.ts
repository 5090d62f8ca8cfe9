import { equalBytes } from '../base/bytes.ts';
import type { AcsProposal } from '../consensus/acs/common-subset.ts';
import type { Violation } from './report.ts';
import { INVALID_MARK } from './world.ts';

export type Violate = (property: Violation['property'], height: number, node: number, detail: string) => void;

/** What is true of the outputs, whatever the protocol. The first `correct` validators are correct. */
export interface Expected {
  readonly correct: number;
  readonly leastOutputs: number;
  readonly proposalOf: (height: number, proposer: number) => Uint8Array;
}

/** Agreement, total order, validity and convergence of what correct validators put out; knows nothing of how. */
export class OutputChecks {
  private readonly expected: Expected;
  private readonly violate: Violate;
  /** By validator, then by height. */
  private readonly outputs: (readonly AcsProposal[])[][];

  constructor(expected: Expected, violate: Violate) {
    this.expected = expected;
    this.violate = violate;
    this.outputs = Array.from({ length: expected.correct }, () => []);
  }

  /** Checks an output of a correct validator. @returns whether it is its first one of that height */
  take(self: number, height: number, payloads: readonly AcsProposal[]): boolean {
    const mine = this.outputs[self]!;
    const before = mine[height];
    if (before !== undefined) {
      if (!sameOutput(before, payloads))
        this.violate('agreement', height, self, 'put out twice, and differently');
      return false;
    }
    if (height > 1 && mine[height - 1] === undefined)
      this.violate('total order', height, self, 'a height is left out');
    mine[height] = payloads;
    this.outputs.forEach(({ [height]: other }, i) => {
      if (other !== undefined && !sameOutput(other, payloads))
        this.violate('agreement', height, self, `differs from validator ${i}`);
    });
    this.checkValidity(self, height, payloads);
    return true;
  }

  /** Checks that each correct validator has put out all heights. */
  converged(heights: number): void {
    this.outputs.forEach((mine, i) => {
      const reached = mine.filter((out) => out !== undefined).length;
      if (reached < heights)
        this.violate('convergence', reached + 1, i, `put out ${reached} of ${heights} heights`);
    });
  }

  private checkValidity(self: number, height: number, payloads: readonly AcsProposal[]): void {
    const { correct, leastOutputs, proposalOf } = this.expected;
    if (payloads.length < leastOutputs)
      this.violate('validity', height, self, `only ${payloads.length} proposals came out`);
    payloads.forEach(({ proposer, payload }, at) => {
      if (at > 0 && payloads[at - 1]!.proposer >= proposer)
        this.violate('validity', height, self, 'not ascending');
      if (payload[0] === INVALID_MARK)
        this.violate('validity', height, self, `an invalid proposal of ${proposer}`);
      if (proposer < correct && !equalBytes(payload, proposalOf(height, proposer)))
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
