import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fromHex, toHex, utf8 } from '../../src/base/bytes.ts';
import { unlockSeed } from '../../src/client/locked-seed.ts';
import { parseGenesisFile } from '../../src/formats/genesis-file.ts';
import { parseWalletKey } from '../../src/formats/wallet-files.ts';
import { velum } from '../helpers/cli.ts';
import type { Json } from '../helpers/lying-proxy.ts';
import { Meeting } from '../helpers/meeting.ts';
import { type Page, PageBrowser, type Visit, waitFor } from '../helpers/page-browser.ts';
import { keptFor, listenTo, obstacles, tabStops } from '../helpers/page-state.ts';
import { asked } from '../helpers/running-rpc.ts';
import { formsOf, SecretFinder } from '../helpers/secret-finder.ts';
import { otherwise, TrafficProxy } from '../helpers/traffic-proxy.ts';
import { fakeNode } from '../helpers/wallet-chain.ts';
import { secretsOfWallet } from '../helpers/wallet-secrets.ts';
import { openWallet } from './trader-tabs.ts';

/** A new user's way through the page, at a phone's width, with everything that leaves the browser written down; the other side of a trade is a `velum wallet`. */

const PASSWORD = 'correct horse battery staple';
const DESTINATION = 'ab'.repeat(32);
/** Of a phone, pixels. */
const WIDTH = 390;
/** Chromium asks its maker which fields of a form it knows, whatever the page is. Nobody answers here. */
const OF_CHROMIUM = 'CONNECT content-autofill.googleapis.com:443';

const scratch = mkdtempSync(join(tmpdir(), 'velum-trader-'));
const home = join(scratch, 'net');
const passwordFile = join(scratch, 'password');
writeFileSync(passwordFile, 'the password of the other side\n', { mode: 0o600 });
let browser: PageBrowser;
let proxy: TrafficProxy;
let one: Visit;
let page: Page;
/** Of the node that serves the page. */
let rpc: string;
let meeting: Meeting;
let front: Server | undefined;
/** The other side has a note to trade with. */
let otherIsReady: Promise<unknown>;

beforeAll(async () => {
  browser = await PageBrowser.start();
  const { page: served } = await told('devnet', 'up', '--home', home);
  rpc = new URL(served).host;
  meeting = new Meeting(rpc);
  proxy = await new TrafficProxy(served).open();
  one = await browser.visit(`${served}#trader`, WIDTH, 844, proxy.address);
  page = one.page;
  otherIsReady = readyOther();
  otherIsReady.catch(() => {});
});
afterAll(async () => {
  await browser?.close();
  proxy?.close();
  front?.close();
  await velum('devnet', 'down', '--home', home);
  rmSync(scratch, { recursive: true, force: true });
});

async function told(...args: string[]): Promise<Json> {
  const { code, stdout, stderr } = await velum(...args, '--json');
  expect([args.join(' '), code, code === 0 ? '' : `${stderr}${stdout}`]).toEqual([args.join(' '), 0, '']);
  return JSON.parse(stdout);
}
const other = (...args: string[]): Promise<Json> =>
  told('wallet', ...args, '--home', join(scratch, 'other'), '--password-file', passwordFile);

async function readyOther(): Promise<void> {
  const { server, address } = await fakeNode((method, params) =>
    method === 'submit' ? meeting.submit(params) : asked(rpc, method, params),
  );
  front = server;
  const genesis = ['--genesis', join(home, 'node-0/genesis.json')];
  const { account } = await other('init', ...genesis, '--rpc', `${address.host}:${address.port}`);
  await told('devnet', 'fund', account, '5000', '--home', home);
  await other('shield', '3000');
}

const form = (name: string): string => `form[aria-labelledby=${name}]`;
const JOB = '[data-job]';
const text = (selector: string): Promise<string> => page.locator(selector).innerText();
const shows = (selector: string): Promise<void> =>
  waitFor(page, `document.querySelector(${JSON.stringify(selector)})`);
