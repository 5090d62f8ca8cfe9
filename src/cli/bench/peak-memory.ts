/** A process of whole-process.ts: reads a key, makes one proof by the prover named, and prints its peak memory in MB. */
import { readFile } from 'node:fs/promises';

const [prover, zkey, wtns] = process.argv.slice(2) as [string, string, string];
if (prover === 'wasm') {
  const { loadWasmProver } = await import('../../groth16/wasm-prover.ts');
  await (await loadWasmProver(await readFile(zkey))).prove(await readFile(wtns));
} else {
  const { groth16 } = await import('snarkjs');
  await groth16.prove(zkey, wtns);
}
process.stdout.write(String(Math.round(process.resourceUsage().maxRSS / 1000)));
// Threads of snarkjs keep a process alive.
process.exit();
