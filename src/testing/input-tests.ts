import { join } from 'node:path';
import type { NamedBytes } from '../audit/examine.ts';
import type { Path } from '../base/forms.ts';
import { jsonProblem } from '../base/json-place.ts';
import { type CircuitEntry, entryProblem, type Project } from '../project/project-file.ts';
import { readSmallFile } from '../project/text-file.ts';
import { type CircuitTester, isAbout, placesOf, unenforcedText } from './circuit-tester.ts';
import { TestingError } from './errors.ts';
import type { CircuitInput } from './input-shape.ts';
import type { InputVerdict } from './tested-circuit.ts';

/** Input files, at most. */
const MAX_INPUT_BYTES = 1 << 26;

/** What an input file must do, and what came of it. */
export interface InputTest {
  /** As the project file names it. */
  readonly file: string;
  readonly expected: 'pass' | 'fail';
  /** Undefined if it is met; else why not, without a value of the input. */
  readonly problem: string | undefined;
  /** Where the circuit refused, `file:line` as far as sources tell, innermost first; empty if it did not. */
  readonly places: readonly string[];
}

/** The tests of a circuit's input files, and `.wtns` files of those that passed. */
export interface InputTests {
  readonly tests: readonly InputTest[];
  readonly witnesses: readonly NamedBytes[];
}

/**
 * Gives a circuit the input files of its entry: those that must pass and those that must fail.
 * @throws {ProjectError} PROJECT_FILE if a file is not there; WITNESS_PROGRAM, WITNESS_LIMIT
 */
export async function testInputs(
  project: Project,
  entry: CircuitEntry,
  tester: CircuitTester,
): Promise<InputTests> {
  const tests: InputTest[] = [];
  const witnesses: NamedBytes[] = [];
  const { pass, fail } = entry.tests;
  for (const [i, file] of pass.entries()) {
    const answer = await answerTo(project, entry, tester, file, ['tests', 'pass', i]);
    if (answer.verdict === 'accepted') witnesses.push({ name: file, bytes: answer.wtns });
    tests.push(testOf(file, 'pass', answer, passProblem(answer)));
  }
  for (const [i, { input: file, at }] of fail.entries()) {
    const answer = await answerTo(project, entry, tester, file, ['tests', 'fail', i]);
    tests.push(testOf(file, 'fail', answer, failProblem(answer, at)));
  }
  return { tests, witnesses };
}

/** What became of a file; one that is no input of the circuit is a mistake of the test, whatever was expected. */
type Answer = InputVerdict | { readonly verdict: 'mistaken'; readonly problem: string };

const testOf = (
  file: string,
  expected: InputTest['expected'],
  answer: Answer,
  problem: string | undefined,
): InputTest => ({ file, expected, problem, places: 'refusal' in answer ? answer.refusal.places : [] });

function passProblem(answer: Answer): string | undefined {
  if (answer.verdict === 'accepted') return undefined;
  if (answer.verdict === 'mistaken') return answer.problem;
  return `must pass, and is refused at ${placesOf(answer.refusal) || 'a check'}`;
}

function failProblem(answer: Answer, at: string | undefined): string | undefined {
  if (answer.verdict === 'accepted') return 'must be refused, and is accepted';
  if (answer.verdict === 'mistaken') return answer.problem;
  if (answer.verdict === 'unenforced') return `must be refused, and ${unenforcedText(answer.refusal)}`;
  if (at === undefined || isAbout(answer.refusal, at)) return undefined;
  return `is refused at ${placesOf(answer.refusal) || 'a check'}, expected was ${at}`;
}

async function answerTo(
  project: Project,
  entry: CircuitEntry,
  tester: CircuitTester,
  file: string,
  part: Path,
): Promise<Answer> {
  const text = readInput(project, entry, file, part);
  const mistake = jsonProblem(text);
  if (mistake !== undefined)
    return mistaken(`is not JSON: line ${mistake.line}, column ${mistake.column}: ${mistake.problem}`);
  const input: unknown = JSON.parse(text);
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    return mistaken('is no JSON object of signals');
  try {
    return await tester.verdictOn(input as CircuitInput);
  } catch (error) {
    if (!TestingError.is(error, 'TEST_INPUT')) throw error;
    return mistaken(error.message);
  }
}

const mistaken = (problem: string): Answer => ({ verdict: 'mistaken', problem });

function readInput(project: Project, entry: CircuitEntry, file: string, part: Path): string {
  try {
    return readSmallFile(join(project.root, file), MAX_INPUT_BYTES);
  } catch (error) {
    throw entryProblem(project, entry, part, (error as Error).message);
  }
}
