/**
 * Makes the Groth16 keys of registered circuits on this machine: phase 2 of a given phase-1 file, one contribution, and
 * every check of `velum keys verify`. Such keys are dev keys: whoever made them could have kept the secret. No beacon is
 * applied: one drawn by the machine that contributes adds nothing. The keys of other circuits stay as they are.
 *
 *   npx tsx scripts/setup-keys.ts [CIRCUIT…] [--ptau-small FILE] [--ptau-large FILE] [--out DIR]
 *
 * The small file (power 12) serves circuits with a domain of at most 4,096, the large one (power ≥ 13) the others.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { registeredCircuits } from '../src/proofs/circuit-list.ts';
import { root } from '../src/proofs/compile.ts';
import { compilerOf, contribute, setupKeys } from '../src/proofs/keys/ceremony.ts';
import { verifyKeys } from '../src/proofs/keys/verify-keys.ts';

const SMALL_DOMAIN = 4096;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    'ptau-small': { type: 'string' },
    'ptau-large': { type: 'string' },
    out: { type: 'string', default: join(root, 'keys') },
  },
});
const all = await registeredCircuits();
const chosen = all.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
const jobs = chosen.map(({ name, domain, file }) => {
  const option = domain <= SMALL_DOMAIN ? 'ptau-small' : 'ptau-large';
  return { circuit: name, domain, file, option, ptau: values[option] } as const;
});
const unknown = positionals.find((name) => !all.some((circuit) => circuit.name === name));
const without = jobs.find(({ ptau }) => ptau === undefined);
if (unknown !== undefined || without !== undefined) {
  console.error(
    unknown === undefined ? `${without!.circuit} needs --${without!.option} FILE` : `no circuit ${unknown}`,
  );
  process.exit(2);
}

for (const { circuit, domain, file, ptau } of jobs) {
  console.log(`making the keys of ${circuit} (domain ${domain}) …`);
  const job = { circuit, keysDir: values.out, compile: compilerOf(join(root, file)) };
  await setupKeys({ ...job, ptau: ptau!, protocol: 'groth16', replace: true });
  await contribute({ ...job, name: 'one machine, system entropy' });
  const wrong = (await verifyKeys({ ...job, ptau: ptau! })).filter(({ ok }) => !ok);
  if (wrong.length > 0) throw new Error(`the new keys of ${circuit}: not ${wrong[0]!.what}`);
}
