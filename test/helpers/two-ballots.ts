import { ballotShare } from '../../src/crypto/identity.ts';
import type { EpochConfig, EpochDomain } from '../../src/ledger/epoch-config.ts';
import { type Height, type ItemId, validatorIndex } from '../../src/params/ids.ts';
import { ballotInput } from '../../src/proofs/ballot.ts';
import { loadCircuitProver } from '../../src/proofs/circuit-prover.ts';
import { flattenSignals } from '../../src/proofs/signals.ts';
import { type Ballot, ballotIdOf, ballotMessage, ballotScope } from '../../src/validator/ballot.ts';
import { committeeTree } from '../../src/validator/context.ts';
import type { ShownEvidence } from '../../src/validator/shown-evidence.ts';
import { itemNumber } from '../unit/validator/fixtures.ts';

/** Two ballots of a seat at one height with real proofs, the lower id first. */
export async function twoBallots(
  { domain, epoch }: { readonly domain: EpochDomain; readonly epoch: EpochConfig },
  seat: number,
  identitySecret: bigint,
  height: Height,
): Promise<ShownEvidence> {
  const scope = ballotScope(domain, height);
  const tree = committeeTree(epoch.validators.map(({ identityCommitment }) => identityCommitment));
  const prove = await loadCircuitProver('ballot');
  const made = async (items: readonly ItemId[]): Promise<Ballot> => {
    const x = ballotMessage(scope, items);
    const witness = { identitySecret, path: tree.path(seat), committeeRoot: tree.root, scope, x };
    const { proof } = await prove(flattenSignals('ballot', ballotInput(witness)));
    return { height, items, ...ballotShare(identitySecret, scope, x), proof };
  };
  const [a, b] = [await made([]), await made([itemNumber(1)])];
  const pair = ballotIdOf(a, scope) < ballotIdOf(b, scope) ? ([a, b] as const) : ([b, a] as const);
  return { kind: 'ballot', validator: validatorIndex(seat), height, ballots: pair };
}
