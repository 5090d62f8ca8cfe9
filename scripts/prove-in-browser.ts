/**
 * Loads the kernels and the prover in headless Chromium, proves the example of each circuit there on both paths, and
 * verifies the proofs here.
 *   npm run build && npm run browser:install && npx tsx scripts/prove-in-browser.ts [--chromium FILE]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { fromHex } from '../src/base/bytes.ts';
import { loadVerifier } from '../src/proofs/circuit-verifier.ts';
import { CIRCUITS, type CircuitName } from '../src/proofs/circuits.ts';
import { exampleInput } from '../src/proofs/examples.ts';
import { flattenSignals } from '../src/proofs/signals.ts';

/** What of playwright-core is used here: it is not a dependency of the package, so its types are not there. */
interface Page {
  goto(url: string): Promise<unknown>;
  evaluate(code: string): Promise<unknown>;
}
interface Context {
  newPage(): Promise<Page>;
  close(): Promise<void>;
}
interface Playwright {
  readonly chromium: { launchPersistentContext(dir: string, options: object): Promise<Context> };
}
interface Made {
  readonly path: string;
  readonly proof: string;
  readonly publicSignals: readonly string[];
  readonly proveMs: number;
}

const root = resolve(import.meta.dirname, '..');
const { values } = parseArgs({ options: { chromium: { type: 'string', default: '/usr/bin/chromium' } } });
const TYPES: Readonly<Record<string, string>> = { '.js': 'text/javascript', '.html': 'text/html' };

/** What the prover imports by name; everything else of it is relative. */
const PACKAGES = JSON.stringify({ imports: { zod: '/node_modules/zod/index.js' } });
const PAGE = `<!doctype html><script type="importmap">${PACKAGES}</script>`;
/** Only what the package ships, and only below its root. */
const isServed = (path: string): boolean =>
  /^\/(dist|src\/wasm|keys|node_modules\/zod)\/[\w./-]+$/.test(path) && !path.includes('..');

const server = createServer((request, response) => {
  const path = request.url ?? '/';
  const body =
    path === '/' ? Promise.resolve(PAGE) : isServed(path) ? readFile(join(root, path)) : Promise.reject();
  body.then(
    (content) =>
      response
        .writeHead(200, {
          'content-type': path === '/' ? 'text/html' : (TYPES[extname(path)] ?? 'application/octet-stream'),
        })
        .end(content),
    () => response.writeHead(404).end(),
  );
});
await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

const { chromium } = createRequire(join(root, 'bench/browser/package.json'))('playwright-core') as Playwright;
const profile = mkdtempSync(join(tmpdir(), 'velum-browser-'));
const context = await chromium.launchPersistentContext(profile, {
  executablePath: values.chromium,
  args: [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-sync',
  ],
});
try {
  const page = await context.newPage();
  await page.goto(`${origin}/`);
  for (const circuit of Object.keys(CIRCUITS) as CircuitName[]) {
    const verifier = await loadVerifier(circuit);
    for (const path of ['relaxed-simd', 'scalar']) {
      const { proof, publicSignals, proveMs } = (await page.evaluate(inPage(circuit, path))) as Made;
      const isProof = await verifier.verify(publicSignals.map(BigInt), fromHex(proof)!);
      console.log(`${circuit} (${path}): ${isProof ? 'verified' : 'NOT A PROOF'}, made in ${proveMs} ms`);
      if (!isProof) process.exitCode = 1;
    }
  }
} finally {
  await context.close();
  server.close();
  rmSync(profile, { recursive: true, force: true });
}

/** What the page runs: the witness program and the prover, from the files that the package ships. */
function inPage(circuit: CircuitName, path: string): string {
  const signals = JSON.stringify(flattenSignals(circuit, exampleInput(circuit)), (_, value) =>
    typeof value === 'bigint' ? `${value}` : value,
  );
  return `(async () => {
    const { createWitnessCalculator } = await import('/dist/groth16/witness.js');
    const { loadWasmProver } = await import('/dist/groth16/wasm-prover.js');
    const bytes = async (file) => new Uint8Array(await (await fetch('/keys/${circuit}/' + file)).arrayBuffer());
    const signals = Object.fromEntries(
      Object.entries(${signals}).map(([name, values]) => [name, values.map(BigInt)]),
    );
    const calculator = await createWitnessCalculator('${circuit}', await bytes('witness.wasm'));
    const prover = await loadWasmProver(await bytes('proving.zkey'), { path: '${path}' });
    const since = performance.now();
    const { proof, publicSignals } = await prover.prove(calculator.calculate(signals));
    return {
      proof: Array.from(proof, (byte) => byte.toString(16).padStart(2, '0')).join(''),
      publicSignals: publicSignals.map(String),
      proveMs: Math.round(performance.now() - since),
    };
  })()`;
}
