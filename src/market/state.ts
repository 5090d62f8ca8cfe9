/** What the market remembers from height to height, apart from accounts. Lists have one entry per instrument. */
export interface MarketState {
  /** Block time of the last settled height, unix seconds. */
  readonly timeS: bigint;
  /** Oracle medians of that height, one per feed of `oracleFeeds`. */
  readonly medians: readonly bigint[];
  /** Units per lot, ≥ 1. */
  readonly marks: readonly bigint[];
  /** Price of the instrument's last auction that traded, units per lot. */
  readonly lastClear: readonly (bigint | undefined)[];
  /** Moving average of (clearing price − index) in 10⁻⁶ units per lot, signed; stays 0 for options. */
  readonly premiumEma: readonly bigint[];
}
