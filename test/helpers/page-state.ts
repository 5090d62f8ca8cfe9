import { readFileSync } from 'node:fs';
import type { Json } from './lying-proxy.ts';
import { axeFile, type Page } from './page-browser.ts';

/** What is seriously in the way of somebody, with light and with dark colours, and whether a page is wider than its screen. */
export async function obstacles(page: Page, width: number): Promise<readonly string[]> {
  await page.evaluate(readFileSync(axeFile(), 'utf8'));
  const found: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    const { violations } = (await page.evaluate('axe.run()')) as Json;
    for (const { id, impact, nodes } of violations)
      if (impact === 'serious' || impact === 'critical')
        found.push(`${colorScheme} ${id}: ${nodes.map(({ target }: Json) => target)}`);
  }
  const wide = await page.evaluate('document.documentElement.scrollWidth');
  return wide === width ? found : [...found, `it is ${wide} pixels wide`];
}

/** All that a browser keeps for a page, as one text: bytes in hex. */
export const keptFor = async (page: Page): Promise<string> =>
  String(
    await page.evaluate(`new Promise((resolve, reject) => {
      const request = indexedDB.open('velum');
      request.onerror = () => reject(request.error);
      request.onsuccess = () => {
        const all = { local: { ...localStorage }, session: { ...sessionStorage }, cookie: document.cookie, kept: {} };
        const plain = (_, value) =>
          typeof value === 'bigint' ? String(value)
          : value instanceof Uint8Array ? Array.from(value, (byte) => byte.toString(16).padStart(2, '0')).join('')
          : value instanceof Map ? [...value] : value;
        request.result.transaction('kept').objectStore('kept').openCursor().onsuccess = ({ target: { result } }) => {
          if (result === null) { request.result.close(); resolve(JSON.stringify(all, plain)); return; }
          all.kept[result.key] = result.value;
          result.continue();
        };
      };
    })`),
  );

/** Notes as `told` what is said aloud of what is sent from now on, and what its bar shows. */
export const listenTo = (page: Page): Promise<unknown> =>
  page.evaluate(`void (() => {
    window.told = { said: [], percent: [] };
    new MutationObserver(() => {
      const note = (list, value) => value !== undefined && list.at(-1) !== value && list.push(value);
      note(told.said, document.querySelector('[data-job] [role=status][aria-live=polite]')?.innerText);
      note(told.percent, document.querySelector('[data-job] progress[aria-label]')?.value);
    }).observe(document.querySelector('#panel-trader'), { subtree: true, childList: true, characterData: true, attributes: true });
  })()`);

/** Where the tabulator goes, from where it is up to a last place: the name and the element of each, at most 60. */
export async function tabStops(page: Page, last: string): Promise<readonly string[]> {
  const stops: string[] = [];
  while (stops.at(-1) !== last && stops.length < 60) {
    await page.keyboard.press('Tab');
    const stop = await page.evaluate(`(({ tagName, innerText, labels, ariaLabel }) => {
      const name = labels?.[0]?.innerText ?? ariaLabel ?? innerText ?? '';
      return name.trim().split('\\n')[0] + ',' + tagName;
    })(document.activeElement)`);
    stops.push(String(stop));
  }
  return stops;
}
