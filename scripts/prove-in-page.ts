/**
 * Opens the page's proof bench in headless Chromium under the policy that a node serves it with, proves there with the keys of a circuit of
 * this package, has stock snarkjs verify the proof here and the page verify it there, and fails if the page asks for anything but its own files.
 *   npm run build && npm run browser:install && npx tsx scripts/prove-in-page.ts [--chromium FILE] [--circuit NAME]
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { groth16 } from 'snarkjs';
import type { CircuitName } from '../src/proofs/circuits.ts';
import { exampleInput } from '../src/proofs/examples.ts';
import { flattenSignals } from '../src/proofs/signals.ts';

/** What of playwright-core is used here: it is not a dependency of the package, so its types are not there. */
interface Download {
  path(): Promise<string>;
}
interface Page {
  on(event: 'request', listener: (request: { url(): string; method(): string }) => void): void;
  on(event: 'pageerror', listener: (error: Error) => void): void;
  on(event: 'console', listener: (message: { type(): string; text(): string }) => void): void;
  goto(url: string): Promise<unknown>;
  setInputFiles(selector: string, path: string): Promise<void>;
  click(selector: string): Promise<void>;
  waitForSelector(selector: string, options: { timeout: number }): Promise<unknown>;
  waitForEvent(event: 'download'): Promise<Download>;
  textContent(selector: string): Promise<string | null>;
}
interface Context {
  newPage(): Promise<Page>;
  close(): Promise<void>;
}
interface Playwright {
  readonly chromium: { launchPersistentContext(dir: string, options: object): Promise<Context> };
}

const WAIT = { timeout: 300_000 };
const root = resolve(import.meta.dirname, '..');
const { values } = parseArgs({
  options: {
    chromium: { type: 'string', default: '/usr/bin/chromium' },
    circuit: { type: 'string', default: 'account' },
  },
});
const circuit = values.circuit as CircuitName;
const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript',
  '.html': 'text/html',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};
const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self'; worker-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'";

const built = join(root, 'dist/page');
const files = new Map(
  readdirSync(built, { recursive: true, encoding: 'utf8' })
    .filter((name) => extname(name) !== '')
    .map((name) => [name === 'index.html' ? '/' : `/${name}`, readFileSync(join(built, name))]),
);
const server = createServer((request, response) => {
  const path = request.url ?? '/';
  const content = files.get(path);
  const type = path === '/' ? 'text/html' : (TYPES[extname(path)] ?? 'application/octet-stream');
  response
    .writeHead(content === undefined ? 404 : 200, { 'content-type': type, 'content-security-policy': POLICY })
    .end(content);
});
await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

const { chromium } = createRequire(join(root, 'bench/browser/package.json'))('playwright-core') as Playwright;
const profile = mkdtempSync(join(tmpdir(), 'velum-page-'));
const problems: string[] = [];
const context = await chromium.launchPersistentContext(profile, {
  executablePath: values.chromium,
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
});
try {
  const page = await context.newPage();
  page.on('request', (request) => {
    const isOwn = request.url().startsWith(`${origin}/`) || request.url().startsWith(`blob:${origin}/`);
    if (!isOwn || request.method() !== 'GET') problems.push(`it asked for ${request.url()}`);
  });
  page.on('pageerror', (error) => problems.push(`page error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(`console: ${message.text()}`);
  });
  await page.goto(`${origin}/#bench`);

  const input = join(profile, 'input.json');
  const signals = flattenSignals(circuit, exampleInput(circuit));
  writeFileSync(
    input,
    JSON.stringify(signals, (_, value) => (typeof value === 'bigint' ? `${value}` : value)),
  );
  const key = (file: string): string => join(root, 'keys', circuit, file);
  await page.setInputFiles('input[name=zkey]', key('proving.zkey'));
  await page.setInputFiles('input[name=wasm]', key('witness.wasm'));
  await page.setInputFiles('input[name=input]', input);
  await page.click('form:has(input[name=zkey]) button[type=submit]');
  await page.waitForSelector('[data-bench=proved],[data-bench=failed]', WAIT);
  console.log(await page.textContent('form:has(input[name=zkey]) [data-bench]'));

  const saved = async (name: string): Promise<string> => {
    const download = page.waitForEvent('download');
    await page.click(`button:text("Save ${name}")`);
    return (await download).path();
  };
  const [proof, publicSignals] = [await saved('proof.json'), await saved('public.json')];
  const json = (path: string) => JSON.parse(readFileSync(path, 'utf8'));
  const isProof = await groth16.verify(json(key('vkey.json')), json(publicSignals), json(proof));
  console.log(`snarkjs: ${isProof ? 'verified' : 'NOT A PROOF'}`);
  if (!isProof) problems.push('snarkjs does not take the proof');

  await page.setInputFiles('input[name=vkey]', key('vkey.json'));
  await page.setInputFiles('input[name=proof]', proof);
  await page.setInputFiles('input[name=public]', publicSignals);
  await page.click('form:has(input[name=vkey]) button[type=submit]');
  await page.waitForSelector('[data-bench=verified]', WAIT);
  const said = await page.textContent('[data-bench=verified]');
  console.log(said);
  if (!said?.includes('holds')) problems.push('the page does not take its own proof');
} finally {
  await context.close();
  server.close();
  rmSync(profile, { recursive: true, force: true });
}
for (const problem of problems) console.error(problem);
process.exit(problems.length > 0 ? 1 : 0);
