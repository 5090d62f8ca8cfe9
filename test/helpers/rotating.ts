import { type Dealt, dealGenesis, runRandom } from '../../src/committee/dealer.ts';
import { SAMPLE_MARKET, SAMPLE_PRICES, SAMPLE_TIME_S } from '../../src/committee/sample-market.ts';
import { makeDealing } from '../../src/crypto/dealing/deal.ts';
import type { DealingSession, PerKey } from '../../src/crypto/dealing/session.ts';
import { chainHash } from '../../src/ledger/chain-genesis.ts';
import { type DealingItem, signDealingItem } from '../../src/ledger/rotation/dealing-item.ts';
import {
  type DraftedRegistration,
  draftRegistration,
  signRegistration,
} from '../../src/ledger/rotation/make-registration.ts';
import type { RegistrationItem } from '../../src/ledger/rotation/registration.ts';
import { validatorIndex } from '../../src/params/ids.ts';
import { PROOF_BYTES } from '../../src/params/sizes.ts';

/** A chain of ten members, the first n of which are its first committee, and all of whose secrets are known. */
export const rotatingChain = (n: number): Dealt =>
  dealGenesis(
    n,
    n,
    { params: SAMPLE_MARKET, oracle: [{ timeS: SAMPLE_TIME_S, values: SAMPLE_PRICES }] },
    [101n, 102n],
    10n ** 12n,
    10,
  );

/** Keys of a member for an epoch; another salt draws others. */
export const membersKeys = (
  { chain }: Pick<Dealt, 'chain'>,
  registryIndex: number,
  epoch: number,
  salt = 0,
): DraftedRegistration =>
  draftRegistration(
    { chain: chainHash(chain), registryIndex, epoch },
    '',
    runRandom(epoch, `member ${registryIndex} ${salt}`),
  );

/** Stands for a proof: which ones hold, an oracle says. */
export const anyProof = (byte: number): Uint8Array => new Uint8Array(PROOF_BYTES).fill(byte);

export const registrationItem = (dealt: Dealt, drafted: DraftedRegistration): RegistrationItem =>
  signRegistration(
    chainHash(dealt.chain),
    drafted,
    anyProof(9),
    dealt.rootSecrets[drafted.statement.registryIndex]!,
  );

/** What a member of a committee deals: its shares, by fresh polynomials. */
export function dealingItem(
  session: DealingSession,
  dealer: number,
  shares: PerKey<bigint>,
  signSecret: Uint8Array,
  salt = 0,
): DealingItem {
  const random = runRandom(dealer, `dealing ${session.id} ${salt}`);
  const { dealing } = makeDealing(session, validatorIndex(dealer), shares, random);
  const proofs = session.keys8.map((_, i) => anyProof(i + 1));
  return signDealingItem(session, validatorIndex(dealer), { ...dealing, proofs }, signSecret);
}

export const sharesOf = (dealt: Dealt, i: number): PerKey<bigint> => {
  const { decryptionShare: decryption, coinShare: coin } = dealt.secrets[i]!;
  return { decryption, coin };
};
