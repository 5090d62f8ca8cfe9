import { type Names, namesByNumber, namesFromSym } from '../audit/names.ts';
import { parseR1cs, parseWitness, type R1cs, type Witness, wiresOf } from '../groth16/r1cs.ts';
import { createWitnessCalculator, type WitnessCalculator } from '../groth16/witness.ts';
import { BrokenFinder, componentsIn } from './broken.ts';
import { TestingError } from './errors.ts';
import { type CircuitInput, flatInput, flatValues, type InputShape, inputShapeOf } from './input-shape.ts';
import { withoutChecks } from './without-checks.ts';

/** The files of a compiled circuit, as circom writes them, by content. */
export interface CompiledParts {
  /** Names the circuit in messages. */
  readonly name: string;
  readonly r1cs: Uint8Array;
  /** Without it wire 7 is called `w7`, and the lengths of inputs are not checked before the witness program does. */
  readonly sym: string | undefined;
  /** The witness program. */
  readonly wasm: Uint8Array;
}

/**
 * A compiled circuit under test: witnesses, their signals by name, and forgeries. `expect…` of `CircuitTester` stand on it.
 *
 * Names are relative to main: `nullifier`, `path[0][1]`, `lt.n2b.out[3]`. A component without a name of its own is called by its template
 * and, if there are several of one template, its number: `Seal.z[1]`, `NoteCommitment#1.pk`. Signals that the optimiser has substituted
 * away have no wire and cannot be read or forged. Witnesses are secret if the inputs are.
 */
export class TestedCircuit {
  readonly name: string;
  readonly r1cs: R1cs;
  /** Names by wire; wire 0 is 'one'. */
  readonly names: readonly string[];
  /** Every input with the lengths of its dimensions; undefined without a .sym file. */
  readonly inputs: InputShape | undefined;
  private readonly wires: ReadonlyMap<string, number>;
  private readonly absent: ReadonlySet<string>;
  private readonly finder: BrokenFinder;
  private readonly wasm: Uint8Array;
  /** Compiled at the first use: that takes longer than most tests. */
  private readonly programs = new Map<'honest' | 'unchecked', Promise<WitnessCalculator>>();

  /** @throws {Groth16Error} CIRCUIT_FILE if a file is none of the kind, or of another circuit */
  constructor({ name, r1cs, sym, wasm }: CompiledParts) {
    this.name = name;
    this.r1cs = parseR1cs(r1cs);
    const names: Names = sym === undefined ? namesByNumber(this.r1cs) : namesFromSym(this.r1cs, sym);
    this.names = names.wires;
    this.inputs = sym === undefined ? undefined : inputShapeOf(this.r1cs, sym);
    this.wires = new Map(this.names.map((wire, index) => [wire, index]));
    this.absent = new Set([...names.substituted, ...names.absentInputs]);
    this.finder = new BrokenFinder(this.r1cs);
    this.wasm = wasm;
  }

  get constraintCount(): number {
    return this.r1cs.constraints.length;
  }

  /** Names of the public signals in order, outputs first. */
  get publicSignals(): readonly string[] {
    return this.names.slice(1, 1 + this.r1cs.outputCount + this.r1cs.publicInputCount);
  }

  /**
   * The witness of a true statement.
   * @throws {Groth16Error} CIRCUIT_UNSATISFIED naming template and line where the witness program stops
   * @throws {TestingError} TEST_INPUT if these are not the circuit's inputs; TEST_PROGRAM if what the program computes breaks a constraint
   */
  async witness(input: CircuitInput): Promise<Witness> {
    const witness = await this.run('honest', this.wasm, input);
    const [first] = this.broken(witness);
    if (first === undefined) return witness;
    throw new TestingError(
      'TEST_PROGRAM',
      `${this.name}: what the witness program computes breaks the constraint of ${first}: is it of the same compilation as the constraints?`,
      { circuit: this.name },
    );
  }

  /**
   * The witness of a statement that may be false: every value as the program computes it, its checks left out. The constraints that
   * say the statement is false are broken, and if none is, a prover can prove it.
   * @throws {TestingError} TEST_INPUT if these are not the circuit's inputs
   */
  attempt(input: CircuitInput): Promise<Witness> {
    return this.run('unchecked', withoutChecks(this.wasm), input);
  }

