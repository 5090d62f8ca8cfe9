/**
 * What a proof costs beyond its arithmetic: a command from cold, two threads beside one, and the memory of a process.
 */
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withScratchDir } from '../../groth16/at-exit.ts';
import { snarkjsJson } from '../../groth16/json-files.ts';
import { loadWasmProver } from '../../groth16/wasm-prover.ts';
import { root } from '../../proofs/compile.ts';
import { exampleInput } from '../../proofs/examples.ts';
import { loadCircuit } from '../../proofs/registry.ts';
import { type CpuTiming, childrenCpuMs, measure, measureCpu, type Timing } from './measure.ts';
import { runNode, stockFullProve } from './peers.ts';
import type { ProofWork } from './works.ts';

/** `velum prove orders` beside the stock command line, both from input to proof; verification is in ours alone. */
export function benchOneShot(runs: number): Promise<CpuTiming> {
  return withScratchDir(tmpdir(), async (dir) => {
    const circuit = await loadCircuit('orders');
    const [input, proof, publics] = ['input', 'proof', 'public'].map((name) => join(dir, `${name}.json`)) as [
      string,
      string,
      string,
    ];
    await writeFile(input, snarkjsJson(exampleInput('orders')));
    const files = ['--input', input, '--proof', proof, '--public', publics];
    const own = [join(root, 'dist/cli/main.js'), 'prove', 'orders', ...files];
    const [wasm, zkey] = [circuit.path('wasm'), circuit.path('zkey')];
    return measureCpu('cli::prove-once/orders', () => runNode(own), {
      runs,
      usedMs: childrenCpuMs,
      peer: {
        name: 'snarkjs 0.7.6 groth16 fullprove',
        run: () => stockFullProve(input, { wasm, zkey }, dir),
        usedMs: childrenCpuMs,
      },
    });
  });
}

/** The ratio is of wall time: two threads use no less of the processor. */
export async function benchThreads({ name, zkey, witness }: ProofWork, runs: number): Promise<Timing> {
  const [two, one] = [
    await loadWasmProver(zkey, { circuit: name, isThreaded: true }),
    await loadWasmProver(zkey, { circuit: name }),
  ];
  try {
    return await measure(`groth16::prove-threads/${name}`, () => two.prove(witness), {
      runs: 3 * runs,
      peer: { name: 'one thread', run: () => one.prove(witness) },
    });
  } finally {
    await two.close();
  }
}

/** Peak resident memory of a process that reads a key and makes a proof. */
export interface MemoryUse {
  readonly name: string;
  readonly peakMb: number;
  readonly peer: { readonly name: string; readonly peakMb: number; readonly ratio: number };
}

const ENTRY = fileURLToPath(
  new URL(
    import.meta.url.endsWith('.ts') ? '../../../dist/cli/bench/peak-memory.js' : './peak-memory.js',
    import.meta.url,
  ),
);

export function benchMemory({ name, zkey, witness }: ProofWork): Promise<MemoryUse> {
  return withScratchDir(tmpdir(), async (dir) => {
    const [key, wtns] = [join(dir, 'proving.zkey'), join(dir, 'witness.wtns')];
    await writeFile(key, zkey);
    await writeFile(wtns, witness);
    const peakMb = async (prover: string): Promise<number> => {
      const peaks: number[] = [];
      for (let i = 0; i < 3; i++) peaks.push(Number(await runNode([ENTRY, prover, key, wtns])));
      return Math.min(...peaks);
    };
    const [own, stock] = [await peakMb('wasm'), await peakMb('snarkjs')];
    const peer = { name: 'snarkjs 0.7.6', peakMb: stock, ratio: Number((stock / own).toPrecision(3)) };
    return { name: `groth16::peak-memory/${name}`, peakMb: own, peer };
  });
}
