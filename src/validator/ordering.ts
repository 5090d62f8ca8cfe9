import { ballotShare } from '../crypto/identity.ts';
import { acceptedRoot, evidenceRoot, type Header } from '../ledger/block.ts';
import { encodeEvidence } from '../ledger/evidence.ts';
import type { RefusedItem } from '../ledger/ordering-state.ts';
import {
  type BallotId,
  type Height,
  type ItemId,
  type ValidatorIndex,
  validatorIndex,
} from '../params/ids.ts';
import type { ChosenBundle } from './acs-port.ts';
import type { Ballot } from './ballot.ts';
import type { BallotBox } from './ballot-box.ts';
import { namedBallots } from './bundle-judge.ts';
import type { Carried } from './carried.ts';
import type { EpochContext } from './context.ts';
import type { OrderedHeight } from './height-results.ts';
import type { HeldItem } from './item-proofs.ts';
import type { Mempool } from './mempool.ts';
import { medianReport } from './oracle.ts';
import type { Out } from './out.ts';
import { type Tally, tally } from './tally.ts';
import { readItem } from './written.ts';

/** What the ACS output of one height says, once its ballots and items are all here. */
export interface Ordering {
  readonly ordered: OrderedHeight;
  readonly header: Header;
  /** Everything the tally accepted, also what lost at the re-check. */
  readonly items: readonly HeldItem[];
}

/** What was ordered as plain data; items as their bytes. */
export type WrittenOrdering = {
  readonly header: Header;
  readonly items: ReadonlyMap<ItemId, Uint8Array>;
  /** Of those, in re-check order. */
  readonly accepted: readonly ItemId[];
  readonly ordered: Omit<OrderedHeight, 'accepted'>;
};

export function writeOrdering({
  header,
  items,
  ordered: { accepted, ...ordered },
}: Ordering): WrittenOrdering {
  return {
    header,
    items: new Map(items.map(({ id, bytes }) => [id, bytes])),
    accepted: accepted.map(({ id }) => id),
    ordered,
  };
}

export function readOrdering({ header, items, accepted, ordered }: WrittenOrdering): Ordering {
  const held = new Map([...items].map(([id, bytes]) => [id, readItem(id, bytes)]));
  return {
    header,
    items: [...held.values()],
    ordered: { ...ordered, accepted: accepted.map((id) => held.get(id)!) },
  };
}

interface Sources {
  readonly context: EpochContext;
  readonly carried: Carried;
  readonly mempool: Mempool;
  readonly ballots: BallotBox;
  readonly height: Height;
  readonly scope: bigint;
  /** Nullifiers that count for nothing. */
  readonly voided: ReadonlySet<bigint>;
}

/**
 * Tally and re-check of one height (docs/PROTOCOL.md, 7.6): a function of the ACS output and the ordering state. Ballots and items
 * that one lacks are pulled: a correct validator found each chosen bundle valid and serves its ballots, another correct one
 * endorsed each accepted item and serves it.
 * @returns undefined while something is on its way. Advances the ordering state when it answers.
 */
export function orderHeight(
  sources: Sources,
  chosen: readonly ChosenBundle[],
  out: Out,
): Ordering | undefined {
  const { context, mempool, ballots, scope, voided } = sources;
  const peers = peersOf(context);
  const named = [...new Set(chosen.flatMap(({ bundle }) => namedBallots(bundle)))];
  const held = new Map<BallotId, Ballot>();
  for (const id of named) {
    const ballot = ballots.get(id);
    if (ballot !== undefined) held.set(id, ballot);
  }
  if (held.size < named.length) {
    ballots.ask(named, peers, out);
    return undefined;
  }
  const counted = tally(held, scope, voided, context.quorum.f);
  mempool.want(counted.items, out);
  const items = counted.items.flatMap((id) => mempool.get(id) ?? []);
  return items.length < counted.items.length ? undefined : advance(sources, chosen, counted, items);
}

function advance(
  { context, carried, height }: Sources,
  chosen: readonly ChosenBundle[],
  { evidence, counted }: Tally,
  items: readonly HeldItem[],
): Ordering {
  const orderingRoot = carried.ordering.root;
  const { accepted, refused } = carried.ordering.recheck(items, carried.settlement.beacon, height);
  for (const { item } of accepted) carried.ordering.apply(item);
  const revealed = evidence.map(({ identitySecret }) => identitySecret);
  carried.ordering.closeHeight(height, revealed);
  for (const secret of revealed) carried.revealed.add(secret);
  const { prices, oracleTimeS, timeS } = medianReport(
    chosen.map(({ bundle }) => bundle.report),
    carried.settlement.market.timeS,
  );
  const header: Header = {
    ...context.domain,
    height,
    parent: carried.parent,
    acceptedRoot: acceptedRoot(accepted.map(({ id }) => id)),
    evidenceRoot: evidenceRoot(evidence.map(encodeEvidence)),
    orderingRoot,
    stateRoot: carried.stateRoot,
    receiptsRoot: carried.receiptsRoot,
    medians: prices,
    oracleTimeS,
    timeS,
  };
  const proposers = chosen.map(({ proposer }) => proposer);
  return { header, items, ordered: { height, proposers, ballots: counted, accepted, refused, evidence } };
}

/** Items that a height ordered and that wait no longer: all but those for which it had no room. */
export const gone = (accepted: readonly ItemId[], refused: readonly RefusedItem[]): ItemId[] => [
  ...accepted,
  ...refused.flatMap(({ id, code }) => (code === 'ITEM_HEIGHT_FULL' ? [] : [id])),
];

const peersOf = ({ epoch, self }: EpochContext): ValidatorIndex[] =>
  epoch.validators.map((_, i) => validatorIndex(i)).filter((i) => i !== self);

/** Nullifiers that identity secrets revealed earlier have in a scope: void before anything is counted. */
export function voidNullifiers(revealed: ReadonlySet<bigint>, scope: bigint): ReadonlySet<bigint> {
  return new Set([...revealed].map((secret) => ballotShare(secret, scope, 1n).nullifier));
}
