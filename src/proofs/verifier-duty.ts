import { isIdentity, isInSubgroup, pointFromAffine } from '../crypto/babyjub.ts';
import { randomnessPoint } from '../crypto/dealing/encrypted-share.ts';
import { MAX_INSTRUMENTS, PRICE_BITS, VALUE_BITS } from '../params/sizes.ts';
import type { CircuitName } from './circuits.ts';

/**
 * What circuits leave to whoever verifies (circuits/README.md: the verifier's duty). A proof says that the constraints hold, also for
 * public signals that no verifier may take: a ballot with x = 0 shows its author's identity secret, and its proof is valid.
 */

interface Rule {
  readonly holds: (signals: readonly bigint[]) => boolean;
  readonly otherwise: string;
}

const fits = (bits: number) => (signal: bigint | undefined) => signal! >> BigInt(bits) === 0n;

/** On the curve, in the subgroup, not O. */
function isKey(x: bigint, y: bigint): boolean {
  const point = pointFromAffine(x, y);
  return point !== undefined && !isIdentity(point) && isInSubgroup(point);
}

/** [k]B = R + [2^251]B of a dealing is a point, and not O. */
function isRandom(x: bigint, y: bigint): boolean {
  const R = pointFromAffine(x, y);
  return R !== undefined && !isIdentity(randomnessPoint(R));
}

const TABLE = 13;
const RULES: Readonly<Record<CircuitName, readonly Rule[]>> = {
  // nullifier, y | committeeRoot, scope, x
  ballot: [
    { holds: (s) => s[4] !== 0n, otherwise: 'x is 0: y is the author’s identity secret itself' },
    { holds: (s) => s[2] !== 0n, otherwise: 'committeeRoot is 0' },
  ],
  // nullifier, changeCommitment, U[2], ct[3], tag | noteRoot, Y8[2], context, fee, table[2][16]
  orders: [
    { holds: (s) => !(s[2] === 0n && s[3] === 1n), otherwise: 'U is the neutral element' },
    { holds: (s) => s[8] !== 0n, otherwise: 'noteRoot is 0' },
    { holds: (s) => isKey(s[9]!, s[10]!), otherwise: 'Y8 is no point of the subgroup but O' },
    { holds: (s) => fits(VALUE_BITS)(s[12]), otherwise: 'fee is 2^64 or more' },
    {
      holds: (s) => s.slice(TABLE, TABLE + MAX_INSTRUMENTS).every(fits(PRICE_BITS)),
      otherwise: 'a number of table[0] is 2^32 or more',
    },
    {
      holds: (s) => s.slice(TABLE + MAX_INSTRUMENTS).every(fits(VALUE_BITS)),
      otherwise: 'a number of table[1] is 2^64 or more',
    },
  ],
  // account, amount, commitment, message
  account: [{ holds: (s) => fits(VALUE_BITS)(s[1]), otherwise: 'amount is 2^64 or more' }],
  // R[2], A[2][2], c[2] | PK8[2], context
  dealing: [
    { holds: (s) => isKey(s[8]!, s[9]!), otherwise: 'PK8 is no point of the subgroup but O' },
    { holds: (s) => isRandom(s[0]!, s[1]!), otherwise: 'R + [2^251]B is the neutral element, or R no point' },
  ],
};

/** What only somebody can check who knows the chain: nothing in the signals shows it. */
export const LEFT_TO_THE_VERIFIER: Readonly<Record<CircuitName, readonly string[]>> = {
  ballot: [
    'committeeRoot is the root of this epoch’s committee',
    'scope is of this chain, epoch and height',
    'x is the hash of the ballot’s message',
  ],
  orders: [
    'noteRoot is a recent root of the note tree',
    'Y8 is 8 times the committee’s encryption key',
    'context is of this chain, market, window and table height',
    'fee is at least the market’s',
    'table is the market’s reserve table',
    'nullifier and changeCommitment are new',
  ],
  account: [
    'account exists and can pay amount',
    'message is the hash of the action and of the account’s next number',
    'commitment is new',
  ],
  dealing: [
    'PK8 is 8 times the recipient’s encryption key',
    'context is of this session, dealer and recipient',
    'R is one for all recipients of the dealing',
    'the commitments A of all recipients lie on polynomials of the degree',
  ],
};

/**
 * Why no verifier may take these public signals, however valid their proof.
 * @param signals of the circuit's number, each below r
 * @returns undefined if the signals alone show nothing
 */
export const dutyBroken = (circuit: CircuitName, signals: readonly bigint[]): string | undefined =>
  RULES[circuit].find(({ holds }) => !holds(signals))?.otherwise;