const says = (words: string): Promise<void> =>
  waitFor(page, `document.querySelector('#panel-trader').innerText.includes(${JSON.stringify(words)})`);
/** Waits for the end of what is sent. @returns what the page says of it */
async function ended(title: string): Promise<string> {
  for (let tries = 0; ; tries++) {
    const isOver = `['settled', 'failed'].includes(document.querySelector('${JOB}')?.dataset.job)`;
    await waitFor(page, `${isOver} || ${tries === 5}`).catch(() => {});
    const said = (await page.locator(JOB).count()) > 0 ? await text(JOB) : '';
    if ((await page.evaluate(isOver)) === true && said.startsWith(title)) return said;
    if (tries === 5) throw new Error(`it did not end: ${said}`);
  }
}
const history = (): Promise<string> => text('section[aria-labelledby=happenings]');
const focused = (): Promise<unknown> => page.evaluate('document.activeElement.innerText');

/** Every secret of the wallet of the page, and of what is kept of it. */
async function secrets(): Promise<Map<string, Uint8Array>> {
  const key = JSON.parse(await keptFor(page)).kept['wallet key'];
  const seed = await unlockSeed(parseWalletKey(key, 'the kept key'), PASSWORD);
  const genesis = parseGenesisFile(readFileSync(join(home, 'node-0/genesis.json'), 'utf8'), 'genesis');
  const found = await secretsOfWallet(rpc, genesis, seed!);
  return found.set('password', utf8(PASSWORD));
}

