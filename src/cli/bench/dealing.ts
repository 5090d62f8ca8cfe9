/** What it costs to deal keys to n validators and to check what others dealt: processor time of one thread. */
import { readFile } from 'node:fs/promises';
import { type Groth16Proof, groth16 } from 'snarkjs';
import { multiplyBase, type Point } from '../../crypto/babyjub.ts';
import { type BatchKernels, NOBLE } from '../../crypto/batch-kernels.ts';
import { type MadeDealing, makeDealing, randomSecrets } from '../../crypto/dealing/deal.ts';
import { hasDegree } from '../../crypto/dealing/degree-test.ts';
import { openDealing } from '../../crypto/dealing/open.ts';
import { dealingSession } from '../../crypto/dealing/session.ts';
import { checkDealing } from '../../crypto/dealing/verify.ts';
import { randomScalar, seededRandom } from '../../crypto/random.ts';
import { lagrangeAtZero } from '../../crypto/sharing.ts';
import { loadCurve } from '../../groth16/curve.ts';
import { proofFromBytes } from '../../groth16/encoding.ts';
import type { ProvedStatement } from '../../groth16/proved-statement.ts';
import { validatorIndex } from '../../params/ids.ts';
import { PROOF_BYTES } from '../../params/sizes.ts';
import { loadCircuitProver } from '../../proofs/circuit-prover.ts';
import { loadVerifier } from '../../proofs/circuit-verifier.ts';
import { dealingInput } from '../../proofs/dealing.ts';
import { loadCircuit } from '../../proofs/registry.ts';
import { flattenSignals } from '../../proofs/signals.ts';
import { type CpuTiming, measureCpu } from './measure.ts';

/** As many as a committee of 16 makes in a generation of keys. */
const PROOFS = 256;
/** Proofs that are made; a batch repeats them, and nothing is kept from one to the next. */
const DISTINCT_PROOFS = 8;
const DEALER = validatorIndex(0);

export async function benchDealing(
  committees: readonly number[],
  runs: number,
  kernels: BatchKernels,
  onProgress: (what: string) => void,
): Promise<CpuTiming[]> {
  onProgress('proofs of a dealing');
  const results = await benchProofs(runs);
  for (const n of committees) {
    onProgress(`a dealing to ${n}`);
    results.push(...(await benchArithmetic(n, runs, kernels)));
  }
  return results;
}

/** A dealing to n validators, and the secret of the first of them. */
function sceneOf(n: number): {
  make: () => MadeDealing;
  session: NonNullable<ReturnType<typeof dealingSession>>;
  secret: bigint;
} {
  const random = seededRandom(new Uint8Array(32).fill(n));
  const secrets = Array.from({ length: n }, () => randomScalar(random));
  const session = dealingSession(BigInt(n), secrets.map(multiplyBase))!;
  return {
    session,
    secret: secrets[0]!,
    make: () => makeDealing(session, DEALER, randomSecrets(random), random),
  };
}

async function benchProofs(runs: number): Promise<CpuTiming[]> {
  const prove = await loadCircuitProver('dealing');
  const inputs = sceneOf(DISTINCT_PROOFS)
    .make()
    .witnesses.map((witness) => flattenSignals('dealing', dealingInput(witness)));
  const made: ProvedStatement[] = [];
  for (const input of inputs) made.push(await prove(input));
  const batch = Array.from({ length: PROOFS }, (_, i) => made[i % made.length]!);
  const verifier = await loadVerifier('dealing');
  const vkey: unknown = JSON.parse(await readFile((await loadCircuit('dealing')).path('vkey'), 'utf8'));
  (globalThis as { curve_bn128?: unknown }).curve_bn128 = await loadCurve();
  const stock = made.map(({ proof, publicSignals }) => ({
    proof: proofFromBytes(proof) as Groth16Proof,
    signals: publicSignals.map(String),
  }));
  return [
    await measureCpu('dealing::prove/recipients=1', () => prove(inputs[0]!), { runs }),
    await measureCpu(
      `dealing::verify-proofs/n=${PROOFS}`,
      () =>
        verifier.verifyBatch(
          batch.map(({ publicSignals }) => publicSignals),
          batch.map(({ proof }) => proof),
        ),
      {
        runs,
        peer: {
          name: 'snarkjs 0.7.6, one by one',
          run: async () => {
            for (let i = 0; i < PROOFS; i++) {
              const { proof, signals } = stock[i % stock.length]!;
              if (!(await groth16.verify(vkey, signals, proof))) throw new Error('a proof does not hold');
            }
          },
        },
      },
    ),
  ];
}

/** What is not proofs. */
async function benchArithmetic(n: number, runs: number, kernels: BatchKernels): Promise<CpuTiming[]> {
  const { session, secret, make } = sceneOf(n);
  const { dealing } = make();
  const proved = { ...dealing, proofs: dealing.shares.map(() => new Uint8Array(PROOF_BYTES)) };
  const commitments = dealing.shares.map((shares) => shares.commitments.coin);
  const { degree } = session;
  return [
    await measureCpu(`dealing::make/n=${n}`, make, { runs }),
    await measureCpu(
      `dealing::check/n=${n}`,
      () => checkDealing(session, DEALER, proved, undefined, kernels),
      {
        runs,
        peer: { name: 'noble', run: () => checkDealing(session, DEALER, proved, undefined, NOBLE) },
      },
    ),
    await measureCpu(
      `dealing::degree-test/n=${n}`,
      () => hasDegree(commitments, degree, new Uint8Array(32), kernels),
      {
        runs,
        peer: {
          name: 'every 2f + 1 neighbours interpolated',
          run: () => windows(commitments, degree, kernels),
        },
      },
    ),
    await measureCpu(`dealing::open/n=${n}`, () => openDealing(session, DEALER, dealing, DEALER, secret), {
      runs,
    }),
  ];
}

/** The plain test of a degree: all windows of degree + 1 neighbouring points give the same at 0. */
function windows(points: readonly Point[], degree: number, kernels: BatchKernels): boolean {
  const at0 = Array.from({ length: points.length - degree }, (_, first) => {
    const lambdas = lagrangeAtZero(Array.from({ length: degree + 1 }, (_, i) => first + i + 1));
    return kernels.sumPublic(lambdas.map((lambda, i) => [lambda, points[first + i]!] as const));
  });
  return at0.every((P) => P.equals(at0[0]!));
}
