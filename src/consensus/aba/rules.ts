/**
 * The rules in which agreements differ. The two protocols are MMR and FIRST_HAND; every other combination lacks a
 * rule that it needs, and exists so that experiments and tests can show what goes wrong without it.
 */
export interface AbaRules {
  /** An input of 1 is said first-hand (FIRST), and a later 1 counts after an input of 0. */
  readonly firstHand: boolean;
  /** FIRST carries AUX(0, 1) as well, if no AUX was sent. */
  readonly auxAtOnce: boolean;
  /** A 1 after an input of 0 is said. */
  readonly reproposes: boolean;
  /** CONF before a real coin. */
  readonly conf: boolean;
  /** Votes of rounds that are over are still counted and relayed. */
  readonly oldRounds: boolean;
  /** Who has decided goes on until 2f + 1 TERM. */
  readonly staysUntilTerms: boolean;
  /** When one that has decided enters a round above its TERM's: when f + 1 validators have spoken in it, at once, or not at all. */
  readonly decidedEnters: 'called' | 'always' | 'never';
  /** A TERM stands for votes of rounds that the receiver has not entered, too, and makes it relay in them. */
  readonly termsAhead: boolean;
  /** Nobody foretells the coin, so no correct validator gets out of another's window: votes beyond it are a fault. */
  readonly realCoins: boolean;
}

/** Mostéfaoui–Moumen–Raynal with CONF and TERM: the agreements of bkr. */
export const MMR: AbaRules = {
  firstHand: false,
  auxAtOnce: false,
  reproposes: false,
  conf: true,
  oldRounds: true,
  staysUntilTerms: true,
  decidedEnters: 'called',
  termsAhead: false,
  realCoins: true,
};

/** The agreements of first-hand: MMR whose round 0 hears of what its voters have delivered themselves. */
export const FIRST_HAND: AbaRules = { ...MMR, firstHand: true, auxAtOnce: true, reproposes: true };

/** The same with coins that everybody can compute in advance: safe, but a scheduler may delay it, and nobody is blamed for rounds. */
export const FORETOLD: AbaRules = { ...FIRST_HAND, realCoins: false };
