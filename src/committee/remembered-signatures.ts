import { concatBytes, toHex } from '../base/bytes.ts';
import type { BatchKernels } from '../crypto/batch-kernels.ts';

/** Verdicts that are remembered, at most. */
const MAX_VERDICTS = 10_000;

/**
 * Kernels that remember verdicts on signatures. Where many validators run in one process each of them verifies the same word of
 * the same author: a committee of ten spends a quarter of its time on that, and a verdict depends on nothing but the three byte strings.
 */
export function rememberSignatures(kernels: BatchKernels): BatchKernels {
  const verdicts = new Map<string, boolean>();
  return {
    ...kernels,
    verifySignature(publicKey, message, signature) {
      const key = `${publicKey.length}/${message.length}/${toHex(concatBytes(publicKey, message, signature))}`;
      const known = verdicts.get(key);
      if (known !== undefined) return known;
      const verdict = kernels.verifySignature(publicKey, message, signature);
      if (verdicts.size === MAX_VERDICTS) verdicts.clear();
      verdicts.set(key, verdict);
      return verdict;
    },
  };
}
