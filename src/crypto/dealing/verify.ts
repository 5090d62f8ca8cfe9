import { bigintToBytes, concatBytes, toHex } from '../../base/bytes.ts';
import { l } from '../../params/fields.ts';
import { type ValidatorIndex, validatorIndex } from '../../params/ids.ts';
import { encodePoint, isIdentity, type Point } from '../babyjub.ts';
import { type BatchKernels, NOBLE } from '../batch-kernels.ts';
import { hashBytes } from '../hash.ts';
import { lagrangeAtZero } from '../sharing.ts';
import type { Dealing } from './deal.ts';
import { hasDegree } from './degree-test.ts';
import { encodeDealing, type ProvedDealing } from './encoding.ts';
import { randomnessPoint } from './encrypted-share.ts';
import { type DealingSession, dealingContext, type PerKey } from './session.ts';

/** Why a dealing is refused, whatever its proofs say. */
export type DealingProblem =
  /** Another number of recipients or proofs than the session has. */
  | 'recipients'
  /** [k]B = O: E would be O for everybody. */
  | 'ephemeral'
  /** A point has a part of small order. */
  | 'subgroup'
  /** The commitments lie on no polynomial of the session's degree. */
  | 'degree'
  /** What is shared is not the dealer's share of the old key. */
  | 'binding';

/**
 * The public signals of the statement of each recipient, in the circuit's order: R', A, A', c, c', PK8, context. A dealing holds
 * only if `checkDealing` finds nothing and all proofs of these statements are valid: contexts, keys and the one R' are computed
 * here, and not taken from the dealer.
 */
export function dealingStatements(
  session: DealingSession,
  dealer: ValidatorIndex,
  dealing: Dealing,
): bigint[][] {
  const affine = (P: Point): [bigint, bigint] => {
    const { x, y } = P.toAffine();
    return [x, y];
  };
  const ephemeral = affine(dealing.ephemeral);
  return dealing.shares.map(({ commitments, ciphertexts }, i) => [
    ...ephemeral,
    ...affine(commitments.decryption),
    ...affine(commitments.coin),
    ciphertexts.decryption,
    ciphertexts.coin,
    ...affine(session.keys8[i]!),
    dealingContext(session, dealer, validatorIndex(i)),
  ]);
}

/**
 * Everything that is checked of a dealing besides its proofs.
 * @param dealing decoded, from outside
 * @param old     the dealer's public shares of both keys where they are reshared; none where they are generated
 * @returns       the first problem, or undefined. Never throws.
 */
export function checkDealing(
  session: DealingSession,
  dealer: ValidatorIndex,
  dealing: ProvedDealing,
  old: PerKey<Point> | undefined,
  kernels: BatchKernels = NOBLE,
): DealingProblem | undefined {
  const { n, degree } = session;
  if (dealing.shares.length !== n || dealing.proofs.length !== n) return 'recipients';
  if (isIdentity(randomnessPoint(dealing.ephemeral))) return 'ephemeral';
  const decryption = dealing.shares.map(({ commitments }) => commitments.decryption);
  const coin = dealing.shares.map(({ commitments }) => commitments.coin);
  if (!areInSubgroup([dealing.ephemeral, ...decryption, ...coin], kernels)) return 'subgroup';
  const seed = degreeTestSeed(session, dealer, dealing);
  if (
    !hasDegree(decryption, degree, seed.decryption, kernels) ||
    !hasDegree(coin, degree, seed.coin, kernels)
  )
    return 'degree';
  if (old === undefined) return undefined;
  const isBound =
    dealtPoint(decryption, degree, kernels).equals(old.decryption) &&
    dealtPoint(coin, degree, kernels).equals(old.coin);
  return isBound ? undefined : 'binding';
}

/** What the weights of the two degree tests are hashed from: the whole dealing with its proofs, and which key. 32 bytes each. */
export function degreeTestSeed(
  session: DealingSession,
  dealer: ValidatorIndex,
  dealing: ProvedDealing,
): PerKey<Uint8Array> {
  const bytes = encodeDealing(dealing);
  const [id, by] = [bigintToBytes(session.id, 32), bigintToBytes(BigInt(dealer), 4)];
  const seed = (key: number): Uint8Array => hashBytes('dealingTest', id, by, Uint8Array.of(key), bytes);
  return { decryption: seed(0), coin: seed(1) };
}

/** [l − 1]P = −P for each. */
function areInSubgroup(points: readonly Point[], kernels: BatchKernels): boolean {
  return kernels.multiplyEach(points, l - 1n).every((Q, i) => Q.equals(points[i]!.negate()));
}

/** A₀ = [f(0)]B from the commitments of degree + 1 recipients; never sent, so nobody can send a wrong one. */
export function dealtPoint(
  commitments: readonly Point[],
  degree: number,
  kernels: BatchKernels = NOBLE,
): Point {
  const points = Array.from({ length: degree + 1 }, (_, i) => i + 1);
  return kernels.sumPublic(lagrangeAtZero(points).map((lambda, i) => [lambda, commitments[i]!] as const));
}

/**
 * Dealers whose dealing repeats an earlier one, or itself: the same R', or the same commitments for whichever keys. Nobody can make
 * proofs for another's secrets, so who repeats has them from the author. Two dealings of one R' would be opened by one E.
 * @param dealings valid, in the order in which they count
 */
export function repeatedDealings(dealings: ReadonlyMap<ValidatorIndex, Dealing>): ValidatorIndex[] {
  const seen = new Set<string>();
  const repeated: ValidatorIndex[] = [];
  for (const [dealer, { ephemeral, shares }] of dealings) {
    const list = (points: readonly Point[]): string => toHex(concatBytes(...points.map(encodePoint)));
    const marks = [
      `R ${toHex(encodePoint(ephemeral))}`,
      ...(['decryption', 'coin'] as const).map((key) =>
        list(shares.map(({ commitments }) => commitments[key])),
      ),
    ];
    if (new Set(marks).size < marks.length || marks.some((mark) => seen.has(mark))) repeated.push(dealer);
    else for (const mark of marks) seen.add(mark);
  }
  return repeated;
}
