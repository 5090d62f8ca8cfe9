import { invert, mod } from '@noble/curves/abstract/modular.js';
import { evaluate, type R1cs, type Witness } from '../groth16/r1cs.ts';
import { r } from '../params/fields.ts';

/** One row of the Jacobian: wire → ∂(⟨a,w⟩·⟨b,w⟩ − ⟨c,w⟩)/∂w, non-zero, in F_r. */
type Row = Map<number, bigint>;

/** Any number without meaning: its powers weigh the dependent rows. */
const WEIGHT = 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c834n;

function jacobian(r1cs: R1cs, witness: Witness, fixed: ReadonlySet<number>): Row[] {
  return r1cs.constraints.map(({ a, b, c }) => {
    const [atA, atB] = [evaluate(a, witness), evaluate(b, witness)];
    const row: Row = new Map();
    const add = (wire: number, slope: bigint): void => {
      if (!fixed.has(wire)) row.set(wire, (row.get(wire) ?? 0n) + slope);
    };
    for (const [wire, coefficient] of a) add(wire, coefficient * atB);
    for (const [wire, coefficient] of b) add(wire, coefficient * atA);
    for (const [wire, coefficient] of c) add(wire, -coefficient);
    for (const [wire, slope] of row) {
      if (mod(slope, r) === 0n) row.delete(wire);
      else row.set(wire, mod(slope, r));
    }
    return row;
  });
}

/** Sparse elimination over F_r that takes the cheapest pivot it sees: a wire in one row, a row with one wire, the rest. */
class Elimination {
  private readonly rows: Row[];
  private readonly users = new Map<number, Set<number>>();
  /** What was done, in order: `row` lost `factor` times `by`. */
  private readonly log: { readonly row: number; readonly by: number; readonly factor: bigint }[] = [];
  /** Rows that gave a pivot; the others were reduced to nothing. */
  private readonly pivotRows = new Set<number>();
  /** Pivot wires in the order they were taken, each with its row as it was then. */
  private readonly pivots: { readonly wire: number; readonly row: Row }[] = [];
  constructor(rows: Row[]) {
    this.rows = rows;
    rows.forEach((row, index) => {
      for (const wire of row.keys()) this.usersOf(wire).add(index);
    });
  }

  /**
   * Rows that are a combination of the others: the union of the supports of the left kernel. One vector of it, with
   * weights that no structure of a circuit meets, is enough: it is pulled back through the log once for all rows.
   */
  dependentRows(): number[] {
    const weights = new Map<number, bigint>();
    let weight = WEIGHT;
    for (const row of this.rows.keys()) {
      if (this.pivotRows.has(row)) continue;
      weights.set(row, weight);
      weight = mod(weight * WEIGHT, r);
    }
    for (const { row, by, factor } of this.log.toReversed()) {
      const own = weights.get(row);
      if (own !== undefined) weights.set(by, mod((weights.get(by) ?? 0n) - factor * own, r));
    }
    return [...weights].flatMap(([row, value]) => (value === 0n ? [] : [row])).sort((p, q) => p - q);
  }

  /** How the other wires move when one that is free moves by 1 and the other free ones stay: a vector of the kernel. */
  motion(free: number): Map<number, bigint> {
    const motion = new Map([[free, 1n]]);
    for (const { wire, row } of this.pivots.toReversed()) {
      let sum = 0n;
      for (const [other, value] of row) if (other !== wire) sum += value * (motion.get(other) ?? 0n);
      const own = mod(-sum * (sum === 0n ? 0n : invert(row.get(wire)!, r)), r);
      if (own !== 0n) motion.set(wire, own);
    }
    return motion;
  }

  /** @returns the wires that became pivots. */
  run(): Set<number> {
    const easy = [...this.rows.keys()];
    for (;;) {
      const index = easy.pop();
      const pivot = index === undefined ? this.cheapest() : this.lonely(index);
      if (pivot !== undefined) {
        easy.push(...this.eliminate(pivot.wire, pivot.row));
      } else if (index === undefined) {
        return new Set(this.pivots.map(({ wire }) => wire));
      }
    }
  }

  private usersOf(wire: number): Set<number> {
    const users = this.users.get(wire) ?? new Set<number>();
    this.users.set(wire, users);
    return users;
  }

  /** A pivot of this row that needs no arithmetic: its only wire, or a wire that no other row has. */
  private lonely(index: number): { wire: number; row: number } | undefined {
    const row = this.rows[index]!;
    for (const wire of row.keys())
      if (row.size === 1 || this.usersOf(wire).size === 1) return { wire, row: index };
    return undefined;
  }

