/**
 * Opens a report of `velum experiment report` in headless Chromium, as wide as a desk and as wide as a phone, and fails on an error of
 * its console, a chart that is not drawn or a page wider than the screen.
 *   npm run browser:install && npx tsx scripts/open-report.ts out/experiments/report.html [--chromium FILE] [--shots DIR]
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

/** What of playwright-core is used here: it is not a dependency of the package, so its types are not there. */
interface Page {
  on(event: 'console', listener: (message: { type(): string; text(): string }) => void): void;
  on(event: 'pageerror', listener: (error: Error) => void): void;
  goto(url: string): Promise<unknown>;
  setViewportSize(size: { width: number; height: number }): Promise<void>;
  waitForFunction(code: string): Promise<unknown>;
  waitForTimeout(ms: number): Promise<void>;
  evaluate(code: string): Promise<unknown>;
  screenshot(options: { path: string; fullPage: boolean; clip: object }): Promise<unknown>;
  click(selector: string): Promise<void>;
}
interface Context {
  newPage(): Promise<Page>;
  close(): Promise<void>;
}
interface Playwright {
  readonly chromium: { launchPersistentContext(dir: string, options: object): Promise<Context> };
}

const SHOT_HEIGHT = 2400;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { chromium: { type: 'string', default: '/usr/bin/chromium' }, shots: { type: 'string' } },
});
const [file] = positionals;
if (file === undefined)
  throw new Error('usage: npx tsx scripts/open-report.ts REPORT.html [--chromium FILE] [--shots DIR]');

const { chromium } = createRequire(resolve(import.meta.dirname, '../bench/browser/package.json'))(
  'playwright-core',
) as Playwright;
const profile = mkdtempSync(join(tmpdir(), 'velum-browser-'));
const context = await chromium.launchPersistentContext(profile, {
  executablePath: values.chromium,
  args: [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
});
const problems: string[] = [];
try {
  const page = await context.newPage();
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning')
      problems.push(`console ${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => problems.push(`page error: ${error.message}`));
  for (const [name, width] of [
    ['desk', 1000],
    ['phone', 390],
  ] as const) {
    await page.setViewportSize({ width, height: 900 });
    await page.goto(pathToFileURL(resolve(file)).href);
    await page.waitForFunction('document.documentElement.dataset.drawn !== undefined');
    await page.waitForTimeout(300);
    const found = (await page.evaluate(`({
      places: document.querySelectorAll('.chart').length,
      drawn: [...document.querySelectorAll('.chart')].filter((place) => place.querySelectorAll('svg .mark-line path, svg .mark-rect path, svg .mark-symbol path').length > 0).length,
      errors: window.velumErrors,
      width: document.documentElement.scrollWidth,
      links: [...document.querySelectorAll('script[src], link[href]:not([href^="data:"]), img')].length,
    })`)) as { places: number; drawn: number; errors: string[]; width: number; links: number };
    console.log(
      `${name}, ${width} px: ${found.drawn} of ${found.places} charts drawn, page ${found.width} px wide`,
    );
    problems.push(...found.errors);
    if (found.places === 0 || found.drawn !== found.places)
      problems.push(`${name}: ${found.places - found.drawn} charts are not drawn`);
    if (found.width > width) problems.push(`${name}: the page is ${found.width} px wide`);
    if (found.links > 0) problems.push(`${found.links} things are loaded from elsewhere`);
    if (values.shots !== undefined) {
      mkdirSync(values.shots, { recursive: true });
      // The head of the page: what all is about, and the first experiments.
      const clip = { x: 0, y: 0, width, height: SHOT_HEIGHT };
      await page.screenshot({ path: join(values.shots, `report-${name}.png`), fullPage: true, clip });
    }
  }
} finally {
  await context.close();
  rmSync(profile, { recursive: true, force: true });
}
for (const problem of problems) console.error(problem);
process.exit(problems.length > 0 ? 1 : 0);
