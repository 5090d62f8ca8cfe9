import { blsKeyFromSeed, provePossession } from '../../src/crypto/certificate.ts';
import { makeDealing } from '../../src/crypto/dealing/deal.ts';
import { dualWord, testPolynomial } from '../../src/crypto/dealing/degree-test.ts';
import { dealingDigest, dealingId, encodeDealing } from '../../src/crypto/dealing/encoding.ts';
import { proveMismatch } from '../../src/crypto/dealing/open.ts';
import { encodeRegistrant, proveKeyPossession } from '../../src/crypto/dealing/possession.ts';
import { dealingContext, dealingSession } from '../../src/crypto/dealing/session.ts';
import { signDealing } from '../../src/crypto/dealing/signed.ts';
import { degreeTestSeed } from '../../src/crypto/dealing/verify.ts';
import { dealingStream, hashBytes } from '../../src/crypto/hash.ts';
import { seededRandom } from '../../src/crypto/random.ts';
import { validatorIndex } from '../../src/params/ids.ts';
import { epochAgreement, genesisCoin } from '../../src/validator/genesis/config.ts';
import { encodeGenesisMessage, type GenesisMessage } from '../../src/validator/genesis/messages.ts';
import { bytes, domain, point } from './samples.ts';
import { named, type Vectors } from './vector.ts';

const session = dealingSession(95n, [101n, 102n, 103n, 104n].map(point))!;
const dealer = validatorIndex(2);
const registrant = { chain: bytes(32, 96), registryIndex: 7, epoch: 8 };

const MESSAGES: readonly GenesisMessage[] = [
  { kind: 'acs', bytes: bytes(20, 135) },
  { kind: 'agreed', signature: bytes(96, 136) },
  { kind: 'alarm', dealer, mismatch: bytes(128, 137) },
];

export function dealingVectors(): Vectors {
  const { dealing } = makeDealing(
    session,
    dealer,
    { decryption: 97n, coin: 98n },
    seededRandom(bytes(32, 99)),
  );
  const proved = { ...dealing, proofs: [1, 2, 3, 4].map((seed) => bytes(256, seed)) };
  const wrong = {
    ...dealing,
    shares: dealing.shares.map((one) => ({ ...one, ciphertexts: { decryption: 1n, coin: 2n } })),
  };
  const seeds = degreeTestSeed(session, dealer, proved);
  return named('dealing', {
    context: dealingContext(session, dealer, validatorIndex(3)),
    stream: dealingStream(91n, 92n, 93n).join(' '),
    encoding: hashBytes('context', encodeDealing(proved)),
    id: dealingId(session, dealer, dealing),
    digest: dealingDigest(session, dealer, proved),
    'degreeTest/decryption': seeds.decryption,
    'degreeTest/coin': seeds.coin,
    'degreeTest/word': dualWord(4, testPolynomial(seeds.coin, 1)).join(' '),
    mismatch: proveMismatch(session, dealer, wrong, validatorIndex(1), 102n, seededRandom(bytes(32, 94)))!,
    keyPossession: proveKeyPossession(105n, registrant, seededRandom(bytes(32, 106))),
    signed: hashBytes('context', signDealing(session, dealer, proved, bytes(32, 134))),
    genesisCoin: String(genesisCoin(session, validatorIndex(1), 2)),
    epochAgreement: epochAgreement(domain),
    ...Object.fromEntries(
      MESSAGES.map((message) => [`message/${message.kind}`, encodeGenesisMessage(message)] as const),
    ),
    blsPossession: provePossession(blsKeyFromSeed(bytes(32, 60)), encodeRegistrant(registrant)),
  });
}
