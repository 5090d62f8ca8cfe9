import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { INTEGER_LAGRANGE_MAX } from '../../params/sizes.ts';
import { answerNo } from '../answer-no.ts';
import type { ChaosReport } from '../devnet/chaos/run.ts';
import { CliError } from '../errors.ts';
import type { Terminal } from '../io.ts';
import { wholeNumber } from '../whole-number.ts';

interface Flags {
  readonly minutes: number;
  readonly seed: number;
  readonly validators: number;
  readonly home?: string;
  readonly json: boolean;
}

const MOST_MINUTES = 24 * 60;

/** Adds `velum devnet chaos`. */
export function addDevnetChaosCommand(devnet: Command, terminal: Terminal): void {
  devnet
    .command('chaos')
    .description('Tortures a devnet of its own, one node of which lies, and judges what became of its chain.')
    .requiredOption(
      '--minutes <m>',
      'how long disturbances go on; each kind comes once at least',
      wholeNumber(1, MOST_MINUTES),
    )
    .option('--seed <s>', 'which disturbances, in which order', wholeNumber(0, 2 ** 32 - 1), 1)
    .option('--validators <n>', `4 to ${INTEGER_LAGRANGE_MAX}`, wholeNumber(4, INTEGER_LAGRANGE_MAX), 7)
    .option('--home <dir>', 'a new folder for the devnet (default: one that is removed if all went well)')
    .option('--json', 'print one JSON object', false)
    .addHelpText('after', HELP)
    .action((flags: Flags) => run(flags, terminal));
}

const HELP = `
Example:
  velum devnet chaos --minutes 10 --seed 7 --json
Nodes are killed, stopped for longer than any time-out of their streams, cut off, left with half of a connection, reached slowly, and run with a wrong clock; one is Byzantine from the
beginning: it casts two ballots and lies in another way at each height. Traders go on trading. What is judged: all correct nodes come to one chain, which is replayed from the store
of each; no batch that was accepted is lost; a height is certified within a minute while n − f correct nodes are up; wrong clocks move no block's time; all catch up when it is over.
With --json prints {"validators", "seed", "minutes", "home", "liar", "seconds", "disturbances", "heights", "heightsPerMinute", "longestGapS", "batches": {"made", "ordered", "passed", "lost"},
"evidence", "memoryMB", "standstills", "problems", "reason"}; "home" is null if the folder was removed; "standstills": how often a busy machine let the command itself, which carries all links, stand still.
Exit codes: 0 all went well, 1 it did not, or the devnet did not start; 2 wrong options.`;

async function run({ minutes, seed, validators, home, json }: Flags, terminal: Terminal): Promise<void> {
  const named = home === undefined ? undefined : resolve(terminal.cwd, home);
  if (named !== undefined && existsSync(named))
    throw new CliError('USAGE', `${home} is there already: name a new folder`);
  const { runChaos } = await import('../devnet/chaos/run.ts');
  const dir = named ?? (await mkdtemp(join(tmpdir(), 'velum-chaos-')));
  const onProgress = (text: string): void => void terminal.err(`${text}\n`);
  const report = await runChaos({ validators, minutes, seed, dir, onProgress });
  const isWell = report.problems.length === 0;
  const isRemoved = named === undefined && isWell;
  if (isRemoved) await rm(dir, { recursive: true, force: true });
  const reason = isWell ? null : report.problems.join('; ');
  const answer = { validators, seed, minutes, home: isRemoved ? null : dir, ...report, reason };
  if (!isWell) {
    const no = new CliError('DEVNET_FAILED', `the devnet in ${dir} did not bear it: ${reason}`);
    return answerNo(terminal, { json }, answer, no);
  }
  await terminal.out(json ? `${JSON.stringify(answer)}\n` : `${linesOf(report).join('\n')}\n`);
}

function linesOf(report: ChaosReport): string[] {
  const { heights, heightsPerMinute, longestGapS, batches, evidence, memoryMB, disturbances, seconds } =
    report;
  const inflicted = Object.entries(disturbances).map(([kind, count]) => `${count} ${kind}`);
  return [
    `All correct nodes have one chain of ${heights} heights, replayed from the store of each.`,
    `  suffered  ${inflicted.join(', ')} in ${seconds} s, beside node ${report.liar} that lied`,
    `  progress  ${heightsPerMinute} heights a minute; at most ${longestGapS} s without one while enough nodes were up`,
    `  batches   ${batches.made} made, ${batches.ordered} ordered, ${batches.passed} whose window passed, none lost`,
    `  evidence  ${evidence} pieces in the blocks`,
    ...(memoryMB === null ? [] : [`  memory    ${memoryMB} MB of all processes at most`]),
  ];
}
