import { tmpdir } from 'node:os';
import { withScratchDir } from '../../groth16/at-exit.ts';
import { openProverPool } from '../../proofs/pool.ts';
import type { Prover } from '../../proofs/prover.ts';
import type { DevnetHome } from '../devnet/devnet-home.ts';
import { KilledAtExit, makeQuietDevnet } from '../devnet/quiet-devnet.ts';
import { startNodes } from '../devnet/up.ts';

/** A devnet that runs, what proves for its traders, and how long its start took. */
export interface BenchNodes {
  readonly devnet: DevnetHome;
  readonly prover: Prover;
  readonly startMs: number;
}

/**
 * Runs work beside a new devnet, of which nothing is left afterwards.
 * @param writeMarket writes a market into a folder and returns its path
 * @throws {CliError} DEVNET_FAILED
 */
export function withBenchNodes<T>(
  {
    validators,
    delayMs,
    onProgress,
  }: { readonly validators: number; readonly delayMs: number; readonly onProgress: (what: string) => void },
  writeMarket: (dir: string) => string,
  work: (nodes: BenchNodes) => Promise<T>,
): Promise<T> {
  return withScratchDir(tmpdir(), async (dir) => {
    const devnet = await makeQuietDevnet(`${dir}/net`, writeMarket(dir), { validators, delayMs });
    const killed = new KilledAtExit(devnet);
    const prover = openProverPool();
    try {
      onProgress(`${validators} nodes, ${delayMs} ms: starting`);
      const begunMs = performance.now();
      const starting = startNodes(devnet, devnet.nodes);
      killed.refresh();
      await starting;
      return await work({ devnet, prover, startMs: Math.round(performance.now() - begunMs) });
    } finally {
      await prover.close();
      await Promise.all(devnet.nodes.map((node) => devnet.stop(node)));
      killed.forget();
    }
  });
}
