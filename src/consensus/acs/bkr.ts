import type { ValidatorIndex } from '../../params/ids.ts';
import { MMR } from '../aba/rules.ts';
import type { Bit } from '../aba/votes.ts';
import { SubsetMachine, type SubsetOptions } from './subset-machine.ts';

/**
 * Asynchronous common subset: n reliable broadcasts, n binary agreements on which of them to take.
 * Agreement, totality and at least q = n − f valid proposals in the output; 5 message delays when all are correct.
 * Deviation D7: ABA_j gets 1 only when the predicate holds for the delivered proposal.
 * Deviation D8: votes of all agreements travel in one frame (frame.ts).
 * Deviation D9: when ABA_j decides 0, RBC_j ends.                    [README.md, Common subset]
 * @see Ben-Or, Kelmer, Rabin, PODC '94, Fig. 3; Miller et al., HoneyBadgerBFT, CCS '16, §4.4
 */
export class BkrAcs extends SubsetMachine {
  constructor(options: SubsetOptions) {
    super(options, MMR);
  }

  /** After q ones: 0 to every agreement without an input. */
  protected override afterDecision(j: ValidatorIndex, bit: Bit): void {
    if (bit === 0) this.endBroadcast(j);
    else if (this.ones === this.quorum.q) this.refuseTheRest();
  }

  /** Agreements by MMR have no FIRST. */
  protected override onSure(): void {}
}
