import { beforeAll, describe, expect, test } from 'vitest';
import { namesByNumber } from '../../../src/audit/names.ts';
import { parseSnapshot, type Snapshot, snapshotChanges, snapshotOf } from '../../../src/audit/snapshot.ts';
import type { R1cs } from '../../../src/groth16/r1cs.ts';
import { openCircuit } from '../../helpers/circuit.ts';

const HASH = 'a'.repeat(64);
let r1cs: R1cs;
let names: readonly string[];
let reviewed: Required<Snapshot>;
beforeAll(async () => {
  ({ r1cs, names } = await openCircuit('test/circuits/priced-total.circom'));
  reviewed = snapshotOf(r1cs, names, HASH);
});
const without = (index: number): R1cs => ({ ...r1cs, constraints: r1cs.constraints.toSpliced(index, 1) });
const changes = (now: Required<Snapshot>, was: Snapshot = reviewed): string[] =>
  snapshotChanges(now, was).map(({ subject, message }) => `${subject}: ${message}`);

describe('a snapshot', () => {
  test('counts constraints by the signals that they read, the innermost first', () => {
    expect(reviewed.constraintGroups).toEqual({
      'paid[*] left limit': 1,
      'paid[*] price lots[*]': 2,
      // Seven bits each, and the eighth, which is what the others leave of the number.
      'range[*].out[*]': 14,
      'range[*].out[*] lots[*]': 2,
    });
    expect(changes(reviewed)).toEqual([]);
  });
  test('survives being written and read', () =>
    expect(parseSnapshot(JSON.stringify(reviewed), 'x.json')).toEqual(reviewed));
  test('tells which constraint is gone', () => {
    const index = r1cs.constraints.findIndex((_, i) => {
      const { constraintGroups } = snapshotOf(without(i), names, HASH);
      return constraintGroups?.['paid[*] price lots[*]'] === 1;
    });
    expect(changes(snapshotOf(without(index), names, HASH))).toEqual([
      'constraints: 18, 1 fewer than the 19 that were reviewed',
      'paid[*] price lots[*]: 1 constraint, 2 before',
    ]);
  });
  test('tells which constraints are new, after those that are gone', () => {
    const small = snapshotOf({ ...r1cs, constraints: r1cs.constraints.slice(0, 2) }, names, HASH);
    const grown = changes(reviewed, small);
    expect(grown[0]).toBe('constraints: 19, 17 more than the 2 that were reviewed');
    expect(grown).toContain('range[*].out[*]: 14 constraints, 0 before');
    expect(changes(small).at(1)).toBe('range[*].out[*]: 0 constraints, 14 before');
  });
  test('tells the first public signal that stands elsewhere, by its name now', () => {
    const swapped = [...names];
    [swapped[4], swapped[5]] = [names[5]!, names[4]!];
    expect(changes(snapshotOf(r1cs, swapped, HASH))).toContain(
      'limit: public signal 3 is limit, reviewed was price',
    );
  });
  test('of the same size and another hash is another circuit', () =>
    expect(changes(snapshotOf(r1cs, names, 'b'.repeat(64)))).toEqual([
      'constraints: as many as were reviewed, and not the same',
    ]));
  test('with another name of an inner signal is told as that', () => {
    const renamed = names.map((name) => name.replace('range', 'bits'));
    expect(
      changes({ ...snapshotOf(r1cs, renamed, HASH), constraintGroups: reviewed.constraintGroups }),
    ).toEqual([expect.stringContaining('labels: signals are called otherwise')]);
  });
  test('without a .sym file compares no names, and says so where one of the two has them', () => {
    const unnamed = snapshotOf(r1cs, namesByNumber(r1cs).wires, HASH);
    expect(unnamed).toMatchObject({ labelsSha256: null, constraintGroups: {} });
    expect(changes(unnamed, unnamed)).toEqual([]);
    expect(changes(reviewed, unnamed)).toEqual([
      'labels: the snapshot was taken without a .sym file, so no names were compared',
    ]);
    expect(changes(unnamed)).toEqual([
      'labels: the circuit was read without a .sym file, so no names were compared',
    ]);
  });
  test('of before there were labels and groups is compared by what it has', () => {
    const { labelsSha256: _, constraintGroups: __, ...old } = reviewed;
    expect(changes(reviewed, old)).toEqual([]);
    expect(changes(snapshotOf(without(0), names, HASH), old)).toHaveLength(1);
  });
});
