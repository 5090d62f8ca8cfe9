import { decodePoint } from '../crypto/babyjub.ts';
import { openWords } from '../crypto/seal.ts';
import { type BatchContent, unpackBatch } from '../ledger/batch-words.ts';
import { batchContext, type ItemDomain } from '../ledger/claims.ts';
import type { BatchStatement } from '../ledger/items.ts';

/** What a batch held. @param key K from a block: form checked, otherwise hostile. @returns undefined if it was unreadable */
export function openedContent(
  domain: ItemDomain,
  batch: BatchStatement,
  key: Uint8Array,
): BatchContent | undefined {
  const K = decodePoint(key);
  const words = K === undefined ? undefined : openWords(K, batch, batchContext(domain, batch));
  return words === undefined ? undefined : unpackBatch(words);
}
