import type { CommitteeAttack } from '../attack.ts';
import { forgedProof } from './forged-proof.ts';
import { crashes, lostFrames, slowThenSilent } from './links.ts';
import { badBallots, earlyFlood, halfShown, unsigned } from './messages.ts';
import { none } from './none.ts';
import { oneLeaf, variants, variantsAccounts, variantsAnnounced } from './variants.ts';
import { farVotes, noTerm, noTermSlow } from './votes.ts';

/** The attacks that have names, in the order in which they are listed. */
export const ATTACKS: readonly CommitteeAttack[] = [
  none,
  variants,
  variantsAnnounced,
  variantsAccounts,
  oneLeaf,
  slowThenSilent,
  unsigned,
  noTerm,
  noTermSlow,
  farVotes,
  earlyFlood,
  badBallots,
  halfShown,
  lostFrames,
  forgedProof,
  crashes,
];
