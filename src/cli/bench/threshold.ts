/**
 * What threshold keys cost one validator, each beside the plain way with the same arithmetic in the same run: one DLEQ proof for each
 * share, Lagrange coefficients of the field. Processor time of one thread; all points by the WebAssembly kernels.
 */
import { decodePoint, encodePoint, multiplyBase, type Point } from '../../crypto/babyjub.ts';
import type { BatchKernels } from '../../crypto/batch-kernels.ts';
import { coinShare, combineCoin, verifyCoinShare } from '../../crypto/coin.ts';
import { type DleqStatement, proveDleq, verifyDleq } from '../../crypto/dleq.ts';
import { randomScalar, seededRandom } from '../../crypto/random.ts';
import { lagrangeAtZero } from '../../crypto/sharing.ts';
import { combineDecryptions, dealThresholdKey } from '../../crypto/threshold-key.ts';
import { validatorIndex } from '../../params/ids.ts';
import { quorumOf } from '../../params/quorum.ts';
import { loadBatchKernels } from '../../proofs/wasm-batch-kernels.ts';
import { benchDealing } from './dealing.ts';
import { type CpuTiming, measureCpu } from './measure.ts';

const COMMITTEES = [4, 7, 16, 31] as const;
const BATCHES = [1, 64, 1_000] as const;
const CONTEXT = new Uint8Array(32);

interface Options {
  /** Calls of each; the median counts. */
  readonly runs: number;
  readonly onProgress: (what: string) => void;
}

/** Dealings; then shares, combination, blame and coin of a key in use. */
export async function benchThreshold({ runs, onProgress }: Options): Promise<CpuTiming[]> {
  const kernels = await loadBatchKernels();
  const results = await benchDealing(COMMITTEES, runs, kernels, onProgress);
  for (const batches of BATCHES) {
    onProgress(`shares of ${batches} batches`);
    results.push(...(await benchShares(batches, runs, kernels)));
  }
  for (const n of COMMITTEES) {
    onProgress(`a committee of ${n}`);
    for (const batches of BATCHES) results.push(await benchCombining(n, batches, runs, kernels));
    results.push(await benchCoin(n, runs, kernels));
  }
  return results;
}

/** Points as they are read from messages: affine. */
const read = (P: Point): Point => decodePoint(encodePoint(P))!;
const randomOf = (seed: number) => seededRandom(new Uint8Array(32).fill(seed));

/** What a validator sends for so many batches, and what it costs to find out that a share of it is false; the same for every n. */
async function benchShares(batches: number, runs: number, kernels: BatchKernels): Promise<CpuTiming[]> {
  const random = randomOf(1);
  const secret = randomScalar(random);
  const A = multiplyBase(secret);
  const Us = Array.from({ length: batches }, () => read(multiplyBase(randomScalar(random))));
  const pairsOf = (Ds: readonly Point[]): DleqStatement['pairs'] => Ds.map((D, i) => ({ H: Us[i]!, D }));
  const prove = (pairs: DleqStatement['pairs']): Uint8Array =>
    proveDleq(secret, { A, pairs }, CONTEXT, random, kernels);
  const pairs = pairsOf(kernels.multiplyEach(Us, secret).map(read));
  const [together, apart] = [prove(pairs), pairs.map((pair) => prove([pair]))];
  return [
    await measureCpu(
      `threshold::own-shares/batches=${batches}`,
      () => prove(pairsOf(kernels.multiplyEach(Us, secret))),
      {
        runs,
        peer: {
          name: 'a DLEQ proof a share',
          run: () => pairsOf(kernels.multiplyEach(Us, secret)).map((pair) => prove([pair])),
        },
      },
    ),
    await measureCpu(
      `threshold::blame/batches=${batches}`,
      () => verifyDleq({ A, pairs }, CONTEXT, together, kernels),
      {
        runs,
        peer: {
          name: 'a DLEQ proof a share',
          run: () => pairs.map((pair, i) => verifyDleq({ A, pairs: [pair] }, CONTEXT, apart[i]!, kernels)),
        },
      },
    ),
  ];
}

/** The K of each batch from the shares of 2f + 1 validators. */
function benchCombining(n: number, batches: number, runs: number, kernels: BatchKernels): Promise<CpuTiming> {
  const { f, sharesRequired } = quorumOf(n);
  const { secrets } = dealThresholdKey(n, 2 * f, randomOf(n));
  const U = multiplyBase(99n);
  const own = secrets.slice(n - sharesRequired).map((secret) => read(kernels.multiplyEach([U], secret)[0]!));
  const indices = own.map((_, i) => n - sharesRequired + i);
  const shares = new Map(
    indices.map((index, i) => [validatorIndex(index), new Array<Point>(batches).fill(own[i]!)]),
  );
  return measureCpu(
    `threshold::combine/n=${n}/batches=${batches}`,
    () => combineDecryptions(shares, n, kernels),
    {
      runs,
      peer: {
        name: 'Lagrange coefficients of the field',
        run: () =>
          kernels.clearedSums(
            lagrangeAtZero(indices.map((index) => index + 1)),
            Array.from({ length: batches }, () => own),
          ),
      },
    },
  );
}

/** A coin: one's own share, 2f others verified, and the value. Beside it what the threshold is about: every share verified. */
function benchCoin(n: number, runs: number, kernels: BatchKernels): Promise<CpuTiming> {
  const random = randomOf(n);
  const { f, sharesRequired } = quorumOf(n);
  const { key, secrets } = dealThresholdKey(n, 2 * f, random);
  const id = new Uint8Array(76).fill(n);
  const shares = secrets.map((secret, i) => coinShare(secret, key.shareKeys[i]!, id, random, kernels));
  const toss = (count: number): Uint8Array => {
    coinShare(secrets[0]!, key.shareKeys[0]!, id, random, kernels);
    const sigmas = shares.slice(0, count).map((share, i) => {
      return [validatorIndex(i), verifyCoinShare(key.shareKeys[i]!, id, share, kernels)!] as const;
    });
    return combineCoin(new Map(sigmas), kernels);
  };
  return measureCpu(`threshold::coin/n=${n}`, () => toss(sharesRequired), {
    runs,
    peer: { name: 'all n shares', run: () => toss(n) },
  });
}
