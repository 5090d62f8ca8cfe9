import fc from 'fast-check';
import { type Dealt, dealGenesis } from '../../../src/committee/dealer.ts';
import { ballotShare } from '../../../src/crypto/identity.ts';
import { r } from '../../../src/params/fields.ts';
import { height, type ItemId, itemId, type ValidatorIndex, validatorIndex } from '../../../src/params/ids.ts';
import { MAX_BALLOT_ITEMS, MAX_INSTRUMENTS, MAX_VALIDATORS, PROOF_BYTES } from '../../../src/params/sizes.ts';
import { type Ballot, ballotMessage, ballotScope } from '../../../src/validator/ballot.ts';
import { type Arrival, BallotBox, type Received } from '../../../src/validator/ballot-box.ts';
import { type EpochContext, epochContext } from '../../../src/validator/context.ts';
import { decodeMessage, type Message } from '../../../src/validator/messages.ts';
import { Out } from '../../../src/validator/out.ts';
import type { Effect } from '../../../src/validator/types.ts';
import { GENESIS_TIME, MEDIANS, PARAMS } from '../ledger/market.ts';

/** Shared by the tests of the validator's parts. */

const deals = new Map<number, Dealt>();

export function dealt(n: number): Dealt {
  const market = {
    params: PARAMS,
    notes: new Map(),
    oracle: [{ timeS: GENESIS_TIME, observedS: GENESIS_TIME, values: MEDIANS }],
  };
  const deal = deals.get(n) ?? dealGenesis(n, n, market, [101n, 102n], 10n ** 12n);
  deals.set(n, deal);
  return deal;
}

export function contextAt(n: number, self: number): EpochContext {
  const { chain, epoch, secrets } = dealt(n);
  const own = secrets[self]!;
  return epochContext({ chain, epoch, self: validatorIndex(self), secrets: own, dissemination: 'stem' });
}

export const v = validatorIndex;
export const H1 = height(1);
export const itemNumber = (i: number): ItemId => itemId(i.toString(16).padStart(64, '0'));
export const proofOf = (byte: number): Uint8Array => new Uint8Array(PROOF_BYTES).fill(byte);

/** A ballot of a seat; its proof is whatever the test's oracle says of it. */
export function ballotBy(
  context: EpochContext,
  seat: number,
  items: readonly ItemId[] = [],
  proof = seat + 1,
): Ballot {
  const scope = ballotScope(context.domain, H1);
  const { identitySecret } = dealt(context.quorum.n).secrets[seat]!;
  const share = ballotShare(identitySecret, scope, ballotMessage(scope, items));
  return { height: H1, items, ...share, proof: proofOf(proof) };
}

export function boxFor(context: EpochContext, voided: ReadonlySet<bigint> = new Set()): BallotBox {
  const scope = ballotScope(context.domain, H1);
  const { n } = context.quorum;
  const committeeRoot = context.committee.root;
  return new BallotBox({ height: H1, scope, committeeRoot, n, voided, distrusted: new Set() });
}

/** Offers a ballot and answers its `verify` effect at once. */
export function receive(
  box: BallotBox,
  from: number,
  as: Arrival,
  ballot: Ballot,
  { ok = true, out = new Out() } = {},
): Received | undefined {
  const effects = out.effects.length;
  const known = box.offer(v(from), as, ballot, out);
  const effect = out.effects[effects];
  if (effect === undefined) return known;
  return box.verified(copyOf(effect), ok, out);
}

/** Which copy a `verify` effect is about. */
export function copyOf(effect: Effect): string {
  if (effect.type !== 'verify') throw new Error(`a ${effect.type} effect has no copy`);
  return effect.requests[0]!.ref.copy;
}

/** What a step says to whom. */
export const said = (out: Out): { to: ValidatorIndex | 'all'; message: Message }[] =>
  out.frames.map(({ to, bytes }) => ({ to, message: decodeMessage(bytes)! }));

export const field = fc.bigInt({ min: 0n, max: r - 1n });
export const ids = (max: number): fc.Arbitrary<ItemId[]> =>
  fc
    .uniqueArray(fc.uint8Array({ minLength: 32, maxLength: 32 }), {
      maxLength: max,
      selector: (id) => String(id),
    })
    .map((list) => list.map((id) => itemId(Buffer.from(id).toString('hex'))).sort());
export const anyBallot: fc.Arbitrary<Ballot> = fc.record({
  height: fc.nat(2 ** 32 - 1).map(height),
  items: fc.oneof(ids(4), ids(MAX_BALLOT_ITEMS)),
  nullifier: field,
  y: field,
  proof: fc.uint8Array({ minLength: PROOF_BYTES, maxLength: PROOF_BYTES }),
});

const bytesOf = (n: number) => fc.uint8Array({ minLength: n, maxLength: n });
const certificate = fc.record({
  signers: fc.array(fc.boolean(), { maxLength: MAX_VALIDATORS }),
  signature: bytesOf(96),
});
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
export const anyCertification = fc.record({
  header: fc.record({
    chainHash: bytesOf(32),
    epochHash: bytesOf(32),
    height: fc.nat(2 ** 32 - 1).map(height),
    parent: bytesOf(32),
    acceptedRoot: bytesOf(32),
    evidenceRoot: bytesOf(32),
    orderingRoot: bytesOf(32),
    stateRoot: bytesOf(32),
    receiptsRoot: bytesOf(32),
    medians: fc.array(uint64, { maxLength: 1 + MAX_INSTRUMENTS }),
    oracleTimeS: uint64,
    timeS: uint64,
  }),
  stateRoot: bytesOf(32),
  receiptsRoot: bytesOf(32),
  certificate,
  settlementCertificate: certificate,
});
