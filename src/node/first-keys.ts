import { equalBytes } from '../base/bytes.ts';
import type { BatchKernels } from '../crypto/batch-kernels.ts';
import type { ProvedDealing } from '../crypto/dealing/encoding.ts';
import type { PerKey } from '../crypto/dealing/session.ts';
import { epochSeed } from '../host/cross-border.ts';
import { chainHash } from '../ledger/chain-genesis.ts';
import { draftHash, sessionOf } from '../ledger/rotation/draft.ts';
import type { RegistrantSecrets } from '../ledger/rotation/make-registration.ts';
import { firstDraft, type RegisteredGenesis } from '../ledger/rotation/registered-genesis.ts';
import { type ValidatorIndex, validatorIndex } from '../params/ids.ts';
import type { GenesisConfig } from '../validator/genesis/config.ts';
import { judgeGeneration } from '../validator/genesis/judge-generation.ts';
import { openShares } from '../validator/genesis/make-epoch.ts';
import type { ValidatorSecrets } from '../validator/types.ts';
import type { ProofService } from './proof-service.ts';
import type { ShownKeys } from './shown-files.ts';

/**
 * The generation of a chain's first keys as one of its members takes part in it.
 * @param genesis    found valid
 * @param member     its index in the registry
 * @param registrant what it registered with; secret
 * @returns          undefined if the member is not of the first committee
 */
export function generationConfig(
  genesis: RegisteredGenesis,
  member: number,
  registrant: RegistrantSecrets,
  kernels: BatchKernels,
): GenesisConfig | undefined {
  const { chain, times } = genesis;
  const draft = firstDraft(genesis);
  const self = draft.seats.findIndex(({ registryIndex }) => registryIndex === member);
  if (self < 0) return undefined;
  const { blsSecret, signSecret, encryptionSecret } = registrant;
  return {
    chain,
    draft,
    session: sessionOf(chainHash(chain), draft, undefined)!,
    times,
    self: validatorIndex(self),
    secrets: { blsSecret, signSecret, encryptionSecret, seed: epochSeed(registrant, 1) },
    kernels,
  };
}

/** A member's keys of the first epoch. Secret. */
export function firstKeys(
  registrant: RegistrantSecrets,
  { decryption, coin }: PerKey<bigint>,
): ValidatorSecrets {
  const { identitySecret, blsSecret, signSecret } = registrant;
  const seed = epochSeed(registrant, 1);
  return { identitySecret, blsSecret, signSecret, decryptionShare: decryption, coinShare: coin, seed };
}

type Verifying = Pick<ProofService, 'falseDealers'>;

/**
 * Judges keys of the first epoch as somebody does who was not there when they were generated.
 * @param shown by anybody: hostile
 * @returns     the dealings that make the keys; or why not. Never throws.
 */
export async function judgeShown(
  genesis: RegisteredGenesis,
  shown: ShownKeys,
  proofs: Verifying,
  kernels: BatchKernels,
): Promise<ReadonlyMap<ValidatorIndex, ProvedDealing> | string> {
  const { epoch } = shown;
  const { chain, times } = genesis;
  const seats = { epoch: epoch.epoch, seats: epoch.validators };
  const isOwn =
    equalBytes(draftHash(seats), draftHash(firstDraft(genesis))) &&
    epoch.firstHeight === 1 &&
    epoch.epochHeights === times.epochHeights &&
    epoch.dealingHeights === times.dealingHeights;
  if (!isOwn) return 'the epoch is of other members than the genesis';
  const judged = judgeGeneration(chain, epoch, shown, kernels);
  if (typeof judged === 'string') return judged;
  const bad = await proofs.falseDealers(judged.session, judged.dealings);
  return bad.length > 0 ? `a proof of the dealing of validator ${bad[0]} does not hold` : judged.dealings;
}

/**
 * One's own shares of keys that the others have generated without this member, or before it came back.
 * @param dealings that make the keys
 * @returns        secret; or why not
 */
export function sharesIn(
  config: GenesisConfig,
  dealings: ReadonlyMap<ValidatorIndex, ProvedDealing>,
): PerKey<bigint> | string {
  const opened = openShares(config, dealings);
  return 'dealer' in opened
    ? `the dealing of validator ${opened.dealer} gives this member no shares`
    : opened;
}
