import { VOTE_KINDS } from '../../src/consensus/aba/votes.ts';
import { encodeAcsMessage } from '../../src/consensus/acs/codec.ts';
import { ALEA_KINDS, aleaMessage, encodeAlea } from '../../src/consensus/alea/messages.ts';
import { encodeFin } from '../../src/consensus/fin/messages.ts';
import { encodeHotStuff, HOTSTUFF_KINDS } from '../../src/consensus/hotstuff/messages.ts';
import { encodePbft, PBFT_KINDS, type PbftMessage } from '../../src/consensus/pbft/messages.ts';
import { hasLength, RBC_KINDS, type RbcMessage } from '../../src/consensus/rbc/messages.ts';
import { ShardTree } from '../../src/consensus/rbc/shard-tree.ts';
import { hashBytes } from '../../src/crypto/hash.ts';
import { validatorIndex } from '../../src/params/ids.ts';
import { bytes } from './samples.ts';
import { named, type Vectors } from './vector.ts';

const part = (kind: RbcMessage['kind'], i: number): RbcMessage => ({
  kind,
  proposer: validatorIndex(10 + i),
  bytes: kind === 'pull' ? new Uint8Array() : bytes(hasLength(kind) ? 40 + i : 32, 20 + i),
});
const votes = VOTE_KINDS.map((kind, i) => ({
  kind,
  round: kind === 'first' ? 0 : 30 + i,
  values: kind === 'conf' ? (3 as const) : kind === 'bval' ? (1 as const) : (2 as const),
  instances: bytes(2, 40 + i).map((byte, j) => (j === 0 ? byte : byte & 1)),
}));

const quorate = { view: 51, digest: bytes(32, 52), signatures: [{ by: 53, signature: bytes(64, 54) }] };
const pbft = (kind: PbftMessage['kind'], i: number): PbftMessage => ({
  kind,
  view: 60 + i,
  proposer: 70 + i,
  payload: bytes(20, 80 + i),
  digest: bytes(32, 90 + i),
  signature: bytes(64, 100 + i),
  certificate: quorate,
  changes: [{ by: 55, signature: bytes(64, 56), prepared: { ...quorate, view: 57, digest: bytes(32, 58) } }],
});

export function consensusVectors(): Vectors {
  const tree = new ShardTree([1, 2, 3, 4, 5].map((seed) => bytes(50, seed)));
  return {
    ...named('consensus', {
      'rbc/payloadDigest': hashBytes('payload', bytes(50, 1)),
      'rbc/shardRoot': tree.root,
      'rbc/shardBranch': tree.branch(2),
      'fin/message': encodeFin({
        proposals: { rbc: [part('echo', 1)], votes: votes.slice(0, 2) },
        sets: { rbc: [part('propose', 2)], votes: [] },
      }),
      'acs/frame': encodeAcsMessage({ rbc: RBC_KINDS.map(part), votes }),
    }),
    ...named(
      'consensus/acs/part',
      Object.fromEntries(
        RBC_KINDS.map((kind, i) => [kind, encodeAcsMessage({ rbc: [part(kind, i)], votes: [] })]),
      ),
    ),
    ...named(
      'consensus/acs/vote',
      Object.fromEntries(votes.map((vote) => [vote.kind, encodeAcsMessage({ rbc: [], votes: [vote] })])),
    ),
    ...named(
      'consensus/pbft',
      Object.fromEntries(PBFT_KINDS.map((kind, i) => [kind, encodePbft(pbft(kind, i))])),
    ),
    ...named(
      'consensus/alea',
      Object.fromEntries(
        ALEA_KINDS.map((kind, i) => {
          const about = kind === 'list' || kind === 'votes' ? 0 : 110 + i;
          const body = { bytes: bytes(20, 120 + i), certificate: quorate, frame: { rbc: [], votes } };
          return [kind, encodeAlea(aleaMessage({ kind, proposer: about, ...body }))];
        }),
      ),
    ),
    ...named(
      'consensus/hotstuff',
      Object.fromEntries(
        HOTSTUFF_KINDS.map((kind, i) => {
          const { view, payload, digest, signature, certificate } = pbft('prepare', 6 + i);
          const message = { kind, view, payload: i % 2 === 0 ? payload : undefined };
          return [kind, encodeHotStuff({ ...message, digest, signature, certificate })];
        }),
      ),
    ),
  };
}
