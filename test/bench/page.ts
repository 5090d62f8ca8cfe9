/**
 * What proofs cost in a page: the bench worker of the page as it is built, from the files of key and witness to a proof that it has verified,
 * beside snarkjs' own build for browsers in the same page, which verifies nothing. By turns, so that whatever else the machine does falls on
 * both; each side has all threads that it wants. `proofMs` is what of it is proof and verification, once worker and key are there, which
 * snarkjs does not keep; `proofRatio` compares that. Prints one JSON object.
 *   npm run build && npm run browser:install && npx tsx test/bench/page.ts [--runs 7] [--circuit orders]
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { cpus } from 'node:os';
import { extname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { groth16 } from 'snarkjs';
import { measure } from '../../src/cli/bench/measure.ts';
import { createWitnessCalculator } from '../../src/groth16/witness.ts';
import { CIRCUITS, type CircuitName } from '../../src/proofs/circuits.ts';
import { root } from '../../src/proofs/compile.ts';
import { exampleInput } from '../../src/proofs/examples.ts';
import { flattenSignals } from '../../src/proofs/signals.ts';
import type { Json } from '../helpers/lying-proxy.ts';
import { PageBrowser } from '../helpers/page-browser.ts';

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '7' }, circuit: { type: 'string' } },
});
const runs = Number(values.runs);
const circuits = Object.keys(CIRCUITS).filter((name) => [undefined, name].includes(values.circuit));
if (circuits.length === 0 || !(runs >= 1)) throw new Error('usage: page.ts [--runs 7] [--circuit orders]');

/** Every file of it may be shared with workers, as snarkjs and the prover want memory shared. */
const ISOLATED = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};
const TYPES: Readonly<Record<string, string>> = { '.js': 'text/javascript', '.wasm': 'application/wasm' };
const index = readFileSync(join(root, 'dist/page/index.html'), 'utf8');
const main = readFileSync(join(root, 'dist/page', /src="\.?\/?([^"]+\.js)"/.exec(index)![1]!), 'utf8');
/** The program of all workers, as the page names it. */
const worker = /assets\/entry-[\w-]+\.js/.exec(main)![0];

const snarkjsBuild = readFileSync(join(root, 'node_modules/snarkjs/build/snarkjs.min.js'));
const witnesses = new Map<string, Uint8Array>();
const server = createServer(({ url = '/' }, response) => {
  const content = contentOf(url);
  const type = url === '/' ? 'text/html' : (TYPES[extname(url)] ?? 'application/octet-stream');
  const status = content === undefined ? 404 : 200;
  response.writeHead(status, { ...ISOLATED, 'content-type': type }).end(content);
});

/** Of the page's own files, the circuits' keys and snarkjs nothing else. */
function contentOf(path: string): Uint8Array | string | undefined {
  if (path === '/') return '<!doctype html><script src="/snarkjs.js"></script>';
  if (path === '/snarkjs.js') return snarkjsBuild;
  if (!/^\/(assets|keys)\/[\w./-]+$/.test(path) || path.includes('..')) return witnesses.get(path);
  return readFileSync(join(root, path.startsWith('/assets') ? 'dist/page' : '', path));
}
await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
const browser = await PageBrowser.start();

const IN_PAGE = `
  const bytesOf = async (path) => new Uint8Array(await (await fetch(path)).arrayBuffer());
  window.load = async (circuit) => {
    window.zkey = await bytesOf('/keys/' + circuit + '/proving.zkey');
    window.proofs = [];
    window.wtns = await bytesOf('/' + circuit + '.wtns');
  };
  window.ours = () => new Promise((resolve, reject) => {
    const worker = new Worker('/${worker}', { type: 'module', name: 'bench' });
    worker.onerror = ({ message }) => reject(new Error(message));
    worker.onmessage = ({ data }) => {
      if (data.kind === 'stage') return;
      worker.terminate();
      if (data.kind !== 'proved') return reject(new Error(JSON.stringify(data)));
      window.proofs.push(data.proveMs);
      window.own = { proof: JSON.parse(data.proof), publicSignals: JSON.parse(data.publicSignals) };
      resolve();
    };
    worker.postMessage({ kind: 'prove', zkey: window.zkey.buffer, witness: { kind: 'wtns', bytes: window.wtns.buffer } });
  });
  window.theirs = async () => {
    window.other = await snarkjs.groth16.prove({ type: 'mem', data: window.zkey }, { type: 'mem', data: window.wtns });
  };
  void 0;`;

const started = new Date();
const results: unknown[] = [];
try {
  const { page } = await browser.visit(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  await page.evaluate(IN_PAGE);
  for (const circuit of circuits as CircuitName[]) {
    const program = new Uint8Array(readFileSync(join(root, 'keys', circuit, 'witness.wasm')));
    const calculator = await createWitnessCalculator(circuit, program);
    const witness = calculator.calculate(flattenSignals(circuit, exampleInput(circuit)));
    witnesses.set(`/${circuit}.wtns`, witness);
    await page.evaluate(`load('${circuit}')`);
    const peer = { name: 'snarkjs groth16.prove', run: () => page.evaluate('theirs()') };
    const timing = await measure(`page::prove/${circuit}`, () => page.evaluate('ours()'), { runs, peer });
    const proofs = ((await page.evaluate('proofs')) as number[]).slice(1).sort((a, b) => a - b);
    const proofMs = proofs[Math.floor(proofs.length / 2)]!;
    const proofRatio = Number((timing.peer!.medianMs / proofMs).toPrecision(3));
    results.push({ ...timing, proofMs: Math.round(proofMs), proofRatio });
    const vkey = JSON.parse(readFileSync(join(root, 'keys', circuit, 'vkey.json'), 'utf8'));
    for (const made of ['own', 'other']) {
      const { proof, publicSignals } = (await page.evaluate(made)) as Json;
      if (!(await groth16.verify(vkey, publicSignals, proof))) throw new Error(`${made} made no proof`);
    }
  }
  const browserVersion = await page.evaluate('navigator.userAgent');
  const threads = await page.evaluate('navigator.hardwareConcurrency');
  const isShared = await page.evaluate('crossOriginIsolated');
  const machine = { cpu: cpus()[0]?.model, cores: threads, browser: browserVersion, isShared, at: started };
  console.log(JSON.stringify({ machine, results }, null, 2));
} finally {
  await browser.close();
  server.close();
}
process.exit(0); // snarkjs keeps worker threads.
