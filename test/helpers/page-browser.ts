import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../../src/proofs/compile.ts';

/** What of playwright-core is used here: it is not a dependency of the package, so its types are not there. */
interface Locator {
  count(): Promise<number>;
  innerText(): Promise<string>;
  getAttribute(name: string): Promise<string | null>;
}
interface Message {
  type(): string;
  text(): string;
}
export interface Page {
  on(event: 'console', listener: (message: Message) => void): void;
  on(event: 'pageerror', listener: (error: Error) => void): void;
  goto(url: string): Promise<unknown>;
  setViewportSize(size: { width: number; height: number }): Promise<void>;
  emulateMedia(media: { colorScheme: 'light' | 'dark' }): Promise<void>;
  evaluate(code: string): Promise<unknown>;
  locator(selector: string): Locator;
  click(selector: string): Promise<void>;
  fill(selector: string, text: string): Promise<void>;
  selectOption(selector: string, value: string): Promise<unknown>;
  reload(): Promise<unknown>;
  readonly keyboard: { press(key: string): Promise<void> };
  screenshot(options: { path: string }): Promise<unknown>;
}
interface Context {
  on(event: 'request', listener: (request: { url(): string }) => void): void;
  addInitScript(code: string): Promise<void>;
  newPage(): Promise<Page>;
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

/** Notes what the policy of a page forbade, workers of the page not included: those say it at the console. */
const NOTE_VIOLATIONS = `addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
  console.error('policy: ' + violatedDirective + ' ' + blockedURI))`;

/** A page that was opened as by somebody who was never there, and all that was wrong with it. */
export interface Visit {
  readonly page: Page;
  /** URLs that were asked for, by the page and its workers. */
  readonly requests: readonly string[];
  /** What the console calls an error, what nobody caught, and what the policy forbade. */
  readonly problems: readonly string[];
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
    await context.addInitScript(NOTE_VIOLATIONS);
    const page = await context.newPage();
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text());
    });
    page.on('pageerror', ({ message }) => problems.push(message));
    await page.goto(url);
    return { page, requests, problems, leave: () => context.close() };
  }

  async close(): Promise<void> {
    await this.#browser.close();
    rmSync(this.#scratch, { recursive: true, force: true });
  }
}

/** Waits until an expression holds in a page. It is asked from here: a page's policy lets nothing be evaluated within. */
export async function waitFor(page: Page, expression: string): Promise<void> {
  for (let tries = 0; (await page.evaluate(`Boolean(${expression})`)) !== true; tries++) {
    if (tries === 300) throw new Error(`it never came to that: ${expression}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Waits until the verdict at the top of a page has one of the tones that its style names. @returns its text */
export async function verdictOf(page: Page, tone: 'good' | 'warn' | 'bad'): Promise<string> {
  await waitFor(page, `document.querySelector('.verdict.${tone}')`);
  return page.locator('.verdict [role=status]').innerText();
}
