import type { ValidatorIndex } from '../../params/ids.ts';
import { type AbaRules, FIRST_HAND } from '../aba/rules.ts';
import type { Bit } from '../aba/votes.ts';
import { SubsetMachine, type SubsetOptions, type SubsetState } from './subset-machine.ts';

/** A first-hand common subset as plain data. */
export type FirstHandState = SubsetState & {
  readonly sure: ReadonlySet<ValidatorIndex>;
  readonly refused: boolean;
};

/**
 * Common subset whose agreements hear first-hand who has delivered what: a delay less than bkr, 4 when all are correct.
 * Agreement, totality and at least q valid proposals as there; the argument is in README.md, first-hand.
 * An agreement is sure to decide 1 once 2f + 1 validators said FIRST; with q sure ones the rest gets 0, without
 * waiting for a decision. A delivery after an input of 0 is said all the same.
 * Deviation D11: RBC_j of an agreement that decided 0 goes on until the agreement closes, because a re-proposal may
 * be what another validator's round 0 waits for.
 * @see Zhang and Duan, PACE, CCS '22, §5 (RABA)
 */
export class FirstHandAcs extends SubsetMachine {
  private readonly sure = new Set<ValidatorIndex>();
  private refused = false;

  /** @param rules FIRST_HAND; anything less is an experiment */
  constructor(options: SubsetOptions, rules: AbaRules = FIRST_HAND) {
    super(options, rules);
  }

  override state(): FirstHandState {
    return { ...super.state(), sure: this.sure, refused: this.refused };
  }

  /** The common subset that gives for every input the step which the one of the state would have given. */
  static restore(options: SubsetOptions, state: FirstHandState, rules: AbaRules = FIRST_HAND): FirstHandAcs {
    const acs = new FirstHandAcs(options, rules);
    acs.load(state);
    for (const j of state.sure) acs.sure.add(j);
    acs.refused = state.refused;
    return acs;
  }

  protected override afterDecision(j: ValidatorIndex, bit: Bit): void {
    if (bit === 1) this.onSure(j);
  }

  /** After q agreements that decided 1 or are sure to: 0 to every agreement without an input. */
  protected override onSure(j: ValidatorIndex): void {
    this.sure.add(j);
    if (this.refused || this.sure.size < this.quorum.q) return;
    this.refused = true;
    this.refuseTheRest();
  }
}
