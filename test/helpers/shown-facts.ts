import { type Page, waitFor } from './page-browser.ts';

/** What a page shows that does not stand under the sign of the node's word: all but the verdict, what is on its way, and columns with ○. */
const FACTS = `(() => {
  const main = document.querySelector('main').cloneNode(true);
  for (const each of main.querySelectorAll('.verdict')) each.remove();
  for (const each of main.querySelectorAll('h3 .hearsay')) each.closest('section').remove();
  for (const { rows } of main.querySelectorAll('table')) {
    const heard = [...rows[0].cells].flatMap(({ textContent }, i) => (textContent.startsWith('○') ? [i] : []));
    for (const { cells } of rows) for (const i of heard.toReversed()) cells[i].remove();
  }
  return main.textContent;
})()`;

/** All of it, but for how long something stands still. */
const ALL = `document.querySelector('main').textContent.replace(/Nothing has changed for \\d+ s\\. /, '')`;

/** What a page has come to. */
export interface Shown {
  readonly verdict: string;
  readonly tone: string;
  /** Up to which height it says that it has verified, or before which it was shown what does not hold. */
  readonly height: number;
  readonly facts: string;
  readonly all: string;
}

/** Nothing of a verdict changes for so long: the node is asked twice a second. */
const STILL_MS = 1_500;

/** Waits until the page has come to a verdict and stays with it. */
export async function settled(page: Page): Promise<Shown> {
  // While it catches up, or begins, it has not.
  await waitFor(
    page,
    `document.querySelector('.turnstile') && !/the node says/.test(document.querySelector('.verdict').textContent)`,
  );
  let [before, since] = ['', performance.now()];
  for (;;) {
    const now = await shownIn(page);
    const is = `${now.tone} ${now.verdict} ${now.facts}`;
    if (is !== before) [before, since] = [is, performance.now()];
    const isStill = /bad|warn/.test(now.tone) || performance.now() - since > STILL_MS;
    if (isStill && !now.facts.includes('Looking for')) return now;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** What a page shows now. */
export async function shownIn(page: Page): Promise<Shown> {
  const [tone, verdict, facts, all] = (await page.evaluate(
    `[document.querySelector('.verdict').className.split(' ')[1], document.querySelector('.verdict [role=status]').textContent, ${FACTS}, ${ALL}]`,
  )) as [string, string, string, string];
  const verified = /up to height (\d+)/.exec(verdict)?.[1];
  const refused = /of height (\d+):/.exec(verdict)?.[1];
  const height = verified === undefined ? Number(refused ?? 1) - 1 : Number(verified);
  return { tone, verdict, height, facts, all };
}
