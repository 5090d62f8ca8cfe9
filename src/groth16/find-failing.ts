import type { CheckedProof } from './checked-proof.ts';
import type { Equation, Weighted } from './equation.ts';
import { nextTurn } from './platform.ts';

/** Proofs whose Miller loops were multiplied together; their product, where it is known. */
export interface Part {
  readonly proofs: readonly Weighted[];
  readonly miller?: Uint8Array;
}

/*
 * Costs, in checks of one proof's equation beside another's, estimated from above: finding the
 * residue of a set when the product of its Miller loops is known, and one Miller loop of that product.
 */
export const RESIDUE = 2;
export const MILLER = 0.1;
/** By how much verifying a proof alone costs more, from below: it is read, and its loops have only one lane. */
export const ALONE = 0.12;

const proofsOf = (parts: readonly Part[]): Weighted[] => parts.flatMap(({ proofs }) => proofs);

/**
 * The proofs of a batch whose equation fails, and never for more than one product for all plus as much as it costs to
 * verify them one by one, however many fail and wherever they are.
 *
 * A set that fails is halved. The residue of the first half is computed, that of the second follows, since R is
 * multiplicative; where one is 1, its half is good. Residues are paid from a credit: it begins with what verifying each
 * proof alone would cost more than two together, and each proof that is decided without a check of its own adds 1. Where it does not
 * suffice, the proofs are checked one by one. So few bad proofs cost about log₂ n residues, and bad proofs only cost
 * their checks.
 * @returns in no particular order
 */
export async function findFailing(equation: Equation, parts: readonly Part[]): Promise<CheckedProof[]> {
  // The last of an odd number has no other beside it; each halving can make one odd number more.
  let credit = ALONE * (proofsOf(parts).length - 1);

  const residueOf = async (some: readonly Part[]): Promise<Uint8Array> => {
    await nextTurn();
    return equation.residue(
      proofsOf(some),
      some.map(({ proofs, miller }) => miller ?? equation.miller(proofs).product).reduce(equation.product),
    );
  };
  const decide = (some: readonly Part[]): void => {
    credit += proofsOf(some).length;
  };
  /** Of parts that are known to fail together. */
  const find = async (failing: readonly Part[], residue: Uint8Array): Promise<CheckedProof[]> => {
    const proofs = proofsOf(failing);
    if (proofs.length === 1) {
      decide(failing);
      return proofs.map(({ proof }) => proof);
    }
    const [first, second] = halves(failing);
    const cost = first.reduce(
      (sum, part) => sum + (part.miller ? 0 : MILLER * part.proofs.length),
      RESIDUE + ALONE,
    );
    if (credit < cost) return checkEach(proofs);
    credit -= cost;
    const ofFirst = await residueOf(first);
    if (equation.isOne(ofFirst)) {
      decide(first);
      return find(second, residue);
    }
    const bad = await find(first, ofFirst);
    const ofSecond = equation.quotient(residue, ofFirst);
    if (!equation.isOne(ofSecond)) return [...bad, ...(await find(second, ofSecond))];
    decide(second);
    return bad;
  };
  const checkEach = async (proofs: readonly Weighted[]): Promise<CheckedProof[]> => {
    const bad: CheckedProof[] = [];
    for (let at = 0; at < proofs.length; at += 2) {
      await nextTurn();
      const two = proofs.slice(at, at + 2).map(({ proof }) => proof);
      const [first, second] = two as [CheckedProof, CheckedProof?];
      const verdicts = second === undefined ? [equation.holds(first)] : equation.bothHold(first, second);
      bad.push(...two.filter((_, i) => !verdicts[i]));
    }
    return bad;
  };

  // One proof is checked for less than its residue.
  if (proofsOf(parts).length === 1) return checkEach(proofsOf(parts));
  const residue = await residueOf(parts);
  return equation.isOne(residue) ? [] : find(parts, residue);
}

/** Whole parts while there are several, then the proofs of the one. */
function halves(parts: readonly Part[]): readonly [readonly Part[], readonly Part[]] {
  if (parts.length > 1) {
    const middle = parts.length >> 1;
    return [parts.slice(0, middle), parts.slice(middle)];
  }
  const { proofs } = parts[0]!;
  const middle = proofs.length >> 1;
  return [[{ proofs: proofs.slice(0, middle) }], [{ proofs: proofs.slice(middle) }]];
}
