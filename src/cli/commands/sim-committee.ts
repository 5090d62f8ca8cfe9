import type { Command } from 'commander';
import { type AttackedResult, STALL_DELAYS } from '../../committee/attacked-run.ts';
import { ATTACKS } from '../../committee/attacks/attacks.ts';
import { DEALING_ATTACKS, RESHARING_ATTACKS } from '../../committee/dealing-attacks.ts';
import { quorumOf } from '../../params/quorum.ts';
import { MAX_VALIDATORS } from '../../params/sizes.ts';
import { loadBatchKernels } from '../../proofs/wasm-batch-kernels.ts';
import { CliError } from '../errors.ts';
import { endingAtOnce } from '../interrupt.ts';
import type { Terminal } from '../io.ts';
import { ATTACK } from '../sim/check-own-code.ts';
import { DELAY_HELP, type DelayOption, delayOf, readDelay } from '../sim/delays.ts';
import { ADVERSARY_OPTION, blaming, loadOwnCode, ownText } from '../sim/own-code.ts';
import { attackText, inTime, runAttack } from '../sim/run-attack.ts';
import {
  CRASH_IN_ROTATION,
  type DealingAttackOptions,
  dealingAttackText,
  runDealingAttack,
} from '../sim/run-dealing-attack.ts';
import { table, wrap } from '../table.ts';
import { wholeNumber } from '../whole-number.ts';

interface CommitteeFlags {
  readonly validators: number;
  readonly faulty?: number;
  readonly attack?: string;
  readonly adversary?: string;
  readonly delay?: DelayOption;
  readonly heights: number;
  readonly seed: number;
  readonly json: boolean;
}

/** In place of a name: explains the attacks there are. */
const LIST = 'list';

/** Adds `velum sim committee`. */
export function addSimCommitteeCommand(sim: Command, terminal: Terminal): void {
  sim
    .command('committee')
    .description('Runs whole validators under a named attack, in virtual time, without proofs.')
    .option('--validators <n>', `validators, 1 to ${MAX_VALIDATORS}`, wholeNumber(1, MAX_VALIDATORS), 4)
    .option(
      '--faulty <k>',
      'Byzantine validators, fewer than all (default: as many as the committee tolerates)',
      wholeNumber(0, MAX_VALIDATORS),
    )
    .option('--attack <name>', `what is done to them; \`${LIST}\` explains each (default: none)`)
    .option(ADVERSARY_OPTION[0], 'in place of --attack: a file of your own, ./mine.ts, ./mine.mjs')
    .option('--delay <d>', `${DELAY_HELP} (default: uniform:50:150)`, delayOf)
    .option('--heights <h>', 'heights', wholeNumber(1, 10_000), 8)
    .option('--seed <s>', 'everything follows from it', wholeNumber(0, Number.MAX_SAFE_INTEGER), 1)
    .option('--json', 'print one JSON object instead of a table', false)
    .addHelpText('after', HELP)
    .action((flags: CommitteeFlags) => runCommand(flags, terminal));
}

const HELP = `
Examples:
  velum sim committee --validators 7 --faulty 2 --attack slow-then-silent --heights 8 --seed 3
  velum sim committee --validators 7 --attack two-dealings
  velum sim committee --attack crash-in-rotation --seed 5
  velum sim committee --attack ${LIST}
  velum sim committee --adversary ./late-ballots.ts --delay latencies.csv
An attack of your own is a file that exports a \`CommitteeAttack\` of velum/committee by default; docs/OWN-EXPERIMENTS.md has one, and the
form of a file of latencies. It is code: it may do what you may.
At every height one honest batch, one action and one deposit arrive. The phases of an attack are shares of the heights. Proofs
are answered by an oracle; everything else is what validators run. A run ends when every correct validator has certified the last
height, or stalls: nobody certifies anything for ${STALL_DELAYS} delays (of 100 ms, or of --delay if that is longer). With more than (validators - 1)/3 faulty ones a stall or a fork is
possible; a fork is reported as an error. Attacks on dealings are tried where the first keys are generated and where a
committee hands its keys on to the next one, over the border between two epochs: --heights means nothing for them, and a line a member
says what became of its dealing.
Exit codes: 0 nothing stalled and no fault was recorded against a correct validator, 1 otherwise, 2 wrong options.`;

