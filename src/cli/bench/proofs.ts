/**
 * What circuits, provers and verifiers cost on this machine, each beside a peer in the same run: machines differ, and
 * so do minutes. Names are room::what/circuit/parameter.
 */

import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Groth16Proof, groth16, wtns } from 'snarkjs';
import { withScratchDir } from '../../groth16/at-exit.ts';
import { proofFromBytes } from '../../groth16/encoding.ts';
import { snarkjsJson } from '../../groth16/json-files.ts';
import type { ProvedStatement } from '../../groth16/proved-statement.ts';
import { findRapidsnark } from '../../groth16/rapidsnark.ts';
import { withThreads } from '../../groth16/threads.ts';
import { createWitnessCalculator } from '../../groth16/witness.ts';
import { registeredCircuits } from '../../proofs/circuit-list.ts';
import { loadVerifier } from '../../proofs/circuit-verifier.ts';
import { loadVerifierPool } from '../../proofs/circuit-verifier-pool.ts';
import type { CircuitName } from '../../proofs/circuits.ts';
import { exampleInput } from '../../proofs/examples.ts';
import { provePlonk, verifyPlonk } from '../../proofs/plonk.ts';
import { openProverPool } from '../../proofs/pool.ts';
import type { Prover } from '../../proofs/prover.ts';
import { openRapidsnark } from '../../proofs/rapidsnark.ts';
import { type Circuit, loadCircuit } from '../../proofs/registry.ts';
import { flattenSignals } from '../../proofs/signals.ts';
import { PLONK_KEYS_DIR } from '../circuit-args.ts';
import { measure, type Timing } from './measure.ts';
import { semaphore20, stockFullProve } from './peers.ts';

/** Those whose PLONK keys fit small powers of tau. */
const PLONK_CIRCUITS = ['account', 'ballot'] as const;
const BATCHES = [1, 8, 64, 256] as const;
const POOLED_BATCH = 64;
/** Distinct proofs of a batch, which repeats them: nothing is kept from one to the next. */
const DISTINCT_PROOFS = 8;

export interface ProofBenchmark {
  readonly circuits: readonly {
    readonly name: string;
    readonly constraints: number;
    readonly domain: number;
  }[];
  readonly results: readonly Timing[];
  /** Peers that are not installed, with how to get them. */
  readonly missing: readonly string[];
}

export interface ProofBenchOptions {
  /** Calls of what takes a second; shorter ones are called more often. */
  readonly runs: number;
  /** Only this one, and only its witness, proofs and verification. */
  readonly circuit?: CircuitName;
  /** The binary; by default `rapidsnark` on PATH, if it is there. */
  readonly rapidsnark?: string;
  readonly onProgress?: (what: string) => void;
}

export async function benchProofs({
  runs,
  circuit,
  rapidsnark,
  onProgress,
}: ProofBenchOptions): Promise<ProofBenchmark> {
  const all = await registeredCircuits();
  const registered = all.filter(({ name }) => circuit === undefined || name === circuit);
  const results: Timing[] = [];
  const missing: string[] = [];
  await withThreads(async () => {
    for (const { name } of registered) {
      onProgress?.(name);
      results.push(...(await benchCircuit(await loadCircuit(name), runs)));
    }
    if (circuit !== undefined) return;
    onProgress?.('the pool');
    results.push(...(await benchPool(runs)));
    onProgress?.('PLONK');
    for (const name of PLONK_CIRCUITS) {
      const plonk = await benchPlonk(name, runs);
      if (plonk === undefined) missing.push(`PLONK: velum keys setup ${name} --protocol plonk --ptau FILE`);
      else results.push(...plonk);
    }
    onProgress?.('rapidsnark and Semaphore');
    const besides = await benchRapidsnark(
      registered.map(({ name }) => name),
      runs,
      rapidsnark,
    );
    if (besides === undefined)
      missing.push('rapidsnark: put the binary on PATH or name it with --rapidsnark');
    else results.push(...besides);
    const semaphore = await benchSemaphore(runs);
    if (semaphore === undefined) missing.push('Semaphore depth 20: npm run bench:install');
    else results.push(...semaphore);
  });
  const circuits = registered.map(({ name, constraints, domain }) => ({ name, constraints, domain }));
  return { circuits, results, missing };
}