describe('a new user', () => {
  test('is asked which chain it is, makes keys under a password, and finds nothing serious in the way', async () => {
    await shows('#panel-trader form');
    expect(await page.locator('#panel-trader input[type=password]').count()).toBe(0);
    await page.click('#panel-trader input[type=checkbox]');
    await page.click('#panel-trader form button');
    await shows(form('make-keys'));
    expect(await obstacles(page, WIDTH)).toEqual([]);
    const fields = `${form('make-keys')} input`;
    await page.fill(`${fields}[name=password]`, 'short');
    await page.fill(`${fields}[name=again]`, 'other');
    await page.click(`${form('make-keys')} button`);
    await says('The two passwords differ.');
    await page.fill(`${fields}[name=password]`, PASSWORD);
    await page.fill(`${fields}[name=again]`, PASSWORD);
    await page.click(`${form('make-keys')} button`);
    await shows('#holdings');
    expect(await focused()).toBe('The wallet is open');
  });

  test('receives from the bridge', async () => {
    const account = await text('section[aria-labelledby=holdings] code >> nth=0');
    await told('devnet', 'fund', account, '5000', '--home', home);
    await says('deposit: 5,000.00');
    expect(await history()).toContain('0, lasting');
  });

  test('proves with no keys but those of the page, whatever the node serves', async () => {
    const zkey = Buffer.from(readFileSync('keys/account/proving.zkey'));
    zkey[zkey.length - 1]! ^= 1;
    const list = JSON.parse(readFileSync('keys/MANIFEST.json', 'utf8'));
    list.circuits.account.zkey = toHex(
      new Uint8Array(await crypto.subtle.digest('SHA-256', Uint8Array.from(zkey))),
    );
    const served: Record<string, Buffer> = {
      '/keys/account/proving.zkey': zkey,
      '/keys/MANIFEST.json': Buffer.from(JSON.stringify(list)),
    };
    for (const spoiled of [Object.keys(served).slice(0, 1), Object.keys(served)]) {
      proxy.instead = async ({ path }) => (spoiled.includes(path) ? served[path] : undefined);
      await page.fill(`${form('move-shield')} input`, '3000');
      await page.click(`${form('move-shield')} button`);
      const said = await ended('Your shield');
      expect([spoiled, said]).toEqual([spoiled, expect.stringContaining('KEYS_STALE')]);
      await page.click('#tab-trader');
    }
    proxy.instead = undefined;
  });

  test('shields, and takes it for settled by a verified height alone, not by what the node says', async () => {
    const status = async (): Promise<Json> => (await asked(rpc, 'status')).result;
    let height: number | undefined;
    const stalled = otherwise('status', async () => {
      const told = await status();
      height ??= told.certified as number;
      return { result: { ...told, certified: height } };
    });
    const certified = otherwise('itemStatus', async ({ params }) => {
      const { result } = await asked(rpc, 'itemStatus', params);
      if (result?.height === undefined) return { result: { status: 'admitted' } };
      const other = result.height === height! + 1 ? 2 : 1;
      return { result: { status: 'certified', height: height! + other } };
    });
    proxy.instead = async (request) => (await stalled(request)) ?? certified(request);
    await page.fill(`${form('move-shield')} input`, '3000');
    await page.click(`${form('move-shield')} button`);
    await shows('[data-job=sent]');
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    expect((await status()).certified).toBeGreaterThan(height!);
    expect(await page.locator('[data-job=sent]').count()).toBe(1);
    expect(await history()).not.toContain('shield');
    proxy.instead = undefined;
    expect(await ended('Your shield')).toContain('shield: 3,000.00, fee 0.05');
    // The height that it named was verified to be another one.
    await says('NODE_STATUS_FALSE');
    expect(await obstacles(page, WIDTH)).toEqual([]);
    await says('can be spent');
  });

  test('sees reserve, fee and what will be public of two legs before they are sent, and both are filled', async () => {
    await otherIsReady;
    meeting.isOn = true;
    proxy.instead = otherwise('submit', ({ params }) => meeting.submit(params));
    const leg = async (i: number, side: string, instrument: string, limit: string): Promise<void> => {
      const field = `fieldset >> nth=${i} >> [name=`;
      await page.selectOption(`${field}side]`, side);
      await page.selectOption(`${field}instrument]`, instrument);
      await page.fill(`${field}lots]`, '2');
      await page.fill(`${field}limit]`, limit);
    };
    for (let tries = 0; !/leg 1: bought[\s\S]*leg 2: sold/.test(await history()); tries++) {
      expect(tries).toBeLessThan(6);
      await leg(0, 'buy', '0', '63');
      await page.click('text=Add a second leg');
      await leg(1, 'sell', '5', '25');
      await page.click('text=Look at what it costs and shows');
      await shows('section[aria-label="Before it is sent"]');
      if (tries === 0) expect(await obstacles(page, WIDTH)).toEqual([]);
      await page.click('#tab-trader');
      const review = await text('section[aria-label="Before it is sent"]');
      expect(review).toContain('sell 2 BTC-25DEC26-65000-C at 25.00 USDC a lot or better');
      expect(review).toMatch(/both orders, that they are of one batch, and the reserve of [\d.]+ USDC/);
      const reserve = /moves into the account\n([\d.]+) USDC/.exec(review)![1]!;
      expect(review).toMatch(/Fee\n0\.05 USDC/);
      // From the heading, by the keyboard.
      await page.evaluate(`document.querySelector('section[aria-label="Before it is sent"] h3').focus()`);
      await page.keyboard.press('Tab');
      expect(await focused()).toBe('Seal, prove and send');
      await listenTo(page);
      await page.keyboard.press('Enter');
      const [said] = await Promise.all([
        ended('Your batch'),
        other('submit', 'sell 2 BTC-PERP 61.5', 'buy 2 BTC-25DEC26-65000-C 26.5'),
      ]);
      const heard = (await page.evaluate('told')) as { said: string[]; percent: number[] };
      expect(heard.said).toEqual(
        expect.arrayContaining([
          'Making the proof.',
          'The proof is made and sent.',
          'Settled, as this browser has verified.',
        ]),
      );
      expect(heard.percent.length).toBeGreaterThan(2);
      expect(heard.percent).toEqual([...heard.percent].sort((a, b) => a - b));
      expect(heard.percent.at(-1)).toBe(100);
      expect(said).toContain(`batch: ${reserve} of a note moved into the account, fee 0.05`);
    }
    meeting.isOn = false;
    proxy.instead = undefined;
    expect(await text('section[aria-labelledby=holdings]')).toMatch(
      /\+2 BTC-PERP, -2 BTC-25DEC26-65000-C|-2 BTC-25DEC26-65000-C, \+2 BTC-PERP/,
    );
  });

  test('withdraws, and no more than may leave', async () => {
    const fields = `${form('move-withdraw')} input`;
    await page.fill(`${fields}[name=amount]`, '1999.95');
    await page.fill(`${fields}[name=to]`, DESTINATION);
    await page.click(`${form('move-withdraw')} button`);
    await says('WALLET_FUNDS');
    await page.fill(`${fields}[name=amount]`, '250.5');
    await page.fill(`${fields}[name=to]`, DESTINATION);
    await page.click(`${form('move-withdraw')} button`);
    expect(await ended('Your withdrawal')).toContain('withdraw: 250.50, fee 0.05');
    expect(await obstacles(page, WIDTH)).toEqual([]);
  });

  test('reaches everything by the tabulator, in the order in which it stands, and each has a name', async () => {
    await page.click('#panel-trader h2');
    const stops = await tabStops(page, 'Licences,A');
    const order = [
      ...['Lock,BUTTON', 'From account,SELECT', 'Amount, USDC,INPUT', 'Shield,BUTTON'],
      ...['Destination, 64 hex digits,INPUT', 'Withdraw,BUTTON'],
      ...['Side,SELECT', 'Lots,INPUT', 'Instrument,SELECT', 'Limit, USDC a lot,INPUT'],
      ...['only close a position,INPUT', 'Add a second leg,BUTTON', 'Trades in account,SELECT'],
      ...['Look at what it costs and shows,BUTTON', 'Licences,A'],
    ];
    let at = -1;
    for (const wanted of order) {
      const found = stops.findIndex((stop, i) => i > at && stop.trim() === wanted);
      expect([wanted, found > at, stops]).toEqual([wanted, true, stops]);
      at = found;
    }
    expect(stops.filter((stop) => stop.startsWith(','))).toEqual([]);
  });

  test('is told what an observer can link', async () => {
    const said = await text('section[aria-labelledby=observer]');
    expect(said).toMatch(/Account 0, lasting: everybody sees that these 3 things are of one owner/);
    expect(said).toContain('sees your network address, when you look, and when you unlock');
  });

  test('locks, and finds everything again with the password alone, also after the page was loaded anew', async () => {
    const before = await history();
    await page.click('text=Lock');
    await shows(form('unlock'));
    expect(await focused()).toBe('The wallet is locked');
    await page.reload();
    await shows(form('unlock'));
    expect(await text('#panel-trader')).not.toContain('deposit');
    const open = async (password: string): Promise<void> => {
      await page.fill(`${form('unlock')} input`, password);
      await page.click(`${form('unlock')} button`);
    };
    await open('correct horse battery stapler');
    await says('WALLET_PASSWORD');
    await open(PASSWORD);
    await shows('#holdings');
    expect(await history()).toBe(before);
  });
});

