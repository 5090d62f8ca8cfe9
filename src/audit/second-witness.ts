import { mod } from '@noble/curves/abstract/modular.js';
import type { R1cs, Witness } from '../groth16/r1cs.ts';
import { r } from '../params/fields.ts';
import { type BitGroup, bitForm, bitGroups, meant, spelled } from './bits.ts';
import { type Finding, grouped } from './findings.ts';
import { patternOf } from './names.ts';
import type { Solver } from './solver.ts';

/** What two witnesses of the same inputs differ in, for a person: the public signals, or how many inner wires. */
function difference(
  r1cs: R1cs,
  names: readonly string[],
  first: Witness,
  second: Witness,
): string | undefined {
  const differ = [...first.keys()].filter((wire) => first[wire] !== second[wire]);
  if (differ.length === 0) return undefined;
  const outputs = differ.filter((wire) => wire > 0 && wire <= r1cs.outputCount).map((wire) => names[wire]!);
  return outputs.length > 0
    ? `the public outputs ${outputs.slice(0, 4).join(', ')}${outputs.length > 4 ? ', …' : ''} differ`
    : `no public signal differs, ${differ.length} inner wires do`;
}

/**
 * Bits that can be turned over while all inputs stay, everything else solved again: what no tangent can tell.
 * Where one element of an array is found, its others are not looked at.
 * @param solver with the inputs fixed
 */
export function secondWitnesses(
  r1cs: R1cs,
  names: readonly string[],
  witness: Witness,
  solver: Solver,
): Finding[] {
  const seen = new Set<string>();
  const found: { subject: string; message: string }[] = [];
  for (const { row } of solver.plan.steps) {
    const form = bitForm(r1cs.constraints[row]!);
    const wire = form && [...form.keys()].find((other) => other !== 0);
    if (wire === undefined || seen.has(patternOf(names[wire]!))) continue;
    const flipped = solver.flipping(row);
    if (flipped === undefined || flipped.broken.length > 0) continue;
    const what = difference(r1cs, names, witness, flipped.witness);
    if (what === undefined) continue;
    seen.add(patternOf(names[wire]!));
    found.push({
      subject: patternOf(names[wire]!),
      message: `turned over with the inputs as they are: ${what}`,
    });
  }
  return grouped('second-witness', found, patternOf);
}

/** Parameters that are moved to meet a number small enough to have an alias. */
const TRIES = 24;

/**
 * Numbers of 254 bits and more for which the system takes the bits of x + r for those of x.
 * @param solverOf the solver at the witness with only wire 0 fixed: the number may be any; asked for where there is such a number
 */
export function aliases(
  r1cs: R1cs,
  names: readonly string[],
  witness: Witness,
  solverOf: () => Solver,
): Finding[] {
  const found = bitGroups(r1cs)
    .filter(({ digits }) => 1n << BigInt(digits.length) > r)
    .filter((group) => hasAlias(r1cs, group, witness, solverOf()))
    .map(({ digits }) => ({
      subject: names[digits.find(({ wire }) => wire !== undefined)!.wire!]!.replace(/\[\d+\]$/, '[*]'),
      message: `${digits.length} bits spell x + r as well as x, and no constraint says which`,
    }));
  return grouped('alias', found, patternOf);
}

function hasAlias(r1cs: R1cs, group: BitGroup, witness: Witness, free: Solver): boolean {
  const room = 1n << BigInt(group.digits.length);
  const accepts = (value: bigint, base: Witness): boolean => {
    const { broken, witness: solved } = free.respelling(group, value, base);
    return broken.length === 0 && spelled(r1cs, group, solved) >= r;
  };
  const aliased = (base: Witness): boolean => {
    const other = meant(group, base) + r;
    return other < room && accepts(other, base);
  };
  // Any number will do where the circuit lets it be chosen by its bits; else inputs are moved until one is small.
  if (accepts(mod(meant(group, witness), 1n << 200n) + r, witness) || aliased(witness)) return true;
  return [...free.plan.parameters.keys()].slice(0, TRIES).some((wire) => {
    const moved = free.moving(wire, 1n);
    return moved?.broken.length === 0 && aliased(moved.witness);
  });
}
