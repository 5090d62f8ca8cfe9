import { readFile } from 'node:fs/promises';
import { auditInThread } from '../audit/audit-thread.ts';
import { AuditError } from '../audit/errors.ts';
import type { NamedBytes } from '../audit/examine.ts';
import { notChecked } from '../audit/outputs.ts';
import { type AuditReport, assembleReport } from '../audit/report.ts';
import { type Snapshot, snapshotChanges } from '../audit/snapshot.ts';
import type { Artefacts } from '../project/build.ts';
import { ProjectError, type SourcePlace } from '../project/errors.ts';
import { shownFrom } from '../project/includes.ts';
import { type CircuitEntry, entryProblem, type Project, sourceFile } from '../project/project-file.ts';
import { runWitnessProgram } from '../project/witness-thread.ts';
import type { CircuitTester } from './circuit-tester.ts';
import { type InputTest, testInputs } from './input-tests.ts';
import { openEntry } from './open-circuit.ts';
import { CircuitPlaces } from './places.ts';

/** One thing for which a circuit's test fails. */
export interface TestProblem {
  readonly check: 'compile' | 'snapshot' | 'input' | 'audit';
  /** What it is about: a signal, a file. */
  readonly subject: string;
  readonly message: string;
  /** The line of the source, and the column where it is known; paths from the project's folder. */
  readonly place: SourcePlace;
}

/** How a circuit compares with its snapshot: `pending` is one that is not written while the circuit fails otherwise. */
export type SnapshotState = 'same' | 'changed' | 'missing' | 'written' | 'updated' | 'pending';

/** What the tests of one circuit found. */
export interface CircuitTestResult {
  readonly circuit: string;
  /** Source, from the project's folder. */
  readonly file: string;
  readonly problems: readonly TestProblem[];
  /** All files that were read, absolute: a change of one makes the result old. */
  readonly files: readonly string[];
  /** Undefined where the circuit did not compile. */
  readonly compiled:
    | {
        readonly now: Required<Snapshot>;
        readonly snapshot: SnapshotState;
        readonly inputs: readonly InputTest[];
        readonly audit: AuditReport;
      }
    | undefined;
}

/** What is asked besides the circuit. */
export interface CircuitTestRequest {
  /** What the circuit was when it was looked at last; undefined if nobody has. */
  readonly reviewed: Snapshot | undefined;
  /** Take what is now for what was reviewed. */
  readonly isUpdate: boolean;
  /** Nobody is there to look: a snapshot that is missing fails. */
  readonly isCi: boolean;
  /** For proofs and forgeries of the audit. */
  readonly budgetMs: number;
  /** Ends the audit with what it has. */
  readonly signal: AbortSignal;
  readonly onStage: (stage: string, done: number, total: number) => void;
}

/** Witnesses at which the audit looks, at most. */
const AUDITED_WITNESSES = 4;

/** What is a problem of one circuit, so that the others are tested all the same. */
const OF_CIRCUIT = ['CIRCUIT_COMPILE', 'CIRCUIT_SOURCE', 'WITNESS_PROGRAM', 'WITNESS_LIMIT'] as const;

/** What the audit does not understand of an entry. */
const OF_AUDIT = [
  ['ASSUMPTION', 'assume'],
  ['AUDIT_TARGET', 'target'],
] as const;

/**
 * All tests of a circuit of a project: it compiles, it is the one that was reviewed, its input files pass or fail as they must, and the
 * audit leaves nothing open that nobody has explained. Nothing is written but what was built.
 * @throws {ProjectError} PROJECT_FILE with its place, TOOL_MISSING
 */
