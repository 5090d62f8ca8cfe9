import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compileCircuit, root } from '../../scripts/compile-circuit.ts';
import { namesFromSym } from '../../src/audit/names.ts';
import {
  brokenConstraints,
  holds,
  parseR1cs,
  parseWitness,
  type R1cs,
  type Witness,
  wiresOf,
} from '../../src/groth16/r1cs.ts';
import { createWitnessCalculator } from '../../src/groth16/witness.ts';
import { r } from '../../src/params/fields.ts';
import type { CircuitName } from '../../src/proofs/circuits.ts';

/** A value, or nested arrays of values, row by row. */
export type SignalValue = bigint | readonly SignalValue[];
export type Signals = Record<string, SignalValue>;

/**
 * A compiled circuit under test. Names are relative to main: `nullifier`, `path[0][1]`; a component without a name
 * of its own is called by its template and, if there are several of one template, its number: `Seal.z[1]`,
 * `NoteCommitment#1.pk`. Signals that the optimiser has substituted away have no wire and cannot be read or forged.
 */
export interface Circuit {
  readonly r1cs: R1cs;
  readonly constraintCount: number;
  /** Names of the public signals in order, outputs first. */
  readonly publicSignals: readonly string[];
  /** Names by wire; wire 0 is 'one'. */
  readonly names: readonly string[];
  /** The witness of a true statement. @throws Error naming a broken constraint if the statement is false */
  witness(signals: Signals): Promise<Witness>;
  /** The witness of a statement that may be false: consistent except for the constraints that say so. */
  attempt(signals: Signals): Promise<Witness>;
  read(witness: Witness, name: string): bigint;
  /** A copy with some signals overwritten and nothing recomputed. */
  forge(witness: Witness, values: Readonly<Record<string, bigint>>): Witness;
  /** `base` with every wire whose name matches taken from `other`: two honest parts, false where they meet. */
  splice(base: Witness, other: Witness, names: RegExp): Witness;
  satisfies(witness: Witness): boolean;
  /** The broken constraints, each as the names of its wires; empty if the witness satisfies the circuit. */
  broken(witness: Witness): string[];
  /**
   * Where the broken constraints lie: the components they speak of (joined by + if one speaks of two), or, where a
   * constraint speaks of main's own signals only, those. Sorted, each once.
   */
  brokenParts(witness: Witness): string[];
}

/**
 * circom compiles a false `a === b` into "print; i32.const 4; return; end". Here the return becomes a drop, so that
 * the calculator goes on and a false statement gets a witness, too: whether it is one is for the constraints to say.
 */
function withoutAsserts(wasm: Uint8Array): Uint8Array {
  const patched = Uint8Array.from(wasm);
  for (let i = 0; i + 3 < patched.length; i++)
    if (patched[i] === 0x41 && patched[i + 1] === 0x04 && patched[i + 2] === 0x0f && patched[i + 3] === 0x0b)
      patched[i + 2] = 0x1a;
  return patched;
}

export const flattenSignal = (value: SignalValue): bigint[] =>
  typeof value === 'bigint' ? [mod(value)] : value.flatMap(flattenSignal);
const mod = (x: bigint): bigint => ((x % r) + r) % r;

/** A calculator of nested signals; compiling the program takes longer than most tests, so it waits for its first use. */
function calculator(file: string, wasm: Uint8Array): (signals: Signals) => Promise<Witness> {
  let ready: ReturnType<typeof createWitnessCalculator> | undefined;
  return async (signals) => {
    ready ??= createWitnessCalculator(file as CircuitName, wasm);
    const flat = Object.fromEntries(
      Object.entries(signals).map(([name, value]) => [name, flattenSignal(value)]),
    );
    return parseWitness((await ready).calculate(flat));
  };
}

/** Finds broken constraints; a forged witness is compared with the one it came from, so that only what changed is evaluated. */
class Checker {
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

function partOf(wireNames: readonly string[]): string {
  const inner = wireNames.filter((name) => name.includes('.')).map((name) => name.split('.')[0]!);
  const own = wireNames.filter((name) => name !== 'one');
  return [...new Set(inner.length > 0 ? inner : own)].sort().join('+');
}

/** Compiles (or finds compiled) a circuit, by its path below the repository. */
export async function openCircuit(file: string): Promise<Circuit> {
  const into = join(root, 'build', file.startsWith('circuits/') ? 'circuits' : 'test-circuits');
  const compiled = await compileCircuit(join(root, file), into);
  const r1cs = parseR1cs(await readFile(compiled.r1cs));
  const names = namesFromSym(r1cs, await readFile(compiled.sym, 'utf8')).wires;
  const wires = new Map(names.map((name, wire) => [name, wire]));
  const wasm = await readFile(compiled.wasm);
  const calculate = calculator(file, wasm);
  const checker = new Checker(r1cs);

  const wireOf = (name: string): number => {
    const wire = wires.get(name);
    if (wire === undefined) throw new Error(`${name} is no wire of ${file}: misspelt, or substituted away`);
    return wire;
  };
  const brokenWires = (witness: Witness): string[][] =>
    checker.broken(witness).map((index) => wiresOf(r1cs.constraints[index]!).map((wire) => names[wire]!));

  return {
    r1cs,
    constraintCount: r1cs.constraints.length,
    publicSignals: names.slice(1, 1 + r1cs.outputCount + r1cs.publicInputCount),
    names,
    async witness(signals) {
      const witness = await calculate(signals);
      const [first] = brokenWires(witness);
      if (first !== undefined) throw new Error(`the calculator broke the constraint of ${first.join(' ')}`);
      return witness;
    },
    attempt: calculator(file, withoutAsserts(wasm)),
    read: (witness, name) => witness[wireOf(name)]!,
    forge(witness, values) {
      const forged = [...witness];
      for (const [name, value] of Object.entries(values)) forged[wireOf(name)] = mod(value);
      return checker.derive(witness, forged, Object.keys(values).map(wireOf));
    },
    splice(base, other, pattern) {
      const taken = names.flatMap((name, wire) =>
        pattern.test(name) && base[wire] !== other[wire] ? [wire] : [],
      );
      const forged = [...base];
      for (const wire of taken) forged[wire] = other[wire]!;
      return checker.derive(base, forged, taken);
    },
    satisfies: (witness) => checker.broken(witness).length === 0,
    broken: (witness) => brokenWires(witness).map((wireNames) => wireNames.join(' ')),
    brokenParts: (witness) => [...new Set(brokenWires(witness).map(partOf))].sort(),
  };
}
