import { AssertionError } from 'node:assert';
import type { Witness } from '../groth16/r1cs.ts';
import { type CircuitInput, flatValues, type InputValue } from './input-shape.ts';
import { type Refusal, TestedCircuit } from './tested-circuit.ts';

/** What a refusal must be about. */
export interface ExpectedRefusal {
  /**
   * Text: a template (`Range`), a line of one (`Range:12`) or of a file (`range.circom:12`), or a signal or component of a broken
   * constraint (`lt.n2b.out[3]`, `lt`).
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
    const answer = await this.verdictOn(input);
    if (answer.verdict !== 'accepted')
      return this.fail(`must pass, and stops at ${placesOf(answer.refusal) || 'a check'}`, this.expectPass);
    const { witness } = answer;
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
    const told = [
      placesOf(refusal),
      ...refusal.constraints.slice(0, SHOWN).map((wires) => wires.join(' ')),
    ].filter(Boolean);
    return this.fail(`is refused at ${told.join('; ')}, expected was ${constraint}`, this.expectFail, {
      actual: refusal,
      expected: constraint,
    });
  }

  private async refusalOf(refused: CircuitInput | Witness): Promise<Refusal> {
    if (isWitness(refused)) {
      const constraints = this.brokenWires(refused);
      if (constraints.length > 0) return { lines: [], places: [], constraints };
      return this.fail('must refuse this witness, and every constraint holds', this.expectFail);
    }
    const answer = await this.verdictOn(refused);
    if (answer.verdict === 'refused') return answer.refusal;
    return this.fail(
      answer.verdict === 'accepted'
        ? 'must refuse this input, and accepts it'
        : `must refuse, and ${unenforcedText(answer.refusal)}`,
      this.expectFail,
    );
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

/** What is said of an input that the witness program alone refuses. */
export const unenforcedText = (refusal: Refusal): string =>
  `only its witness program does, at ${placesOf(refusal) || 'a check'}: every constraint holds for what it computes, so a prover who leaves the check out can prove this (assert adds no constraint)`;

/** Lines from the innermost outwards, with files where they are known. */
export const placesOf = ({ lines, places }: Refusal): string =>
  (places.length === lines.length ? places : lines).join(' in ');

/** Whether a refusal is about a template, line, signal or component. */
export function isAbout({ lines, places, constraints }: Refusal, expected: string | RegExp): boolean {
  const templates = lines.map((line) => line.split(':')[0]!);
  const labels = [...lines, ...places, ...templates, ...constraints.flat()];
  if (typeof expected !== 'string') return labels.some((label) => expected.test(label));
  const isWithin = (label: string): boolean =>
    label.startsWith(expected) && /^[.[]/.test(label.slice(expected.length));
  return labels.some((label) => label === expected || isWithin(label) || label.endsWith(`/${expected}`));
}

const listOf = (values: readonly bigint[]): string =>
  values.length === 1 ? `${values[0]}` : `[${values.join(', ')}]`;