describe('an open wallet', () =>
  openWallet(() => ({ visit: one, proxy, url: `http://${rpc}/#trader`, password: PASSWORD, home })));

describe('the key file', () => {
  test('leaves the browser by its owner’s hand, is a wallet of the command line as well, and comes back after all was removed', async () => {
    const before = await history();
    await page.click('text=Fetch the key file');
    await says('Save wallet.key');
    const download = page.waitForEvent('download');
    await page.click('text=Save wallet.key');
    const file = join(scratch, 'saved.key');
    writeFileSync(file, readFileSync(await (await download).path()), { mode: 0o600 });
    expect(readFileSync(file, 'utf8')).toBe(JSON.parse(await keptFor(page)).kept['wallet key']);

    const own = join(scratch, 'own-password');
    writeFileSync(own, `${PASSWORD}\n`, { mode: 0o600 });
    const copy = ['--home', join(scratch, 'copy'), '--password-file', own];
    const genesis = ['--genesis', join(home, 'node-0/genesis.json'), '--key', file, '--rpc', rpc];
    await told('wallet', 'init', ...genesis, ...copy);
    const { history: same } = await told('wallet', 'history', ...copy);
    const rows = before.split('\n').filter((line) => /^\d+\t/.test(line));
    expect(same.map(({ height }: Json) => height)).toEqual(
      rows.map((line) => Number.parseInt(line, 10)).toReversed(),
    );
    expect(same).toEqual(
      expect.arrayContaining([expect.objectContaining({ kind: 'withdraw', amount: '250.5' })]),
    );

    await page.click('text=Lock');
    await shows(form('unlock'));
    await page.click('text=Keep a copy, or remove the keys');
    await page.click('#panel-trader details input[type=checkbox]');
    await page.click('text=Remove the keys from this browser');
    await shows(form('bring-keys'));
    expect(
      Object.keys(JSON.parse(await keptFor(page)).kept).filter((name) => !/^(pin|chain )/.test(name)),
    ).toEqual([]);
    await page.setInputFiles(`${form('bring-keys')} input[type=file]`, file);
    await page.fill(`${form('bring-keys')} input[type=password]`, PASSWORD);
    await page.click(`${form('bring-keys')} button`);
    await shows('#happenings');
    await says('withdraw: 250.50');
    expect(await history()).toBe(before);
  });
});

