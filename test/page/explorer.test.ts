import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { velum } from '../helpers/cli.ts';
import type { Json } from '../helpers/lying-proxy.ts';
import { axeFile, type Page, PageBrowser, type Visit, verdictOf, waitFor } from '../helpers/page-browser.ts';
import { asked } from '../helpers/running-rpc.ts';

const scratch = mkdtempSync(join(tmpdir(), 'velum-page-'));
const home = join(scratch, 'net');
const ACCOUNT = `00${'ab'.repeat(31)}`;
let browser: PageBrowser;
/** Where the devnet's first node serves the page. */
let served: string;
const visits: Visit[] = [];

beforeAll(async () => {
  browser = await PageBrowser.start();
  const up = await velum(
    ...['devnet', 'up', '--orders', 'examples/small.csv', '--until-settled', '--home', home, '--json'],
  );
  expect([up.code, up.code === 0 ? '' : up.stderr]).toEqual([0, '']);
  const { page, nodes } = JSON.parse(up.stdout);
  expect(nodes).toHaveLength(4);
  served = page;
});
afterEach(async () => {
  await Promise.all(visits.splice(0).map((each) => each.leave()));
});
afterAll(async () => {
  await browser?.close();
  await velum('devnet', 'down', '--home', home);
  rmSync(scratch, { recursive: true, force: true });
});

async function visit(url: string, width?: number, height?: number): Promise<Visit> {
  const one = await browser.visit(url, width, height);
  visits.push(one);
  return one;
}

const fund = async (): Promise<number> => {
  const { code, stdout, stderr } = await velum(...['devnet', 'fund', ACCOUNT, '7', '--home', home, '--json']);
  expect([code, code === 0 ? '' : stderr]).toEqual([0, '']);
  return JSON.parse(stdout).height;
};
const isVerifiedTo = (page: Page, height: number): Promise<void> =>
  waitFor(
    page,
    `Number(/up to height (\\d+)/.exec(document.querySelector('.verdict.good')?.innerText)?.[1]) >= ${height}`,
  );
const tip = async (): Promise<number> => (await asked(new URL(served).host, 'status')).result.certified;

describe('an honest node', () => {
  test('the verdict turns to verified, follows to a height that comes, and what it did is found', async () => {
    const { page } = await visit(served);
    expect(await verdictOf(page, 'good')).toMatch(/^✓ Verified in this browser up to height \d+/);
    await isVerifiedTo(page, await tip());
    const height = await fund();
    await isVerifiedTo(page, height);
    await page.fill('#search', ACCOUNT.slice(0, 10));
    await page.click('search button');
    await waitFor(page, `document.querySelector('.detail')?.innerText.includes('${ACCOUNT}')`);
    await page.click(`.detail a[href="#explorer/${height}"]`);
    await waitFor(page, `/^Height ${height} /.test(document.querySelector('.detail h3')?.innerText)`);
    expect(await page.locator('.detail .tick').count()).toBeGreaterThan(0);
  });
});

describe('for everybody', () => {
  const axe = readFileSync(axeFile(), 'utf8');
  const violations = async (page: Page): Promise<readonly string[]> => {
    await page.evaluate(axe);
    const { violations: found } = (await page.evaluate(`axe.run()`)) as Json;
    return found
      .filter(({ impact }: Json) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }: Json) => nodes.map(({ target }: Json) => `${id}: ${target}`));
  };

  test.each([
    ['a desk', 1200, 'light'],
    ['a desk', 1200, 'dark'],
  ] as const)(
    'nothing serious is in the way of anybody on %s (%i pixels, %s), and nothing is wider than the screen',
    async (_what, width, colorScheme) => {
      const { page } = await visit(`${served}#explorer/${await tip()}`, width, 844);
      await page.emulateMedia({ colorScheme });
      await isVerifiedTo(page, await tip());
      for (const tab of ['explorer', 'bench']) {
        await page.click(`#tab-${tab}`);
        expect([tab, await violations(page)]).toEqual([tab, []]);
        const wide = await page.evaluate('document.documentElement.scrollWidth');
        expect([tab, wide]).toEqual([tab, width]);
      }
    },
  );

  test('axe finds what is wrong with a picture that says nothing', async () => {
    const { page } = await visit(served);
    await verdictOf(page, 'good');
    await page.evaluate(`document.querySelector('main').append(new Image())`);
    expect(await violations(page)).toEqual(['image-alt: main > img']);
  });
});
