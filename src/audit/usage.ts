import { type R1cs, satisfies, type Witness, wiresOf } from '../groth16/r1cs.ts';
import { type Finding, grouped } from './findings.ts';
import { type Names, patternOf } from './names.ts';
import { inputWires } from './rank.ts';

/** Constraints by the wires they read. */
function readersOf(r1cs: R1cs): number[][] {
  const readers = Array.from({ length: r1cs.wireCount }, (): number[] => []);
  r1cs.constraints.forEach((constraint, row) => {
    for (const wire of wiresOf(constraint)) readers[wire]!.push(row);
  });
  return readers;
}

/** Wires without a constraint, and inputs that the compiled system does not have at all. */
export function unusedSignals(r1cs: R1cs, { wires, absentInputs }: Names): Finding[] {
  const unread = readersOf(r1cs).flatMap((rows, wire) => (wire > 0 && rows.length === 0 ? [wire] : []));
  const inputs = inputWires(r1cs);
  return [
    ...grouped(
      'unused-input',
      [
        ...absentInputs.map((subject) => ({
          subject,
          message: 'no constraint needs it, or a linear one was solved for it',
        })),
        ...unread
          .filter((wire) => inputs.has(wire))
          .map((wire) => ({ subject: wires[wire]!, message: 'an input that no constraint reads' })),
      ],
      patternOf,
    ),
    ...grouped(
      'unconstrained',
      unread
        .filter((wire) => !inputs.has(wire))
        .map((wire) => ({
          subject: wires[wire]!,
          message: 'assigned, and in no constraint',
        })),
      patternOf,
    ),
  ];
}

/**
 * Constraints that a wire which nothing else reads can always meet: the wire stands in the sum alone, with a constant
 * factor, and is neither public nor an input. Without them their own wires may be read by nothing, and so on; named are
 * the first ones of such chains.
 */
export function vacuousConstraints(r1cs: R1cs, { wires }: Names): Finding[] {
  const isGiven = (wire: number): boolean =>
    wire <= r1cs.outputCount + r1cs.publicInputCount + r1cs.privateInputCount;
  const found = readersOf(r1cs).flatMap((rows, wire) => {
    if (rows.length !== 1 || isGiven(wire)) return [];
    const { a, b } = r1cs.constraints[rows[0]!]!;
    if (a.has(wire) || b.has(wire)) return [];
    return [{ subject: wires[wire]!, message: 'computed, and read by no other constraint' }];
  });
  return grouped('vacuous', found, patternOf);
}

/** Inputs that can be changed, and nothing else, without a constraint that breaks. */
export function looseInputs(r1cs: R1cs, { wires }: Names, witness: Witness): Finding[] {
  const readers = readersOf(r1cs);
  const found = [...inputWires(r1cs)].flatMap((wire) => {
    if (wire === 0 || readers[wire]!.length === 0) return [];
    const constraints = readers[wire]!.map((row) => r1cs.constraints[row]!);
    const loose = [1n, -1n].some((by) => {
      const changed = [...witness];
      changed[wire] = witness[wire]! + by;
      return satisfies({ ...r1cs, constraints }, changed);
    });
    return loose ? [{ subject: wires[wire]!, message: 'changed by 1 without a constraint that breaks' }] : [];
  });
  return grouped('loose-input', found, patternOf);
}
