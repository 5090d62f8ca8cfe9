import { fromHex } from '../../src/base/bytes.ts';
import { encodeState } from '../../src/base/state-codec.ts';
import { encodeEvidence } from '../../src/ledger/evidence.ts';
import { height, type ItemId, itemKey, validatorIndex } from '../../src/params/ids.ts';
import {
  type Ballot,
  ballotIdOf,
  ballotMessage,
  ballotScope,
  ballotSignals,
  copyKey,
  encodeBallot,
} from '../../src/validator/ballot.ts';
import { bidOf, keyHashOf } from '../../src/validator/bid.ts';
import { type Bundle, encodeBundle, signBundle } from '../../src/validator/bundle.ts';
import { abaCoinId, beaconId } from '../../src/validator/coin-box.ts';
import { epochContext } from '../../src/validator/context.ts';
import { placeOf } from '../../src/validator/listing.ts';
import { encodeMessage, type Message } from '../../src/validator/messages.ts';
import { Validator } from '../../src/validator/validator.ts';
import { signedMessage } from '../../src/validator/word-message.ts';
import { dealt } from '../unit/validator/fixtures.ts';
import { ballot, batch, bytes, certification, chain, deposit, domain, epoch, item } from './samples.ts';
import { named, type Vectors } from './vector.ts';

const signer = { domain, secrets: { signSecret: bytes(32, 107) } };
const items: readonly ItemId[] = [item(1), item(2)];
const vote: Ballot = { height: height(72), items, nullifier: 1_001n, y: 1_002n, proof: bytes(256, 90) };
const report = { prices: [1_003n, 1_004n, 1_005n], observedS: 1_006n, clockS: 1_007n };
const bundle: Bundle = {
  height: height(73),
  ballots: [ballot(1), ballot(2), ballot(3)],
  evidence: [[ballot(4), ballot(5)]],
  report,
  signature: bytes(64, 91),
};

/** One of each kind: a kind without a vector does not compile. */
const MESSAGES: { readonly [K in Message['kind']]: Extract<Message, { kind: K }> } = {
  item: { kind: 'item', bytes: bytes(30, 92) },
  ballot: { kind: 'ballot', ballot: vote },
  stem: { kind: 'stem', ballot: vote },
  fluff: { kind: 'fluff', ballot: vote },
  pullBallots: { kind: 'pullBallots', height: height(74), ids: [ballot(4), ballot(5)] },
  pullItems: { kind: 'pullItems', ids: [item(6), item(7)] },
  acs: { kind: 'acs', height: height(76), bytes: bytes(31, 93) },
  coin: { kind: 'coin', height: height(77), instance: 5, round: 6, share: bytes(128, 94) },
  finish: {
    kind: 'finish',
    height: height(78),
    signature: bytes(96, 95),
    beacon: bytes(128, 96),
    shares: [bytes(64, 97), bytes(64, 98)],
    dleq: bytes(64, 99),
    word: bytes(64, 118),
  },
  settled: { kind: 'settled', height: height(79), signature: bytes(96, 100), word: bytes(64, 119) },
  cert: { kind: 'cert', certification },
  pullBlock: { kind: 'pullBlock', height: height(80) },
  block: { kind: 'block', height: height(81), bytes: bytes(33, 101) },
  at: { kind: 'at', height: height(82) },
  announce: {
    kind: 'announce',
    isWhole: true,
    held: [{ key: itemKey('ab'.repeat(16)), fee: 1_009n, id: item(8) }],
    withdrawn: [itemKey('cd'.repeat(16))],
  },
  askNewest: { kind: 'askNewest', nonce: bytes(16, 111) },
  newest: { kind: 'newest', nonce: bytes(16, 112), certification },
};

/** Of a dealt committee: its keys are real ones. */
function atGenesis(): Validator {
  const { chain, epoch, secrets } = dealt(4);
  return new Validator({
    chain,
    epoch,
    self: validatorIndex(3),
    secrets: secrets[3]!,
    dissemination: 'direct',
  });
}

export function validatorVectors(): Vectors {
  const scope = ballotScope(domain, height(72));
  const { derive } = epochContext({
    chain,
    epoch,
    self: validatorIndex(2),
    secrets: {
      identitySecret: 1_008n,
      blsSecret: bytes(32, 102),
      signSecret: bytes(32, 103),
      decryptionShare: 1_009n,
      coinShare: 1_010n,
      seed: bytes(32, 104),
    },
    dissemination: 'stem',
  });
  return {
    ...named('validator', {
      ballotScope: scope,
      ballotMessage: ballotMessage(scope, items),
      ballotSignals: ballotSignals(vote, 1_011n, scope).join(' '),
      ballotId: ballotIdOf(vote, scope),
      itemKey: keyHashOf(deposit),
      listedTransfer: placeOf({ ...bidOf(item(9), deposit), item: deposit }, bytes(64, 111)),
      listedBatch: placeOf({ ...bidOf(item(10), batch), item: batch }, bytes(64, 112)),
      copyKey: copyKey(item(8), bytes(256, 105)),
      ballot: encodeBallot(vote),
      bundle: encodeBundle(bundle),
      bundleSignature: signBundle(domain, bundle, bytes(32, 106)).signature,
      finishSignature: signedMessage(signer, MESSAGES.finish).word,
      settledSignature: signedMessage(signer, MESSAGES.settled).word,
      evidence: encodeEvidence({
        nullifier: 1_012n,
        ballots: [ballot(9), ballot(10)],
        identitySecret: 1_013n,
      }),
      abaCoinId: abaCoinId(domain, height(74), 5, 6),
      beaconId: beaconId(domain, height(75)),
      plainState: encodeState([
        undefined,
        new Map<number | bigint | string, unknown>([
          [-107, true],
          [108n, false],
          [-109n, new Set(['once', 300])],
        ]),
        { once: bytes(9, 110), again: 'once' },
      ]),
      snapshot: atGenesis().snapshot(),
      derivedNonce: derive('coin', fromHex(item(11))!)(64),
    }),
    ...named(
      'message',
      Object.fromEntries(Object.values(MESSAGES).map((message) => [message.kind, encodeMessage(message)])),
    ),
  };
}
