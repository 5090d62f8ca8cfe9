/** The worker that proves or verifies one statement of anybody's circuit: files of strangers pass the readers of the library, and whoever does not want to wait ends it. */
import { jsonProblem } from '../../base/json-place.ts';
import { proofFromBytes } from '../../groth16/encoding.ts';
import { Groth16Error } from '../../groth16/errors.ts';
import { parseGroth16Proof, parsePublicSignals, snarkjsJson } from '../../groth16/json-files.ts';
import { createProofCheck } from '../../groth16/proof-check.ts';
import { parseProvingKey, verificationKeyJson } from '../../groth16/proving-key.ts';
import quotientWorker from '../../groth16/quotient-worker.browser.ts?worker&url';
import { boundedModule, MAX_PROGRAM_BYTES } from '../../groth16/wasm-limits.ts';
import { loadWasmProver } from '../../groth16/wasm-prover.ts';
import { createWitnessCalculator } from '../../groth16/witness.ts';
import { loadKernels } from '../../wasm/load.ts';
import { flatInputOf } from './flat-input.ts';
import type { FromBench, ToBench } from './messages.ts';
import { problemOf } from './problem-of.ts';

/** What a stranger's program may take of memory, bytes. */
const PROGRAM_MEMORY = 1 << 30;
const MAX_JSON = 1 << 26;

const tell = (message: FromBench): void => postMessage(message);

async function witnessOf({ witness }: Extract<ToBench, { kind: 'prove' }>): Promise<Uint8Array> {
  if (witness.kind === 'wtns') return new Uint8Array(witness.bytes);
  const wasm = new Uint8Array(witness.wasm);
  const bounded = wasm.length > MAX_PROGRAM_BYTES ? undefined : boundedModule(wasm, PROGRAM_MEMORY);
  if (bounded === undefined || bounded === 'memory')
    throw new Groth16Error(
      'CIRCUIT_FILE',
      'the program is no witness program of circom, or asks for more than 1 GiB',
    );
  const calculator = await createWitnessCalculator('the circuit', bounded);
  return calculator.calculate(flatInputOf(jsonOf(witness.input, 'the input')));
}

function jsonOf(text: string, where: string): unknown {
  const problem = text.length > MAX_JSON ? `is longer than ${MAX_JSON} characters` : undefined;
  const found = problem ?? jsonProblem(text.replace(/^\uFEFF/, ''))?.problem;
  if (found !== undefined) throw new Groth16Error('PROOF_FILE', `${where}: ${found}`, { path: where });
  return JSON.parse(text.replace(/^\uFEFF/, ''));
}

async function load(): Promise<void> {
  await Promise.all([loadKernels(), import('../../groth16/quotient-thread.ts'), fetch(quotientWorker)]);
  tell({ kind: 'loaded' });
}

async function prove(asked: Extract<ToBench, { kind: 'prove' }>): Promise<void> {
  tell({ kind: 'stage', stage: 'key' });
  const zkey = new Uint8Array(asked.zkey);
  const prover = await loadWasmProver(zkey, { isThreaded: true });
  tell({ kind: 'stage', stage: 'witness' });
  const beganMs = performance.now();
  const witness = await witnessOf(asked);
  const witnessMs = performance.now() - beganMs;
  tell({ kind: 'stage', stage: 'prove' });
  const provingMs = performance.now();
  const { proof, publicSignals } = await prover.prove(witness, () =>
    tell({ kind: 'stage', stage: 'verify' }),
  );
  const proveMs = performance.now() - provingMs;
  await prover.close();
  tell({
    kind: 'proved',
    proof: snarkjsJson(proofFromBytes(proof)),
    publicSignals: snarkjsJson(publicSignals),
    vkey: verificationKeyJson(parseProvingKey(zkey)),
    witnessMs,
    proveMs,
  });
}

async function verify({ vkey, proof, publicSignals }: Extract<ToBench, { kind: 'verify' }>): Promise<void> {
  tell({ kind: 'stage', stage: 'key' });
  const check = createProofCheck(vkey, 'the verification key', await loadKernels());
  const bytes = parseGroth16Proof(jsonOf(proof, 'the proof'), 'the proof');
  const signals = parsePublicSignals(jsonOf(publicSignals, 'the public signals'), 'the public signals');
  tell({ kind: 'stage', stage: 'verify' });
  const beganMs = performance.now();
  const isProof = await check.verify(signals, bytes);
  tell({ kind: 'verified', isProof, verifyMs: performance.now() - beganMs });
}

export function hearBench(message: ToBench): void {
  const answer =
    message.kind === 'prove' ? prove(message) : message.kind === 'verify' ? verify(message) : load();
  answer.catch((error: unknown) => tell({ kind: 'failed', problem: problemOf(error) }));
}
