import { utf8 } from '../../base/bytes.ts';
import { NOBLE } from '../../crypto/batch-kernels.ts';
import { combineDealtKeys, combineDealtShares } from '../../crypto/dealing/combine.ts';
import type { ProvedDealing } from '../../crypto/dealing/encoding.ts';
import { openDealing, proveMismatch } from '../../crypto/dealing/open.ts';
import type { PerKey } from '../../crypto/dealing/session.ts';
import { repeatedDealings } from '../../crypto/dealing/verify.ts';
import { hashBytes } from '../../crypto/hash.ts';
import { seededRandom } from '../../crypto/random.ts';
import type { EpochConfig } from '../../ledger/epoch-config.ts';
import { epochOf } from '../../ledger/rotation/draft.ts';
import { height, type ValidatorIndex } from '../../params/ids.ts';
import type { GenesisConfig } from './config.ts';

/** A dealing of which every proof holds and that gives its recipient no shares. */
export interface Mismatch {
  readonly dealer: ValidatorIndex;
  /** What `proveMismatch` shows: it opens this one dealing to all. */
  readonly shown: Uint8Array;
}

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
  const opened = new Map<ValidatorIndex, PerKey<bigint>>();
  for (const [dealer, dealing] of dealings) {
    const shares = openDealing(session, dealer, dealing, self, encryptionSecret);
    if (shares === undefined) {
      const random = seededRandom(hashBytes('nonce', seed, utf8('alarm'.padEnd(16)), Uint8Array.of(dealer)));
      return { dealer, shown: proveMismatch(session, dealer, dealing, self, encryptionSecret, random)! };
    }
    opened.set(dealer, shares);
  }
  return combineDealtShares('generate', opened);
}
