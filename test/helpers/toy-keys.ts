import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { powersOfTau, zKey } from 'snarkjs';
import { compileCircuit, root } from '../../scripts/compile-circuit.ts';
import { loadCurve } from '../../src/groth16/curve.ts';

/** A keys folder whose `ballot` is the toy circuit, and the key it had before phase 2. */
export interface ToyKeys {
  readonly dir: string;
  /** vkey.json's text. */
  readonly vkey: string;
  /** The same without a phase-2 contribution: γ = δ. */
  readonly blankVkey: string;
  readonly wasm: Uint8Array;
  remove(): Promise<void>;
}

/** Domain 16 holds the toy's 4 constraints and 6 public wires; its phase 1 is made on the spot. */
const POWER = 4;

/** Makes snarkjs use the one single-threaded curve: with worker threads a test process would not end. */
export async function tameSnarkjs(): Promise<void> {
  (globalThis as { curve_bn128?: unknown }).curve_bn128 = await loadCurve();
}

export async function makeToyKeys(): Promise<ToyKeys> {
  await tameSnarkjs();
  const compiled = await compileCircuit(
    join(root, 'test/helpers/toy-circuit/ballot.circom'),
    join(root, 'build/toy-circuit'),
  );
  const dir = await mkdtemp(join(tmpdir(), 'velum-toy-keys-'));
  const file = (name: string): string => join(dir, name);
  await powersOfTau.newAccumulator(await loadCurve(), POWER, file('0.ptau'));
  await powersOfTau.contribute(file('0.ptau'), file('1.ptau'), 'toy', 'toy entropy');
  await powersOfTau.preparePhase2(file('1.ptau'), file('2.ptau'));
  await mkdir(file('ballot'));
  await zKey.newZKey(await readFile(compiled.r1cs), file('2.ptau'), file('blank.zkey'));
  await zKey.contribute(file('blank.zkey'), file('ballot/proving.zkey'), 'toy', 'more toy entropy');
  const vkey = JSON.stringify(await zKey.exportVerificationKey(file('ballot/proving.zkey')));
  const blankVkey = JSON.stringify(await zKey.exportVerificationKey(file('blank.zkey')));
  const wasm = await readFile(compiled.wasm);
  await writeFile(file('ballot/vkey.json'), vkey);
  await writeFile(file('ballot/witness.wasm'), wasm);
  await writeManifest(dir);
  return { dir, vkey, blankVkey, wasm, remove: () => rm(dir, { recursive: true, force: true }) };
}

/** Lists the hashes of the folder's files as they are now. */
export async function writeManifest(dir: string): Promise<void> {
  const sha256 = async (name: string): Promise<string> =>
    createHash('sha256')
      .update(await readFile(join(dir, 'ballot', name)))
      .digest('hex');
  const ballot = {
    vkey: await sha256('vkey.json'),
    zkey: await sha256('proving.zkey'),
    wasm: await sha256('witness.wasm'),
    r1cs: '0'.repeat(64),
    ptau: { name: '2.ptau', blake2b: '0'.repeat(128), trust: 'none' },
    contributions: [],
  };
  const manifest = { dev: true, circom: '', snarkjs: '', circuits: { ballot } };
  await writeFile(join(dir, 'MANIFEST.json'), JSON.stringify(manifest));
}

/** Satisfying inputs of the toy circuit. */
export function toyInput({ identitySecret = 1234567n, scope = 5n, x = 3n } = {}) {
  const path = Array.from({ length: 4 }, (_, level) => [BigInt(level + 2), 0n, 0n, 0n] as const);
  return { identitySecret, path, committeeRoot: identitySecret * 2n, scope, x };
}
