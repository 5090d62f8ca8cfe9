import { clearCofactor, isIdentity } from '../crypto/babyjub.ts';
import { randomScalar, seededRandom } from '../crypto/random.ts';
import { openWords, sealWords } from '../crypto/seal.ts';
import {
  combineDecryption,
  dealThresholdKey,
  decryptionShare,
  encryptionKey,
} from '../crypto/threshold-key.ts';
import { validatorIndex } from '../params/ids.ts';
import { quorumOf } from '../params/quorum.ts';

/** A batch sealed to n = 4 validators, and what f of them with a share each, and 2f, get out of it; then 2f + 1. */
export function opensTooEarly(seed: number): boolean {
  const n = 4;
  const { f, sharesRequired } = quorumOf(n);
  const bytes = new Uint8Array(32);
  new DataView(bytes.buffer).setUint32(0, seed);
  const random = seededRandom(bytes);
  const { key, secrets } = dealThresholdKey(n, 2 * f, random);
  const sealed = sealWords([1n, 2n, 3n], {
    r: randomScalar(random),
    Y8: clearCofactor(encryptionKey(key)),
    context: 5n,
  });
  const opened = (count: number): boolean => {
    const shares = new Map(
      secrets.slice(0, count).map((s, i) => [validatorIndex(i), decryptionShare(s, sealed.U)]),
    );
    const K = combineDecryption(shares, n);
    return !isIdentity(K) && openWords(K, sealed, 5n) !== undefined;
  };
  if (!opened(sharesRequired)) throw new Error('2f + 1 shares open a batch');
  return opened(f) || opened(2 * f);
}
