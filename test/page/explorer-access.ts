import { expect, test } from 'vitest';
import { type Page, verdictOf, waitFor } from '../helpers/page-browser.ts';
import { isVerifiedTo, type PageLab } from '../helpers/page-lab.ts';
import { inResultOf } from '../helpers/page-proxy.ts';
import { obstacles } from '../helpers/page-state.ts';

/** Names of the page's tabs, in their order. */
const tabsOf = async (page: Page): Promise<readonly string[]> =>
  (await page.evaluate(
    `[...document.querySelectorAll('[role=tab]')].map(({ id }) => id.replace('tab-', ''))`,
  )) as string[];

const chosen = (tab: string): string =>
  `document.querySelector('[aria-selected=true]').id === 'tab-${tab}' && !document.querySelector('#panel-${tab}').hidden`;

export function everybody(lab: PageLab): void {
  test.each([
    ['a desk', 1280],
    ['a phone', 390],
  ] as const)(
    'nothing serious is in the way of anybody on %s (%i pixels), in light or dark, and nothing is wider than the screen',
    async (_what, width) => {
      const { page } = await lab.visit(`${lab.page}#explorer/${await lab.tip()}`, width, 844);
      await isVerifiedTo(page, await lab.tip());
      await waitFor(page, `document.querySelector('.detail')`);
      const tabs = await tabsOf(page);
      expect(tabs).toEqual(expect.arrayContaining(['explorer', 'trader', 'bench']));
      for (const tab of tabs) {
        await page.click(`#tab-${tab}`);
        await waitFor(page, chosen(tab));
        expect([tab, await obstacles(page, width)]).toEqual([tab, []]);
      }
    },
  );

  test('a red verdict is in nobody’s way either', async () => {
    lab.proxy.begin(inResultOf('status', (status) => ({ ...status, chain: 'ab'.repeat(32) })));
    const { page } = await lab.visit(lab.page, 390, 844);
    await verdictOf(page, 'bad');
    expect(await obstacles(page, 390)).toEqual([]);
  });

  test('axe finds what is wrong with a picture that says nothing', async () => {
    const { page } = await lab.visit(lab.page);
    await verdictOf(page, 'good');
    await page.evaluate(`document.querySelector('main').append(new Image())`);
    expect(await obstacles(page, 1200)).toEqual([
      'light image-alt: main > img',
      'dark image-alt: main > img',
    ]);
  });

  test('the arrow keys go from tab to tab, and what has the focus is seen', async () => {
    const { page } = await lab.visit(lab.page);
    await verdictOf(page, 'good');
    const focused = (): Promise<unknown> => page.evaluate('document.activeElement.id');
    const outline = (): Promise<unknown> =>
      page.evaluate(
        `(({ outlineStyle, outlineWidth }) => [outlineStyle, outlineWidth])(getComputedStyle(document.activeElement))`,
      );
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    const tabs = await tabsOf(page);
    const steps = [
      ...[...tabs.slice(1), tabs[0]!].map((tab) => ['ArrowRight', tab] as const),
      ...tabs.toReversed().map((tab) => ['ArrowLeft', tab] as const),
      ['End', tabs.at(-1)!] as const,
      ['Home', tabs[0]!] as const,
    ];
    for (const [key, tab] of steps) {
      await page.keyboard.press(key);
      await waitFor(page, chosen(tab));
      expect([await focused(), await outline()]).toEqual([`tab-${tab}`, ['solid', '3px']]);
      expect(await page.evaluate('location.hash')).toBe(`#${tab}`);
    }
  });

  test('the first thing that the tabulator comes to skips the tabs', async () => {
    const { page } = await lab.visit(lab.page);
    await verdictOf(page, 'good');
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.className')).toBe('skip');
    expect(await page.evaluate('document.activeElement.getBoundingClientRect().left >= 0')).toBe(true);
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('panel-explorer');
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.id')).toBe('search');
  });
}
