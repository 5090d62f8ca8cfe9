import { resolve } from 'node:path';
import type { Command } from 'commander';
import { FormatError } from '../../formats/errors.ts';
import { MAX_RUN_HEIGHT } from '../../formats/run-input.ts';
import { checkTransfers } from '../../formats/transfers.ts';
import { checkOutFile } from '../files.ts';
import { checkOutDirectory, MARKER_FILE, type Terminal, writeOutDirectory } from '../io.ts';
import { simulateMarket } from '../market/simulate.ts';
import { runJson } from '../market/story-json.ts';
import { runText } from '../market/story-text.ts';
import { readRunFiles } from '../run-files.ts';
import { wholeNumber } from '../whole-number.ts';

interface SimulateFlags {
  readonly orders?: string;
  readonly market?: string;
  readonly heights?: number;
  readonly seed: number;
  readonly out?: string;
  readonly force: boolean;
  readonly html?: string;
  readonly json: boolean;
}

/** Adds `velum market simulate`. */
export function addMarketSimulateCommand(market: Command, terminal: Terminal): void {
  market
    .command('simulate')
    .description('Settles the files of velum epoch by the same rules, without proofs and consensus.')
    .option('--orders <file.csv>', 'orders, as for velum epoch (default: examples/orders.csv of the package)')
    .option('--market <file.json>', 'market, notes, oracle prices (default: examples/market.json)')
    .option(
      '--heights <n>',
      'the first n heights (default: all that have oracle prices)',
      wholeNumber(1, MAX_RUN_HEIGHT),
    )
    .option('--seed <n>', 'who wins ties follows from it', wholeNumber(0, Number.MAX_SAFE_INTEGER), 1)
    .option('--out <dir>', 'write report.json there')
    .option('--force', 'replace an earlier output', false)
    .option('--html <file>', 'write one page: prices, auctions, equity, events; it needs nothing else')
    .option('--json', 'print one JSON object instead of tables', false)
    .addHelpText(
      'after',
      `
Example:
  velum market simulate --orders examples/story.csv --market examples/story.json --html story.html
Prints for each height events (funding, expiry, liquidation, penalty, insurancePaid, deleverage, haircut, halt, resume,
drop, transfer), orders that did not fill and why, and every account that changed; then a statement of every account
that adds up to its cash and equity. --json lists all accounts at each height. At heights without orders the market moves.
Exit codes: 0 settled, 1 a batch that no note can pay, 2 wrong options or files.
The rules: src/market/README.md. The files: examples/README.md.`,
    )
    .action((flags: SimulateFlags) => runSimulate(flags, terminal));
}

async function runSimulate(flags: SimulateFlags, terminal: Terminal): Promise<void> {
  const { cwd } = terminal;
  const { market, batches, marketName } = await readRunFiles(flags, cwd);
  const last = market.oracle.length - 1;
  const heights = flags.heights ?? last;
  if (heights > last)
    throw new FormatError(
      'MARKET_FILE',
      `${marketName} has oracle prices up to height ${last}: add them under "oracle", or use --heights ${last}`,
      { file: marketName },
    );
  const wanted = batches.filter(({ height }) => height <= heights);
  const transfers = market.transfers.filter(({ height }) => height <= heights);
  checkTransfers(marketName, transfers, wanted);
  const out = flags.out === undefined ? undefined : resolve(cwd, flags.out);
  const html = flags.html === undefined ? undefined : resolve(cwd, flags.html);
  if (html !== undefined) await checkOutFile(html);
  if (out !== undefined) await checkOutDirectory(out, flags.force);

  const stories = simulateMarket({
    market: { ...market, transfers },
    batches: wanted,
    heights,
    seed: flags.seed,
  });
  const json = runJson(market.params, stories);
  if (out !== undefined) {
    const report = { velum: 'market simulate', market: market.params.name, seed: flags.seed, ...json };
    await writeOutDirectory(out, [{ path: MARKER_FILE, text: `${JSON.stringify(report, null, 2)}\n` }]);
  }
  if (html !== undefined) {
    const { writePage } = await import('../market/page.ts');
    await writePage(html, market.params, stories);
  }
  await terminal.out(flags.json ? `${JSON.stringify(json)}\n` : runText(market.params, stories));
}
