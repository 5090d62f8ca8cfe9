import { addScaled, type LinearForm, onlyWire, rootOf } from '../system/linear-form.ts';
import type { PrimeField } from '../system/prime-field.ts';

/**
 * Wires that linear equations determine together, though none does alone.
 * @param rows forms that are 0
 * @returns values by wire, undefined if the equations contradict one another
 */
export function solveRows(
  field: PrimeField,
  rows: readonly LinearForm[],
): ReadonlyMap<number, bigint> | undefined {
  const pivots: { readonly wire: number; row: Map<number, bigint> }[] = [];
  const without = (row: Map<number, bigint>, wire: number, by: ReadonlyMap<number, bigint>): void => {
    const value = row.get(wire);
    if (value !== undefined) addScaled(field, row, by, field.p - value);
  };
  for (const form of rows) {
    const row = new Map(form);
    for (const { wire, row: by } of pivots) without(row, wire, by);
    const wire = [...row.keys()].find((one) => one !== 0);
    if (wire === undefined) {
      if (row.size > 0) return undefined;
      continue;
    }
    const unit = new Map<number, bigint>();
    addScaled(field, unit, row, field.inv(row.get(wire)!));
    for (const { row: other } of pivots) without(other, wire, unit);
    pivots.push({ wire, row: unit });
  }
  return new Map(
    pivots
      .filter(({ row }) => onlyWire(row) !== undefined)
      .map(({ wire, row }) => [wire, rootOf(field, row, wire)]),
  );
}
