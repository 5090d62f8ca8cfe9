import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { until, verdictOf, waitFor } from '../helpers/page-browser.ts';
import { isVerifiedTo, PageLab } from '../helpers/page-lab.ts';
import { everybody } from './explorer-access.ts';
import { otherGenesis } from './explorer-genesis.ts';
import { nodeThatLies } from './explorer-lies.ts';

/** The page of a devnet of four processes, in Chromium. */

const lab = new PageLab();

beforeAll(() => lab.start());
afterEach(async () => {
  await lab.rest();
  expect(lab.proxy.forbidden.splice(0)).toEqual([]);
});
afterAll(() => lab.end());

describe('a node that lies', () => nodeThatLies(lab));
describe('the genesis', () => otherGenesis(lab));
describe('for everybody', () => everybody(lab));

describe('an honest node', () => {
  const ACCOUNT = `00${'ab'.repeat(31)}`;

  test('the verdict turns to verified, follows to a height that comes, and what it did is found', async () => {
    const { page } = await lab.visit(lab.page);
    await isVerifiedTo(page, await lab.tip());
    const height = await lab.fund(ACCOUNT);
    await isVerifiedTo(page, height);
    await page.fill('#search', ACCOUNT.slice(0, 10));
    await page.click('search button');
    await waitFor(page, `document.querySelector('.detail')?.textContent.includes('${ACCOUNT}')`);
    await page.click(`.detail a[href="#explorer/${height}"]`);
    await waitFor(page, `/^Height ${height} /.test(document.querySelector('.detail h3')?.textContent)`);
    expect(await page.locator('.detail .tick').count()).toBeGreaterThan(0);
  });

  test('every request goes to the address of the page, and the console has nothing to complain of', async () => {
    const { page, requests, problems } = await lab.visit(lab.page);
    await verdictOf(page, 'good');
    await page.click('#tab-bench');
    await page.click('#tab-explorer');
    await isVerifiedTo(page, await lab.fund(ACCOUNT));
    expect(problems).toEqual([]);
    expect(requests.filter((url) => new URL(url).origin !== new URL(lab.page).origin)).toEqual([]);
    // Requests of workers are among those that were seen.
    expect(requests.some((url) => url.endsWith('/genesis.json'))).toBe(true);
  });

  test('what the policy forbids is noticed by these tests, in the page and in its workers', async () => {
    const { page } = await lab.visit(lab.page);
    await verdictOf(page, 'good');
    const { forbidden } = lab.proxy;
    await page.evaluate(`fetch('http://127.0.0.1:1/').catch(() => {})`);
    await until(() => forbidden.splice(0).join() === 'connect-src http://127.0.0.1:1/');
    // What is evaluated from outside may compile texts; what that leaves for later may not.
    await page.workers()[0]!.evaluate(`setTimeout(() => { try { new Function('1'); } catch {} })`);
    await until(() => forbidden.splice(0).join() === 'script-src eval');
  });

  test('a height that too few validators work on stops in the picture with the reason, and goes on when they are back', async () => {
    const { page } = await lab.visit(lab.page);
    await isVerifiedTo(page, await lab.tip());
    lab.devnet.kill(2, 3);
    const funded = lab.fund(ACCOUNT);
    funded.catch(() => {});
    const reason = 'Too few validators are reached: 2 and 3 of 4 are not, and 3 are needed.';
    await waitFor(page, `document.querySelector('.live.stalled')?.textContent.includes('${reason}')`);
    await lab.devnet.up();
    const height = await funded;
    await isVerifiedTo(page, height);
    await waitFor(page, `document.querySelector('.live.stalled') === null`);
  });
});
