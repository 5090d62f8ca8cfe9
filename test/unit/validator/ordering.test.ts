import { describe, expect, test } from 'vitest';
import { acceptedRoot, evidenceRoot } from '../../../src/ledger/block.ts';
import { genesisState } from '../../../src/ledger/chain-state.ts';
import { type BatchItem, encodeItem } from '../../../src/ledger/items.ts';
import { genesisSettlement } from '../../../src/ledger/settlement-state.ts';
import { height, itemId } from '../../../src/params/ids.ts';
import type { ChosenBundle } from '../../../src/validator/acs-port.ts';
import { ballotScope } from '../../../src/validator/ballot.ts';
import type { Carried } from '../../../src/validator/carried.ts';
import { Mempool } from '../../../src/validator/mempool.ts';
import { type Ordering, orderHeight } from '../../../src/validator/ordering.ts';
import { Out } from '../../../src/validator/out.ts';
import { sampleItem } from '../ledger/batches.ts';
import { GENESIS_TIME, MEDIANS } from '../ledger/market.ts';
import { ballotBy, boxFor, contextAt, copyOf, dealt, H1, proofOf, receive, said, v } from './fixtures.ts';

const context = contextAt(4, 0);
const scope = ballotScope(context.domain, H1);

/** The id of an item in these tests: its tag. */
const idOf = ({ tag }: BatchItem) => itemId(tag.toString(16).padStart(64, '0'));

/** Validator 0 at height 1, and what an ACS output that endorses these items (as ids) makes of them. */
function bench(items: readonly BatchItem[], voided: ReadonlySet<bigint> = new Set()) {
  const genesis = dealt(4).chain;
  const ordering = genesisState(genesis, dealt(4).epoch).ordering;
  const carried: Carried = {
    ordering,
    settlement: genesisSettlement(genesis),
    stateRoot: new Uint8Array(32).fill(1),
    receiptsRoot: new Uint8Array(32).fill(2),
    parent: new Uint8Array(32).fill(3),
    revealed: new Set(),
    distrusted: new Set(),
    report: { prices: genesis.medians, observedS: genesis.timeS, clockS: genesis.timeS },
  };
  const owner = { self: v(0), n: 4, f: 1, distrusted: carried.distrusted };
  const mempool = new Mempool(owner, {
    beacon: () => carried.settlement.beacon,
    claim: (item) => ({ id: idOf(item as BatchItem), proved: { circuit: 'orders', statements: [[]] } }),
    checkSigned: () => undefined,
    isDealers: () => true,
    check: () => 'ITEM_WINDOW', // Nothing is admitted here: what is held was accepted by the tally and pulled.
  });
  const ballots = boxFor(context, voided);
  const ids = items.map(idOf).sort();
  const named = [0, 1, 2]
    .map((seat) => receive(ballots, 1, 'ballot', ballotBy(context, seat, ids))!.id)
    .sort();
  const chosen = [1, 2, 3].map((proposer): ChosenBundle => {
    const report = {
      prices: MEDIANS.map((price) => price + BigInt(proposer)),
      observedS: GENESIS_TIME,
      clockS: GENESIS_TIME + BigInt(proposer),
    };
    return {
      proposer: v(proposer),
      bundle: { height: H1, ballots: named, evidence: [], report, signature: new Uint8Array(64) },
    };
  });
  const out = new Out();
  const sources = { context, carried, mempool, ballots, height: H1, scope, voided };
  return {
    carried,
    ballots,
    mempool,
    chosen,
    out,
    order: (bundles = chosen) => orderHeight(sources, bundles, out),
  };
}

/** Orders after peer 1 answered every pull. */
function ordered(items: readonly BatchItem[]): Ordering {
  const { mempool, out, order } = bench(items);
  expect(order()).toBeUndefined();
  for (const item of items) mempool.answered(v(1), encodeItem(item), out);
  for (const effect of out.effects) mempool.verified(copyOf(effect), true, out);
  return order()!;
}

const { chain } = dealt(4);
const state = genesisState(chain, dealt(4).epoch).ordering;
const good = sampleItem({ noteRoot: state.noteRoot, fee: chain.market.batchFee, tag: 1n });

