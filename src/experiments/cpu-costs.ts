import { BASE, clearCofactor, multiply, type Point } from '../crypto/babyjub.ts';
import { aggregate, blsKeyFromSeed, blsSign, blsVerify, verifyCertificate } from '../crypto/certificate.ts';
import { coinShare, verifyCoinShare } from '../crypto/coin.ts';
import { proveDleq } from '../crypto/dleq.ts';
import { seededRandom } from '../crypto/random.ts';
import { openAll, sealWords } from '../crypto/seal.ts';
import {
  combineDecryptions,
  dealThresholdKey,
  decryptionShare,
  encryptionKey,
} from '../crypto/threshold-key.ts';
import type { ProvedStatement } from '../groth16/proved-statement.ts';
import { clearAuction } from '../market/auction.ts';
import { l } from '../params/fields.ts';
import { validatorIndex } from '../params/ids.ts';
import { quorumOf } from '../params/quorum.ts';
import { loadCircuitProver } from '../proofs/circuit-prover.ts';
import { loadVerifier } from '../proofs/circuit-verifier.ts';
import { exampleInput } from '../proofs/examples.ts';
import { flattenSignals } from '../proofs/signals.ts';
import { loadBatchKernels } from '../proofs/wasm-batch-kernels.ts';
import type { Measured } from './define.ts';
import { fastestMs } from './processor-time.ts';

/** Batches that are opened together. */
const BATCHES = 64;

/**
 * What one core of this machine takes for the work of a height, ms. Names end in the number of validators, batches, proofs or pairs.
 * @param sizes committees
 */
export async function measureHeightWork(sizes: readonly number[], runs: number): Promise<Measured> {
  const random = seededRandom(new Uint8Array(32).fill(7));
  const kernels = await loadBatchKernels();
  const out: Record<string, number> = {};
  for (const n of sizes) {
    const { f, sharesRequired } = quorumOf(n);
    const { key, secrets } = dealThresholdKey(n, 2 * f, random);
    const sealed = sealWords([1n, 2n, 3n], { r: 99n, Y8: clearCofactor(encryptionKey(key)), context: 5n });
    const shares = new Map(
      secrets
        .slice(0, sharesRequired)
        .map((s, i) => [validatorIndex(i), new Array<Point>(BATCHES).fill(decryptionShare(s, sealed.U))]),
    );
    out[`combineMs${n}`] =
      (await fastestMs(runs, () =>
        openAll(
          combineDecryptions(shares, n, kernels).map((K) => ({ K, ciphertext: sealed, context: 5n })),
          kernels,
        ),
      )) / BATCHES;
    const keys = Array.from({ length: n }, (_, i) => blsKeyFromSeed(new Uint8Array(32).fill(i + 1)));
    const message = new Uint8Array(32).fill(5);
    const signatures = new Map(keys.map(({ secret }, i) => [validatorIndex(i), blsSign(secret, message)]));
    const publicKeys = keys.map(({ publicKey }) => publicKey);
    out[`certificateMs${n}`] = await fastestMs(runs, () =>
      verifyCertificate(publicKeys, message, aggregate(signatures, n)!, 1),
    );
  }
  // Not the base point, of which the library keeps multiples.
  const points = Array.from({ length: BATCHES }, (_, i) => multiply(BASE, BigInt(98_765 + i)));
  out['shareMs'] = (await fastestMs(runs, () => kernels.multiplyEach(points, l - 12_345n))) / BATCHES;
  const pairs = Array.from({ length: BATCHES }, (_, i) => ({
    H: multiply(BASE, BigInt(i + 2)),
    D: multiply(BASE, BigInt(7 * (i + 2))),
  }));
  out['dleqPairMs'] =
    (await fastestMs(Math.ceil(runs / 5), () =>
      proveDleq(7n, { A: multiply(BASE, 7n), pairs }, new Uint8Array(32), random, kernels),
    )) / BATCHES;
  const id = new Uint8Array(32).fill(3);
  const A = multiply(BASE, 7n);
  const share = coinShare(7n, A, id, random, kernels);
  out['coinShareVerifyMs'] = await fastestMs(runs, () => verifyCoinShare(A, id, share, kernels));
  const key = blsKeyFromSeed(new Uint8Array(32).fill(9));
  out['blsSignMs'] = await fastestMs(runs, () => blsSign(key.secret, id));
  out['blsVerifyMs'] = await fastestMs(runs, () => blsVerify(key.publicKey, id, blsSign(key.secret, id)));
  const book = Array.from({ length: 4000 }, (_, i) => ({
    side: i % 2 === 0 ? ('buy' as const) : ('sell' as const),
    price: BigInt(60_000_000 + ((i * 7919) % 2_000_000) - 1_000_000),
    lots: BigInt(1 + (i % 9)),
    tieKey: new Uint8Array(32).fill(i & 0xff),
  }));
  out['auctionBatchMs'] =
    (await fastestMs(Math.ceil(runs / 3), () =>
      clearAuction({ book, mark: 60_000_000n, bandPpm: 50_000n, reference: 60_000_000n }),
    )) / 1000;
  return { ...out, ...(await measureBallotProofs(Math.ceil(runs / 5))) };
}

/** In this process, single-threaded as a prover process is, which keeps the sums of what the ballots of an epoch have in common. */
async function measureBallotProofs(runs: number): Promise<Measured> {
  let height = 0n;
  const prover = await loadCircuitProver('ballot', { keepsSums: true });
  const prove = (): Promise<ProvedStatement> => {
    height += 1n;
    return prover(flattenSignals('ballot', { ...exampleInput('ballot'), scope: height, x: height }));
  };
  const { publicSignals, proof } = await prove();
  const verifier = await loadVerifier('ballot');
  const batch = (n: number): Promise<number> =>
    fastestMs(runs, () => verifier.verifyBatch(new Array(n).fill(publicSignals), new Array(n).fill(proof)));
  const [one, many] = [await batch(1), await batch(33)];
  return {
    ballotProveMs: await fastestMs(runs, prove),
    ballotVerifyOneMs: one,
    ballotVerifyMoreMs: Number(((many - one) / 32).toPrecision(3)),
  };
}
