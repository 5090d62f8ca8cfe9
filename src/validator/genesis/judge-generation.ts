import { type BatchKernels, NOBLE } from '../../crypto/batch-kernels.ts';
import type { ProvedDealing } from '../../crypto/dealing/encoding.ts';
import type { DealingSession } from '../../crypto/dealing/session.ts';
import { readSignedDealing } from '../../crypto/dealing/signed.ts';
import { checkDealing } from '../../crypto/dealing/verify.ts';
import { type ChainGenesis, chainHash } from '../../ledger/chain-genesis.ts';
import { type EpochConfig, epochDomain, epochHash, isCertified } from '../../ledger/epoch-config.ts';
import { sessionOf } from '../../ledger/rotation/draft.ts';
import type { ValidatorIndex } from '../../params/ids.ts';
import { epochAgreement } from './config.ts';
import type { GeneratedKeys } from './generated-keys.ts';
import { makeEpoch } from './make-epoch.ts';

/** The session in which the keys of a chain's first epoch were dealt, from what everybody knows of it. */
export const genesisSession = (
  chainHash: Uint8Array,
  { epoch, validators }: Pick<EpochConfig, 'epoch' | 'validators'>,
): DealingSession | undefined =>
  epoch === 1 ? sessionOf(chainHash, { epoch, seats: validators }, undefined) : undefined;

/**
 * Judges, as a stranger does, whether the keys of a chain's first epoch are those that its members generated: the dealings, each signed
 * by its dealer and of the right degree, make exactly these keys and public shares, and a quorum signed the epoch.
 * @param shown hostile
 * @returns why not; or the dealings, by dealer, whose proofs must hold as well. Never throws.
 */
export function judgeGeneration(
  chain: ChainGenesis,
  epoch: EpochConfig,
  { certificate, dealings }: Pick<GeneratedKeys, 'certificate' | 'dealings'>,
  kernels: BatchKernels = NOBLE,
):
  | string
  | { readonly session: DealingSession; readonly dealings: ReadonlyMap<ValidatorIndex, ProvedDealing> } {
  const session = genesisSession(chainHash(chain), epoch);
  if (session === undefined) return 'the epoch is not a chain’s first, or its encryption keys are none';
  if (!isCertified(epoch, epochAgreement(epochDomain(chain, epoch)), certificate))
    return 'no quorum signed the epoch';
  const read = new Map<ValidatorIndex, ProvedDealing>();
  for (const [dealer, bytes] of dealings) {
    const seat = epoch.validators[dealer];
    if (seat === undefined) return `there is no validator ${dealer}`;
    const dealing = readSignedDealing(session, dealer, seat.signKey, bytes);
    if (typeof dealing === 'string') return `the dealing of validator ${dealer} is ${dealing}`;
    const problem = checkDealing(session, dealer, dealing, undefined, kernels);
    if (problem !== undefined) return `the dealing of validator ${dealer} does not hold: ${problem}`;
    read.set(dealer, dealing);
  }
  if (read.size === 0) return 'there is no dealing';
  const draft = { epoch: epoch.epoch, seats: epoch.validators };
  const { epoch: made, repeated } = makeEpoch({ session, draft, times: epoch, kernels }, read);
  if (repeated.length > 0) return `the dealing of validator ${repeated[0]} repeats another`;
  return String(epochHash(made)) === String(epochHash(epoch))
    ? { session, dealings: read }
    : 'the dealings make other keys than the epoch has';
}
