import type { Claim } from '../ledger/claims.ts';
import { type Item, proofsOf } from '../ledger/items.ts';
import type { ItemId } from '../params/ids.ts';
import { loadVerifier } from '../proofs/circuit-verifier.ts';

/** The circuits whose proofs items carry. */
const CIRCUITS = ['orders', 'account', 'ballot', 'dealing'] as const;

/** What verifying the proofs of a block came to. */
export interface VerifiedProofs {
  readonly verified: number;
  /** The first item with a proof that does not hold, or of evidence that a dealing's proofs do not hold, and they do. */
  readonly bad: ItemId | undefined;
}

/**
 * Verifies the proofs of a block's items, those of one circuit together. The header binds what they prove, and not their bytes.
 * @param items each with what its proofs must show; those without are left out
 * @throws whatever `loadVerifier` throws
 */
export async function verifyBlockProofs(
  items: readonly { readonly item: Item; readonly claim: Claim | undefined }[],
): Promise<VerifiedProofs> {
  let verified = 0;
  for (const circuit of CIRCUITS) {
    const proved = items.flatMap(({ item, claim }) =>
      claim?.proved?.circuit === circuit
        ? claim.proved.statements.map((signals, i) => ({
            id: claim.id,
            signals: [...signals],
            proof: proofsOf(item)[i]!,
            isRefuted: claim.proved?.isRefuted === true,
          }))
        : [],
    );
    if (proved.length === 0) continue;
    const verifier = await loadVerifier(circuit);
    const failing = await verifier.verifyBatch(
      proved.map(({ signals }) => signals),
      proved.map(({ proof }) => proof),
    );
    const refuted = new Set(failing.map((i) => proved[i]!.id));
    const bad = proved.find(({ id, isRefuted }) => isRefuted !== refuted.has(id));
    if (bad !== undefined) return { verified, bad: bad.id };
    verified += proved.length;
  }
  return { verified, bad: undefined };
}
