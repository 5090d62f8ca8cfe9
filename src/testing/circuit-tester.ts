import { AssertionError } from 'node:assert';
import { Groth16Error, type TraceFrame } from '../groth16/errors.ts';
import type { Witness } from '../groth16/r1cs.ts';
import { type CircuitInput, flatValues, type InputValue } from './input-shape.ts';
import { TestedCircuit } from './tested-circuit.ts';

/** Where a circuit refused. */
export interface Refusal {
  /** Lines at which the witness program stopped, innermost first: `Range:12` is line 12, in the template Range. Empty for a forged witness. */
  readonly lines: readonly string[];
  /** The broken constraints, each as the names of its wires. */
  readonly constraints: readonly (readonly string[])[];
}

/** What a refusal must be about. */
export interface ExpectedRefusal {
  /**
   * Text: a template (`Range`), a line (`Range:12`), or a signal or component of a broken constraint (`lt.n2b.out[3]`, `lt`).
   * A pattern: it matches any of these.
   */
  readonly constraint?: string | RegExp;
}

const SHOWN = 3;

/** A circuit under test, with expectations that throw an AssertionError: every test runner reports it with what was expected. */
export class CircuitTester extends TestedCircuit {
  /**
   * The input is one of a true statement, and the outputs are these.
   * @param outputs by the names of signals, of main or within; an array as a whole or its elements one by one
   * @returns the witness
   * @throws {AssertionError} if the witness program stops, or an output is another
   * @throws {TestingError} TEST_INPUT, TEST_SIGNAL
   */
  async expectPass(input: CircuitInput, outputs: CircuitInput = {}): Promise<Witness> {
    let witness: Witness;
    try {
      witness = await this.witness(input);
    } catch (cause) {
      if (!Groth16Error.is(cause, 'CIRCUIT_UNSATISFIED')) throw cause;
      return this.fail(
        `must pass, and stops at ${linesOf(cause).join(' in ') || 'a check'}`,
        this.expectPass,
      );
    }
    for (const [name, value] of Object.entries(outputs)) this.expectSignal(witness, name, value);
    return witness;
  }

  private expectSignal(witness: Witness, name: string, value: InputValue): void {
    const [actual, expected] = [this.readAll(witness, name), flatValues(this.name, name, value)];
    if (actual.length === expected.length && actual.every((x, i) => x === expected[i])) return;
    this.fail(`${name} is ${listOf(actual)}, expected was ${listOf(expected)}`, this.expectPass, {
      actual,
      expected,
    });
  }

  /**
   * The constraints refuse: an input's, or those of a forged witness. It is not enough that the witness program stops, as it does for a
   * circom `assert`: its check is left out as a cheating prover would, and then a constraint has to be broken.
   * @param refused an input of a false statement, or a witness
   * @returns where it is refused
   * @throws {AssertionError} if the circuit accepts, or refuses elsewhere
   * @throws {TestingError} TEST_INPUT: an input that is no input of this circuit is a mistake of the test
   */
  async expectFail(refused: CircuitInput | Witness, { constraint }: ExpectedRefusal = {}): Promise<Refusal> {
    const refusal = await this.refusalOf(refused);
    if (constraint === undefined || isAbout(refusal, constraint)) return refusal;
    const told = [...refusal.lines, ...refusal.constraints.slice(0, SHOWN).map((wires) => wires.join(' '))];
    return this.fail(`is refused at ${told.join('; ')}, expected was ${constraint}`, this.expectFail, {
      actual: refusal,
      expected: constraint,
    });
  }

  private async refusalOf(refused: CircuitInput | Witness): Promise<Refusal> {
    if (isWitness(refused)) {
      const constraints = this.brokenWires(refused);
      if (constraints.length > 0) return { lines: [], constraints };
      return this.fail('must refuse this witness, and every constraint holds', this.expectFail);
    }
    try {
      await this.witness(refused);
    } catch (cause) {
      if (!Groth16Error.is(cause, 'CIRCUIT_UNSATISFIED')) throw cause;
      const lines = linesOf(cause);
      const constraints = this.brokenWires(await this.attempt(refused));
      if (constraints.length > 0) return { lines, constraints };
      return this.fail(
        `must refuse, and only its witness program does, at ${lines[0] ?? 'a check'}: every constraint holds for what it computes, so a prover who leaves the check out can prove this (assert adds no constraint)`,
        this.expectFail,
      );
    }
    return this.fail('must refuse this input, and accepts it', this.expectFail);
  }

  /** @throws {AssertionError} */
  expectConstraintCount(expected: number): void {
    const actual = this.constraintCount;
    if (actual !== expected)
      this.fail(`has ${actual} constraints, expected were ${expected}`, this.expectConstraintCount, {
        actual,
        expected,
      });
  }

  private fail(what: string, by: (...args: never[]) => unknown, seen: object = {}): never {
    throw new AssertionError({ message: `${this.name} ${what}`, stackStartFn: by, ...seen });
  }
}

const isWitness = (refused: CircuitInput | Witness): refused is Witness => Array.isArray(refused);

function linesOf({ data }: { readonly data: object }): string[] {
  const trace = 'trace' in data ? (data.trace as readonly TraceFrame[]) : [];
  return trace.map(({ template, line }) => `${template}:${line}`);
}

function isAbout({ lines, constraints }: Refusal, expected: string | RegExp): boolean {
  const labels = [...lines, ...lines.map((line) => line.split(':')[0]!), ...constraints.flat()];
  if (typeof expected !== 'string') return labels.some((label) => expected.test(label));
  return labels.some(
    (label) =>
      label === expected || (label.startsWith(expected) && /^[.[]/.test(label.slice(expected.length))),
  );
}

const listOf = (values: readonly bigint[]): string =>
  values.length === 1 ? `${values[0]}` : `[${values.join(', ')}]`;
