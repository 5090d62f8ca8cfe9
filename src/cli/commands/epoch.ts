import { join, relative, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { DEALING_HEIGHTS, EPOCH_HEIGHTS } from '../../committee/dealer.ts';
import { FormatError, type Problem } from '../../formats/errors.ts';
import { fileError } from '../../formats/problems.ts';
import type { MarketFile } from '../../formats/run-input.ts';
import { checkTransfers } from '../../formats/transfers.ts';
import { quorumOf } from '../../params/quorum.ts';
import { INTEGER_LAGRANGE_MAX } from '../../params/sizes.ts';
import type { Dissemination } from '../../validator/types.ts';
import type { EpochHooks, EpochOptions, EpochResult, KeysFrom } from '../epoch/types.ts';
import { epochJson } from '../epoch-json.ts';
import { COLOURED, formatEpoch, PLAIN } from '../epoch-report.ts';
import { CliError } from '../errors.ts';
import { checkOutFile } from '../files.ts';
import { checkOutDirectory, MARKER_FILE, type Terminal, writeOutDirectory } from '../io.ts';
import { PACKAGE_ROOT } from '../package-root.ts';
import { openProgress } from '../progress.ts';
import { readRunFiles } from '../run-files.ts';
import { wholeNumber } from '../whole-number.ts';

/** All validators of a run share one machine; decryption uses integer Lagrange coefficients up to here. */
const MOST_VALIDATORS = INTEGER_LAGRANGE_MAX;

const MOST_EPOCHS = 100;
/** Each of them registers for every epoch, with a proof. */
const MOST_MEMBERS = 100;
/** One height to register in, and those in which keys are dealt. */
const LEAST_EPOCH_HEIGHTS = DEALING_HEIGHTS + 1;

interface EpochFlags {
  readonly validators: number;
  readonly epochs: number;
  readonly registry?: number;
  readonly epochHeights?: number;
  readonly orders?: string;
  readonly market?: string;
  readonly heights?: number;
  readonly faulty: number;
  readonly dissemination: Dissemination;
  readonly seed: number;
  readonly crash: number;
  readonly keys: KeysFrom;
  readonly out: string;
  readonly force: boolean;
  readonly html?: string;
  readonly check: boolean;
  readonly json: boolean;
}

/** The engine behind the command; a test may put another in its place. */
export type RunEpoch = (options: EpochOptions, hooks: EpochHooks) => Promise<EpochResult>;

/** Adds `velum epoch`. @param engine loads what runs the epoch, after all input has been checked */
export function addEpochCommand(program: Command, terminal: Terminal, engine: () => Promise<RunEpoch>): void {
  program
    .command('epoch')
    .description(
      'Lets validators order, decrypt and settle the sealed orders of a file: real proofs, agreement and decryption.',
    )
    .option('--validators <n>', `validators, 1 to ${MOST_VALIDATORS}`, wholeNumber(1, MOST_VALIDATORS), 4)
    .option(
      '--epochs <n>',
      'epochs, each with a committee of its own to which the one before hands the keys on',
      wholeNumber(1, MOST_EPOCHS),
      1,
    )
    .option(
      '--registry <n>',
      'members from whom committees are drawn (default: the validators)',
      wholeNumber(1, MOST_MEMBERS),
    )
    .option(
      '--epoch-heights <L>',
      `heights after which the next epoch begins, if its keys are made (default: ${EPOCH_HEIGHTS})`,
      wholeNumber(LEAST_EPOCH_HEIGHTS, 1_000),
    )
    .option('--orders <file.csv>', 'orders to settle (default: examples/orders.csv of the package)')
    .option('--market <file.json>', 'market, notes and oracle prices (default: examples/market.json)')
    .option('--heights <n>', 'settle only the first n heights of the orders file', wholeNumber(1, 1_000))
    .option(
      '--faulty <k>',
      'Byzantine validators, at most (validators - 1)/3',
      wholeNumber(0, MOST_VALIDATORS),
      0,
    )
    .addOption(
      new Option('--dissemination <how>', 'how ballots spread').choices(['direct', 'stem']).default('direct'),
    )
    .option(
      '--seed <n>',
      'everything but the randomness of the proofs follows from it',
      wholeNumber(0, Number.MAX_SAFE_INTEGER),
      1,
    )
    .option(
      '--crash <n>',
      'drop validators n times, alone or together, also in the middle of a write, and restart them from their logs',
      wholeNumber(0, 1_000),
      0,
    )
    .addOption(
      new Option('--keys <how>', 'who makes the threshold keys: the validators together, or one dealer')
        .choices(['dkg', 'dealer'])
        .default('dkg'),
    )
    .option('--out <dir>', 'where the files go', 'out/epoch')
    .option('--force', 'replace an earlier output', false)
    .option('--html <file>', 'write one page with prices, auctions, equity and events as well')
    .option('--check', 'only check the files: run nothing, write nothing', false)
    .option('--json', 'print one JSON object instead of tables', false)
    .addHelpText('after', HELP)
    .action((flags: EpochFlags) => runCommand(flags, terminal, engine));
}

const HELP = `
Examples:
  velum epoch --orders examples/small.csv --out out/small
  velum epoch --validators 7 --faulty 2 --dissemination stem --seed 42 --out out/faulty --json
  velum epoch --orders examples/small.csv --crash 5 --out out/crash
  velum epoch --validators 16 --heights 1 --keys dealer --out out/quick
  velum epoch --epochs 3 --registry 10 --validators 4 --orders examples/epochs.csv --out out/epochs
With --epochs, members of the registry register for each next epoch in the first heights of the one before, and its committee deals the keys to
them in the last ${DEALING_HEIGHTS}. Heights without orders go on until the last epoch has settled one; after the last prices of the market file those go on.
Exit codes: 0 settled, 1 not settled, 2 wrong options or files, 70 a bug.
The files' formats: examples/README.md.`;

async function runCommand(
  flags: EpochFlags,
  terminal: Terminal,
  engine: () => Promise<RunEpoch>,
): Promise<void> {
  const outDir = resolve(terminal.cwd, flags.out);
  const { f } = quorumOf(flags.validators);
  if (flags.faulty > f)
    throw new CliError(
      'USAGE',
      `${flags.validators} validators tolerate ${f} faulty, not ${flags.faulty}: ` +
        `use --faulty ${f} or --validators ${3 * flags.faulty + 1}`,
    );
  checkEpochs(flags);
  const options = await readInput(flags, terminal.cwd);
  const html = flags.html === undefined ? undefined : resolve(terminal.cwd, flags.html);
  if (html !== undefined) await checkOutFile(html);
  if (flags.check) {
    const { heights, batches, market: checked } = options;
    const counts = { heights, batches: batches.length, transfers: checked.transfers.length };
    const words = Object.entries(counts).map(([what, n]) => `${n} ${what}`);
    return terminal.out(
      flags.json ? `${JSON.stringify(counts)}\n` : `The files are in order: ${words.join(', ')}.\n`,
    );
  }
  await checkOutDirectory(outDir, flags.force);

  const runEpoch = await engine();
  const progress = openProgress(terminal.isErrTty);
  let result: EpochResult;
  try {
    result = await runEpoch(options, { onProgress: progress.update });
  } finally {
    progress.stop();
  }

  const { params } = options.market;
  const places = {
    out: relative(terminal.cwd, outDir) || '.',
    ordersKey: relative(terminal.cwd, join(PACKAGE_ROOT, 'keys/orders/vkey.json')),
  };
  const report = epochJson(result, params, places.out);
  const files = result.heights.flatMap((height) => height.files);
  const marker = { path: MARKER_FILE, text: `${JSON.stringify(report, null, 2)}\n` };
  await checkOutDirectory(outDir, flags.force);
  await writeOutDirectory(outDir, [...files, marker]);
  if (html !== undefined) {
    const { writePage } = await import('../market/page.ts');
    await writePage(html, params, result.stories);
  }
  if (flags.json) await terminal.out(`${JSON.stringify(report)}\n`);
  else await terminal.out(formatEpoch(result, params, places, terminal.hasColour ? COLOURED : PLAIN));
}

/** @throws {CliError} USAGE for epochs and a registry that make no sense together */
function checkEpochs(flags: EpochFlags): void {
  const { validators, epochs, registry = validators, epochHeights } = flags;
  const refuse = (why: string): never => {
    throw new CliError('USAGE', why);
  };
  if (registry < validators)
    refuse(
      `a registry of ${registry} members has no ${validators} validators: use --registry ${validators} or more`,
    );
  if (epochs === 1 && (flags.registry !== undefined || epochHeights !== undefined))
    refuse(
      'one epoch has one committee and no end: leave --registry and --epoch-heights out, or use --epochs 2 or more',
    );
  const { f } = quorumOf(validators);
  if (registry > validators && f === 0)
    refuse(
      `${validators} validators tolerate no faulty one, so no seat changes hands and nobody else of the registry is ever seated: ` +
        'use --validators 4 or more, or leave --registry out',
    );
}

/** Both files, checked, and cut to the heights that are wanted. */
async function readInput(flags: EpochFlags, cwd: string): Promise<EpochOptions> {
  const { market, batches, marketName, ordersName } = await readRunFiles(flags, cwd);
  const last = batches.at(-1)!.height;
  const heights = flags.heights ?? last;
  if (heights > last)
    throw new CliError(
      'USAGE',
      last === 1
        ? `${ordersName} has orders for one height: leave --heights out`
        : `the orders of ${ordersName} end at height ${last}: use --heights 1 to ${last}`,
    );
  const { epochs, registry = flags.validators, epochHeights = EPOCH_HEIGHTS } = flags;
  if (epochs > 1 && heights > epochs * epochHeights) {
    const enough = Math.ceil(heights / epochs);
    throw new CliError(
      'USAGE',
      `${epochs} epochs of ${epochHeights} heights end with height ${epochs * epochHeights}, and the orders of ${ordersName} go on to height ${heights}: ` +
        `use --epoch-heights ${enough} or --epochs ${Math.ceil(heights / epochHeights)}, or fewer heights with --heights`,
    );
  }
  if (epochs === 1 && market.oracle.length <= heights)
    throw new FormatError(
      'MARKET_FILE',
      `${marketName} has oracle prices for heights 0 to ${market.oracle.length - 1}, but ${ordersName} needs ` +
        `them up to height ${heights}: add them under "oracle"`,
      { file: marketName },
    );
  const { validators, faulty, dissemination, seed, crash, keys } = flags;
  const wanted = batches.filter(({ height }) => height <= heights);
  const transfers = market.transfers.filter(({ height }) => height <= heights);
  checkTransfers(marketName, transfers, wanted);
  // Where epochs follow each other there is always something to register, to deal or to end.
  if (epochs === 1)
    checkQuietHeights(ordersName, marketName, market, { heights, batches: wanted, transfers });
  return {
    validators,
    epochs,
    registry,
    epochHeights,
    faulty,
    dissemination,
    heights,
    seed,
    crashes: crash,
    keys,
    market: { ...market, transfers },
    batches: wanted,
  };
}

/**
 * A height without orders and transfers is held if the index or a volatility moves: nothing else makes validators vote for it.
 * @throws {FormatError} ORDERS_FILE naming the heights at which nothing would happen
 */
function checkQuietHeights(
  ordersName: string,
  marketName: string,
  { oracle }: MarketFile,
  { heights, batches, transfers }: Pick<EpochOptions, 'heights' | 'batches'> & Pick<MarketFile, 'transfers'>,
): void {
  const busy = new Set([...batches, ...transfers].map(({ height }) => height));
  const problems: Problem[] = [];
  for (let h = 1; h <= heights; h++) {
    const isMoved = oracle[h]!.values.some((value, feed) => value !== oracle[h - 1]!.values[feed]);
    if (!busy.has(h) && !isMoved)
      problems.push({
        where: 'file',
        reason: `no orders for height ${h}, and no price of ${marketName} moves: nothing would happen`,
      });
  }
  if (problems.length > 0) throw fileError(FormatError.of('ORDERS_FILE'), ordersName, problems);
}