export async function testCircuit(
  project: Project,
  entry: CircuitEntry,
  request: CircuitTestRequest,
): Promise<CircuitTestResult> {
  const shown = shownFrom(project.root);
  const source = sourceFile(project, entry);
  const file = shown(source);
  try {
    request.onStage('compiling', 0, 1);
    const opened = await openEntry(project, entry, { run: runWitnessProgram });
    return await testOpened(project, entry, request, opened, file);
  } catch (error) {
    for (const [code, part] of OF_AUDIT)
      if (AuditError.is(error, code))
        throw entryProblem(project, entry, [part], `is not understood: ${error.message}`);
    const isOfCircuit = OF_CIRCUIT.some((code) => ProjectError.is(error, code));
    if (!isOfCircuit && !AuditError.is(error, 'AUDIT_MEMORY')) throw error;
    const { message, data } = error as { readonly message: string; readonly data: Partial<SourcePlace> };
    const place = data.file === undefined ? { file, line: 1 } : { ...data, file: shown(data.file) };
    const problem: TestProblem = { check: 'compile', subject: entry.name, message, place };
    return { circuit: entry.name, file, problems: [problem], files: [source], compiled: undefined };
  }
}

async function testOpened(
  project: Project,
  entry: CircuitEntry,
  request: CircuitTestRequest,
  { tester, artefacts }: { readonly tester: CircuitTester; readonly artefacts: Artefacts },
  file: string,
): Promise<CircuitTestResult> {
  const places = new CircuitPlaces(project, entry, artefacts, file);
  request.onStage('inputs', 0, 1);
  const inputs = await testInputs(project, entry, tester);
  const audit = await auditOf(entry, request, artefacts, inputs.witnesses, places, file);
  const now = audit.snapshot;
  const changes = request.reviewed === undefined ? [] : snapshotChanges(now, request.reviewed);
  const others: TestProblem[] = [
    ...inputs.tests.flatMap(({ file: subject, problem: message, places: at }): TestProblem[] =>
      message === undefined ? [] : [{ check: 'input', subject, message, place: places.ofRefusal(at) }],
    ),
    ...audit.open.map(
      ({ rule, subject, message, place }): TestProblem => ({
        check: 'audit',
        subject,
        message: `${rule}: ${message}`,
        place: place ?? places.ofTemplate,
      }),
    ),
  ];
  const snapshot = stateOf(request, changes.length > 0, others.length > 0);
  const told =
    snapshot === 'missing'
      ? [{ subject: 'snapshot', message: 'is not there: run velum test where you work, and commit it' }]
      : snapshot === 'changed'
        ? changes
        : [];
  const changed = told.map(
    ({ subject, message }): TestProblem => ({
      check: 'snapshot',
      subject,
      message,
      place: places.of(subject) ?? places.ofTemplate,
    }),
  );
  return {
    circuit: entry.name,
    file,
    problems: [...changed, ...others],
    files: places.files,
    compiled: { now, snapshot, inputs: inputs.tests, audit },
  };
}

function stateOf(
  { reviewed, isUpdate, isCi }: CircuitTestRequest,
  isChanged: boolean,
  isFailing: boolean,
): SnapshotState {
  if (reviewed !== undefined) return !isChanged ? 'same' : isUpdate ? 'updated' : 'changed';
  if (isCi) return 'missing';
  return isFailing && !isUpdate ? 'pending' : 'written';
}

async function auditOf(
  entry: CircuitEntry,
  { budgetMs, signal, onStage }: CircuitTestRequest,
  { r1cs, sym }: Artefacts,
  witnesses: readonly NamedBytes[],
  places: CircuitPlaces,
  file: string,
): Promise<AuditReport> {
  const { answer, checks, ended } = await auditInThread(
    {
      files: {
        r1cs: { name: r1cs, bytes: await readFile(r1cs) },
        sym: { name: sym, text: await readFile(sym, 'utf8') },
        witnesses: witnesses.slice(0, AUDITED_WITNESSES),
      },
      assume: entry.assume,
      target: entry.target,
    },
    budgetMs,
    signal,
    onStage,
  );
  return assembleReport(
    {
      circuit: entry.name,
      file,
      snapshot: answer.snapshot,
      reviewed: undefined,
      result: checks,
      outputs: answer.outputs.map((one) => ({ ...one, certificate: null, witnesses: [] })),
      notChecked: notChecked(answer.leftOpen, checks, ended),
      tampering: undefined,
    },
    answer.findings,
    entry.waivers.map((waiver) => ({ ...waiver, circuit: entry.name })),
    places.lines,
  );
}
