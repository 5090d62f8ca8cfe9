import { expect, test } from 'vitest';
import { GENESIS_FILE_BYTES } from '../../src/formats/genesis-file.ts';
import { velum } from '../helpers/cli.ts';
import { type Page, type Visit, verdictOf, waitFor } from '../helpers/page-browser.ts';
import { asked } from '../helpers/running-rpc.ts';
import { otherwise, type TrafficProxy } from '../helpers/traffic-proxy.ts';

/** A browser in whose only tab a wallet is open. */
export interface OpenWallet {
  readonly visit: Visit;
  readonly proxy: TrafficProxy;
  /** Of the trader's tab. */
  readonly url: string;
  readonly password: string;
  /** Of the devnet. */
  readonly home: string;
}

const TRADER = `document.querySelector('#panel-trader').innerText`;
const UNLOCK = 'form[aria-labelledby=unlock]';
const says = (page: Page, words: string): Promise<void> => waitFor(page, `${TRADER}.includes('${words}')`);

/** The browser keeps what was verified after so many heights at most. */
const KEPT_EVERY = 16;

/** A deposit into an account that nobody has makes a height. @returns it */
async function heightMade(home: string): Promise<number> {
  const { stdout } = await velum('devnet', 'fund', `00${'ab'.repeat(31)}`, '1', '--home', home, '--json');
  return JSON.parse(stdout).height;
}

async function unlock(page: Page, password: string): Promise<void> {
  await waitFor(page, `document.querySelector('${UNLOCK}')`);
  await page.fill(`${UNLOCK} input`, password);
  await page.click(`${UNLOCK} button`);
}

/** What becomes of an open wallet when its node does not answer, in another tab, and of what was verified in the next visit. */
export function openWallet(opened: () => OpenWallet): void {
  test('calls the node silent for as long as it is, and not until the next height', async () => {
    const { visit, proxy } = opened();
    const { page } = visit;
    proxy.instead = otherwise('status', async () => ({
      error: { code: -32_005, message: 'no', data: { code: 'RPC_RATE' } },
    }));
    await says(page, 'NODE_REFUSED');
    await waitFor(page, `document.querySelector('.verdict.warn')`);
    proxy.instead = undefined;
    await waitFor(page, `document.querySelector('.verdict.good')`);
    await waitFor(page, `!${TRADER}.includes('NODE_REFUSED')`);
  });

  test('tells after a reload what was sent before and may still be ordered, until it is settled', async () => {
    const { visit, proxy, url, password } = opened();
    const { page } = visit;
    const { result } = await asked(new URL(url).host, 'status');
    proxy.instead = otherwise('status', async () => ({ result }));
    await page.fill('form[aria-labelledby=move-shield] input', '11');
    await page.click('form[aria-labelledby=move-shield] button');
    await waitFor(page, `document.querySelector('[data-job=sent]')`);
    await page.reload();
    await unlock(page, password);
    await says(page, 'To send the same again may do it twice.');
    proxy.instead = undefined;
    await says(page, 'shield: 11.00');
    await waitFor(page, `!${TRADER}.includes('may do it twice')`);
  });

  test('does not believe a node that calls what was handed in by another name, and finds it in the chain', async () => {
    const { visit, proxy, url, password } = opened();
    const { page } = visit;
    proxy.instead = otherwise('submit', async ({ params }) => {
      const { result } = await asked(new URL(url).host, 'submit', params);
      return { result: { ...result, id: 'ab'.repeat(32) } };
    });
    await page.fill('form[aria-labelledby=move-shield] input', '12');
    await page.click('form[aria-labelledby=move-shield] button');
    await says(page, 'NODE_ID_FALSE');
    await says(page, 'it was not believed');
    proxy.instead = undefined;
    await page.click('text=Lock');
    await unlock(page, password);
    const history = `document.querySelector('section[aria-labelledby=happenings]')?.innerText`;
    await waitFor(page, `${history}?.includes('shield: 12.00')`);
  });

  test('is open in one tab of a browser alone', async () => {
    const { visit, url, password } = opened();
    const { page } = visit;
    const tab = await visit.another(url);
    const isOpen = (where: Page): Promise<void> => waitFor(where, `document.querySelector('#holdings')`);
    await unlock(tab, password);
    await says(tab, 'WALLET_OPEN');
    await page.click('text=Lock');
    await unlock(tab, password);
    await isOpen(tab);
    await unlock(page, password);
    await says(page, 'WALLET_OPEN');
    expect(await page.locator('#holdings').count()).toBe(0);
    await tab.close();
    await unlock(page, password);
    await isOpen(page);
  });
  test('and an old height is found in the next visit as well, though nothing of it is verified anew', async () => {
    const { visit, proxy, url, home } = opened();
    while ((await heightMade(home)) < KEPT_EVERY);
    const tab = await visit.another(url.replace('#trader', '#explorer/2'));
    const isThere = (): Promise<void> =>
      waitFor(tab, `document.querySelector('#detail-title')?.textContent.startsWith('Height 2 ')`);
    await isThere();
    await waitFor(tab, `document.activeElement?.id === 'detail-title'`);
    const heights: number[] = [];
    proxy.instead = otherwise('block', async ({ params }) => {
      heights.push(params.height);
      return { error: { code: -32_003, message: 'no', data: { code: 'RPC_PRUNED' } } };
    });
    await tab.reload();
    await isThere();
    expect(heights).not.toContain(2);
    proxy.instead = undefined;
    await tab.close();
  });

  test('and another visit begins as soon as the genesis is to be had', async () => {
    const { visit, proxy, url } = opened();
    const tab = await visit.another(url.replace('#trader', ''));
    proxy.instead = async ({ path }) =>
      path === '/genesis.json' ? Buffer.alloc(GENESIS_FILE_BYTES + 1) : undefined;
    await tab.reload();
    expect(await verdictOf(tab, 'warn')).toContain('FILE_UNREADABLE');
    proxy.instead = undefined;
    await verdictOf(tab, 'good');
    await tab.close();
  });
}
