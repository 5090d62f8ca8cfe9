#!/usr/bin/env node
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Command, CommanderError } from 'commander';
import { BaseError, type VelumError } from '../base/errors.ts';
import { addCommands } from './command-list.ts';
import type { RunEpoch } from './commands/epoch.ts';
import { CliError } from './errors.ts';
import { exitCodeOf, STOP_SIGNALS } from './interrupt.ts';
import { systemTerminal, type Terminal } from './io.ts';
import { packageVersion } from './version.ts';

/**
 * The commands, none of them run.
 * @param engine loads what runs an epoch; only called when there is one to run
 * @param onHelp gets the text that --help asks for
 * @param word   the only command that is loaded; all of them if there is none of this name
 */
export async function programOf(
  terminal: Terminal,
  engine: () => Promise<RunEpoch>,
  onHelp: (text: string) => void,
  word?: string,
): Promise<Command> {
  const program = new Command('velum')
    .description('Private derivatives, settled by validators that vote anonymously on sealed orders.')
    .helpCommand(false)
    .version(packageVersion(), '-V, --version', 'print the version of this package')
    .configureOutput({ writeOut: onHelp, writeErr: () => {} })
    .exitOverride()
    .addHelpText('after', HELP);
  await addCommands(program, terminal, engine, word);
  return program;
}

/** What went wrong, as it is told: the codes of all rooms are loaded only then. */
const failures = () => import('./exit-codes.ts');

/** The command did its work; the other codes are beside what leads to them. */
const EXIT_OK = 0;

const HELP = `
Examples:
  velum epoch --orders examples/small.csv --out out/small
  velum circuits list --json
velum help COMMAND, or COMMAND --help, explains a command, with examples. A file to read may be -, the standard input.
Exit codes: 0 ok, 1 refused or not verified, 2 wrong options or files, 70 a bug.`;

/**
 * Runs one command line. All errors of all commands end here.
 * @param line   what stands after the program's name
 * @param engine loads what runs an epoch; only called when there is one to run
 * @returns    the exit code: 0 ok, 1 refused or not verified, 2 usage, 70 bug
 */
export async function main(
  line: readonly string[],
  terminal: Terminal,
  engine: () => Promise<RunEpoch>,
): Promise<number> {
  // `velum help verify` and `velum verify --help` are one.
  const args = line[0] === 'help' ? [...line.slice(1), '--help'] : line;
  const written: string[] = [];
  const program = await programOf(terminal, engine, (text) => void written.push(text), args[0]);
  try {
    await program.parseAsync(args, { from: 'user' }).catch((error) => {
      if (!(error instanceof CommanderError) || error.exitCode !== 0) throw error;
      return terminal.out(written.join(''));
    });
    return EXIT_OK;
  } catch (error) {
    return fail(
      error instanceof CommanderError ? usageError(error, commandOf(program, args)) : error,
      args.includes('--json'),
      terminal,
    );
  }
}

/** Tells an error: with --json as the answer, unless it cannot be written. @returns the exit code */
async function fail(error: unknown, isJson: boolean, terminal: Terminal): Promise<number> {
  const { EXIT_BUG, failureOf } = await failures();
  const { exitCode, isTold, text, json } = failureOf(error);
  const isAnswered =
    isJson &&
    (isTold ||
      (await terminal.out(`${JSON.stringify(json)}\n`).then(
        () => true,
        () => false,
      )));
  if (!isAnswered || exitCode === EXIT_BUG) await terminal.err(text);
  return exitCode;
}

/** The words of a command line that name a command: "market clear". */
function commandOf(program: Command, args: readonly string[]): string[] {
  const words: string[] = [];
  let command: Command | undefined = program;
  for (const word of args) {
    command = command.commands.find((known) => known.name() === word);
    if (command === undefined) return words;
    words.push(word);
  }
  return words;
}

/** What commander found wrong with the command line, and where to read on. */
function usageError({ code, message }: CommanderError, command: readonly string[]): VelumError {
  const what = code === 'commander.help' ? 'a command is missing' : message.replace(/^error: /, '');
  return new CliError('USAGE', `${what}\nSee ${['velum', ...command, '--help'].join(' ')}.`);
}

/** Loads the engine only when it has something to run: help and usage errors answer at once. */
const loadEngine = async (): Promise<RunEpoch> => (await import('./epoch/run-epoch.ts')).runEpoch;

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const terminal = systemTerminal();
  // Exiting, not dying: proving processes end and half-written files go.
  for (const signal of STOP_SIGNALS) process.once(signal, () => process.exit(exitCodeOf(signal)));
  // Nothing is left to wait for, but the command is not done: somebody dropped a promise.
  process.once('beforeExit', async () => {
    const { failureOf } = await failures();
    const bug = failureOf(new BaseError('ASSERTION', 'invariant broken: the command ended before its work'));
    await terminal.err(bug.text);
    process.exit(bug.exitCode);
  });
  // Exits at once when all is written, whatever a library still keeps open.
  process.exit(await main(process.argv.slice(2), terminal, loadEngine));
}
