import { join, relative } from 'node:path';
import { MARKET_FILE_BYTES, parseMarketFile } from '../formats/market-file.ts';
import { ORDERS_FILE_BYTES, parseOrdersFile } from '../formats/orders-file.ts';
import type { FileBatch, MarketFile } from '../formats/run-input.ts';
import { inputPath } from './input-file.ts';
import { readTextFile } from './io.ts';
import { PACKAGE_ROOT } from './package-root.ts';

/** The files of a run, and what messages call them. */
export interface RunFiles {
  readonly market: MarketFile;
  readonly batches: readonly FileBatch[];
  readonly marketName: string;
  readonly ordersName: string;
}

/**
 * Reads and checks a market and an orders file; those of the package where none is named.
 * @throws {FormatError} MARKET_FILE, ORDERS_FILE
 */
export async function readRunFiles(
  named: { readonly orders?: string; readonly market?: string },
  cwd: string,
): Promise<RunFiles> {
  const [marketPath, ordersPath] = [
    named.market === undefined ? join(PACKAGE_ROOT, 'examples/market.json') : inputPath(cwd, named.market),
    named.orders === undefined ? join(PACKAGE_ROOT, 'examples/orders.csv') : inputPath(cwd, named.orders),
  ];
  const [marketName, ordersName] = [relative(cwd, marketPath), relative(cwd, ordersPath)];
  const market = parseMarketFile(await readTextFile(marketPath, MARKET_FILE_BYTES), marketName);
  const batches = parseOrdersFile(await readTextFile(ordersPath, ORDERS_FILE_BYTES), ordersName, market);
  return { market, batches, marketName, ordersName };
}