async function benchCircuit(circuit: Circuit, runs: number): Promise<Timing[]> {
  const { name } = circuit;
  const input = exampleInput(name);
  const signals = flattenSignals(name, input);
  const calculator = await createWitnessCalculator(name, await circuit.read('wasm'));
  const json = JSON.parse(snarkjsJson(input)) as Record<string, string>;
  const [wasm, zkey] = [circuit.path('wasm'), circuit.path('zkey')];
  const results = [
    await measure(`proofs::witness/${name}`, () => calculator.calculate(signals), {
      runs: 3 * runs,
      peer: { name: 'snarkjs wtns.calculate', run: () => wtns.calculate(json, wasm, { type: 'mem' }) },
    }),
  ];
  const pool = openProverPool({ processes: 1 });
  const made: ProvedStatement[] = [];
  try {
    for (let i = 0; i < DISTINCT_PROOFS; i++) made.push(await pool.prove(name, input));
    await withScratchDir(tmpdir(), async (dir) => {
      const file = join(dir, 'input.json');
      await writeFile(file, snarkjsJson(input));
      const stock = {
        name: 'snarkjs groth16 fullprove',
        run: () => stockFullProve(file, { wasm, zkey }, dir),
      };
      results.push(
        await measure(`proofs::prove-warm/${name}`, () => pool.prove(name, input), { runs, peer: stock }),
      );
    });
  } finally {
    await pool.close();
  }
  return [...results, ...(await benchVerifier(circuit, made, runs))];
}

async function benchVerifier(
  circuit: Circuit,
  made: readonly ProvedStatement[],
  runs: number,
): Promise<Timing[]> {
  const verifier = await loadVerifier(circuit.name);
  const vkey: unknown = JSON.parse(await readFile(circuit.path('vkey'), 'utf8'));
  const stock = made.map(({ proof, publicSignals }) => ({
    proof: proofFromBytes(proof) as Groth16Proof,
    signals: publicSignals.map(String),
  }));
  const stockVerify = async (n: number): Promise<void> => {
    for (let i = 0; i < n; i++) {
      const { proof, signals } = stock[i % stock.length]!;
      await groth16.verify(vkey, signals, proof);
    }
  };
  const [{ proof, publicSignals }] = made as [ProvedStatement];
  const results = [
    await measure(`proofs::verify/${circuit.name}`, () => verifier.verify(publicSignals, proof), {
      runs: 3 * runs,
      peer: { name: 'snarkjs groth16.verify', run: () => stockVerify(1) },
    }),
  ];
  for (const n of BATCHES) {
    const batch = Array.from({ length: n }, (_, i) => made[i % made.length]!);
    const publics = batch.map((statement) => statement.publicSignals);
    const proofs = batch.map((statement) => statement.proof);
    results.push(
      await measure(
        `proofs::verify-batch/${circuit.name}/n=${n}`,
        () => verifier.verifyBatch(publics, proofs),
        {
          runs: n > 8 ? runs : 3 * runs,
          peer: { name: `${n} × snarkjs groth16.verify`, run: () => stockVerify(n) },
        },
      ),
    );
  }
  const pool = await loadVerifierPool(circuit.name);
  const batch = Array.from({ length: POOLED_BATCH }, (_, i) => made[i % made.length]!);
  const publics = batch.map((statement) => statement.publicSignals);
  const proofs = batch.map((statement) => statement.proof);
  await pool.verifyBatch(publics, proofs);
  results.push(
    await measure(
      `proofs::verify-pool/${circuit.name}/n=${POOLED_BATCH}`,
      () => pool.verifyBatch(publics, proofs),
      {
        runs,
        peer: { name: `${POOLED_BATCH} × snarkjs groth16.verify`, run: () => stockVerify(POOLED_BATCH) },
      },
    ),
  );
  await pool.close();
  return results;
}