describe('what left the browser', () => {
  test('is no secret, in no way of writing it, and nothing of it went elsewhere or was missed', async () => {
    const wanted = await secrets();
    expect([...wanted.keys()].filter((name) => name.startsWith('note')).length).toBeGreaterThan(3);
    const finder = new SecretFinder(wanted);
    expect(proxy.sent.length).toBeGreaterThan(100);
    expect(finder.find(Buffer.concat(proxy.sent))).toEqual([]);
    expect(proxy.elsewhere.filter((each) => each !== OF_CHROMIUM)).toEqual([]);
    expect(one.problems).toEqual([]);
    // What was sent is among it: the withdrawal stands there as it was written.
    expect(Buffer.concat(proxy.sent).includes(DESTINATION)).toBe(true);
    // Nor is one kept as it is, nor the password.
    expect(finder.find(Buffer.from(await keptFor(page)))).toEqual([]);
  });

  test('a leak would be found, however it was written and wherever it stood', async () => {
    const wanted = await secrets();
    const finder = new SecretFinder(wanted);
    for (const name of ['seed', 'spending key', 'password']) {
      const written = new Map(formsOf(wanted.get(name)!));
      for (const way of ['hex', 'decimal', 'base64', 'base64url']) {
        const secret = String(written.get(way));
        const before = proxy.sent.length;
        const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'status', params: { secret } });
        const headers = { 'content-type': 'application/json' };
        await page.evaluate(
          `fetch('/', { method: 'POST', headers: ${JSON.stringify(headers)}, body: ${JSON.stringify(body)} }).then(({ status }) => status)`,
        );
        const planted = Buffer.concat(proxy.sent.slice(before));
        expect(finder.find(planted).some((each) => each.startsWith(`${name} as ${way}`))).toBe(true);
      }
    }
    const before = proxy.sent.length;
    const seed = toHex(wanted.get('seed')!);
    await page.evaluate(`fetch('/?${seed}').then(({ status }) => status)`);
    expect(finder.find(Buffer.concat(proxy.sent.slice(before)))).toContain('seed as hex');
    expect(fromHex(seed)).toEqual(wanted.get('seed'));
  });

  test('another origin would be noticed, and is out of reach', async () => {
    const stray = await browser.visit('about:blank', WIDTH, 844, proxy.address);
    await stray.page.goto('http://elsewhere.invalid/').catch(() => {});
    expect(proxy.elsewhere).toContain('GET http://elsewhere.invalid/');
    await stray.leave();
    await page.evaluate(`fetch('http://elsewhere.invalid/away').catch(() => {})`);
    expect(one.problems.join()).toMatch(/elsewhere\.invalid\/away' violates .*Content Security Policy/);
    expect(proxy.elsewhere.filter((each) => each.includes('away'))).toEqual([]);
  });
});