  /** The wire with the fewest rows, in the shortest of them. */
  private cheapest(): { wire: number; row: number } | undefined {
    let best: number | undefined;
    for (const [wire, users] of this.users)
      if (users.size > 0 && (best === undefined || users.size < this.usersOf(best).size)) best = wire;
    if (best === undefined) return undefined;
    const [row] = [...this.usersOf(best)].sort((p, q) => this.rows[p]!.size - this.rows[q]!.size);
    return { wire: best, row: row! };
  }

  /** Clears the wire from all other rows, then takes row and wire out. @returns rows that changed or lost a neighbour */
  private eliminate(wire: number, pivotRow: number): number[] {
    const pivot = this.rows[pivotRow]!;
    const scale = invert(pivot.get(wire)!, r);
    const touched = new Set<number>();
    for (const other of this.usersOf(wire)) {
      if (other === pivotRow) continue;
      const row = this.rows[other]!;
      const factor = mod(row.get(wire)! * scale, r);
      for (const [column, value] of pivot) this.subtract(other, column, factor * value);
      this.log.push({ row: other, by: pivotRow, factor });
      touched.add(other);
    }
    for (const column of pivot.keys()) {
      const users = this.usersOf(column);
      users.delete(pivotRow);
      if (users.size === 1) for (const user of users) touched.add(user);
      if (users.size === 0) this.users.delete(column);
    }
    this.rows[pivotRow] = new Map();
    this.pivotRows.add(pivotRow);
    this.pivots.push({ wire, row: pivot });
    return [...touched];
  }

  private subtract(index: number, column: number, amount: bigint): void {
    const row = this.rows[index]!;
    const value = mod((row.get(column) ?? 0n) - amount, r);
    if (value === 0n) {
      row.delete(column);
      this.usersOf(column).delete(index);
    } else {
      row.set(column, value);
      this.usersOf(column).add(index);
    }
  }
}

/**
 * Wires that could move while the fixed ones stay, to first order: the rank of the Jacobian at the witness falls short
 * of the number of other wires. An empty answer says that the witness is isolated: near it (in the sense of tangents)
 * no second witness has the same inputs. It says nothing of witnesses far away, such as another bit decomposition.
 * @param witness satisfies the system
 * @param fixed   wires that stay: wire 0 and the inputs, as a rule
 * @returns       ascending; which wire of a dependent group is named is arbitrary
 * @see Picus (PLDI '23) for the property; the tangent test is its linear shadow
 */
export function freeWires(r1cs: R1cs, witness: Witness, fixed: ReadonlySet<number>): number[] {
  return freedom(r1cs, witness, fixed, 0).map(({ wire }) => wire);
}

/** A wire that is not determined, and what moves with it. */
export interface FreeWire {
  readonly wire: number;
  /** Other wires that must move as well, to first order; undefined where nobody asked. */
  readonly along: readonly number[] | undefined;
}

/** The free wires; for the first `explained` of them what moves along. */
export function freedom(
  r1cs: R1cs,
  witness: Witness,
  fixed: ReadonlySet<number>,
  explained: number,
): FreeWire[] {
  const elimination = new Elimination(jacobian(r1cs, witness, fixed));
  const pivots = elimination.run();
  return Array.from({ length: r1cs.wireCount }, (_, wire) => wire)
    .filter((wire) => !fixed.has(wire) && !pivots.has(wire))
    .map((wire, i) => ({
      wire,
      along:
        i < explained ? [...elimination.motion(wire).keys()].filter((other) => other !== wire) : undefined,
    }));
}

/**
 * Constraints whose loss the rank would not notice: each is, to first order at the witness, a combination of others.
 * @param fixed the inputs: what determines the other wires; or wire 0 alone: what binds any wires at all
 * @returns     ascending
 */
export function dependentConstraints(r1cs: R1cs, witness: Witness, fixed: ReadonlySet<number>): number[] {
  const elimination = new Elimination(jacobian(r1cs, witness, fixed));
  elimination.run();
  return elimination.dependentRows();
}

/** Wire 0, the public and the private inputs: what determines a witness, if the circuit does its duty. */
export function inputWires(r1cs: R1cs): Set<number> {
  const first = 1 + r1cs.outputCount;
  const inputs = r1cs.publicInputCount + r1cs.privateInputCount;
  return new Set([0, ...Array.from({ length: inputs }, (_, i) => first + i)]);
}
