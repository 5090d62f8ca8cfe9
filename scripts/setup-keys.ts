/**
 * Makes the Groth16 keys of every registered circuit on this machine: phase 2 of a given phase-1 file, one
 * contribution, `zkey verify`, export. Such keys are dev keys: whoever made them could have kept the secret.
 * No beacon is applied: one drawn by the machine that contributes adds nothing.
 *
 *   npx tsx scripts/setup-keys.ts --ptau-small FILE --ptau-large FILE [--out DIR]
 *
 * The small file (power 12) serves circuits with a domain of at most 4,096, the large one (power ≥ 13) the others.
 */
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { curves, type Logger, zKey } from 'snarkjs';
import { type RegisteredCircuit, registeredCircuits } from './circuits.ts';
import { compileCircuit, root, toolVersion } from './compile-circuit.ts';
import { identifyPhase1, type Phase1File } from './phase-1-files.ts';

/** One circuit's row of keys/MANIFEST.json: SHA-256 of four files, and where the key comes from. */
interface KeyRecord {
  readonly r1cs: string;
  readonly wasm: string;
  readonly zkey: string;
  readonly vkey: string;
  readonly ptau: Phase1File;
  readonly contributions: readonly { readonly name: string; readonly hash: string }[];
}

const SMALL_DOMAIN = 4096;
const CONTRIBUTION = 'one machine, system entropy';

const quiet: Logger = { debug() {}, info() {}, warn: console.warn, error: console.error };
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const sha256 = async (path: string): Promise<string> =>
  createHash('sha256')
    .update(await readFile(path))
    .digest('hex');

async function makeKeys(circuit: RegisteredCircuit, ptau: string, out: string): Promise<KeyRecord> {
  const compiled = await compileCircuit(join(root, circuit.file));
  const dir = join(out, circuit.name);
  await mkdir(dir, { recursive: true });
  const blank = join(dir, 'blank.zkey');
  const zkey = join(dir, 'proving.zkey');
  const vkey = join(dir, 'vkey.json');
  const wasm = join(dir, 'witness.wasm');
  try {
    await zKey.newZKey(compiled.r1cs, ptau, blank, quiet);
    const hash = await zKey.contribute(blank, zkey, CONTRIBUTION, hex(randomBytes(64)), quiet);
    if (!(await zKey.verifyFromR1cs(compiled.r1cs, ptau, zkey, quiet)))
      throw new Error(`the new key of ${circuit.name} does not verify against its circuit and ${ptau}`);
    await writeFile(vkey, `${JSON.stringify(await zKey.exportVerificationKey(zkey, quiet), null, 1)}\n`);
    await writeFile(wasm, await readFile(compiled.wasm));
    return {
      r1cs: await sha256(compiled.r1cs),
      wasm: await sha256(wasm),
      zkey: await sha256(zkey),
      vkey: await sha256(vkey),
      ptau: await identifyPhase1(ptau),
      contributions: [{ name: CONTRIBUTION, hash: hex(hash) }],
    };
  } finally {
    await rm(blank, { force: true });
  }
}

const { values } = parseArgs({
  options: {
    'ptau-small': { type: 'string' },
    'ptau-large': { type: 'string' },
    out: { type: 'string', default: join(root, 'keys') },
  },
});
const small = values['ptau-small'];
const large = values['ptau-large'];
if (small === undefined || large === undefined) {
  console.error('usage: npx tsx scripts/setup-keys.ts --ptau-small FILE --ptau-large FILE [--out DIR]');
  process.exit(2);
}

const circuits: Record<string, KeyRecord> = {};
for (const circuit of registeredCircuits()) {
  console.log(`making the keys of ${circuit.name} (domain ${circuit.domain}) …`);
  circuits[circuit.name] = await makeKeys(
    circuit,
    circuit.domain <= SMALL_DOMAIN ? small : large,
    values.out,
  );
}
const manifest = { dev: true, circom: toolVersion('circom2'), snarkjs: toolVersion('snarkjs'), circuits };
await writeFile(join(values.out, 'MANIFEST.json'), `${JSON.stringify(manifest, null, 2)}\n`);
await (await curves.getCurveFromName('bn128')).terminate();
