import { brokenConstraints, holds, type R1cs, type Witness, wiresOf } from '../groth16/r1cs.ts';

/** Finds broken constraints; a forged witness is compared with the one it came from, so that only what changed is evaluated. */
export class BrokenFinder {
  private readonly r1cs: R1cs;
  private readonly users: number[][];
  private readonly known = new WeakMap<Witness, readonly number[]>();

  constructor(r1cs: R1cs) {
    this.r1cs = r1cs;
    this.users = Array.from({ length: r1cs.wireCount }, () => []);
    r1cs.constraints.forEach((constraint, index) => {
      for (const wire of wiresOf(constraint)) this.users[wire]!.push(index);
    });
  }

  /** Indexes of the constraints that a witness breaks, ascending. */
  broken(witness: Witness): readonly number[] {
    const found = this.known.get(witness) ?? brokenConstraints(this.r1cs, witness);
    this.known.set(witness, found);
    return found;
  }

  /** Notes that `forged` differs from `base` in these wires. */
  derive(base: Witness, forged: Witness, wires: Iterable<number>): Witness {
    const touched = new Set([...wires].flatMap((wire) => this.users[wire]!));
    const kept = this.broken(base).filter((index) => !touched.has(index));
    const fresh = [...touched].filter((index) => !holds(this.r1cs.constraints[index]!, forged));
    this.known.set(
      forged,
      [...kept, ...fresh].sort((a, b) => a - b),
    );
    return forged;
  }
}

/** The components that a constraint speaks of, joined by +; where it speaks of main's own signals only, those. */
export function componentsIn(wireNames: readonly string[]): string {
  const inner = wireNames.filter((name) => name.includes('.')).map((name) => name.split('.')[0]!);
  const own = wireNames.filter((name) => name !== 'one');
  return [...new Set(inner.length > 0 ? inner : own)].sort().join('+');
}
