import { z } from 'zod';
import { fromHex } from '../base/bytes.ts';
import { MAX_BALLOT_ITEMS } from '../params/sizes.ts';
import type { Problem } from './errors.ts';
import { FormatError } from './errors.ts';
import { textOf, usdc } from './json-file.ts';
import { isName, NAME_RULE } from './names.ts';
import { fileError, quote } from './problems.ts';
import type { FileBatch, FileTransfer } from './run-input.ts';
import { MAX_RUN_HEIGHT } from './run-input.ts';

/** Deposits, shields and withdrawals of a market file: what crosses the edge of the accounts besides batches. */

const MAX_TRANSFERS = 10_000;
/** Before the name of the batch whose own account is meant. */
const FRESH_OF = 'fresh:';

/** 20 bytes are an address as an EVM's ABI writes it into 32: zeros before it. */
const place = textOf('a destination of 20 or 32 bytes, 0x and hex, not all zero,', (text) => {
  const bytes = /^0x/.test(text) ? fromHex(text.slice(2)) : undefined;
  if (bytes === undefined || bytes.every((byte) => byte === 0)) return undefined;
  if (bytes.length === 32) return bytes;
  return bytes.length === 20 ? Uint8Array.of(...new Uint8Array(12), ...bytes) : undefined;
});
const common = {
  height: z.int('a whole number is expected').min(1, 'heights count from 1').max(MAX_RUN_HEIGHT),
  name: z.string('a name is expected'),
  trader: z.string('a trader is expected'),
  account: z.string('an account is expected'),
  amount: usdc,
};
const row = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({ kind: z.literal('deposit'), ...common }),
    z.strictObject({ kind: z.literal('shield'), ...common }),
    z.strictObject({ kind: z.literal('withdraw'), ...common, to: place }),
  ],
  '"kind" must be "deposit", "shield" or "withdraw"',
);

/** The list, as files give it. */
export const transfersSchema = z
  .array(row)
  .max(MAX_TRANSFERS, `at most ${MAX_TRANSFERS} transfers are possible`)
  .default([]);

/** @returns the transfers; what their content breaks goes to `problems` */
export function readTransfers(
  rows: z.infer<typeof transfersSchema>,
  traders: ReadonlySet<string>,
  problems: Problem[],
): FileTransfer[] {
  const seen = new Set<string>();
  rows.forEach(({ name, trader, account }, i) => {
    const problem = (field: string, reason: string): number =>
      problems.push({ where: `$.transfers[${i}].${field}`, reason });
    if (!isName(name)) problem('name', `${NAME_RULE} is expected, found ${quote(name)}`);
    else if (seen.has(name.toLowerCase()))
      problem('name', `${quote(name)} is used twice; case does not count`);
    seen.add(name.toLowerCase());
    if (!traders.has(trader)) problem('trader', `${quote(trader)} is no trader of this file`);
    if (!isName(account.replace(FRESH_OF, '')))
      problem(
        'account',
        `${NAME_RULE}, or fresh: and the name of a batch, is expected, found ${quote(account)}`,
      );
    else if (account === 'fresh') problem('account', 'a fresh account is named by its batch: fresh:<batch>');
  });
  return rows.map((transfer) => ({ ...transfer, to: 'to' in transfer ? transfer.to : undefined }));
}

/**
 * What a market file's transfers and the orders beside it break together.
 * @param transfers, batches of the heights to be run
 * @throws {FormatError} MARKET_FILE with all problems
 */
export function checkTransfers(
  file: string,
  transfers: readonly FileTransfer[],
  batches: readonly FileBatch[],
): void {
  const problems: Problem[] = [];
  const names = new Set(batches.map(({ name }) => name.toLowerCase()));
  const isFresh = (account: string, trader: string, height: number): boolean =>
    batches.some(
      (batch) =>
        FRESH_OF + batch.name === account &&
        batch.account === undefined &&
        batch.trader === trader &&
        batch.height < height,
    );
  const counts = new Map<number, number>();
  for (const { height } of [...batches, ...transfers]) counts.set(height, (counts.get(height) ?? 0) + 1);
  for (const { name, account, trader, height } of transfers) {
    const where = `$.transfers, ${name}`;
    if (names.has(name.toLowerCase()))
      problems.push({ where, reason: 'a batch of the orders has this name' });
    if (account.startsWith(FRESH_OF) && !isFresh(account, trader, height))
      problems.push({
        where,
        reason: `${account} is no fresh account that ${trader} has before height ${height}`,
      });
  }
  for (const [height, count] of counts)
    if (count > MAX_BALLOT_ITEMS)
      problems.push({
        where: '$.transfers',
        reason: `${count} batches and transfers at height ${height}; a ballot lists ${MAX_BALLOT_ITEMS}`,
      });
  if (problems.length > 0) throw fileError(FormatError.of('MARKET_FILE'), file, problems);
}
