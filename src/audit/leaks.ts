import { invert, mod } from '@noble/curves/abstract/modular.js';
import type { R1cs, Witness } from '../groth16/r1cs.ts';
import { r } from '../params/fields.ts';
import { bitForm } from './bits.ts';
import { type Finding, grouped } from './findings.ts';
import { patternOf } from './names.ts';
import type { Solver } from './solver.ts';

/** Values at which formulas lose a term. */
const SPECIAL = [0n, 1n, r - 1n];

const outputWires = (r1cs: R1cs): number[] => Array.from({ length: r1cs.outputCount }, (_, i) => 1 + i);
const publicInputs = (r1cs: R1cs): number[] =>
  Array.from({ length: r1cs.publicInputCount }, (_, i) => 1 + r1cs.outputCount + i);
const privateInputs = (r1cs: R1cs): number[] =>
  Array.from({ length: r1cs.privateInputCount }, (_, i) => 1 + r1cs.outputCount + r1cs.publicInputCount + i);

/**
 * Public outputs that equal a private input when some input is 0, 1 or −1, though not otherwise, in a statement that is
 * true. That the output follows the private input, and does not meet it by chance, is seen by moving it.
 * @param solver with the inputs fixed, so that everything else follows from them
 */
export function leaks(r1cs: R1cs, names: readonly string[], witness: Witness, solver: Solver): Finding[] {
  const found: { subject: string; message: string }[] = [];
  const secrets = privateInputs(r1cs);
  for (const input of [...publicInputs(r1cs), ...secrets]) {
    for (const value of SPECIAL) {
      const special = solver.overwriting(new Map([[input, value]]));
      if (special.broken.length > 0) continue;
      for (const output of outputWires(r1cs)) {
        const secret = secrets.find(
          (wire) =>
            wire !== input &&
            special.witness[output] === special.witness[wire] &&
            witness[output] !== witness[wire],
        );
        if (secret === undefined) continue;
        const other = mod(special.witness[secret]! + 1n, r);
        const moved = solver.overwriting(new Map([[secret, other]]), special.witness);
        if (moved.witness[output] !== other) continue;
        const shown = value === r - 1n ? '−1' : String(value);
        const message = `at ${names[input]} = ${shown} the public output ${names[output]} is the private ${names[secret]}`;
        found.push({ subject: `${names[output]} at ${names[input]}`, message });
      }
    }
  }
  return grouped('leak', found, patternOf);
}

/** Moves of one secret by which two outputs are compared. */
const MOVES = 2;

/**
 * Pairs of public outputs whose changes keep one ratio while a private input, or the bits of a hint, moves: what hides
 * them is the same, so their combination hides nothing (one pad for two messages).
 * @param solver with the inputs fixed
 */
export function relatedOutputs(
  r1cs: R1cs,
  names: readonly string[],
  witness: Witness,
  solver: Solver,
): Finding[] {
  const found: { subject: string; message: string }[] = [];
  const outputs = outputWires(r1cs);
  for (const [mover, moved] of movements(r1cs, names, witness, solver)) {
    const changes = moved.map((other) => outputs.map((wire) => mod(other[wire]! - witness[wire]!, r)));
    for (const [i, first] of outputs.entries())
      for (const [j, second] of outputs.entries()) {
        if (j <= i || changes.some((change) => change[i] === 0n || change[j] === 0n)) continue;
        const ratios = new Set(changes.map((change) => mod(change[i]! * invert(change[j]!, r), r)));
        if (ratios.size > 1) continue;
        const message = `${names[first]} and ${names[second]} keep one ratio while ${mover} moves`;
        found.push({ subject: `${names[first]} with ${names[second]}`, message });
      }
  }
  const once = [...new Map(found.map((one) => [one.subject, one])).values()];
  return grouped('related-outputs', once, (subject) => subject);
}

/** Witnesses in which one secret has moved, by its name; checks may be broken: only the formulas of outputs matter. */
function* movements(
  r1cs: R1cs,
  names: readonly string[],
  witness: Witness,
  solver: Solver,
): Generator<readonly [string, readonly Witness[]]> {
  for (const wire of privateInputs(r1cs)) {
    const moves = Array.from({ length: MOVES }, (_, i) => {
      const values = new Map([[wire, mod(witness[wire]! + BigInt(2 * i + 1), r)]]);
      return solver.overwriting(values).witness;
    });
    yield [names[wire]!, moves];
  }
  const hints = new Map<string, Witness[]>();
  for (const { row } of solver.plan.steps) {
    const form = bitForm(r1cs.constraints[row]!);
    const wire = form && [...form.keys()].find((other) => other !== 0);
    if (wire === undefined || !names[wire]!.endsWith(']')) continue;
    const pattern = patternOf(names[wire]!);
    const moves = hints.get(pattern) ?? [];
    if (moves.length === MOVES) continue;
    const flipped = solver.flipping(row);
    if (flipped?.broken.length === 0) hints.set(pattern, [...moves, flipped.witness]);
  }
  for (const [pattern, moves] of hints) if (moves.length === MOVES) yield [pattern, moves];
}
