import { relative } from 'node:path';
import type { Command } from 'commander';
import { formatDecimal, formatUsdc } from '../../formats/decimal.ts';
import { PORTFOLIO_FILE_BYTES, type Portfolio, parsePortfolioFile } from '../../formats/portfolio-file.ts';
import { equity } from '../../market/account.ts';
import {
  bankruptcyPrice,
  bankruptcyRating,
  fillablePrice,
  fillableSpread,
  liquidationPrice,
  sharesOf,
} from '../../market/liquidation.ts';
import { marginRequirement, openingEquity, withdrawable } from '../../market/margin.ts';
import type { Side } from '../../market/order.ts';
import { pricesOf } from '../../market/prices.ts';
import { abs } from '../../market/rounding.ts';
import type { InstrumentIndex } from '../../params/ids.ts';
import { inputPath } from '../input-file.ts';
import { readTextFile, type Terminal } from '../io.ts';
import { table } from '../table.ts';

/** Adds `velum market margin`. */
export function addMarketMarginCommand(market: Command, terminal: Terminal): void {
  market
    .command('margin')
    .description('Tells what a portfolio requires, is worth, and at which prices it would be liquidated.')
    .requiredOption('--portfolio <file.json>', 'market rules, index, marks, cash and positions')
    .option('--json', 'print one JSON object instead of tables', false)
    .addHelpText(
      'after',
      `
Example:
  velum market margin --portfolio examples/portfolio.json --json
Prints equity, openingEquity, initialMargin, maintenanceMargin, withdrawable, isLiquidated, and for each position
maintenance, liquidationPrice, bankruptcyPrice, fillablePrice: decimal strings, USDC and USDC a lot; a liquidationPrice
is null where no mark of that instrument alone would lead to liquidation.
Exit codes: 0 told, 2 wrong options or file.
The rules: src/market/README.md, Margin and Liquidation. The file: examples/README.md.`,
    )
    .action((flags: { portfolio: string; json: boolean }) => runMargin(flags, terminal));
}

async function runMargin(flags: { portfolio: string; json: boolean }, terminal: Terminal): Promise<void> {
  const path = inputPath(terminal.cwd, flags.portfolio);
  const file = relative(terminal.cwd, path);
  const portfolio = parsePortfolioFile(await readTextFile(path, PORTFOLIO_FILE_BYTES), file);
  const told = marginOf(portfolio);
  if (flags.json) {
    const json = JSON.stringify(told, (_, value) =>
      typeof value === 'bigint' ? formatDecimal(value) : value,
    );
    return terminal.out(`${json}\n`);
  }
  const usdcAlot = (price: bigint | null): string => (price === null ? 'never' : formatDecimal(price, 6, 2));
  const lines = [
    ...table(
      [
        ['Equity', formatUsdc(told.equity)],
        ['Opening equity', formatUsdc(told.openingEquity)],
        ['Initial margin', formatUsdc(told.initialMargin)],
        ['Maintenance margin', formatUsdc(told.maintenanceMargin)],
        ['Withdrawable', formatUsdc(told.withdrawable)],
        ['Liquidated', told.isLiquidated ? 'yes' : 'no'],
      ],
      ['left', 'right'],
    ),
    '',
    ...table(
      [
        ['Position', 'lots', 'mark', 'liquidated at', 'bankrupt at', 'fillable at'],
        ...told.positions.map((row) => [
          row.instrument,
          row.lots,
          usdcAlot(row.mark),
          usdcAlot(row.liquidationPrice),
          usdcAlot(row.bankruptcyPrice),
          usdcAlot(row.fillablePrice),
        ]),
      ],
      ['left', 'right', 'right', 'right', 'right', 'right'],
    ),
  ];
  return terminal.out(`${lines.join('\n')}\n`);
}

/** Amounts in units, prices in units per lot. */
function marginOf({ params, marks, index, account }: Portfolio) {
  const prices = pricesOf(params, marks, index);
  const { initial, maintenance } = marginRequirement(prices, account);
  const E = equity(account, marks);
  const { spreadPpm, patienceHeights } = params.liquidation;
  const rating = bankruptcyRating(E, maintenance, 0, patienceHeights);
  const at = (instrument: InstrumentIndex) => (mark: bigint) =>
    pricesOf(params, marks.with(instrument, mark), index);
  return {
    cash: account.cash,
    equity: E,
    openingEquity: openingEquity(prices, account),
    initialMargin: initial,
    maintenanceMargin: maintenance,
    withdrawable: withdrawable(prices, account, 0n),
    isLiquidated: E < maintenance,
    positions: sharesOf(prices, account).map(({ instrument, lots: held, weight, share }) => {
      const side: Side = held > 0n ? 'sell' : 'buy';
      const lots = abs(held);
      const mark = marks[instrument]!;
      return {
        instrument: params.instruments[instrument]!.name,
        lots: held.toString(),
        mark,
        maintenance: weight,
        liquidationPrice: liquidationPrice(at(instrument), account, instrument) ?? null,
        bankruptcyPrice: bankruptcyPrice(side, lots, mark, share),
        fillablePrice: fillablePrice(side, mark, fillableSpread(spreadPpm, rating, weight, lots)),
      };
    }),
  };
}
