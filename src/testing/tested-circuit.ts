import { type Names, namesByNumber, namesFromSym } from '../audit/names.ts';
import { Groth16Error } from '../groth16/errors.ts';
import { parseR1cs, parseWitness, type R1cs, type Witness, wiresOf } from '../groth16/r1cs.ts';
import { createWitnessCalculator, type FlatSignals } from '../groth16/witness.ts';
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
  /** File of each template, as it is called in messages; none where the sources are not known. */
  readonly templates?: ReadonlyMap<string, string>;
  /** Runs a witness program; in this thread unless said. */
  readonly run?: RunProgram;
}

/** @returns the witness in the `.wtns` format @throws {Groth16Error} CIRCUIT_UNSATISFIED */
export type RunProgram = (circuit: string, wasm: Uint8Array, input: FlatSignals) => Promise<Uint8Array>;

/** Where a circuit refused. */
export interface Refusal {
  /** Lines at which the witness program stopped, innermost first: `Range:12` is line 12, in the template Range. Empty for a forged witness. */
  readonly lines: readonly string[];
  /** The same with files, `circuits/range.circom:12`, as far as they are known. */
  readonly places: readonly string[];
  /** The broken constraints, each as the names of its wires. */
  readonly constraints: readonly (readonly string[])[];
}

/** What becomes of an input. */
export type InputVerdict =
  | {
      readonly verdict: 'accepted';
      readonly witness: Witness;
      /** The same as a `.wtns` file. */
      readonly wtns: Uint8Array;
    }
  | { readonly verdict: 'refused'; readonly refusal: Refusal }
  /** The witness program stops, and every constraint holds for what it computes when its checks are left out. */
  | { readonly verdict: 'unenforced'; readonly refusal: Refusal };

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
  private unchecked: Uint8Array | undefined;
  private readonly compute: RunProgram;
  private readonly templates: ReadonlyMap<string, string>;

  /** @throws {Groth16Error} CIRCUIT_FILE if a file is none of the kind, or of another circuit */
  constructor({ name, r1cs, sym, wasm, templates = new Map(), run = runHere() }: CompiledParts) {
    this.name = name;
    this.r1cs = parseR1cs(r1cs);
    const names: Names = sym === undefined ? namesByNumber(this.r1cs) : namesFromSym(this.r1cs, sym);
    this.names = names.wires;
    this.inputs = sym === undefined ? undefined : inputShapeOf(this.r1cs, sym);
    this.wires = new Map(this.names.map((wire, index) => [wire, index]));
    this.absent = new Set([...names.substituted, ...names.absentInputs]);
    this.finder = new BrokenFinder(this.r1cs);
    this.wasm = wasm;
    this.compute = run;
    this.templates = templates;
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
    return this.honest(await this.run(this.wasm, input));
  }

  private honest(wtns: Uint8Array): Witness {
    const witness = parseWitness(wtns);
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
  async attempt(input: CircuitInput): Promise<Witness> {
    this.unchecked ??= withoutChecks(this.wasm);
    return parseWitness(await this.run(this.unchecked, input));
  }

  private run(wasm: Uint8Array, input: CircuitInput): Promise<Uint8Array> {
    return this.compute(this.name, wasm, flatInput(this.name, this.inputs, input));
  }

  /**
   * Whether the circuit accepts an input, and where it refuses it.
   * @throws {TestingError} TEST_INPUT if these are not the circuit's inputs
   */
  async verdictOn(input: CircuitInput): Promise<InputVerdict> {
    try {
      const wtns = await this.run(this.wasm, input);
      return { verdict: 'accepted', witness: this.honest(wtns), wtns };
    } catch (cause) {
      if (!Groth16Error.is(cause, 'CIRCUIT_UNSATISFIED')) throw cause;
      const trace = 'trace' in cause.data ? cause.data.trace : [];
      const constraints = this.brokenWires(await this.attempt(input));
      const refusal = {
        lines: trace.map(({ template, line }) => `${template}:${line}`),
        places: trace.flatMap(({ template, line }) => {
          const file = this.templates.get(template);
          return file === undefined ? [] : [`${file}:${line}`];
        }),
        constraints,
      };
      return { verdict: constraints.length > 0 ? 'refused' : 'unenforced', refusal };
    }
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

  /** The same, each as the list of its wires' names. */
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

/** Compiles each program once, and runs it in this thread. */
function runHere(): RunProgram {
  const compiled = new WeakMap<Uint8Array, ReturnType<typeof createWitnessCalculator>>();
  return async (circuit, wasm, input) => {
    const program = compiled.get(wasm) ?? createWitnessCalculator(circuit, wasm);
    compiled.set(wasm, program);
    return (await program).calculate(input);
  };
}
