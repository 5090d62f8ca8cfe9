import type { DealingSession } from '../crypto/dealing/session.ts';
import { type ChainGenesis, chainHash } from '../ledger/chain-genesis.ts';
import { type EpochDraft, sessionOf } from '../ledger/rotation/draft.ts';
import { validatorIndex } from '../params/ids.ts';
import type { GenesisConfig } from '../validator/genesis/config.ts';
import { DEALING_HEIGHTS, drawOwnKeys, EPOCH_HEIGHTS, type OwnKeys } from './dealer.ts';

/** The members of a run that generate the keys of its first epoch. */
export interface Members {
  readonly session: DealingSession;
  readonly configs: readonly GenesisConfig[];
  /** By member: what it drew for itself. */
  readonly own: readonly OwnKeys[];
}

/**
 * Every member draws its own keys, each from a stream of its own. Member i is member i of the registry.
 * @param epochHeights L of the epoch
 */
export function drawMembers(
  seed: number,
  n: number,
  chain: ChainGenesis,
  epochHeights = EPOCH_HEIGHTS,
): Members {
  const name = chainHash(chain);
  const own = Array.from({ length: n }, (_, i) => drawOwnKeys(seed, i, name));
  const draft: EpochDraft = { epoch: 1, seats: own.map(({ keys }) => keys) };
  const session = sessionOf(name, draft, undefined)!;
  const times = { epochHeights, dealingHeights: DEALING_HEIGHTS };
  const configs = own.map(({ secrets, encryptionSecret }, i): GenesisConfig => {
    return {
      chain,
      draft,
      session,
      times,
      self: validatorIndex(i),
      secrets: { ...secrets, encryptionSecret },
    };
  });
  return { session, configs, own };
}
