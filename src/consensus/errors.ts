import { code, errorsOf } from '../base/errors.ts';

/** What a machine of the consensus refuses from its owner; what a peer sends is a fault instead. */
export const ConsensusError = errorsOf({
  CONSENSUS_INPUT: code<{
    readonly n?: number;
    readonly self?: number;
    readonly proposer?: number;
    readonly bytes?: number;
  }>('A consensus machine got an input that its owner must not pass.'),
});
