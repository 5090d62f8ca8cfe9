import { brokenConstraints, holds, type R1cs, type Witness, wiresOf } from '../groth16/r1cs.ts';

/** Finds broken constraints; a forged witness is compared with the one it came from, so that only what changed is evaluated. */
export class BrokenFinder {
  private readonly r1cs: R1cs;
  /** Constraints that read a wire; made when the first witness is forged. */
  private users: readonly number[][] | undefined;
  private readonly known = new WeakMap<Witness, readonly number[]>();

  constructor(r1cs: R1cs) {
    this.r1cs = r1cs;
  }

  /** Indexes of the constraints that a witness breaks, ascending. */
  broken(witness: Witness): readonly number[] {
    const found = this.known.get(witness) ?? brokenConstraints(this.r1cs, witness);
    this.known.set(witness, found);
    return found;
  }

  /** Notes that `forged` differs from `base` in these wires. */
  derive(base: Witness, forged: Witness, wires: Iterable<number>): Witness {
    this.users ??= usersOf(this.r1cs);
    const users = this.users;
    const touched = new Set([...wires].flatMap((wire) => users[wire]!));
    const kept = this.broken(base).filter((index) => !touched.has(index));
    const fresh = [...touched].filter((index) => !holds(this.r1cs.constraints[index]!, forged));
    this.known.set(
      forged,
      [...kept, ...fresh].sort((a, b) => a - b),
    );
    return forged;
  }
}

function usersOf(r1cs: R1cs): number[][] {
  const users: number[][] = Array.from({ length: r1cs.wireCount }, () => []);
  r1cs.constraints.forEach((constraint, index) => {
    for (const wire of wiresOf(constraint)) users[wire]!.push(index);
  });
  return users;
}

/** The components that a constraint speaks of, joined by +; where it speaks of main's own signals only, those. */
export function componentsIn(wireNames: readonly string[]): string {
  const inner = wireNames.filter((name) => name.includes('.')).map((name) => name.split('.')[0]!);
  const own = wireNames.filter((name) => name !== 'one');
  return [...new Set(inner.length > 0 ? inner : own)].sort().join('+');
}
