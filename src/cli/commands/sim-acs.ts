import { resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { RbcName } from '../../consensus/protocol.ts';
import { quorumOf } from '../../params/quorum.ts';
import { MAX_PAYLOAD_BYTES, MAX_VALIDATORS } from '../../params/sizes.ts';
import type { Delay } from '../../sim/links.ts';
import {
  BROADCASTS,
  FAULTS,
  type FaultName,
  PROTOCOLS,
  type ProtocolName,
  parseDelay,
  type Scenario,
} from '../../sim/scenario.ts';
import { CliError } from '../errors.ts';
import { checkOutFiles, writeWholeFile } from '../files.ts';
import type { Terminal } from '../io.ts';
import { runMeasured, scenarioTable } from '../sim/run-scenario.ts';
import { traceJson } from '../sim/trace-file.ts';
import { wholeNumber } from '../whole-number.ts';

interface SimFlags {
  readonly validators: number;
  readonly payloadBytes: number;
  readonly faulty: number;
  readonly fault?: FaultName;
  readonly delay: Delay;
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
    .addOption(
      new Option('--delay <d>', 'const:MS, uniform:FROM:TO, exp:MEAN or wan (ten cloud regions)')
        .argParser(delayOf)
        .default({ kind: 'const', ms: 100 } satisfies Delay, 'const:100'),
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
--rbc is the broadcast of first-hand and bkr; pbft and hotstuff have none, that of fin is digest, alea has its own.
With fin, coins are the lots that were drawn and the coins of its agreements. A height of alea delivers n - f proposals, one after the other.
Counts are per correct validator and height: protocol messages (votes singly), frames, bytes in the frame encoding.
Exit codes: 0 all properties hold, 1 one is broken (the message has the command that repeats it), 2 wrong options.`;

function delayOf(text: string): Delay {
  const delay = parseDelay(text);
  if (delay !== undefined) return delay;
  throw new InvalidArgumentError('const:MS, uniform:FROM:TO, exp:MEAN or wan is expected, at most 60000 ms.');
}

async function runCommand({ trace, json, ...flags }: SimFlags, terminal: Terminal): Promise<void> {
  if (flags.fault !== undefined && flags.faulty === 0)
    throw new CliError(
      'USAGE',
      `--fault ${flags.fault} plays no part without faulty validators: add --faulty K`,
    );
  const scenario: Scenario = { ...flags, fault: flags.fault ?? 'crash' };
  const { f } = quorumOf(scenario.validators);
  if (scenario.faulty > f) {
    throw new CliError(
      'USAGE',
      `${scenario.validators} validators tolerate ${f} faulty, not ${scenario.faulty}: use --faulty ${f} or --validators ${3 * scenario.faulty + 1}`,
    );
  }
  await checkOutFiles(terminal.cwd, trace);
  const run = await runMeasured(scenario);
  if (trace !== undefined)
    await writeWholeFile(resolve(terminal.cwd, trace), traceJson(scenario, run.report));
  if (!json) return terminal.out(scenarioTable(scenario, run));
  const { report, messagesPerSecond } = run;
  const heights = report.heights.map(({ height: _, ...counts }) => counts);
  const { traceHash } = report;
  await terminal.out(
    `${JSON.stringify({ n: scenario.validators, f, heights, traceHash, messagesPerSecond })}\n`,
  );
}
