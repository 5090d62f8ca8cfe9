import { NOBLE } from '../../crypto/batch-kernels.ts';
import { combineDealtKeys, combineDealtShares } from '../../crypto/dealing/combine.ts';
import type { ProvedDealing } from '../../crypto/dealing/encoding.ts';
import { type Mismatch, openDealings } from '../../crypto/dealing/open.ts';
import type { PerKey } from '../../crypto/dealing/session.ts';
import { repeatedDealings } from '../../crypto/dealing/verify.ts';
import type { EpochConfig } from '../../ledger/epoch-config.ts';
import { epochOf } from '../../ledger/rotation/draft.ts';
import { height, type ValidatorIndex } from '../../params/ids.ts';
import type { GenesisConfig } from './config.ts';

/** The epoch that the chosen dealings make. */
export interface MadeEpoch {
  readonly epoch: EpochConfig;
  /** Whose dealings are in the keys, ascending. */
  readonly dealers: readonly ValidatorIndex[];
  /** Whose dealing was chosen and repeats that of an earlier dealer: only those who know its secrets can prove it, so both are one. */
  readonly repeated: readonly ValidatorIndex[];
}

/**
 * Both keys and everybody's public shares, from public values alone: anybody who has the chosen dealings comes to the same.
 * @param chosen what the common subset put out, ascending by dealer, each found valid
 */
export function makeEpoch(
  { session, draft, times, kernels = NOBLE }: Pick<GenesisConfig, 'session' | 'draft' | 'times' | 'kernels'>,
  chosen: ReadonlyMap<ValidatorIndex, ProvedDealing>,
): MadeEpoch {
  const repeated = repeatedDealings(chosen);
  const dealings = new Map([...chosen].filter(([dealer]) => !repeated.includes(dealer)));
  const keys = combineDealtKeys('generate', session.degree, dealings, kernels);
  const epoch = epochOf(draft, keys, { ...times, firstHeight: height(1) });
  return { epoch, dealers: [...dealings.keys()], repeated };
}

/** One's own shares of both keys, each dealing's checked against its commitments. Secret. */
export function openShares(
  { session, self, secrets }: GenesisConfig,
  dealings: ReadonlyMap<ValidatorIndex, ProvedDealing>,
): PerKey<bigint> | Mismatch {
  const { encryptionSecret, seed } = secrets;
  const opened = openDealings(session, dealings, self, encryptionSecret, seed);
  return 'dealer' in opened ? opened : combineDealtShares('generate', opened);
}
