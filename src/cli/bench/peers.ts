import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Groth16Error } from '../../groth16/errors.ts';
import { root } from '../../proofs/compile.ts';

/** Files of a circuit that somebody else can prove with, and an input. */
export interface ForeignCircuit {
  readonly wasm: string;
  readonly zkey: string;
  readonly input: object;
}

/** The stock command line of the snarkjs that this package depends on. */
const SNARKJS_CLI = join(dirname(createRequire(import.meta.url).resolve('snarkjs')), 'cli.cjs');

/** One process `snarkjs groth16 fullprove INPUT WASM ZKEY PROOF PUBLIC`, from start to end. */
export const stockFullProve = (
  input: string,
  { wasm, zkey }: Pick<ForeignCircuit, 'wasm' | 'zkey'>,
  dir: string,
): Promise<string> => {
  const out = [join(dir, 'stock-proof.json'), join(dir, 'stock-public.json')];
  return runNode([SNARKJS_CLI, 'groth16', 'fullprove', input, wasm, zkey, ...out]);
};

/**
 * One process of Node, from start to end.
 * @returns what it printed
 * @throws {Groth16Error} PROVER_FAILED with the same
 */
export function runNode(args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(said);
      else reject(new Groth16Error('PROVER_FAILED', `${args.join(' ')} ended with ${code}: ${said}`));
    });
  });
}

/** Semaphore v4 at depth 20 with the keys of its ceremony, if `npm run bench:install` has installed them. */
export function semaphore20(): ForeignCircuit | undefined {
  const file = (type: string): string =>
    join(root, `bench/semaphore/node_modules/@zk-kit/semaphore-artifacts/semaphore-20.${type}`);
  if (!existsSync(file('zkey'))) return undefined;
  // Any secret below the subgroup order is a member of a tree that the proof itself states.
  const input = {
    secret: '123456789',
    merkleProofLength: '20',
    merkleProofIndex: '5',
    merkleProofSiblings: Array.from({ length: 20 }, (_, level) => String(level + 1)),
    message: '7',
    scope: '8',
  };
  return { wasm: file('wasm'), zkey: file('zkey'), input };
}

/** What a benchmark uses of the package nodejs-order-book: price–time priority, one order after the other. */
export interface OrderBookPackage {
  readonly OrderBook: new () => {
    limit(order: {
      readonly id: string;
      readonly side: 'buy' | 'sell';
      readonly size: number;
      readonly price: number;
    }): { readonly err: unknown };
  };
}

/** @returns undefined where development dependencies are not installed */
export async function orderBookPackage(): Promise<OrderBookPackage | undefined> {
  const name = 'nodejs-order-book';
  try {
    return (await import(name)) as OrderBookPackage;
  } catch {
    return undefined;
  }
}
