import { relative } from 'node:path';
import type { Command } from 'commander';
import { answerNo } from '../answer-no.ts';
import { CliError } from '../errors.ts';
import { inputPath } from '../input-file.ts';
import { readTextFile, type Terminal } from '../io.ts';
import { runMeasured, scenarioTable } from '../sim/run-scenario.ts';
import { parseTrace, TRACE_FILE_BYTES } from '../sim/trace-file.ts';

/** Adds `velum sim replay`. */
export function addSimReplayCommand(sim: Command, terminal: Terminal): void {
  sim
    .command('replay')
    .argument('<file>', 'written by `velum sim acs --trace`')
    .description('Runs a trace again and compares its hash, height by height.')
    .option('--json', 'print one JSON object instead of a table', false)
    .addHelpText(
      'after',
      '\nExample:\n  velum sim acs --trace run.json && velum sim replay run.json\nWith --json prints {"traceHash", "heights", "reason"}, the hash being that of the run.\nExit codes: 0 the same hash, 1 another (the first height that differs is named), 2 no trace.',
    )
    .action((file: string, { json }: { json: boolean }) => replay(file, json, terminal));
}

async function replay(file: string, json: boolean, terminal: Terminal): Promise<void> {
  const path = inputPath(terminal.cwd, file);
  const name = relative(terminal.cwd, path) || file;
  const trace = parseTrace(await readTextFile(path, TRACE_FILE_BYTES), name);
  const run = await runMeasured(trace.scenario);
  const { traceHash, checkpoints } = run.report;
  const { heights } = trace.scenario;
  if (traceHash !== trace.traceHash) {
    const at = checkpoints.findIndex((hash, i) => hash !== trace.checkpoints[i]);
    const where = at < 0 ? 'after the last height' : `at height ${at + 1}`;
    const reason = `${name} says ${trace.traceHash}, its run gives ${traceHash}: they part ${where}`;
    return answerNo(terminal, { json }, { traceHash, heights, reason }, new CliError('SIM_DIVERGED', reason));
  }
  const result = { traceHash, heights, reason: null };
  await terminal.out(
    json
      ? `${JSON.stringify(result)}\n`
      : `${scenarioTable(trace.scenario, run)}The trace replays to its hash.\n`,
  );
}
