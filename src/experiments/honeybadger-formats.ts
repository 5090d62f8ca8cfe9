import { shardTreeDepth } from '../consensus/rbc/shard-tree.ts';
import { quorumOf } from '../params/quorum.ts';

/** Another implementation of HoneyBadgerBFT, as it stands in public. */
interface Source {
  readonly repository: string;
  readonly commit: string;
  /** What runs it; its messages are the ones that are counted here. */
  readonly command: string;
  readonly codec: string;
}

/** The Rust implementation by POA Network; its last commit. */
export const RUST: Source = {
  repository: 'https://github.com/poanetwork/hbbft',
  commit: 'd52be00d0e3a1e2872c8d42a076e0dc3cb86b175',
  command:
    'cargo run --release --example simulation -- --nodes N --batch N --tx-size BYTES, which serializes each message alone',
  codec: 'bincode 1.2: lengths, indices and ids of 8 bytes, tags of variants of 4',
};

/** The Python implementation by HoneyBadgerBFT's first author; the last commit of what the paper was measured with. */
export const PYTHON: Source = {
  repository: 'https://github.com/amiller/HoneyBadgerBFT',
  commit: '78b66448a00c2ab0645d7a70a62f687e62ae27f4',
  command: 'python -m HoneyBadgerBFT.test.honest_party_test -k KEYS -e KEYS -b B -n N -t F -c KEYS',
  codec: 'its own, deepEncode in core/utils.py',
};

const HASH = 32;
/** Four bytes of length before the payload, k shards: the same in hbbft and here. */
const shardBytes = (n: number, payloadBytes: number): number =>
  Math.ceil((4 + payloadBytes) / (n - 2 * quorumOf(n).f));

/** Hashes in a branch of a tree whose levels are not filled up, mean over its n leaves. */
function meanBranch(n: number): number {
  let hashes = 0;
  for (let leaf = 0; leaf < n; leaf++)
    for (let width = n, at = leaf; width > 1; width = Math.ceil(width / 2), at >>= 1)
      if ((at ^ 1) < width) hashes += 1;
  return hashes / n;
}

/** What a validator receives from others in a height in which all are correct, mean over the validators. */
interface Received {
  readonly messages: number;
  readonly bytes: number;
}

/**
 * hbbft, with even links. VAL to n − 1; ECHO with the whole shard to n − 1 − f and its hash alone to the f others (Optimized broadcast, its
 * pull request 405); CanDecode to the 2f whose shard is not there when k are; READY, BVAL, AUX, TERM to all. The first coin is fixed.
 * At 2f + 1 READY a whole ECHO follows to those of the f whose CanDecode has not come, by no rule but time.
 * @param lateEchoes their share: 0 if all come in time, at most 1
 * @param isWhole    with what its simulation puts around the common subset (threshold encryption, decryption shares, dynamic membership, sender
 *                   queue), which has no counterpart in ours; else the common subset alone
 */
export function rustReceives(
  n: number,
  payloadBytes: number,
  lateEchoes: number,
  isWhole: boolean,
): Received {
  const { f } = quorumOf(n);
  // Sender queue 4, dynamic 4 + 8, epoch 8, kind 4; proposer 8, kind 4, kind of the broadcast 4.
  const outer = isWhole ? 28 : 0;
  const broadcast = outer + 16;
  // U 48, W 96, length 8 of the ciphertext; lengths of the contribution, the transaction, and two empty lists.
  const proposal = payloadBytes + (isWhole ? 48 + 96 + 8 + 4 * 8 : 0);
  const proof = broadcast + 8 + shardBytes(n, proposal) + 8 + 8 + HASH * meanBranch(n) + HASH;
  const agreement = outer + 12 + 8 + 4;
  const whole = n - 1 + n * (n - 1 - f) + lateEchoes * n * f;
  const all = n * (n - 1);
  const hashes = n * f + all + 2 * f * n;
  const shares = isWhole ? all : 0;
  const epochs = isWhole ? n - 1 : 0;
  return {
    messages: whole + hashes + 3 * all + shares + epochs,
    bytes:
      whole * proof +
      hashes * (broadcast + HASH) +
      2 * all * (agreement + 5) +
      all * (agreement + 1) +
      shares * (outer + 8 + 48) +
      epochs * 20,
  };
}

/** Rounds of an agreement whose inputs are all 1, in the mean: up to the second coin that is 1, and no coin is fixed. */
const PYTHON_ROUNDS = 4;
/** An ECDSA signature in DER: 70 to 72 bytes. */
const SIGNATURE = 71;

/** The common subset of the Python implementation: whole shards in every ECHO, VAL and ECHO signed, a coin of 29 bytes in each round. */
export function pythonReceives(n: number, payloadBytes: number): Received {
  const head = 7;
  const shard = Math.floor(payloadBytes / (n - 2 * quorumOf(n).f)) + 1;
  const proof = shard + HASH + HASH * shardTreeDepth(n) + SIGNATURE;
  const all = n * (n - 1);
  return {
    messages: n - 1 + 2 * all + PYTHON_ROUNDS * 3 * all,
    bytes:
      (n - 1) * (head + 5 + proof) +
      all * (head + 6 + proof) +
      all * (head + 1 + HASH) +
      PYTHON_ROUNDS * all * (2 * (head + 3) + head + 3 + 29),
  };
}