  private async run(which: 'honest' | 'unchecked', wasm: Uint8Array, input: CircuitInput): Promise<Witness> {
    const flat = flatInput(this.name, this.inputs, input);
    const program = this.programs.get(which) ?? createWitnessCalculator(this.name, wasm);
    this.programs.set(which, program);
    return parseWitness((await program).calculate(flat));
  }

  /** The value of one signal, in F_r. @throws {TestingError} TEST_SIGNAL */
  read(witness: Witness, name: string): bigint {
    return this.checked(witness)[this.wireOf(name)]!;
  }

  /** The values of an array of signals row by row, or of a single one. @throws {TestingError} TEST_SIGNAL if one is no wire */
  readAll(witness: Witness, name: string): bigint[] {
    const elements = [...this.names, ...this.absent].flatMap((signal) => {
      const at = signal.startsWith(`${name}[`) ? signal.slice(name.length) : '';
      return /^(\[\d+\])+$/.test(at) ? [{ at: at.match(/\d+/g)!.map(Number), signal }] : [];
    });
    if (elements.length === 0) return [this.read(witness, name)];
    elements.sort((p, q) => p.at.map((place, i) => place - q.at[i]!).find((gap) => gap !== 0) ?? 0);
    return elements.map(({ signal }) => this.read(witness, signal));
  }

  /** A copy with some signals overwritten (mod r) and nothing computed anew. @throws {TestingError} TEST_SIGNAL */
  forge(witness: Witness, values: Readonly<Record<string, bigint>>): Witness {
    const forged = [...this.checked(witness)];
    for (const [name, value] of Object.entries(values))
      forged[this.wireOf(name)] = flatValues(this.name, name, value)[0]!;
    return this.finder.derive(
      witness,
      forged,
      Object.keys(values).map((name) => this.wireOf(name)),
    );
  }

  /** `base` with every wire whose name matches taken from `other`: two honest parts, false where they meet. */
  splice(base: Witness, other: Witness, pattern: RegExp): Witness {
    const taken = this.names.flatMap((name, wire) =>
      pattern.test(name) && base[wire] !== other[wire] ? [wire] : [],
    );
    const forged = [...this.checked(base)];
    for (const wire of taken) forged[wire] = this.checked(other)[wire]!;
    return this.finder.derive(base, forged, taken);
  }

  satisfies(witness: Witness): boolean {
    return this.finder.broken(this.checked(witness)).length === 0;
  }

  /** The broken constraints, each as the names of its wires; empty if the witness satisfies the circuit. */
  broken(witness: Witness): string[] {
    return this.brokenWires(witness).map((wires) => wires.join(' '));
  }

  /**
   * Where the broken constraints lie: the components they speak of (joined by + if one speaks of two), or, where a constraint speaks of
   * main's own signals only, those. Sorted, each once.
   */
  brokenParts(witness: Witness): string[] {
    return [...new Set(this.brokenWires(witness).map(componentsIn))].sort();
  }

  /** @internal The broken constraints, each as the list of its wires' names. */
  brokenWires(witness: Witness): string[][] {
    return this.finder
      .broken(this.checked(witness))
      .map((index) => wiresOf(this.r1cs.constraints[index]!).map((wire) => this.names[wire]!));
  }

  private wireOf(name: string): number {
    const wire = this.wires.get(name);
    if (wire !== undefined) return wire;
    const why = this.absent.has(name)
      ? 'has no wire: the optimiser has substituted it away (--O0 keeps all signals)'
      : 'is no signal';
    throw new TestingError('TEST_SIGNAL', `${this.name}: ${name} ${why}`, {
      circuit: this.name,
      signal: name,
    });
  }

  private checked(witness: Witness): Witness {
    if (witness.length === this.r1cs.wireCount && witness[0] === 1n) return witness;
    throw new TestingError(
      'TEST_INPUT',
      `this is no witness of ${this.name}: it has ${witness.length} wires of ${this.r1cs.wireCount}`,
      { circuit: this.name },
    );
  }
}
