/**
 * `npx tsx test/bench/genesis.ts 4 7 16`: committees of these sizes generate the keys of a chain, in one process with real proofs. Prints
 * one JSON object; processor time is that of the process and of its provers, which load their keys anew for each size.
 */
import { cpus } from 'node:os';
import { childrenCpuMs } from '../../src/cli/bench/measure.ts';
import { generateKeys } from '../../src/cli/epoch/generate-keys.ts';
import { EPOCH_HEIGHTS, layFoundation } from '../../src/committee/dealer.ts';
import { SAMPLE_MARKET, SAMPLE_PRICES, SAMPLE_TIME_S } from '../../src/committee/sample-market.ts';
import { loadVerifier } from '../../src/proofs/circuit-verifier.ts';
import { openProverPool } from '../../src/proofs/pool.ts';
import { loadBatchKernels } from '../../src/proofs/wasm-batch-kernels.ts';

const sizes = process.argv.slice(2).map(Number);
if (sizes.length === 0 || !sizes.every((n) => Number.isInteger(n) && n >= 1 && n <= 100))
  throw new Error('usage: npx tsx test/bench/genesis.ts N …, 1 to 100 validators each');

const market = { params: SAMPLE_MARKET, oracle: [{ timeS: SAMPLE_TIME_S, values: SAMPLE_PRICES }] };
const verifier = await loadVerifier('dealing');
const kernels = await loadBatchKernels();
const results: object[] = [];
for (const n of sizes) {
  const chain = { ...layFoundation(1, market, n), notes: [], notesTotal: 0n };
  const [start, used, provers] = [performance.now(), process.cpuUsage(), childrenCpuMs()];
  const prover = openProverPool();
  const effects = { prover, verifier, kernels, onProgress: () => {} };
  const { keys } = await generateKeys(1, n, chain, EPOCH_HEIGHTS, effects);
  const wallS = (performance.now() - start) / 1_000;
  await prover.close();
  const { user, system } = process.cpuUsage(used);
  const cpuS = (user + system) / 1_000_000 + (childrenCpuMs() - provers) / 1_000;
  results.push({ name: `genesis::keys/n=${n}`, wallS, cpuS, dealings: keys.dealings.size });
}
const machine = { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version };
console.log(JSON.stringify({ machine, results }, null, 2));