describe('the re-check', () => {
  test('accepts what the rules allow, and the header names it', () => {
    const { header, ordered: result } = ordered([good]);
    expect(result.accepted.map(({ id }) => id)).toEqual([idOf(good)]);
    expect(header.acceptedRoot).toEqual(acceptedRoot([idOf(good)]));
    expect(header.evidenceRoot).toEqual(evidenceRoot([]));
    expect([header.stateRoot[0], header.receiptsRoot[0], header.parent[0]]).toEqual([1, 2, 3]);
    expect(header.medians).toEqual(MEDIANS.map((price) => price + 2n));
    expect(header.timeS).toBe(GENESIS_TIME + 2n);
  });

  test.each<[string, Partial<BatchItem>]>([
    ['ITEM_WINDOW', { fromHeight: height(2) }],
    ['ITEM_WINDOW', { toHeight: height(0), fromHeight: height(0) }],
    ['ITEM_WINDOW', { toHeight: height(17) }],
    ['ITEM_ROOT_UNKNOWN', { noteRoot: 5n }],
    ['ITEM_TABLE_STALE', { tableHeight: height(1) }],
    ['ITEM_FEE_LOW', { fee: chain.market.batchFee - 1n }],
    ['ITEM_COMMITMENT_EXISTS', { changeCommitment: chain.notes[0]! }],
  ])('refuses with %s what f + 1 endorsed', (code, change) => {
    const item = { ...good, ...change };
    const { header, ordered: result } = ordered([item]);
    expect(result).toMatchObject({ accepted: [], refused: [{ id: idOf(item), code }] });
    expect(header.acceptedRoot).toEqual(acceptedRoot([]));
  });

  test.each<[string, Partial<BatchItem>]>([
    ['ITEM_NULLIFIER_SPENT', { changeCommitment: 77n }],
    ['ITEM_COMMITMENT_EXISTS', { nullifier: 77n }],
  ])('refuses with %s the second of two in one height', (code, change) => {
    const { ordered: result } = ordered([good, { ...good, tag: 2n, ...change }]);
    expect(result.accepted).toHaveLength(1);
    expect(result.refused.map((refused) => refused.code)).toEqual([code]);
  });
});

describe('what the output names and one lacks', () => {
  test('ballots are pulled from every peer, each asked once, and nothing is ordered before they are here', () => {
    const { ballots, chosen, out, order, carried } = bench([]);
    const missing = ballotBy(context, 3);
    const id = receive(boxFor(context), 1, 'ballot', missing)!.id;
    const bundles = chosen.map((c) => ({
      ...c,
      bundle: { ...c.bundle, ballots: [...c.bundle.ballots, id].sort() },
    }));
    for (let i = 0; i < 3; i++) expect(order(bundles)).toBeUndefined();
    expect(said(out).map(({ to, message }) => [to, message.kind])).toEqual(
      [1, 2, 3].map((to) => [to, 'pullBallots']),
    );
    expect(carried.ordering.height).toBe(0);
    receive(ballots, 2, 'ballot', missing);
    expect(order(bundles)?.ordered.ballots).toBe(4);
  });

  test('items are pulled from one peer at a time; a copy with a bad proof blames its sender and holds nothing up', () => {
    const { mempool, out, order } = bench([good]);
    const pulled = () => said(out).flatMap(({ to, message }) => (message.kind === 'pullItems' ? [to] : []));
    for (let i = 0; i < 3; i++) expect(order()).toBeUndefined();
    expect(pulled()).toEqual([1]);
    mempool.answered(v(1), encodeItem({ ...good, proof: proofOf(66) }), out);
    expect(order()).toBeUndefined();
    mempool.verified(copyOf(out.effects[0]!), false, out);
    expect(order()).toBeUndefined();
    expect(pulled()).toEqual([1, 2]);
    mempool.answered(v(2), encodeItem(good), out);
    mempool.verified(copyOf(out.effects[1]!), true, out);
    expect(order()?.ordered.accepted).toHaveLength(1);
    expect(out.faults).toMatchObject([{ by: 1, fault: 'ITEM_PROOF_INVALID' }]);
  });
});

test('an equivocation in the output voids both ballots, goes into the header and reveals the secret from here on', () => {
  const { ballots, chosen, carried, order } = bench([]);
  const pair = [[], [idOf(good)]]
    .map((items) => receive(ballots, 1, 'ballot', ballotBy(context, 3, items))!.id)
    .sort();
  const evidence = [[pair[0]!, pair[1]!] as const];
  const bundles = chosen.map((c, i) => (i === 0 ? { ...c, bundle: { ...c.bundle, evidence } } : c));
  const { header, ordered: result } = order(bundles)!;
  const { identitySecret } = dealt(4).secrets[3]!;
  expect(result).toMatchObject({ ballots: 3, evidence: [{ ballots: pair, identitySecret }] });
  expect(header.evidenceRoot).not.toEqual(evidenceRoot([]));
  expect([...carried.revealed]).toEqual([identitySecret]);
});
