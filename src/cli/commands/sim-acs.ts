import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import type { RbcName } from '../../consensus/protocol.ts';
import { quorumOf } from '../../params/quorum.ts';
import { MAX_PAYLOAD_BYTES, MAX_VALIDATORS } from '../../params/sizes.ts';
import {
  BROADCASTS,
  FAULTS,
  type FaultName,
  PROTOCOLS,
  type ProtocolName,
  type Scenario,
} from '../../sim/scenario.ts';
import { CliError } from '../errors.ts';
import { checkOutFiles, writeWholeFile } from '../files.ts';
import type { Terminal } from '../io.ts';
import { ADVERSARY } from '../sim/check-own-code.ts';
import { DELAY_HELP, type DelayOption, delayOf, readDelay } from '../sim/delays.ts';
import { ADVERSARY_OPTION, blaming, loadOwnCode, ownText } from '../sim/own-code.ts';
import { runMeasured, scenarioTable } from '../sim/run-scenario.ts';
import { traceJson } from '../sim/trace-file.ts';
import { wholeNumber } from '../whole-number.ts';

interface SimFlags {
  readonly validators: number;
  readonly payloadBytes: number;
  readonly faulty: number;
  readonly fault?: FaultName;
  readonly adversary?: string;
  readonly delay: DelayOption;
  readonly rbc: RbcName;
  readonly acs: ProtocolName;
  readonly heights: number;
  readonly seed: number;
  readonly trace?: string;
  readonly json: boolean;
}

/** Adds `velum sim acs`. */
export function addSimAcsCommand(sim: Command, terminal: Terminal): void {
  sim
    .command('acs')
    .description('Agrees on the proposals of some heights, over simulated links.')
    .option('--validators <n>', `validators, 1 to ${MAX_VALIDATORS}`, wholeNumber(1, MAX_VALIDATORS), 4)
    .option('--payload-bytes <l>', 'bytes of a proposal', wholeNumber(10, MAX_PAYLOAD_BYTES), 256)
    .option(
      '--faulty <k>',
      'faulty validators, at most (validators - 1)/3',
      wholeNumber(0, MAX_VALIDATORS),
      0,
    )
    .addOption(new Option('--fault <what>', 'what they do (default: crash)').choices(FAULTS))
    .option(...ADVERSARY_OPTION)
    .addOption(
      new Option('--delay <d>', DELAY_HELP)
        .argParser(delayOf)
        .default({ kind: 'const', ms: 100 } satisfies DelayOption, 'const:100'),
    )
    .addOption(new Option('--rbc <name>', 'reliable broadcast').choices(BROADCASTS).default('digest'))
    .addOption(
      new Option('--acs <name>', 'common subset, or what to compare with')
        .choices(PROTOCOLS)
        .default('first-hand'),
    )
    .option('--heights <h>', 'heights', wholeNumber(1, 100_000), 10)
    .option('--seed <s>', 'everything follows from it', wholeNumber(0, Number.MAX_SAFE_INTEGER), 1)
    .option('--trace <file>', 'write what `velum sim replay` runs again')
    .option('--json', 'print one JSON object instead of a table', false)
    .addHelpText('after', HELP)
    .action((flags: SimFlags) => runCommand(flags, terminal));
}

const HELP = `
Examples:
  velum sim acs --validators 10 --faulty 3 --fault split --delay exp:100 --heights 20
  velum sim acs --acs pbft --delay wan --trace run.json && velum sim replay run.json
  velum sim acs --acs hotstuff --validators 7 --faulty 2 --delay wan
  velum sim acs --validators 7 --faulty 2 --adversary ./half-spoken.ts --delay latencies.csv
An adversary of your own is a file that exports an \`Adversary\` of velum/sim by default; docs/OWN-EXPERIMENTS.md has one, and the form of a
file of latencies. It is code: it may do what you may.
--rbc is the broadcast of first-hand and bkr; pbft and hotstuff have none, that of fin is digest, alea has its own.
With fin, coins are the lots that were drawn and the coins of its agreements. A height of alea delivers n - f proposals, one after the other.
Counts are per correct validator and height: protocol messages (votes singly), frames, bytes in the frame encoding.
Exit codes: 0 all properties hold, 1 one is broken (the message has the command that repeats it), 2 wrong options.`;

async function runCommand({ trace, json, ...flags }: SimFlags, terminal: Terminal): Promise<void> {
  const { fault, adversary } = flags;
  if (fault !== undefined && adversary !== undefined)
    throw new CliError('USAGE', '--fault and --adversary both say what faulty validators do: leave one out');
  const named = adversary === undefined ? `--fault ${fault}` : `--adversary ${adversary}`;
  if ((fault ?? adversary) !== undefined && flags.faulty === 0)
    throw new CliError('USAGE', `${named} plays no part without faulty validators: add --faulty K`);
  const delay = await readDelay(terminal.cwd, flags.delay);
  const scenario: Scenario = { ...flags, delay, fault: fault ?? 'crash' };
  const { f } = quorumOf(scenario.validators);
  if (scenario.faulty > f) {
    throw new CliError(
      'USAGE',
      `${scenario.validators} validators tolerate ${f} faulty, not ${scenario.faulty}: use --faulty ${f} or --validators ${3 * scenario.faulty + 1}`,
    );
  }
  await checkOutFiles(terminal.cwd, trace);
  const own = adversary === undefined ? undefined : await loadOwnCode(ADVERSARY, terminal.cwd, adversary);
  const run = await blaming(own, () => runMeasured(scenario, own?.value));
  if (trace !== undefined)
    await writeWholeFile(resolve(terminal.cwd, trace), traceJson(scenario, run.report, own?.file));
  if (!json) return terminal.out(`${scenarioTable(scenario, run)}${ownText(own)}`);
  const { report, messagesPerSecond } = run;
  const heights = report.heights.map(({ height: _, ...counts }) => counts);
  const { traceHash } = report;
  const said = { n: scenario.validators, f, heights, traceHash, messagesPerSecond };
  await terminal.out(`${JSON.stringify(own === undefined ? said : { ...said, adversary: own.file })}\n`);
}
