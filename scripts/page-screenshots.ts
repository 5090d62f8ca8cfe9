/**
 * Takes the pictures of the page that the README shows, of a devnet that runs and has settled orders: the explorer at a desk with the height
 * that traded most, the same on a phone, and the trader's tab.
 *   velum devnet up --orders examples/orders.csv --until-settled
 *   npm run browser:install && npx tsx scripts/page-screenshots.ts http://127.0.0.1:26700/ [--to docs]
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Page, PageBrowser, verdictOf, waitFor } from '../test/helpers/page-browser.ts';

/** Bytes of a picture, at most. */
const LIMIT = 300_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { to: { type: 'string', default: 'docs' } },
});
const [url] = positionals;
if (url === undefined) throw new Error('usage: npx tsx scripts/page-screenshots.ts URL [--to DIR]');

/** The verified height with the most fills, of those that the page lists. */
const BUSIEST = `[...document.querySelectorAll('a[href^="#explorer/"]')]
  .filter(({ textContent }) => /^\\d+$/.test(textContent))
  .map((link) => [Number(link.textContent), Number.parseInt(link.closest('tr')?.cells[4]?.textContent)])
  .sort(([, a], [, b]) => b - a)[0][0]`;

/** Nothing is on its way to another height, and what was searched for is there. */
async function atRest(page: Page, tab: string): Promise<void> {
  await verdictOf(page, 'good');
  await waitFor(page, `!document.querySelector('.verdict').textContent.includes('the node says')`);
  await waitFor(page, `document.querySelector('#panel-${tab}').textContent !== ''`);
}

const browser = await PageBrowser.start();
try {
  for (const [name, tab, width, height] of [
    ['page-desk', 'explorer', 1280, 1500],
    ['page-phone', 'explorer', 390, 1500],
  ] as const) {
    const { page, problems, leave } = await browser.visit(`${url}#${tab}`, width, height);
    await atRest(page, tab);
    if (tab === 'explorer') {
      await page.evaluate(`void (location.hash = 'explorer/' + ${BUSIEST})`);
      await waitFor(page, `document.querySelector('.detail figure')`);
    }
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
