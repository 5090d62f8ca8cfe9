import { relative } from 'node:path';
import type { Command } from 'commander';
import { quotedWord } from '../../base/quoted-word.ts';
import type { Adversary } from '../../sim/world.ts';
import { answerNo } from '../answer-no.ts';
import { CliError } from '../errors.ts';
import { inputPath } from '../input-file.ts';
import { readTextFile, type Terminal } from '../io.ts';
import { ADVERSARY } from '../sim/check-own-code.ts';
import { ADVERSARY_OPTION, blaming, loadOwnCode, type OwnCode, ownText } from '../sim/own-code.ts';
import { runMeasured, scenarioTable } from '../sim/run-scenario.ts';
import { parseTrace, TRACE_FILE_BYTES, type Trace } from '../sim/trace-file.ts';

interface ReplayFlags {
  readonly adversary?: string;
  readonly json: boolean;
}

/** Adds `velum sim replay`. */
export function addSimReplayCommand(sim: Command, terminal: Terminal): void {
  sim
    .command('replay')
    .argument('<file>', 'written by `velum sim acs --trace`')
    .description('Runs a trace again and compares its hash, height by height.')
    .option(ADVERSARY_OPTION[0], 'the file of the adversary that the trace is of, if it is one of your own')
    .option('--json', 'print one JSON object instead of a table', false)
    .addHelpText(
      'after',
      '\nExample:\n  velum sim acs --trace run.json && velum sim replay run.json\nA trace names the file of an adversary of your own, but never has it run: say where it is with --adversary.\nWith --json prints {"traceHash", "heights", "reason"}, the hash being that of the run.\nExit codes: 0 the same hash, 1 another (the first height that differs is named), 2 no trace.',
    )
    .action((file: string, flags: ReplayFlags) => replay(file, flags, terminal));
}

async function replay(file: string, { json, adversary }: ReplayFlags, terminal: Terminal): Promise<void> {
  const path = inputPath(terminal.cwd, file);
  const name = relative(terminal.cwd, path) || file;
  const trace = parseTrace(await readTextFile(path, TRACE_FILE_BYTES), name);
  const own = await adversaryOf(name, trace, adversary, terminal);
  const scenario = adversary === undefined ? trace.scenario : { ...trace.scenario, adversary };
  const run = await blaming(own, () => runMeasured(scenario, own?.value));
  const { traceHash, checkpoints } = run.report;
  const { heights } = scenario;
  if (traceHash !== trace.traceHash) {
    const at = checkpoints.findIndex((hash, i) => hash !== trace.checkpoints[i]);
    const where = at < 0 ? 'after the last height' : `at height ${at + 1}`;
    const reason = `${name} says ${trace.traceHash}, its run gives ${traceHash}: they part ${where}${own === undefined ? '' : UNREPEATABLE}`;
    return answerNo(terminal, { json }, { traceHash, heights, reason }, new CliError('SIM_DIVERGED', reason));
  }
  const result = { traceHash, heights, reason: null };
  await terminal.out(
    json
      ? `${JSON.stringify(result)}\n`
      : `${scenarioTable(scenario, run)}${ownText(own)}The trace replays to its hash.\n`,
  );
}

const UNREPEATABLE =
  '. An adversary that can be repeated draws everything from the prng of its world and reads no clock';

/**
 * The adversary of one's own that a trace is of, undefined if it is of none: loaded from where the command line says, never from what the
 * trace names, and only if it is the same file.
 * @throws {CliError} TRACE_FILE, USAGE
 */
async function adversaryOf(
  name: string,
  { adversary: file }: Trace,
  named: string | undefined,
  { cwd }: Terminal,
): Promise<OwnCode<Adversary<unknown>> | undefined> {
  if (file === undefined) {
    if (named === undefined) return undefined;
    throw new CliError('USAGE', `${name} is of no adversary of one's own: leave out --adversary`);
  }
  const which = `${file.name} (SHA-256 ${file.sha256})`;
  if (named === undefined)
    throw new CliError(
      'USAGE',
      `${name} is of the adversary ${which}: say where that is, --adversary ${quotedWord(file.name)}`,
    );
  const own = await loadOwnCode(ADVERSARY, cwd, named);
  if (JSON.stringify(own.file) === JSON.stringify(file)) return own;
  const why = 'is another version of it, or imports one';
  throw new CliError('TRACE_FILE', `${name} is of the adversary ${which}: ${named} ${why}`, { file: name });
}
