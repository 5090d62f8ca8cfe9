import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { build } from 'vite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root } from '../../src/proofs/compile.ts';
import { PageBrowser, type Visit, waitFor } from '../helpers/page-browser.ts';

/** A page of somebody else, which bundles the built package by Vite as its field `browser` says. */
const scratch = mkdtempSync(join(tmpdir(), 'velum-bundle-'));
const PAGE = `
import { height, loadVerifier, Wallet } from 'velum/client';
import { createVerifier } from 'velum/groth16';
import { equity } from 'velum/market';

const chain = { foundation: new Uint8Array(32).fill(1), hash: new Uint8Array(32).fill(2) };
const wallet = new Wallet(crypto.getRandomValues(new Uint8Array(32)), chain.foundation);
const account = wallet.accountNamed('savings');
const { signals } = wallet.authorise(
  { account, amount: 25_000_000n, destination: new Uint8Array(32).fill(3) },
  { chainHash: chain.hash, sequence: 0n, lastHeight: height(10) },
);
const verifier = await loadVerifier('account');
const vkey = await (await fetch('keys/account/vkey.json')).text();
const again = await createVerifier(vkey, 'vkey.json');
globalThis.found = [
  signals.length === verifier.nPublic,
  again.nPublic === verifier.nPublic,
  await verifier.verify(signals, new Uint8Array(256)),
  String(equity({ cash: 5n, sequence: 0n, positions: new Map() }, [])),
];
`;
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};

let server: Server;
let browser: PageBrowser;
let visit: Visit;
const warnings: string[] = [];
beforeAll(async () => {
  mkdirSync(join(scratch, 'node_modules'));
  symlinkSync(root, join(scratch, 'node_modules/velum'));
  writeFileSync(join(scratch, 'package.json'), '{"name":"page","type":"module"}');
  const icon = '<link rel="icon" href="data:,">';
  writeFileSync(
    join(scratch, 'index.html'),
    `<!doctype html>${icon}<script type="module" src="/page.js"></script>`,
  );
  writeFileSync(join(scratch, 'page.js'), PAGE);
  await build({
    root: scratch,
    configFile: false,
    logLevel: 'silent',
    build: { target: 'es2022', rollupOptions: { onwarn: ({ message }) => void warnings.push(message) } },
  });
  mkdirSync(join(scratch, 'dist/keys'));
  for (const name of ['account', 'MANIFEST.json'])
    symlinkSync(join(root, 'keys', name), join(scratch, 'dist/keys', name));
  server = createServer(({ url }, response) => {
    const path = url === '/' ? '/index.html' : url!;
    response.setHeader('content-type', TYPES[extname(path)]!);
    response.end(readFileSync(join(scratch, 'dist', path)));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  browser = await PageBrowser.start();
  visit = await browser.visit(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
});
afterAll(async () => {
  await browser?.close();
  server?.close();
  rmSync(scratch, { recursive: true, force: true });
});

test('a page that bundles the faces for traders, proofs and the market makes and checks what they are for', async () => {
  await waitFor(visit.page, 'globalThis.found');
  expect(await visit.page.evaluate('globalThis.found')).toEqual([true, true, false, '5']);
  expect(visit.problems).toEqual([]);
});

test('nothing of Node is left out of the bundle without a word', () => {
  expect(warnings.filter((message) => message.includes('node:'))).toEqual([]);
});
