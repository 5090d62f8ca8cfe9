import { type Dealt, runRandom } from '../../src/committee/dealer.ts';
import { encodePoint, multiplyBase } from '../../src/crypto/babyjub.ts';
import { blsKeyFromSeed, provePossession } from '../../src/crypto/certificate.ts';
import { combineDealtKeys, combineDealtShares } from '../../src/crypto/dealing/combine.ts';
import { makeDealing } from '../../src/crypto/dealing/deal.ts';
import { openDealing } from '../../src/crypto/dealing/open.ts';
import { encodeRegistrant } from '../../src/crypto/dealing/possession.ts';
import { dealingSession } from '../../src/crypto/dealing/session.ts';
import { identityCommitment } from '../../src/crypto/identity.ts';
import { randomField, randomScalar } from '../../src/crypto/random.ts';
import { signKeyFromSeed } from '../../src/crypto/signature.ts';
import { chainHash } from '../../src/ledger/chain-genesis.ts';
import type { EpochConfig } from '../../src/ledger/epoch-config.ts';
import { height, validatorIndex } from '../../src/params/ids.ts';
import type { ValidatorSecrets } from '../../src/validator/types.ts';

/** What a committee leaves to the next one, made in one hand by the crypto of dealings and without their proofs. */
export interface Reshared {
  readonly dealt: Dealt;
  /** Of the new members: what opens the dealings that were made to them. */
  readonly encryptionSecrets: readonly bigint[];
}

/**
 * The next epoch of a chain: 2f + 1 of the old members deal their shares to n new ones.
 * @param dealers of the old committee; the last 2f + 1 by default
 */
export function reshare(old: Dealt, n: number, firstHeight: number, dealers?: readonly number[]): Reshared {
  const { decryptionKey, epoch } = old.epoch;
  const chain = chainHash(old.chain);
  const Q = dealers ?? old.secrets.map((_, i) => i).slice(-decryptionKey.sharesRequired);
  const made = Array.from({ length: n }, (_, i) => {
    const random = runRandom(epoch, `member ${i} of the next epoch`);
    const bls = blsKeyFromSeed(random(32));
    const sign = signKeyFromSeed(random(32));
    return { identitySecret: randomField(random), bls, sign, sk: randomScalar(random), seed: random(32) };
  });
  const session = dealingSession(
    1_000n + BigInt(epoch),
    made.map(({ sk }) => multiplyBase(sk)),
  )!;
  const dealings = new Map(
    Q.map((d) => {
      const { decryptionShare: decryption, coinShare: coin } = old.secrets[d]!;
      const random = runRandom(epoch, `dealer ${d}`);
      return [
        validatorIndex(d),
        makeDealing(session, validatorIndex(d), { decryption, coin }, random).dealing,
      ];
    }),
  );
  const keys = combineDealtKeys('reshare', session.degree, dealings);
  const secrets = made.map(({ identitySecret, bls, sign, sk, seed }, i): ValidatorSecrets => {
    const opened = new Map(
      [...dealings].map(([d, dealing]) => [d, openDealing(session, d, dealing, validatorIndex(i), sk)!]),
    );
    const { decryption: decryptionShare, coin: coinShare } = combineDealtShares('reshare', opened);
    const keysOf = { blsSecret: bls.secret, signSecret: sign.secret };
    return { identitySecret, ...keysOf, decryptionShare, coinShare, seed };
  });
  const next: EpochConfig = {
    ...old.epoch,
    epoch: epoch + 1,
    firstHeight: height(firstHeight),
    validators: made.map(({ identitySecret, bls, sign, sk }, registryIndex) => ({
      registryIndex,
      address: '',
      encryptionKey: encodePoint(multiplyBase(sk)),
      blsKey: bls.publicKey,
      possession: provePossession(bls, encodeRegistrant({ chain, registryIndex, epoch: epoch + 1 })),
      signKey: sign.publicKey,
      identityCommitment: identityCommitment(identitySecret),
    })),
    decryptionKey: keys.decryption,
    coinKey: keys.coin,
  };
  return { dealt: { ...old, epoch: next, secrets }, encryptionSecrets: made.map(({ sk }) => sk) };
}
