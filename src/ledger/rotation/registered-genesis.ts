import { type ChainGenesis, chainHash, requireChain } from '../chain-genesis.ts';
import type { ClaimedProof } from '../claims.ts';
import { type EpochConfig, requireSeats } from '../epoch-config.ts';
import { LedgerError } from '../errors.ts';
import { checkRegistration } from './check-registration.ts';
import { type EpochDraft, seatOf } from './draft.ts';
import { type RegistrationItem, registrationSignals } from './registration.ts';

/**
 * Where a chain begins whose validators have registered and generate their threshold keys together: everything that they have to agree
 * on before. Nobody's secret is in it. Public.
 */
export interface RegisteredGenesis {
  readonly chain: ChainGenesis;
  /** Of the members that are the first committee, for epoch 1, ascending by their index in the registry. */
  readonly registrations: readonly RegistrationItem[];
  readonly times: Pick<EpochConfig, 'epochHeights' | 'dealingHeights'>;
}

/** The first committee, before it has threshold keys. */
export const firstDraft = ({ registrations }: Pick<RegisteredGenesis, 'registrations'>): EpochDraft => ({
  epoch: 1,
  seats: registrations.map(seatOf),
});

/**
 * Refuses what no committee could begin with.
 * @param genesis form checked, otherwise hostile
 * @throws {LedgerError} LEDGER_INPUT naming the first rule broken. The proofs are left to the caller (`registrationProofs`).
 */
export function requireRegistered({ chain, registrations, times }: RegisteredGenesis): void {
  const need = (ok: boolean, rule: string): void => {
    if (!ok) throw new LedgerError('LEDGER_INPUT', `this genesis is not valid: ${rule}`);
  };
  requireChain(chain);
  const { epochHeights, dealingHeights } = times;
  need(
    dealingHeights >= 1 && dealingHeights < epochHeights,
    'an epoch lasts for more heights than it deals keys in, and deals them in at least one',
  );
  need(registrations.length > 0, 'nobody has registered');
  const name = chainHash(chain);
  for (const [i, item] of registrations.entries()) {
    need(item.epoch === 1, 'registrations are for epoch 1');
    need(
      i === 0 || item.registryIndex > registrations[i - 1]!.registryIndex,
      'registrations are in the order of the registry, one of each member',
    );
    const problem = checkRegistration(chain, name, item);
    need(problem === undefined, `the registration of member ${item.registryIndex}: ${problem}`);
  }
  requireSeats(chain, 1, registrations.map(seatOf));
}

/** What must be verified of the registrations beside: one proof of S1 each. */
export const registrationProofs = ({ chain, registrations }: RegisteredGenesis): readonly ClaimedProof[] => {
  const name = chainHash(chain);
  return registrations.map((item) => ({ signals: registrationSignals(name, item), proof: item.proof }));
};
