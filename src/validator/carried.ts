import { equalBytes } from '../base/bytes.ts';
import type { ChainGenesis } from '../ledger/chain-genesis.ts';
import { type ChainState, genesisState } from '../ledger/chain-state.ts';
import { type EpochConfig, epochHash, requireEpoch } from '../ledger/epoch-config.ts';
import { type Height, height, type ValidatorIndex } from '../params/ids.ts';
import { type Border, readBorder } from './border.ts';
import type { OracleReport } from './bundle.ts';
import { ValidatorError } from './errors.ts';

/** What a validator carries from height to height. The height in progress advances it. */
export interface Carried extends ChainState {
  /** Identity secrets that equivocations revealed: their ballots are void. */
  readonly revealed: Set<bigint>;
  /** Peers that sent what no correct one does: their ballots are verified, and they are asked for items, after all others. */
  readonly distrusted: Set<ValidatorIndex>;
  /** What one's own feed said last. */
  report: OracleReport;
}

/** A validator that begins with its chain. */
export const genesisCarried = (chain: ChainGenesis, epoch: EpochConfig): Carried => ({
  ...genesisState(chain, epoch),
  revealed: new Set(),
  distrusted: new Set(),
  report: { prices: chain.medians, observedS: chain.timeS, clockS: chain.timeS },
});

/**
 * A validator that begins with a later epoch of its chain: identity secrets and the peers of the epoch before are nobody's in this one.
 * @throws {LedgerError} LEDGER_INPUT if the epoch is not valid; {ValidatorError} VALIDATOR_BORDER
 */
export function borderCarried(chain: ChainGenesis, epoch: EpochConfig, border: Border): Carried {
  requireEpoch(chain, epoch);
  const state = readBorder(chain, height(epoch.firstHeight - 1), border);
  const isOurs =
    state !== undefined && equalBytes(epochHash(state.ordering.rotation.epoch), epochHash(epoch));
  if (!isOurs) {
    throw new ValidatorError(
      'VALIDATOR_BORDER',
      `epoch ${epoch.epoch} begins after height ${epoch.firstHeight - 1}, and this state is not that of it, or names another epoch: take a certified one`,
    );
  }
  const { observedS, timeS } = border;
  const report = { prices: state.settlement.market.medians, observedS, clockS: timeS };
  return { ...state, revealed: new Set(), distrusted: new Set(), report };
}

/** The last height of an epoch, once the chain has made the next one. */
export function lastHeightOf(
  { epoch }: EpochConfig,
  { ordering }: Pick<ChainState, 'ordering'>,
): Height | undefined {
  const { epoch: inOffice, next } = ordering.rotation;
  // When the last height is settled, the next epoch is in office.
  const after = inOffice.epoch > epoch ? inOffice : next;
  return after && height(after.firstHeight - 1);
}
