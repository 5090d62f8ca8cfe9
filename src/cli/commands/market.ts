import type { Command } from 'commander';
import type { Terminal } from '../io.ts';
import { addMarketClearCommand } from './market-clear.ts';
import { addMarketDiffCommand } from './market-diff.ts';
import { addMarketFundingCommand } from './market-funding.ts';
import { addMarketMarginCommand } from './market-margin.ts';
import { addMarketOptionCommand } from './market-option.ts';
import { addMarketReplayCommand } from './market-replay.ts';
import { addMarketSimulateCommand } from './market-simulate.ts';

/** Adds `velum market` and what it can do: the market's rules on plain files. */
export function addMarketCommand(program: Command, terminal: Terminal): void {
  const market = program
    .command('market')
    .description(
      "Applies the market's rules to plain files: auctions, margin, options, funding, simulate, diff, replay.",
    )
    .helpCommand(false)
    .addHelpText('after', '\nExample:\n  velum market clear --book examples/book.csv --json');
  addMarketClearCommand(market, terminal);
  addMarketMarginCommand(market, terminal);
  addMarketOptionCommand(market, terminal);
  addMarketFundingCommand(market, terminal);
  addMarketReplayCommand(market, terminal);
  addMarketSimulateCommand(market, terminal);
  addMarketDiffCommand(market, terminal);
}
