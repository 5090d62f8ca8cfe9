/**
 * What the WebAssembly kernels save, each beside what does the same without them: processor time of one thread, by turns
 * in this process, so that whatever else the machine does falls on both.
 */
import { poseidon4 } from 'poseidon-lite/poseidon4';
import { BASE, clearCofactor, decodePoint, encodePoint, multiply, type Point } from '../../crypto/babyjub.ts';
import { type BatchKernels, NOBLE } from '../../crypto/batch-kernels.ts';
import { proveDleq } from '../../crypto/dleq.ts';
import { seededRandom } from '../../crypto/random.ts';
import { openAll, sealWords } from '../../crypto/seal.ts';
import { combineDecryptions, dealThresholdKey, encryptionKey } from '../../crypto/threshold-key.ts';
import { loadCurve } from '../../groth16/curve.ts';
import { loadWasmProver } from '../../groth16/wasm-prover.ts';
import { l } from '../../params/fields.ts';
import { validatorIndex } from '../../params/ids.ts';
import { quorumOf } from '../../params/quorum.ts';
import { batchKernels } from '../../proofs/wasm-batch-kernels.ts';
import type { KernelPath } from '../../wasm/field-constants.ts';
import { loadKernels } from '../../wasm/load.ts';
import { type CpuTiming, measureCpu } from './measure.ts';
import { benchRapidsnark } from './rapidsnark.ts';
import type { ProofWork } from './works.ts';

/** On which path of the kernels. */
export type KernelTiming = CpuTiming & { readonly path: KernelPath };

/** Proofs, witnesses and keys ready: on the path that this machine takes, then on the other one. */
export async function benchProving(
  works: readonly ProofWork[],
  runs: number,
  rapidsnark: string | undefined,
  onProgress: (what: string) => void,
): Promise<KernelTiming[]> {
  const { path } = await loadKernels();
  const paths: readonly KernelPath[] = path === 'scalar' ? ['scalar'] : [path, 'scalar'];
  const results: KernelTiming[] = [];
  if (rapidsnark !== undefined) {
    for (const work of works) {
      onProgress(`${work.name}, beside rapidsnark`);
      results.push({ ...(await benchRapidsnark(work, runs, path, rapidsnark)), path });
    }
  }
  for (const work of works) {
    for (const each of paths) {
      onProgress(`${work.name}, ${each}`);
      results.push(await benchProof(work, runs, each, each === path ? '' : `/${each}`));
    }
  }
  return results;
}

async function benchProof(
  { name, zkey, witness }: ProofWork,
  runs: number,
  path: KernelPath,
  suffix: string,
): Promise<KernelTiming> {
  const { groth16 } = await import('snarkjs');
  (globalThis as { curve_bn128?: unknown }).curve_bn128 = await loadCurve();
  const prover = await loadWasmProver(zkey, { circuit: name, path });
  const timing = await measureCpu(`groth16::prove-cpu/${name}${suffix}`, () => prover.prove(witness), {
    runs,
    peer: { name: 'snarkjs 0.7.6', run: () => groth16.prove(zkey, witness) },
  });
  return { ...timing, path };
}

const VALIDATORS = 16;
const BATCHES = 1000;
const POINTS = 64;

/** Poseidon, multiples of points, and one validator's work to open 1,000 batches among 16. */
export async function benchOpening(runs: number): Promise<KernelTiming[]> {
  const instance = await loadKernels();
  const kernels = batchKernels(instance);
  const { path } = instance;
  const inputs = Array.from({ length: POINTS }, (_, i) => [BigInt(i), l - 1n, 5n] as const);
  const points = Array.from({ length: POINTS }, (_, i) => multiply(BASE, BigInt(i + 99)));
  const open = opening();
  const timings = [
    await measureCpu(`wasm::poseidon-4/n=${POINTS}`, () => kernels.sealStreams(inputs), {
      runs,
      calls: 20,
      peer: { name: 'poseidon-lite', run: () => inputs.map((input) => poseidon4([1n, ...input])) },
    }),
    await measureCpu(`wasm::babyjubjub/n=${POINTS}`, () => kernels.multiplyEach(points, l - 12_345n), {
      runs,
      calls: 20,
      peer: { name: 'noble', run: () => NOBLE.multiplyEach(points, l - 12_345n) },
    }),
    await measureCpu(`crypto::opening/n=${VALIDATORS}/batches=${BATCHES}`, () => open(kernels), {
      runs: Math.ceil(runs / 3),
      peer: { name: 'noble and poseidon-lite', run: () => open(NOBLE) },
    }),
  ];
  return timings.map((timing) => ({ ...timing, path }));
}

/** One's own shares and their DLEQ proof, then the keys from the shares of a quorum, and the words. */
function opening(): (kernels: BatchKernels) => void {
  const random = seededRandom(new Uint8Array(32).fill(7));
  const { f, sharesRequired } = quorumOf(VALIDATORS);
  const { key, secrets } = dealThresholdKey(VALIDATORS, 2 * f, random);
  const Y8 = clearCofactor(encryptionKey(key));
  const sealed = sealWords([1n, 2n, 3n], { r: 99n, Y8, context: 5n });
  const Us = new Array<Point>(BATCHES).fill(sealed.U);
  const shares = new Map(
    secrets
      .slice(0, sharesRequired)
      .map((secret, i) => [
        validatorIndex(i),
        new Array<Point>(BATCHES).fill(pointAgain(multiply(sealed.U, secret))),
      ]),
  );
  return (kernels) => {
    const own = kernels.multiplyEach(Us, secrets[0]!);
    const pairs = own.map((D, i) => ({ H: Us[i]!, D }));
    proveDleq(secrets[0]!, { A: key.shareKeys[0]!, pairs }, new Uint8Array(32), random, kernels);
    const Ks = combineDecryptions(shares, VALIDATORS, kernels);
    openAll(
      Ks.map((K) => ({ K, ciphertext: sealed, context: 5n })),
      kernels,
    );
  };
}

/** As it is read from a message: its coordinates are there. */
const pointAgain = (P: Point): Point => decodePoint(encodePoint(P))!;
