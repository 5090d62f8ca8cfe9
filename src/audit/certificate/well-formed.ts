import type { LinearForm } from '../system/linear-form.ts';
import type { ConstraintSystem } from '../system/system.ts';
import type { Fact, ProofStep } from './certificate.ts';
import { isPiece } from './multiples.ts';

/** Whether what a step names is there: wires of the system, elements of its field. */
export function isWellFormed({ field, wireCount }: ConstraintSystem, step: ProofStep): boolean {
  const isElement = (x: bigint): boolean => x >= 0n && x < field.p;
  const isWire = (wire: number): boolean => wire > 0 && wire < wireCount;
  const isForm = (form: LinearForm): boolean => {
    for (const [wire, c] of form) if (!(wire === 0 || isWire(wire)) || c <= 0n || c >= field.p) return false;
    return true;
  };
  const isFact = (fact: Fact): boolean => {
    if (fact.kind === 'absurd') return true;
    if (fact.kind === 'range') return isWire(fact.wire);
    if (fact.kind === 'set') return isWire(fact.wire) && fact.values.every(isElement);
    // Weights are integers, not elements.
    if (fact.kind === 'sum') return [...fact.weights].every(([wire, c]) => isWire(wire) && c > 0n);
    if (fact.kind === 'point')
      return [fact.u, fact.v, ...fact.base].every(isForm) && fact.multiples.every(isPiece);
    return isForm(fact.form);
  };
  if (!step.facts.every(isFact)) return false;
  if ('form' in step && !isForm(step.form)) return false;
  if ('rows' in step && !step.rows.every(({ factor }) => isElement(factor))) return false;
  return !('scale' in step) || isElement(step.scale);
}
