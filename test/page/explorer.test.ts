import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../src/base/bytes.ts';
import { velum } from '../helpers/cli.ts';
import type { Json } from '../helpers/lying-proxy.ts';
import { axeFile, type Page, PageBrowser, type Visit, verdictOf, waitFor } from '../helpers/page-browser.ts';
import { type PageLie, PageProxy } from '../helpers/page-proxy.ts';
import { asked } from '../helpers/running-rpc.ts';
import { changedBlocks, UNBOUND } from '../helpers/walk.ts';

const scratch = mkdtempSync(join(tmpdir(), 'velum-page-'));
const home = join(scratch, 'net');
const ACCOUNT = `00${'ab'.repeat(31)}`;
let browser: PageBrowser;
/** Where the devnet's first node serves the page. */
let served: string;
let proxy: PageProxy;
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
  proxy = await new PageProxy(served).open();
});
afterEach(async () => {
  proxy.lie = undefined;
  await Promise.all(visits.splice(0).map((each) => each.leave()));
});
afterAll(async () => {
  proxy?.close();
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

  test('every request goes to the address of the page, and neither console nor policy has anything to complain of', async () => {
    const { page, requests, problems } = await visit(served);
    await verdictOf(page, 'good');
    await page.click('#tab-bench');
    await page.click('#tab-explorer');
    await isVerifiedTo(page, await fund());
    expect(problems).toEqual([]);
    expect(requests.filter((url) => new URL(url).origin !== new URL(served).origin)).toEqual([]);
    // Requests of workers are among those that were seen.
    expect(requests.some((url) => url.endsWith('/genesis.json'))).toBe(true);
  });

  test('what the policy forbids is noticed here', async () => {
    const { page, problems } = await visit(served);
    await page.evaluate(`fetch('http://127.0.0.1:1/').catch(() => {})`);
    expect(problems.join()).toMatch(/http:\/\/127\.0\.0\.1:1\/' violates .*Content Security Policy/);
  });
});

describe('a node that lies', () => {
  /** The largest block of the chain: that of a height that settled orders. */
  let fullest: { readonly height: number; readonly encoded: string };
  beforeAll(async () => {
    const rpc = new URL(served).host;
    for (let height = await tip(); height >= 1; height--) {
      const { encoded } = (await asked(rpc, 'block', { height })).result;
      if (!(encoded.length <= fullest?.encoded.length)) fullest = { height, encoded };
    }
  });
  const insteadOf =
    (encoded: string): PageLie =>
    (method, { height }, result) =>
      method === 'block' && height === fullest.height ? { ...result, encoded } : result;
  const caught = async (lie: PageLie, code: string): Promise<Visit> => {
    proxy.lie = lie;
    const one = await visit(proxy.page);
    const said = await verdictOf(one.page, 'bad');
    expect(said).toMatch(/^✗ The node shows what is not true/);
    expect(said).toContain(code);
    return one;
  };

  test('through the proxy of these tests a node that tells the truth is verified', async () => {
    proxy.lie = (_method, _params, result) => result;
    const { page } = await visit(proxy.page);
    await verdictOf(page, 'good');
    await isVerifiedTo(page, await tip());
  });

  test('a block changed in any of its fields turns the verdict red, names the height, and is not shown', async () => {
    const places = new Map<string, string>();
    for (const { where, bytes } of changedBlocks(fromHex(fullest.encoded)!)) {
      const place = where.replace(/\[\d+\]/g, '[]');
      if (!UNBOUND.test(where) && !places.has(place)) places.set(place, toHex(bytes));
    }
    expect(places.size).toBeGreaterThan(20);
    places.set('no block at all', 'ff');
    for (const [place, encoded] of places) {
      const one = await caught(insteadOf(encoded), 'NODE_BLOCK_FALSE').catch((error: unknown) => {
        throw new Error(`not caught: ${place}`, { cause: error });
      });
      const { height } = fullest;
      expect([place, await one.page.locator('.verdict [role=status]').innerText()]).toEqual([
        place,
        expect.stringContaining(`of height ${height}:`),
      ]);
      expect(await one.page.locator(`a[href="#explorer/${height}"]`).count()).toBe(0);
      await visits.pop()!.leave();
    }
  });

  test('it stays red when the node tells the truth again, and when it does not answer any more', async () => {
    const { page } = await caught(insteadOf('ff'), 'NODE_BLOCK_FALSE');
    proxy.lie = undefined;
    const listed = `document.querySelector('a[href="#explorer/${fullest.height}"]') !== null`;
    await waitFor(page, listed);
    expect(await verdictOf(page, 'bad')).toContain('NODE_BLOCK_FALSE');
    proxy.close();
    await waitFor(page, `document.body.innerText.includes('The node does not answer.')`);
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    expect(await verdictOf(page, 'bad')).toContain('NODE_BLOCK_FALSE');
    proxy = await new PageProxy(served).open();
  });

  test.each<[what: string, code: string, told: Json]>([
    ['another chain', 'NODE_OTHER_CHAIN', { chain: 'ab'.repeat(32) }],
    ['a certified height that it cannot show', 'NODE_BLOCK_MISSING', { certified: 1_000_000 }],
  ])('a status with %s turns the verdict red', async (_what, code, told) => {
    await caught((method, _, result) => (method === 'status' ? { ...result, ...told } : result), code);
  });

  test('a status with less than was verified turns the verdict red', async () => {
    const { page } = await visit(proxy.page);
    await isVerifiedTo(page, await tip());
    proxy.lie = (method, _, result) => (method === 'status' ? { ...result, certified: 1 } : result);
    expect(await verdictOf(page, 'bad')).toContain('NODE_BEHIND');
  });

  test('a status that has no form of one is named, and nothing is called verified by it', async () => {
    proxy.lie = (method, _, result) => (method === 'status' ? { ...result, certified: '9' } : result);
    const { page } = await visit(proxy.page);
    expect(await verdictOf(page, 'warn')).toContain('NODE_REFUSED');
    expect(await page.locator('.verdict.good').count()).toBe(0);
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
    ['a phone', 390, 'light'],
    ['a phone', 390, 'dark'],
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

  test('the arrow keys go from tab to tab, and the tabulator into what is chosen', async () => {
    const { page } = await visit(served);
    await verdictOf(page, 'good');
    const chosen = (): Promise<unknown> =>
      page.evaluate(`[document.activeElement.id, document.querySelector('[aria-selected=true]').id,
        ...[...document.querySelectorAll('[role=tabpanel]')].filter(({ hidden }) => !hidden).map(({ id }) => id)]`);
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.className')).toBe('skip');
    await page.keyboard.press('Tab');
    for (const [key, tab] of [
      ['ArrowRight', 'trader'],
      ['ArrowRight', 'bench'],
      ['ArrowRight', 'explorer'],
      ['ArrowLeft', 'bench'],
      ['Home', 'explorer'],
      ['End', 'bench'],
    ] as const) {
      await page.keyboard.press(key);
      await waitFor(page, `location.hash === '#${tab}'`);
      expect(await chosen()).toEqual([`tab-${tab}`, `tab-${tab}`, `panel-${tab}`]);
    }
  });
});
