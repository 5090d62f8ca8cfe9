/**
 * Takes the pictures of the page that the README shows, of a devnet that runs and has settled orders: the explorer at a desk with the height
 * that traded most, the same on a phone, and the trader's tab before two orders are sent.
 *   velum devnet up --orders examples/orders.csv --until-settled
 *   npm run browser:install && npx tsx scripts/page-screenshots.ts http://127.0.0.1:26700/ [--to docs] [--home out/devnet]
 */
import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Page, PageBrowser, until, verdictOf, waitFor } from '../test/helpers/page-browser.ts';

/** Bytes of a picture, at most. */
const LIMIT = 300_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    to: { type: 'string', default: 'docs' },
    home: { type: 'string', default: 'out/devnet' },
  },
});
const [url] = positionals;
if (url === undefined)
  throw new Error('usage: npx tsx scripts/page-screenshots.ts URL [--to DIR] [--home DIR]');

/** The verified height with the most fills, of those that the page lists. */
const BUSIEST = `[...document.querySelectorAll('a[href^="#explorer/"]')]
  .filter(({ textContent }) => /^\\d+$/.test(textContent))
  .map((link) => [Number(link.textContent), Number.parseInt(link.closest('tr')?.cells[4]?.textContent)])
  .sort(([, a], [, b]) => b - a)[0][0]`;

/** All that was asked for is verified. */
async function caughtUp(page: Page): Promise<void> {
  await verdictOf(page, 'good');
  await waitFor(page, `!document.querySelector('.verdict').textContent.includes('the node says')`);
}

async function busiestHeight(page: Page): Promise<void> {
  await page.evaluate(`void (location.hash = 'explorer/' + ${BUSIEST})`);
  await waitFor(page, `document.querySelector('.detail figure')`);
}

const saysInTrader = (page: Page, words: string): Promise<void> =>
  waitFor(page, `document.querySelector('#panel-trader').textContent.includes('${words}')`);

/** A new user with a note, who is about to send two orders. */
async function beforeOrders(page: Page): Promise<void> {
  const field = (form: string, name: string): string => `form[aria-labelledby=${form}] input[name=${name}]`;
  await page.click('#panel-trader input[type=checkbox]');
  await page.click('#panel-trader form button');
  for (const name of ['password', 'again'])
    await page.fill(field('make-keys', name), 'a password to look at');
  await page.click('form[aria-labelledby=make-keys] button');
  await waitFor(page, `document.querySelector('#holdings')`);
  const account = await page.locator('section[aria-labelledby=holdings] code >> nth=0').textContent();
  const program = join(import.meta.dirname, '../dist/cli/main.js');
  execFileSync(process.execPath, [program, 'devnet', 'fund', account!, '5000', '--home', values.home]);
  await saysInTrader(page, 'deposit: 5,000.00');
  await page.fill('form[aria-labelledby=move-shield] input', '3000');
  await page.click('form[aria-labelledby=move-shield] button');
  await waitFor(page, `document.querySelector('[data-job=settled]')`);
  for (const [i, side, instrument, limit] of [
    [0, 'buy', '0', '63'],
    [1, 'sell', '5', '25'],
  ] as const) {
    if (i === 1) await page.click('text=Add a second leg');
    const leg = `fieldset >> nth=${i} >> [name=`;
    await page.selectOption(`${leg}side]`, side);
    await page.selectOption(`${leg}instrument]`, instrument);
    await page.fill(`${leg}lots]`, '2');
    await page.fill(`${leg}limit]`, limit);
  }
  const review = `document.querySelector('section[aria-label="Before it is sent"]')`;
  // A note can be spent two heights after its shield.
  await until(async () => {
    await page.click('text=Look at what it costs and shows');
    await waitFor(page, review);
    return !String(await page.evaluate(`${review}.textContent`)).includes('WALLET_FUNDS');
  });
}

const browser = await PageBrowser.start();
try {
  for (const [name, tab, width, height, show] of [
    ['page-desk', 'explorer', 1280, 1500, busiestHeight],
    ['page-phone', 'explorer', 390, 1500, busiestHeight],
    ['page-trader', 'trader', 1280, 1640, beforeOrders],
  ] as const) {
    const { page, problems, leave } = await browser.visit(`${url}#${tab}`, width, height);
    await caughtUp(page);
    await show(page);
    const path = join(values.to, `${name}.png`);
    await page.screenshot({ path });
    await leave();
    if (problems.length > 0) throw new Error(problems.join('\n'));
    const { size } = statSync(path);
    console.log(`${path}: ${size} bytes`);
    if (size > LIMIT) throw new Error(`${path} has more than ${LIMIT} bytes`);
  }
} finally {
  await browser.close();
}
