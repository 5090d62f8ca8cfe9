import { expect, test } from 'vitest';
import { velum } from '../helpers/cli.ts';
import { type Page, type Visit, waitFor } from '../helpers/page-browser.ts';
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

  test('is open in one tab of a browser alone', async () => {
    const { visit, url, password } = opened();
    const { page } = visit;
    const tab = await visit.another(url);
    const unlock = async (where: Page): Promise<void> => {
      await waitFor(where, `document.querySelector('${UNLOCK}')`);
      await where.fill(`${UNLOCK} input`, password);
      await where.click(`${UNLOCK} button`);
    };
    const isOpen = (where: Page): Promise<void> => waitFor(where, `document.querySelector('#holdings')`);
    await unlock(tab);
    await says(tab, 'WALLET_OPEN');
    await page.click('text=Lock');
    await unlock(tab);
    await isOpen(tab);
    await unlock(page);
    await says(page, 'WALLET_OPEN');
    expect(await page.locator('#holdings').count()).toBe(0);
    await tab.close();
    await unlock(page);
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
    const asked: number[] = [];
    proxy.instead = otherwise('block', async ({ params }) => {
      asked.push(params.height);
      return { error: { code: -32_003, message: 'no', data: { code: 'RPC_PRUNED' } } };
    });
    await tab.reload();
    await isThere();
    expect(asked).not.toContain(2);
    proxy.instead = undefined;
    await tab.close();
  });
}
