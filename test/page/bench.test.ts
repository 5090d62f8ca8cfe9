import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { groth16 } from 'snarkjs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { addressText } from '../../src/cli/node/settings.ts';
import { genesisText } from '../../src/formats/genesis-file.ts';
import { createWitnessCalculator } from '../../src/groth16/witness.ts';
import { listPageFiles } from '../../src/node/rpc/page-files.ts';
import { root } from '../../src/proofs/compile.ts';
import { exampleInput } from '../../src/proofs/examples.ts';
import { flattenSignals } from '../../src/proofs/signals.ts';
import { honestNode } from '../helpers/honest-node.ts';
import type { Json } from '../helpers/lying-proxy.ts';
import { PageBrowser, type Visit, waitFor } from '../helpers/page-browser.ts';
import { PageProxy } from '../helpers/page-proxy.ts';
import { obstacles } from '../helpers/page-state.ts';
import { tameSnarkjs } from '../helpers/toy-keys.ts';
import { walletChain } from '../helpers/wallet-chain.ts';

/** The proof bench, with no network once it says that it needs none. */

const CIRCUIT = 'account';
/** Of a phone, pixels. */
const WIDTH = 390;
const scratch = mkdtempSync(join(tmpdir(), 'velum-bench-'));
const file = (name: string): string => join(scratch, name);
const key = (name: string): string => join(root, 'keys', CIRCUIT, name);
const json = (path: string): Json => JSON.parse(readFileSync(path, 'utf8'));
let browser: PageBrowser;
let node: Awaited<ReturnType<typeof honestNode>>;
let proxy: PageProxy;
let one: Visit;

beforeAll(async () => {
  const made = walletChain();
  writeFileSync(file('genesis.json'), genesisText(made));
  node = await honestNode(made, listPageFiles(join(root, 'dist/page'), file('genesis.json')));
  proxy = await new PageProxy(`http://${addressText(node.address)}/`).open();
  browser = await PageBrowser.start();
  await tameSnarkjs();
  const signals = flattenSignals(CIRCUIT, exampleInput(CIRCUIT));
  const text = JSON.stringify(signals, (_, value) => (typeof value === 'bigint' ? `${value}` : value));
  writeFileSync(file('input.json'), text);
  const calculator = await createWitnessCalculator(
    CIRCUIT,
    new Uint8Array(readFileSync(key('witness.wasm'))),
  );
  writeFileSync(file('witness.wtns'), calculator.calculate(signals));
  one = await browser.visit(`${proxy.page}#bench`, WIDTH, 844);
  await waitFor(
    one.page,
    `document.querySelector('#panel-bench').textContent.includes('goes on without a network')`,
  );
  await one.cut();
  const asked = `fetch('/genesis.json', { cache: 'no-store' }).then(() => 'reached', () => 'cut off')`;
  expect(await one.page.evaluate(asked)).toBe('cut off');
});
afterEach(() => expect(proxy.forbidden.splice(0)).toEqual([]));
afterAll(async () => {
  await browser?.close();
  proxy?.close();
  await node?.close();
  rmSync(scratch, { recursive: true, force: true });
});

/** Fills a form of the bench and sends it off. @returns the last word of the run */
async function ran(name: 'prove' | 'verify', files: Readonly<Record<string, string>>): Promise<string> {
  const form = `form[aria-labelledby=bench-${name}]`;
  for (const [field, path] of Object.entries(files))
    await one.page.setInputFiles(`${form} input[name=${field}]`, path);
  // What stood there before this run is not its end.
  await one.page.evaluate(`void (window.ended = new Promise((resolve) => {
    const form = document.querySelector('${form}');
    const said = form.querySelector('[data-bench], [role=status]');
    new MutationObserver((_, observer) => {
      if ([undefined, 'stage'].includes(said.dataset.bench)) return;
      observer.disconnect();
      resolve(said.textContent);
    }).observe(form, { subtree: true, childList: true, attributes: true, characterData: true });
  }))`);
  await one.page.click(`${form} button[type=submit]`);
  return String(await one.page.evaluate('window.ended'));
}
/** Clears what was chosen and said. */
async function again(): Promise<void> {
  await one.page.evaluate(
    `void document.querySelectorAll('#panel-bench form').forEach((form) => form.reset())`,
  );
}
async function saved(name: string): Promise<string> {
  const download = one.page.waitForEvent('download');
  await one.page.click(`button:text("Save ${name}")`);
  const path = file(`saved-${name}`);
  writeFileSync(path, readFileSync(await (await download).path()));
  return path;
}