/** Eight proofs of orders asked for at once, of two processes and of one. */
async function benchPool(runs: number): Promise<Timing[]> {
  const input = exampleInput('orders');
  const [two, one] = [openProverPool({ processes: 2 }), openProverPool({ processes: 1 })];
  const proveAll = (pool: Prover) => (): Promise<unknown> =>
    Promise.all(Array.from({ length: 8 }, () => pool.prove('orders', input)));
  try {
    const peer = { name: '8 proofs, 1 process with threads', run: proveAll(one) };
    return [
      await measure('proofs::pool/8-proofs/processes=2', proveAll(two), { runs: Math.ceil(runs / 3), peer }),
    ];
  } finally {
    await Promise.all([two.close(), one.close()]);
  }
}

/** PLONK beside Groth16, both by snarkjs in this process with its threads, witness included; then both verifiers. */
async function benchPlonk(name: CircuitName, runs: number): Promise<Timing[] | undefined> {
  const plonk = await loadCircuit(name, PLONK_KEYS_DIR).catch(() => undefined);
  if (plonk === undefined) return undefined;
  const groth = await loadCircuit(name);
  const input = exampleInput(name);
  const stock = JSON.parse(snarkjsJson(input)) as Record<string, string>;
  const [wasm, zkey] = [groth.path('wasm'), await groth.read('zkey')];
  const peer = { name: 'Groth16', run: () => fullProve(stock, wasm, zkey) };
  const { proof, publicSignals } = await provePlonk(plonk, input);
  const made = await fullProve(stock, wasm, zkey);
  const vkey: unknown = JSON.parse(await readFile(groth.path('vkey'), 'utf8'));
  const signals = publicSignals.map(String);
  return [
    await measure(`proofs::prove-plonk/${name}`, () => provePlonk(plonk, input), { runs, peer }),
    await measure(`proofs::verify-plonk/${name}`, () => verifyPlonk(plonk, signals, proof), {
      runs: 3 * runs,
      peer: { name: 'Groth16', run: () => groth16.verify(vkey, made.publicSignals, made.proof) },
    }),
  ];
}

/** Witness and proof by snarkjs in this process. */
async function fullProve(input: Record<string, string>, wasm: string, zkey: Uint8Array) {
  const witness = { type: 'mem' as const };
  await wtns.calculate(input, wasm, witness);
  return groth16.prove(zkey, witness);
}

async function benchRapidsnark(
  names: readonly CircuitName[],
  runs: number,
  path: string | undefined,
): Promise<Timing[] | undefined> {
  const binary = path ?? (await findRapidsnark().catch(() => undefined));
  if (binary === undefined) return undefined;
  const prover = await openRapidsnark({ path: binary });
  const results: Timing[] = [];
  for (const name of names) {
    const input = exampleInput(name);
    results.push(
      await measure(`proofs::prove-rapidsnark/${name}`, () => prover.prove(name, input), { runs }),
    );
  }
  await prover.close();
  return results;
}

/** Orders beside Semaphore, both by snarkjs in this process with its threads, witness included. */
async function benchSemaphore(runs: number): Promise<Timing[] | undefined> {
  const semaphore = semaphore20();
  if (semaphore === undefined) return undefined;
  const orders = await loadCircuit('orders');
  const ours = JSON.parse(snarkjsJson(exampleInput('orders'))) as Record<string, string>;
  const theirs = semaphore.input as Record<string, string>;
  const [ourKey, theirKey] = [await orders.read('zkey'), await readFile(semaphore.zkey)];
  return [
    await measure('proofs::prove-snarkjs/orders', () => fullProve(ours, orders.path('wasm'), ourKey), {
      runs,
      peer: { name: 'Semaphore v4 depth 20', run: () => fullProve(theirs, semaphore.wasm, theirKey) },
    }),
  ];
}
