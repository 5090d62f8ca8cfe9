import type { ValidatorIndex } from '../params/ids.ts';

/** Every fault the consensus machines find in a peer, with the sentence that explains it. */
export const CONSENSUS_FAULTS = {
  RBC_WRONG_SENDER: 'A PROPOSE for a broadcast that is not the sender’s own.',
  RBC_PROPOSE_EQUIVOCATION: 'Two different PROPOSE in one broadcast.',
  RBC_ECHO_EQUIVOCATION: 'Two different ECHO in one broadcast.',
  RBC_READY_EQUIVOCATION: 'Two different READY in one broadcast.',
  RBC_MALFORMED: 'A digest is not 32 bytes, or a payload is longer than allowed.',
  RBC_PULL_UNFOUNDED: 'A PULL to a validator that has sent no ECHO.',
  RBC_PAYLOAD_UNASKED: 'A PAYLOAD that was not asked for.',
  RBC_PAYLOAD_MISMATCH: 'A PAYLOAD whose digest is not the one its sender sent in ECHO.',
  RBC_BAD_SHARD: 'A shard that is not the one at its validator’s place below its root.',
  RBC_NO_CODEWORD: 'Shards under one root that are not what a payload is coded to.',
  ABA_MALFORMED: 'A vote with a round or a value it cannot have.',
  ABA_ROUND_BEYOND_WINDOW: 'A vote further ahead than correct validators get.',
  ABA_AUX_EQUIVOCATION: 'Two different AUX (or a TERM and an AUX) in one round.',
  ABA_CONF_EQUIVOCATION: 'Two different CONF (or a TERM and a CONF) in one round.',
  ABA_TERM_EQUIVOCATION: 'Two different TERM in one agreement.',
  PBFT_MALFORMED: 'A PBFT message that its kind, view or signature does not allow.',
  PBFT_EQUIVOCATION: 'Two different proposals or PREPAREs in one view.',
  PBFT_UNJUSTIFIED: 'A leader’s proposal that the view changes do not allow.',
  HOTSTUFF_MALFORMED:
    'A HotStuff message that its kind, view, leader, certificate or signature does not allow.',
  HOTSTUFF_EQUIVOCATION: 'Two different blocks or votes in one view.',
  HOTSTUFF_UNFOUNDED: 'A question for a block that its validator did not vote for, or an answer to none.',
  FIN_SET_MALFORMED: 'A set of fewer than q proposals, or not of this committee.',
  ALEA_MALFORMED: 'An Alea message that its kind, sender, signatures or length do not allow.',
  ALEA_EQUIVOCATION: 'Two different proposals, or two different lists, of one validator.',
  ALEA_UNFOUNDED: 'A FILL-GAP to a validator that did not sign, or a FILLER that was not asked for.',
  ACS_INDEX_OUT_OF_RANGE:
    'A message names a validator that the committee has not, or its bitmap is not the committee’s.',
  ACS_PROPOSAL_INVALID: 'A delivered proposal does not satisfy the validity predicate.',
} as const;

export type ConsensusFault = keyof typeof CONSENSUS_FAULTS;

/** What a peer did wrong. `evidence` serialises to JSON; channels are authentic but unsigned, so it convinces only us. */
export interface Fault<Code extends string = ConsensusFault> {
  readonly by: ValidatorIndex;
  readonly fault: Code;
  readonly evidence: Readonly<Record<string, string | number>>;
}