describe.each([
  ['a witness program and its input', { wasm: key('witness.wasm'), input: file('input.json') }],
  ['a witness', { wtns: file('witness.wtns') }],
])('a key and %s', (_what, witness: Readonly<Record<string, string>>) => {
  test('give a proof that stock snarkjs accepts, and that the page accepts itself', async () => {
    await again();
    expect(await ran('prove', { zkey: key('proving.zkey'), ...witness })).toMatch(/^Proved in \d+ ms/);
    const [proof, signals, vkey] = [
      await saved('proof.json'),
      await saved('public.json'),
      await saved('vkey.json'),
    ];
    expect(json(key('vkey.json'))).toMatchObject(json(vkey));
    expect(await groth16.verify(json(key('vkey.json')), json(signals), json(proof))).toBe(true);
    expect(await ran('verify', { vkey, proof, public: signals })).toMatch(/^The proof holds \(\d+ ms\)\.$/);
  });
});

describe('a proof', () => {
  const proof = (): string => file('saved-proof.json');
  const signals = (): string => file('saved-public.json');

  test('of other public signals is none', async () => {
    const [first, ...rest] = json(signals());
    writeFileSync(file('other.json'), JSON.stringify([`${BigInt(first) ^ 1n}`, ...rest]));
    await again();
    expect(
      await ran('verify', { vkey: key('vkey.json'), proof: proof(), public: file('other.json') }),
    ).toMatch(/^This is no proof of these public signals/);
  });

  test('that is forged is none: points of the curve that prove something else', async () => {
    const { pi_a, ...rest } = json(proof());
    const P = 21888242871839275222246405745257275088696311157297823662689037894645226208583n;
    writeFileSync(
      file('forged.json'),
      JSON.stringify({ ...rest, pi_a: [pi_a[0], `${P - BigInt(pi_a[1])}`, '1'] }),
    );
    await again();
    expect(
      await ran('verify', { vkey: key('vkey.json'), proof: file('forged.json'), public: signals() }),
    ).toMatch(/^This is no proof of these public signals/);
  });

  test('that is no proof, and a witness of another circuit, are refused with a code', async () => {
    writeFileSync(file('none.json'), '{}');
    await again();
    expect(
      await ran('verify', { vkey: key('vkey.json'), proof: file('none.json'), public: signals() }),
    ).toMatch(/^PROOF_FILE: /);
    const other = join(root, 'keys/ballot/proving.zkey');
    expect(await ran('prove', { zkey: other, wtns: file('witness.wtns') })).toMatch(/^CIRCUIT_FILE: /);
  });
});

test('nothing serious is in the way of whoever reads a result and a refusal', async () => {
  expect(await one.page.locator('#panel-bench .problem').count()).toBe(2);
  expect(await obstacles(one.page, WIDTH)).toEqual([]);
  await again();
  expect(await ran('prove', { zkey: key('proving.zkey'), wtns: file('witness.wtns') })).toContain(
    'Proved in',
  );
  expect(await obstacles(one.page, WIDTH)).toEqual([]);
});

test('nothing was asked for but files of the page, and answers about the chain while there was a network', () => {
  expect(one.requests.filter((url) => !url.startsWith(proxy.page) && !url.startsWith('blob:'))).toEqual([]);
  expect(one.requests.some((url) => url.includes('/keys/'))).toBe(false);
});
