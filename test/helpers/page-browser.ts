import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../../src/proofs/compile.ts';

/** What of playwright-core is used here: it is not a dependency of the package, so its types are not there. */
interface Locator {
  count(): Promise<number>;
  innerText(): Promise<string>;
  textContent(): Promise<string | null>;
}
interface Download {
  path(): Promise<string>;
}
interface Message {
  type(): string;
  text(): string;
}
interface PageWorker {
  evaluate(code: string): Promise<unknown>;
}
export interface Page {
  on(event: 'console', listener: (message: Message) => void): void;
  on(event: 'pageerror', listener: (error: Error) => void): void;
  goto(url: string): Promise<unknown>;
  reload(): Promise<unknown>;
  workers(): readonly PageWorker[];
  emulateMedia(media: { colorScheme: 'light' | 'dark' }): Promise<void>;
  evaluate(code: string): Promise<unknown>;
  locator(selector: string): Locator;
  click(selector: string): Promise<void>;
  fill(selector: string, text: string): Promise<void>;
  selectOption(selector: string, value: string): Promise<unknown>;
  setInputFiles(selector: string, path: string): Promise<void>;
  waitForEvent(event: 'download'): Promise<Download>;
  readonly keyboard: { press(key: string): Promise<void> };
  screenshot(options: { path: string; fullPage?: boolean; clip?: object }): Promise<unknown>;
  close(): Promise<void>;
}
interface Context {
  on(event: 'request', listener: (request: { url(): string }) => void): void;
  newPage(): Promise<Page>;
  setOffline(isOffline: boolean): Promise<void>;
  close(): Promise<void>;
}
interface Browser {
  newContext(options?: object): Promise<Context>;
  close(): Promise<void>;
}
interface Playwright {
  readonly chromium: { launch(options: object): Promise<Browser> };
}

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
/** Packages that `npm run browser:install` installs. */
const installed = createRequire(join(root, 'bench/browser/package.json'));
/** The program of the checker of accessibility, to be run in a page. */
export const axeFile = (): string => installed.resolve('axe-core/axe.min.js');

/** A page that was opened as by somebody who was never there, and all that was wrong with it. */
export interface Visit {
  readonly page: Page;
  /** URLs that were asked for, by the page and its workers. */
  readonly requests: readonly string[];
  /** What the console calls an error, and what nobody caught. */
  readonly problems: readonly string[];
  /** Another tab of the same browser. */
  another(url: string): Promise<Page>;
  /** From now on nothing is reached over any network. */
  cut(): Promise<void>;
  leave(): Promise<void>;
}

/** An installed Chromium without a window. Its profile goes with it. */
export class PageBrowser {
  readonly #browser: Browser;
  readonly #scratch: string;

  private constructor(browser: Browser, scratch: string) {
    this.#browser = browser;
    this.#scratch = scratch;
  }

  /** @throws with what to do, if there is no Chromium or nothing to steer it with */
  static async start(executablePath = '/usr/bin/chromium'): Promise<PageBrowser> {
    if (!existsSync(executablePath))
      throw new Error(`there is no browser at ${executablePath}: apt-get install chromium`);
    if (!existsSync(join(root, 'bench/browser/node_modules')))
      throw new Error('there is nothing to steer a browser with: npm run browser:install');
    const { chromium } = installed('playwright-core') as Playwright;
    const scratch = mkdtempSync(join(tmpdir(), 'velum-browser-'));
    const env = { ...process.env, TMPDIR: scratch };
    return new PageBrowser(await chromium.launch({ executablePath, args: FLAGS, env }), scratch);
  }

  /** @param proxy of everything that the visit asks for, of its own machine as well */
  async visit(url: string, width = 1200, height = 900, proxy?: string): Promise<Visit> {
    const through = proxy === undefined ? {} : { proxy: { server: proxy } };
    const context = await this.#browser.newContext({ viewport: { width, height }, ...through });
    const requests: string[] = [];
    const problems: string[] = [];
    context.on('request', (request) => requests.push(request.url()));
    const another = async (at: string): Promise<Page> => {
      const page = await context.newPage();
      page.on('console', (message) => {
        if (message.type() === 'error') problems.push(message.text());
      });
      page.on('pageerror', ({ message }) => problems.push(message));
      await page.goto(at);
      return page;
    };
    return {
      page: await another(url),
      requests,
      problems,
      another,
      cut: () => context.setOffline(true),
      leave: () => context.close(),
    };
  }

  async close(): Promise<void> {
    await this.#browser.close();
    rmSync(this.#scratch, { recursive: true, force: true });
  }
}

/** Waits until something holds. @throws after half a minute, saying what did not */
export async function until(holds: () => boolean | Promise<boolean>, what = `${holds}`): Promise<void> {
  for (let tries = 0; !(await holds()); tries++) {
    if (tries === 300) throw new Error(`it never came to that: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Waits until an expression holds in a page. It is asked from here: a page's policy lets nothing be evaluated within. */
export const waitFor = (page: Page, expression: string): Promise<void> =>
  until(async () => (await page.evaluate(`Boolean(${expression})`)) === true, expression);

/** Waits until the verdict at the top of a page has one of the tones that its style names. @returns its text */
export async function verdictOf(page: Page, tone: 'good' | 'warn' | 'bad'): Promise<string> {
  await waitFor(page, `document.querySelector('.verdict.${tone}')`);
  return (await page.locator('.verdict [role=status]').textContent()) ?? '';
}
