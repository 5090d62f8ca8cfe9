/**
 * Makes the Groth16 keys of every registered circuit on this machine: phase 2 of a given phase-1 file, one
 * contribution, and every check of `velum keys verify`. Such keys are dev keys: whoever made them could have kept the
 * secret. No beacon is applied: one drawn by the machine that contributes adds nothing.
 *
 *   npx tsx scripts/setup-keys.ts --ptau-small FILE --ptau-large FILE [--out DIR]
 *
 * The small file (power 12) serves circuits with a domain of at most 4,096, the large one (power ≥ 13) the others.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { registeredCircuits } from '../src/proofs/circuit-list.ts';
import { root } from '../src/proofs/compile.ts';
import { contribute, setupKeys } from '../src/proofs/keys/ceremony.ts';
import { verifyKeys } from '../src/proofs/keys/verify-keys.ts';

const SMALL_DOMAIN = 4096;

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

for (const { name: circuit, domain, file } of await registeredCircuits()) {
  console.log(`making the keys of ${circuit} (domain ${domain}) …`);
  const ptau = domain <= SMALL_DOMAIN ? small : large;
  const job = { circuit, keysDir: values.out, source: join(root, file) };
  await setupKeys({ ...job, ptau, protocol: 'groth16', replace: true });
  await contribute({ ...job, name: 'one machine, system entropy' });
  const wrong = (await verifyKeys({ ...job, ptau })).filter(({ ok }) => !ok);
  if (wrong.length > 0) throw new Error(`the new keys of ${circuit}: not ${wrong[0]!.what}`);
}