async function runCommand(flags: CommitteeFlags, terminal: Terminal): Promise<void> {
  const { json, validators, heights, seed, adversary, delay } = flags;
  if (flags.attack === LIST) return terminal.out(json ? `${JSON.stringify(listed())}\n` : listText());
  if (flags.attack !== undefined && adversary !== undefined)
    throw new CliError('USAGE', '--attack and --adversary both say what is done to them: leave one out');
  const { attack: name = 'none' } = flags;
  const attack = ATTACKS.find((each) => each.name === name);
  const dealing = OF_KEYS.find((each) => each.name === name);
  if (attack === undefined && dealing === undefined) {
    const names = ALL.map((each) => each.name).join(', ');
    throw new CliError('USAGE', `there is no attack ${name}: use --attack ${LIST}, or one of ${names}`);
  }
  const { f } = quorumOf(validators);
  const { faulty = f } = flags;
  if (faulty >= validators) {
    throw new CliError(
      'USAGE',
      `of ${validators} validators ${faulty} cannot be faulty, for one has to be correct: use --faulty ${f}`,
    );
  }
  if (attack === undefined) {
    if (delay !== undefined) throw new CliError('USAGE', `--delay plays no part with ${name}: leave it out`);
    const liars = dealing === CRASH_IN_ROTATION ? 0 : faulty;
    const kernels = await loadBatchKernels();
    return runDealers({ validators, seed, faulty: liars, attack: dealing!, kernels }, json, terminal);
  }
  const links = delay === undefined ? undefined : await readDelay(terminal.cwd, delay);
  const own = adversary === undefined ? undefined : await loadOwnCode(ATTACK, terminal.cwd, adversary);
  const kernels = await loadBatchKernels();
  const options = {
    validators,
    heights,
    seed,
    faulty,
    attack: own?.value ?? attack,
    kernels,
    ...inTime(links),
  };
  const measured = await blaming(own, () => runAttack(options));
  const { result, heapMiB } = measured;
  const said = { ...result, heapMiB, ...(own === undefined ? {} : { adversary: own.file }) };
  await terminal.out(json ? `${JSON.stringify(said)}\n` : `${attackText(options, measured)}${ownText(own)}`);
  judge(result);
}

async function runDealers(options: DealingAttackOptions, json: boolean, terminal: Terminal): Promise<void> {
  const result = await endingAtOnce(async () => runDealingAttack(options));
  await terminal.out(json ? `${JSON.stringify(result)}\n` : dealingAttackText(options, result));
  judge(result);
}

/** @throws {CliError} ATTACK_HARMS */
function judge({
  stalled,
  faultsAgainstCorrect,
}: Pick<AttackedResult, 'stalled' | 'faultsAgainstCorrect'>): void {
  if (!stalled && faultsAgainstCorrect === 0) return;
  const what = [
    ...(stalled ? ['the run stalled'] : []),
    ...(faultsAgainstCorrect > 0 ? ['faults were recorded against correct validators'] : []),
  ];
  throw new CliError('ATTACK_HARMS', what.join(', and '), { isTold: true });
}

/** Attacks on keys that are generated or handed on. */
const OF_KEYS = [...DEALING_ATTACKS, ...RESHARING_ATTACKS, CRASH_IN_ROTATION];
/** All there are. */
const ALL: readonly { readonly name: string; readonly explains: string }[] = [...ATTACKS, ...OF_KEYS];

const listed = () => ({ attacks: ALL.map(({ name, explains }) => ({ name, explains })) });

function listText(): string {
  const width = Math.max(...ALL.map(({ name }) => name.length));
  const rows = ALL.flatMap(({ name, explains }) =>
    wrap(explains, 96 - width).map((line, i) => [i === 0 ? name : '', line.trim()]),
  );
  return `${table(rows).join('\n')}\n`;
}
