import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { parseSnapshot, type Snapshot } from '../../audit/snapshot.ts';
import { VelumError } from '../../base/errors.ts';
import { printable } from '../../formats/problems.ts';
import {
  type CircuitEntry,
  type Project,
  requireProject,
  SETTINGS_FILE,
} from '../../project/project-file.ts';
import { type CircuitTestResult, testCircuit } from '../../testing/circuit-test.ts';
import { entryNamed } from '../../testing/open-circuit.ts';
import { StageBar } from '../audit-stages.ts';
import { changesOf } from '../changed-files.ts';
import { CliError } from '../errors.ts';
import { writeWholeFile } from '../files.ts';
import { hearingInterrupt } from '../interrupt.ts';
import { readTextFile, type Terminal } from '../io.ts';
import { testReportJson, testReportText } from '../test-report.ts';
import { wholeNumber } from '../whole-number.ts';

interface TestFlags {
  readonly watch: boolean;
  readonly update: boolean;
  readonly budget: number;
  readonly json: boolean;
}

/** Folder of the snapshots, in the project's; it is committed. */
const SNAPSHOTS = 'snapshots';
const MAX_SNAPSHOT_BYTES = 1 << 24;

/** Seconds that the audit of one circuit may search, unless said. */
const BUDGET_S = 60;
const MAX_BUDGET_S = 86_400;

export function addTestCommand(program: Command, terminal: Terminal): void {
  program
    .command('test')
    .description(
      'Tests the circuits of a project: each compiles, is the one that was reviewed, passes and refuses the input files that it must, and its audit leaves nothing open.',
    )
    .argument('[name...]', 'circuits of circuits.json (default: all)')
    .option('--watch', 'test again whenever a file of the project changes; Ctrl-C ends it', false)
    .option('--update', 'take the circuits as they are now for reviewed', false)
    .option(
      '--budget <seconds>',
      'time for proofs and forgeries of each audit',
      wholeNumber(1, MAX_BUDGET_S),
      BUDGET_S,
    )
    .option('--json', 'print one JSON object; with --watch one a line', false)
    .addHelpText(
      'after',
      `
What a circuit was when it was reviewed stands in snapshots/<name>.json, which is written at the first run and committed.
Where CI is set in the environment nothing is written, and a snapshot that is missing fails.
A warning of the audit fails unless circuits.json waives it with a reason. docs/OWN-CIRCUITS.md describes the file.

Examples:
  velum test
  velum test multiplier --watch
  velum test multiplier --update
  CI=true velum test --json

Exit codes: 0 all passed, 1 a test failed, 2 wrong options or project file, 70 a bug.`,
    )
    .action((names: readonly string[], flags: TestFlags) => test(names, flags, terminal));
}

/** Set by every common CI; "false" and "0" are taken at their word. */
const isCi = (): boolean => !['', '0', 'false'].includes((process.env['CI'] ?? '').toLowerCase());

async function test(names: readonly string[], flags: TestFlags, terminal: Terminal): Promise<void> {
  if (flags.update && isCi())
    throw new CliError(
      'USAGE',
      '--update writes what was reviewed, and CI is set: nobody reviews there\nSee velum test --help.',
    );
  if (flags.update && flags.watch)
    throw new CliError(
      'USAGE',
      '--update with --watch would take every change for reviewed\nSee velum test --help.',
    );
  const run: Run = (signal, known) => testAll(names, flags, terminal, signal, known);
  if (flags.watch) return hearingInterrupt((signal) => watch(run, signal, terminal));
  failUnlessPassed(await run(new AbortController().signal, new Map()));
}

/** Tests what is asked for and not known already, and prints the results of all. */
type Run = (
  signal: AbortSignal,
  known: ReadonlyMap<string, CircuitTestResult>,
) => Promise<CircuitTestResult[]>;

function failUnlessPassed(results: readonly CircuitTestResult[]): void {
  const failed = results.filter(({ problems }) => problems.length > 0).map(({ circuit }) => circuit);
  if (failed.length > 0) throw new CliError('TESTS_FAILED', `failed: ${failed.join(', ')}`, { isTold: true });
}

async function testAll(
  names: readonly string[],
  flags: TestFlags,
  terminal: Terminal,
  signal: AbortSignal,
  known: ReadonlyMap<string, CircuitTestResult>,
): Promise<CircuitTestResult[]> {
  const project = requireProject(terminal.cwd);
  const entries =
    names.length === 0 ? [...project.circuits.values()] : names.map((name) => entryNamed(project, name));
  if (entries.length === 0) throw new CliError('USAGE', `${project.file} lists no circuit`);
  const results: CircuitTestResult[] = [];
  for (const entry of new Set(entries)) {
    if (signal.aborted) break;
    results.push(known.get(entry.name) ?? (await testOne(project, entry, flags, terminal, signal)));
  }
  await terminal.out(flags.json ? `${JSON.stringify(testReportJson(results))}\n` : testReportText(results));
  return results;
}

async function testOne(
  project: Project,
  entry: CircuitEntry,
  { update, budget }: TestFlags,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<CircuitTestResult> {
  const path = join(project.root, SNAPSHOTS, `${entry.name}.json`);
  const bar = new StageBar(terminal, entry.name);
  const result = await testCircuit(project, entry, {
    reviewed: await readSnapshot(path),
    isUpdate: update,
    isCi: isCi(),
    budgetMs: budget * 1000,
    signal,
    onStage: (stage, done, total) => bar.show(stage, done, total),
  }).finally(() => bar.clear());
  const { now, snapshot } = result.compiled ?? {};
  if (snapshot === 'written' || snapshot === 'updated')
    await writeWholeFile(path, `${JSON.stringify(now, null, 2)}\n`);
  return result;
}

/** @throws {AuditError} SNAPSHOT_FILE */
async function readSnapshot(path: string): Promise<Snapshot | undefined> {
  const isThere = await stat(path).then(
    () => true,
    () => false,
  );
  return isThere ? parseSnapshot(await readTextFile(path, MAX_SNAPSHOT_BYTES), path) : undefined;
}

/** Tests again what a change concerns, until Ctrl-C; then the last results say how it ends. */
async function watch(run: Run, signal: AbortSignal, terminal: Terminal): Promise<void> {
  const { root, file } = requireProject(terminal.cwd);
  const ofAll = [file, join(root, SETTINGS_FILE)];
  const filesOf = ({ files, problems }: CircuitTestResult): string[] => [
    ...files,
    ...problems.map(({ place }) => resolve(root, place.file)),
  ];
  let results: CircuitTestResult[] = [];
  let known = new Map<string, CircuitTestResult>();
  for (;;) {
    const since = new Date();
    let failure: VelumError | undefined;
    try {
      results = await run(signal, known);
    } catch (error) {
      // A project file that cannot be read now may be mended; a bug may not.
      if (!(error instanceof VelumError)) throw error;
      failure = error;
      await terminal.err(`velum: ${error.message.split('\n').map(printable).join('\n')}\n`);
    }
    if (!signal.aborted) await terminal.err('watching for changes; Ctrl-C ends\n');
    const changed = await changesOf(new Set([...ofAll, ...results.flatMap(filesOf)]), since, signal);
    if (changed === undefined) {
      if (failure !== undefined) throw failure;
      return failUnlessPassed(results);
    }
    const isOld = failure !== undefined || ofAll.some((path) => changed.has(path));
    const current = isOld ? [] : results.filter((one) => !filesOf(one).some((path) => changed.has(path)));
    known = new Map(current.map((one) => [one.circuit, one]));
  }
}
