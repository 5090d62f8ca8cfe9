import { bigintToBytes, utf8 } from '../base/bytes.ts';
import { assert } from '../base/errors.ts';
import { multiplyBase } from '../crypto/babyjub.ts';
import { combineDealtShares } from '../crypto/dealing/combine.ts';
import { type Mismatch, openDealings } from '../crypto/dealing/open.ts';
import type { PerKey } from '../crypto/dealing/session.ts';
import { hashBytes } from '../crypto/hash.ts';
import type { ChainGenesis } from '../ledger/chain-genesis.ts';
import type { EpochConfig } from '../ledger/epoch-config.ts';
import { isRegistrant, type RegistrantSecrets } from '../ledger/rotation/make-registration.ts';
import { type ValidatorIndex, validatorIndex } from '../params/ids.ts';
import type { Border, Dealings } from '../validator/border.ts';
import type { Dissemination, ValidatorConfig, ValidatorSecrets } from '../validator/types.ts';
import { beginEpoch, hasBegun } from './epoch-start.ts';
import type { Safe } from './safe.ts';

/** The change from one epoch to the next, as everybody knows it who follows the chain. Public but for the member's own choices. */
export interface Crossing {
  readonly chain: ChainGenesis;
  /** Number of the epoch that is over. */
  readonly over: number;
  readonly next: EpochConfig;
  readonly dealt: Dealings;
  readonly border: Border;
  /** Who crosses: its index in the registry. */
  readonly member: number;
  readonly dissemination: Dissemination;
}

/** What is done at a border, in this order; each is durable when it is said. */
export type CrossingStep = 'border durable' | 'share durable' | 'keys erased';

/** What a member is in the next epoch. */
export type Crossed =
  | { readonly type: 'seated'; readonly config: ValidatorConfig }
  /** It has no seat. */
  | { readonly type: 'unseated' }
  /** It has a seat and no share: it only follows until a later epoch deals it one. */
  | Unshared;

interface Unshared {
  readonly type: 'unshared';
  readonly code: UnsharedCode;
  /** With SHARE_MISMATCH: what shows it to everybody (`isMismatch`). Nobody is blamed for it alone. */
  readonly alarm?: Mismatch;
}

/** Why a member with a seat must be dealt to again. */
export const UNSHARED = {
  SHARE_KEYS_LOST:
    'What opens the dealings to this member is lost, or is of another registration than the one that counts: it must register again, and be dealt to.',
  SHARE_MISMATCH:
    'A dealing gives this member another share than the one it commits to, under a valid proof: the key of circuit S4r is broken. Nothing ' +
    'that was dealt with it can be trusted.',
} as const;
export type UnsharedCode = keyof typeof UNSHARED;

/**
 * Takes a member over a border. The certificates of the last height are durable before it is called. First the border and the
 * new share become durable, only then the keys of the epoch that is over are erased, and what the dealings were opened with. It can be
 * done again after a crash in any of its steps: what is there stays, what is missing is done.
 * @param onStep hears of each step that is done, for the member's log
 */
export function crossBorder(safe: Safe, crossing: Crossing, onStep: (step: CrossingStep) => void): Crossed {
  const { chain, next, over, member, border, dissemination } = crossing;
  const seat = next.validators.findIndex(({ registryIndex }) => registryIndex === member);
  const own = seat < 0 ? undefined : ownKeys(safe, crossing, validatorIndex(seat));
  let crossed: Crossed = { type: 'unseated' };
  if (own !== undefined && 'type' in own) crossed = own;
  else if (own !== undefined) {
    const self = validatorIndex(seat);
    const config: ValidatorConfig = { chain, epoch: next, self, secrets: own, dissemination };
    const store = safe.store(next.epoch);
    // Keys without a store would say that a store was lost.
    if (!hasBegun(store)) beginEpoch(store, config, border);
    onStep('border durable');
    if (safe.read('keys', next.epoch) === undefined) safe.put('keys', next.epoch, own);
    onStep('share durable');
    crossed = { type: 'seated', config };
  }
  eraseOver(safe, over);
  onStep('keys erased');
  return crossed;
}

/**
 * Erases what an epoch that is over was signed and opened with, and what its dealings to the next one can be opened with. It is all that
 * a member does at a border which has a seat on neither side: it may have registered for one.
 */
export function eraseOver(safe: Safe, over: number): void {
  safe.erase('keys', over);
  safe.erase('dealing', over);
  safe.erase('registrant', over + 1);
  safe.erase('registration', over + 1);
}

/** The keys that are there already, or those that the dealings give. */
function ownKeys(safe: Safe, crossing: Crossing, seat: ValidatorIndex): ValidatorSecrets | Unshared {
  const { next } = crossing;
  const keys = safe.read('keys', next.epoch);
  if (keys !== undefined) return keys;
  const registrant = safe.read('registrant', next.epoch);
  if (registrant === undefined || !isRegistrant(registrant, next.validators[seat]!))
    return { type: 'unshared', code: 'SHARE_KEYS_LOST' };
  const seed = epochSeed(registrant, next.epoch);
  const shares = dealtShares(crossing, seat, registrant.encryptionSecret, seed);
  if ('dealer' in shares) return { type: 'unshared', code: 'SHARE_MISMATCH', alarm: shares };
  const { identitySecret, blsSecret, signSecret } = registrant;
  const { decryption: decryptionShare, coin: coinShare } = shares;
  return { identitySecret, blsSecret, signSecret, decryptionShare, coinShare, seed };
}

/** Σ_Q λ_d·s_d of both keys, each s_d checked against what everybody sees. @param secret sk of the encryption key */
function dealtShares(
  { next, dealt: { session, made } }: Crossing,
  seat: ValidatorIndex,
  secret: bigint,
  seed: Uint8Array,
): PerKey<bigint> | Mismatch {
  const opened = openDealings(session, made, seat, secret, seed);
  if ('dealer' in opened) return opened;
  const shares = combineDealtShares('reshare', opened);
  assert(
    multiplyBase(shares.decryption).equals(next.decryptionKey.shareKeys[seat]!) &&
      multiplyBase(shares.coin).equals(next.coinKey.shareKeys[seat]!),
    'public shares are the sums of the commitments that every share was checked against',
  );
  return shares;
}

/** What seeds a validator's nonces in an epoch, 32 bytes, secret. Derived and not drawn, so that a crash between two writes leads to the same keys. */
export const epochSeed = ({ identitySecret, signSecret }: RegistrantSecrets, epoch: number): Uint8Array =>
  hashBytes(
    'nonce',
    signSecret,
    utf8('seed'.padEnd(16)),
    bigintToBytes(identitySecret, 32),
    bigintToBytes(BigInt(epoch), 4),
  );

/** What a validator has in place of its keys once they are erased: of an epoch that is over nothing is signed or opened any more. */
export const ERASED: ValidatorSecrets = {
  identitySecret: 0n,
  blsSecret: new Uint8Array(32),
  signSecret: new Uint8Array(32),
  decryptionShare: 0n,
  coinShare: 0n,
  seed: new Uint8Array(32),
};
