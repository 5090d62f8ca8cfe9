import { utf8 } from '../../src/base/bytes.ts';
import { encodePoint } from '../../src/crypto/babyjub.ts';
import { aggregate, blsKeyFromSeed, blsSign } from '../../src/crypto/certificate.ts';
import { coinPoint, coinShare, combineCoin, verifyCoinShare } from '../../src/crypto/coin.ts';
import { proveDleq } from '../../src/crypto/dleq.ts';
import { merkleNode, sealStream } from '../../src/crypto/hash.ts';
import { ballotShare, identityCommitment } from '../../src/crypto/identity.ts';
import { ListRoot } from '../../src/crypto/list-root.ts';
import { MerkleTree } from '../../src/crypto/merkle.ts';
import { seededRandom } from '../../src/crypto/random.ts';
import { sealWords } from '../../src/crypto/seal.ts';
import { sign } from '../../src/crypto/signature.ts';
import { validatorIndex } from '../../src/params/ids.ts';
import { bytes, coin, point } from './samples.ts';
import { named, type Vectors } from './vector.ts';

const shares = new Map(
  [0, 2, 3].map((i) => {
    const A = coin.key.shareKeys[i]!;
    const share = coinShare(coin.secrets[i]!, A, bytes(76, 1), seededRandom(bytes(32, 40 + i)));
    return [validatorIndex(i), verifyCoinShare(A, bytes(76, 1), share)!];
  }),
);
const pairs = [
  { H: point(51n), D: point(7n * 51n) },
  { H: point(52n), D: point(7n * 52n) },
];

export function cryptoVectors(): Vectors {
  const bls = [0, 1, 2].map((i) => blsKeyFromSeed(bytes(32, 60 + i)));
  const list = new ListRoot();
  for (const seed of [1, 2, 3]) list.append(bytes(32, seed));
  const tree = new MerkleTree(2);
  for (const leaf of [1n, 2n, 3n, 4n, 5n]) tree.append(leaf);
  const { nullifier, y } = ballotShare(71n, 72n, 73n);
  const sealed = sealWords([81n, 82n, 83n], { r: 84n, Y8: point(85n), context: 86n });
  const signatures = bls.map(({ secret }, i) => [validatorIndex(i), blsSign(secret, bytes(32, 63))] as const);
  return {
    ...named('crypto', {
      merkleNode: merkleNode([1n, 2n, 3n, 4n]),
      'merkleTree/root': tree.root,
      'merkleTree/path': JSON.stringify(tree.path(2), (_, value) =>
        typeof value === 'bigint' ? `${value}` : value,
      ),
      listRoot: list.root,
      point: encodePoint(point(5n)),
      identityCommitment: identityCommitment(70n),
      'ballotShare/nullifier': nullifier,
      'ballotShare/y': y,
      sealStream: sealStream(91n, 92n, 93n).join(' '),
      'seal/U': encodePoint(sealed.U),
      'seal/ct': sealed.ct.join(' '),
      'seal/tag': sealed.tag,
      dleq: proveDleq(7n, { A: point(7n), pairs }, utf8('context'), seededRandom(bytes(32, 53))),
      coinPoint: encodePoint(coinPoint(bytes(76, 1))),
      coinShare: coinShare(
        coin.secrets[0]!,
        coin.key.shareKeys[0]!,
        bytes(76, 1),
        seededRandom(bytes(32, 54)),
      ),
      coinValue: combineCoin(shares),
      'bls/key': bls[0]!.publicKey,
      'bls/possession': bls[0]!.possession,
      'bls/signature': signatures[0]![1],
      'bls/aggregate': aggregate(new Map(signatures), 4)!.signature,
      'ed25519/signature': sign(bytes(32, 64), bytes(40, 65)),
      seededRandom: seededRandom(bytes(32, 66))(100),
    }),
  };
}
