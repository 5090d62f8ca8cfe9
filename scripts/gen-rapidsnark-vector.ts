/**
 * Writes test/vectors/rapidsnark.json: files that the real rapidsnark wrote, for statements of this package's circuits
 * and for the toy circuit of the tests, whose proving key the vector holds, so that a run can be repeated from it.
 *
 *   npx tsx scripts/gen-rapidsnark-vector.ts BINARY "RELEASE AND HOW IT WAS BUILT"
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createWitnessCalculator } from '../src/groth16/witness.ts';
import { root } from '../src/proofs/compile.ts';
import { exampleInput } from '../src/proofs/examples.ts';
import { loadCircuit } from '../src/proofs/registry.ts';
import { flattenSignals } from '../src/proofs/signals.ts';
import { makeToyKeys, toyInput } from '../test/helpers/toy-keys.ts';

const [binary, release] = process.argv.slice(2);
if (binary === undefined || release === undefined) {
  console.error('name the binary and its release');
  process.exit(2);
}

const dir = mkdtempSync(join(tmpdir(), 'velum-rapidsnark-'));
const file = (name: string): string => join(dir, name);
/** Runs the program; its two files as they are, and the hash of the witness they are for. */
function record(zkey: string, witness: Uint8Array) {
  writeFileSync(file('w.wtns'), witness);
  execFileSync(binary!, [zkey, file('w.wtns'), file('proof.json'), file('public.json')]);
  return {
    witnessSha256: createHash('sha256').update(witness).digest('hex'),
    proof: readFileSync(file('proof.json'), 'utf8'),
    public: readFileSync(file('public.json'), 'utf8'),
  };
}

const own = await Promise.all(
  (['ballot', 'orders', 'account'] as const).map(async (name) => {
    const circuit = await loadCircuit(name);
    const calculator = await createWitnessCalculator(name, await circuit.read('wasm'));
    const made = record(circuit.path('zkey'), calculator.calculate(flattenSignals(name, exampleInput(name))));
    return { circuit: name, vkey: readFileSync(circuit.path('vkey'), 'utf8'), ...made };
  }),
);
const keys = await makeToyKeys();
const zkey = join(keys.dir, 'ballot/proving.zkey');
const toy = await createWitnessCalculator('ballot', keys.wasm);
const replay = {
  zkey: readFileSync(zkey).toString('base64'),
  vkey: keys.vkey,
  ...record(zkey, toy.calculate(flattenSignals('ballot', toyInput()))),
};
await keys.remove();
rmSync(dir, { recursive: true });
const vector = {
  source: `rapidsnark ZKEY WTNS PROOF PUBLIC of https://github.com/iden3/rapidsnark, ${release}; files as it wrote them`,
  independent: true,
  made: 'npx tsx scripts/gen-rapidsnark-vector.ts',
  own,
  toy: replay,
};
writeFileSync(join(root, 'test/vectors/rapidsnark.json'), `${JSON.stringify(vector, null, 1)}\n`);
