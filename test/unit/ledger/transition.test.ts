import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concatBytes, fromHex, toHex } from '../../../src/base/bytes.ts';
import { hashBytes } from '../../../src/crypto/hash.ts';
import {
  accountIdOf,
  genesisSettlement,
  type SettlementState,
  tableAt,
} from '../../../src/ledger/settlement-state.ts';
import {
  type OpenedBatch,
  type OpenedItem,
  type Settlement,
  type SettlementInput,
  settle,
} from '../../../src/ledger/transition.ts';
import type { Order } from '../../../src/market/order.ts';
import { reserveOf } from '../../../src/market/reserve.ts';
import { height, instrumentIndex } from '../../../src/params/ids.ts';
import { idNamed } from './batches.ts';
import { GENESIS_TIME, heights, MEDIANS, NOTES_TOTAL, PARAMS, sampleChain } from './market.ts';

const genesis = genesisSettlement(sampleChain());
const beacon = new Uint8Array(64).fill(3);
const PERP = instrumentIndex(0);

function inputOf(items: readonly OpenedItem[], overrides: Partial<SettlementInput> = {}): SettlementInput {
  return {
    height: height(1),
    timeS: GENESIS_TIME + 10n,
    oracleTimeS: GENESIS_TIME + 10n,
    medians: MEDIANS,
    beacon,
    items,
    refused: [],
    ...overrides,
  };
}

const order = (side: 'buy' | 'sell', lots: bigint, price: bigint, reduceOnly = false): Order => ({
  side,
  instrument: PERP,
  lots,
  price,
  reduceOnly,
});

/** An item that deposits the least reserve of its orders, or what is said. */
function batch(name: string, account: bigint, orders: readonly Order[], deposit?: bigint): OpenedBatch {
  const reserve = reserveOf(tableAt(genesis, height(0))!, orders);
  const legs = Array.from({ length: 4 }, (_, i) => orders[i]);
  const content = { account, deposit: deposit ?? reserve, orders: legs };
  return { kind: 'batch', id: idNamed(name), fee: 1_000n, content };
}

const batchesOf = ({ items }: SettlementInput): OpenedBatch[] =>
  items.filter((item) => item.kind === 'batch');

const run = (inputs: readonly SettlementInput[]): Settlement[] => {
  const out: Settlement[] = [];
  for (const input of inputs) out.push(settle(PARAMS, out.at(-1)?.state ?? genesis, input));
  return out;
};

/** Σcash + Σquote + insurance + fees + pool, units. */
function moneyIn(state: SettlementState): bigint {
  let sum = state.insurance + state.fees + state.pool;
  for (const { cash, positions } of state.accounts.values()) {
    sum += cash;
    for (const { quote } of positions.values()) sum += quote;
  }
  return sum;
}

/** Σ lots of each instrument over all accounts. */
function openLots(state: SettlementState): bigint[] {
  const sums = PARAMS.instruments.map(() => 0n);
  for (const { positions } of state.accounts.values()) {
    for (const [instrument, { lots }] of positions) sums[instrument]! += lots;
  }
  return sums;
}

const bytesOf = ({ stateRoot, receiptsRoot }: Settlement): string => toHex(stateRoot) + toHex(receiptsRoot);

describe('invariants over random heights', () => {
  test('I1 money is neither made nor lost, I8 the pool is never negative', () => {
    fc.assert(
      fc.property(heights, (inputs) => {
        for (const { state } of run(inputs)) {
          expect(moneyIn(state)).toBe(state.deposits - state.withdrawals);
          expect(state.deposits).toBe(NOTES_TOTAL);
          expect(state.pool).toBeGreaterThanOrEqual(0n);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('I2 the lots of every instrument sum to zero', () => {
    fc.assert(
      fc.property(heights, (inputs) => {
        for (const { state } of run(inputs)) expect(openLots(state)).toEqual([0n, 0n, 0n]);
      }),
      { numRuns: 60 },
    );
  });

  test('I6 the fills of an auction sum to zero, at one price, inside their limits, to its volume', () => {
    let traded = 0;
    fc.assert(
      fc.property(heights, (inputs) => {
        run(inputs).forEach(({ auctions, fills, state }, h) => {
          for (const { instrument, price, volume } of auctions) {
            const own = fills.filter((fill) => fill.instrument === instrument);
            const lotsOf = (side: string) =>
              own.filter((fill) => fill.side === side).reduce((sum, { lots }) => sum + lots, 0n);
            expect([lotsOf('buy'), lotsOf('sell')]).toEqual([volume, volume]);
            expect(price === null).toBe(own.length === 0);
            for (const fill of own) {
              traded++;
              const source = batchesOf(inputs[h]!).find(({ id }) => id === fill.id)!.content!;
              const wish = source.orders[fill.leg]!;
              expect([fill.price, fill.side, fill.account]).toEqual([
                price,
                wish.side,
                accountIdOf(source.account),
              ]);
              expect(fill.lots <= wish.lots).toBe(true);
              expect(fill.side === 'buy' ? price! <= wish.price : price! >= wish.price).toBe(true);
              expect(fill.fee).toBe((fill.lots * price! * PARAMS.feePpm + 999_999n) / 1_000_000n);
            }
          }
          expect(state.height).toBe(h + 1);
        });
      }),
      { numRuns: 60 },
    );
    expect(traded).toBeGreaterThan(50);
  });

  test('I6 all fees of a height are those of its fills and of the items that count', () => {
    fc.assert(
      fc.property(heights, (inputs) => {
        let fees = 0n;
        run(inputs).forEach(({ fills, receipts, state }, h) => {
          const void_ = new Set(receipts.filter(({ leg }) => leg === undefined).map(({ id }) => id));
          for (const { id, fee } of batchesOf(inputs[h]!)) if (!void_.has(id)) fees += fee;
          for (const { fee } of fills) fees += fee;
          expect(state.fees).toBe(fees);
        });
      }),
      { numRuns: 40 },
    );
  });

  test('receipts and fills stand by id, the whole item before its legs', () => {
    fc.assert(
      fc.property(heights, (inputs) => {
        for (const { receipts, fills } of run(inputs)) {
          for (const rows of [receipts, fills]) {
            const keys = rows.map(({ id, leg }) => `${id} ${leg ?? '-'}`);
            expect(keys).toEqual([...keys].sort());
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  test('I9 replaying gives the same bytes, and the state before is left as it was', () => {
    fc.assert(
      fc.property(heights, (inputs) => {
        const once = run(inputs);
        const frozen = structuredClone(genesis);
        expect(run(inputs).map(bytesOf)).toEqual(once.map(bytesOf));
        expect(genesis).toEqual(frozen);
      }),
      { numRuns: 30 },
    );
  });

  test('I10 permuting the items of a height changes nothing', () => {
    const permuted = heights.chain((inputs) =>
      fc
        .tuple(...inputs.map(({ items }) => fc.shuffledSubarray([...items], { minLength: items.length })))
        .map((orders) => [inputs, inputs.map((input, i) => ({ ...input, items: orders[i]! }))] as const),
    );
    fc.assert(
      fc.property(permuted, ([inputs, shuffled]) => {
        expect(run(shuffled).map(bytesOf)).toEqual(run(inputs).map(bytesOf));
      }),
      { numRuns: 100 },
    );
  });
});

describe('a settlement', () => {
  const buyer = batch('buyer', 1n, [order('buy', 5n, 60_600_000n)]);
  const seller = batch('seller', 2n, [order('sell', 5n, 59_400_000n)]);

  test('credits deposits, takes fees, and fills two crossing orders at one price', () => {
    const { state, auctions, fills, receipts } = settle(PARAMS, genesis, inputOf([buyer, seller]));
    expect(auctions[0]).toEqual({ instrument: PERP, price: 60_000_000n, volume: 5n });
    expect(receipts).toEqual([]);
    const fee = (5n * 60_000_000n * 500n) / 1_000_000n;
    expect(fills.map(({ fee, lots }) => [fee, lots])).toEqual([
      [fee, 5n],
      [fee, 5n],
    ]);
    const long = state.accounts.get(accountIdOf(1n))!;
    expect(long.positions.get(PERP)).toEqual({ lots: 5n, quote: -300_000_000n });
    expect(long.cash).toBe(buyer.content!.deposit - fee);
    expect(state.fees).toBe(2n * fee + 2_000n);
    expect(state.pool).toBe(NOTES_TOTAL - buyer.content!.deposit - seller.content!.deposit - 2_000n);
  });

  test('refuses an item whose seal held no batch, with SETTLE_UNREADABLE', () => {
    const unreadable = { kind: 'batch' as const, id: idNamed('x'), fee: 1_000n, content: undefined };
    const { state, receipts } = settle(PARAMS, genesis, inputOf([unreadable]));
    expect(receipts).toEqual([{ id: idNamed('x'), leg: undefined, code: 'SETTLE_UNREADABLE' }]);
    expect([state.pool, state.fees, state.accounts.size]).toEqual([NOTES_TOTAL, 0n, 0]);
  });

  test('the turnstile refuses one unit more than the pool holds, with SETTLE_POOL_EXCEEDED', () => {
    const all = batch('all', 1n, [], NOTES_TOTAL - 1_000n);
    expect(settle(PARAMS, genesis, inputOf([all])).state.pool).toBe(0n);
    const more = batch('more', 1n, [], NOTES_TOTAL - 999n);
    const { state, receipts } = settle(PARAMS, genesis, inputOf([more]));
    expect(receipts).toEqual([{ id: idNamed('more'), leg: undefined, code: 'SETTLE_POOL_EXCEEDED' }]);
    expect([state.pool, state.fees, state.accounts.size]).toEqual([NOTES_TOTAL, 0n, 0]);
  });

  test('drops an order that its account cannot carry, and keeps its deposit as cash', () => {
    const poor = batch('poor', 3n, [order('buy', 5n, 60_600_000n)], 1n);
    const { state, receipts, fills } = settle(PARAMS, genesis, inputOf([poor, seller]));
    expect(receipts).toEqual([{ id: idNamed('poor'), leg: 0, code: 'ENTRY_MARGIN' }]);
    expect(fills).toEqual([]);
    expect(state.accounts.get(accountIdOf(3n))).toEqual({ cash: 1n, sequence: 0n, positions: new Map() });
  });

  test('judges two batches of one account together, and names the leg of the right batch', () => {
    const one = batch('one', 3n, [order('buy', 1n, 60_000_000n), order('sell', 1n, 60_000_000n, true)]);
    const two = batch('two', 3n, [order('sell', 1n, 60_000_000n, true)]);
    const { receipts } = settle(PARAMS, genesis, inputOf([one, two]));
    const expected = [
      { id: idNamed('one'), leg: 1, code: 'ENTRY_REDUCE_ONLY' },
      { id: idNamed('two'), leg: 0, code: 'ENTRY_REDUCE_ONLY' },
    ].sort((a, b) => (a.id < b.id ? -1 : 1));
    expect(receipts).toEqual(expected);
  });

  test('a lasting account closes its position with a reduce-only order and no deposit', () => {
    const first = settle(PARAMS, genesis, inputOf([buyer, seller]));
    const close = batch('close', 1n, [order('sell', 9n, 59_400_000n, true)]);
    const other = batch('other', 4n, [order('buy', 9n, 60_600_000n)]);
    const { state, fills } = settle(
      PARAMS,
      first.state,
      inputOf([close, other], { height: height(2), timeS: GENESIS_TIME + 20n }),
    );
    expect(close.content!.deposit).toBe(0n);
    expect(fills.every(({ lots }) => lots === 5n)).toBe(true);
    expect(state.accounts.get(accountIdOf(1n))!.positions.size).toBe(0);
    expect(openLots(state)[0]).toBe(0n);
  });

  test('ties go by H(fillOrder; id ‖ leg ‖ beacon), so the beacon decides them', () => {
    const buys = ['p', 'q', 'r'].map((name, i) =>
      batch(name, BigInt(10 + i), [order('buy', 1n, 60_600_000n)]),
    );
    const sell = batch('s', 20n, [order('sell', 1n, 59_400_000n)]);
    const winners = new Set<string>();
    for (let b = 0; b < 8; b++) {
      const tossed = new Uint8Array(64).fill(b);
      const { fills } = settle(PARAMS, genesis, inputOf([...buys, sell], { beacon: tossed }));
      const key = (id: string): string =>
        toHex(hashBytes('fillOrder', concatBytes(fromHex(id)!, Uint8Array.of(0), tossed)));
      const lowest = buys.map(({ id }) => id).sort((x, y) => (key(x) < key(y) ? -1 : 1))[0]!;
      expect(fills.filter(({ side }) => side === 'buy').map(({ id }) => id)).toEqual([lowest]);
      winners.add(lowest);
    }
    expect(winners.size).toBeGreaterThan(1);
  });

  test('gives the losers of the re-check their receipts', () => {
    const refused = [{ id: idNamed('z'), code: 'ITEM_NULLIFIER_SPENT' as const }];
    const with_ = settle(PARAMS, genesis, inputOf([buyer], { refused }));
    expect(with_.receipts).toEqual([{ ...refused[0], leg: undefined }]);
    const without = settle(PARAMS, genesis, inputOf([buyer]));
    expect(with_.receiptsRoot).not.toEqual(without.receiptsRoot);
    expect(with_.stateRoot).toEqual(without.stateRoot);
  });

  test('of a height that does not follow is our own bug', () => {
    expect(() => settle(PARAMS, genesis, inputOf([], { height: height(2) }))).toThrow('one after the other');
    expect(() => settle(PARAMS, genesis, inputOf([], { medians: [1n] }))).toThrow('oracle feed');
    expect(() => settle(PARAMS, genesis, inputOf([buyer, buyer]))).toThrow('distinct ids');
  });
});

describe('the state', () => {
  test('keeps the reserve tables of ten heights', () => {
    const empty = Array.from({ length: 12 }, (_, i) => inputOf([], { height: height(i + 1) }));
    const { state } = run(empty).at(-1)!;
    expect([...state.tables.keys()]).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect(tableAt(state, height(2))).toBeUndefined();
    expect(tableAt(state, height(3))).toBeDefined();
  });

  test('has a root that every part of it changes', () => {
    const items = [
      batch('a', 1n, [order('buy', 5n, 60_600_000n)]),
      batch('b', 2n, [order('sell', 5n, 59_400_000n)]),
    ];
    const roots = [
      inputOf(items),
      inputOf(items.slice(0, 1)),
      inputOf(items, { beacon: new Uint8Array(64) }),
      inputOf(items, { timeS: GENESIS_TIME + 11n }),
      inputOf(items, { medians: [MEDIANS[0], 600_001n] }),
      inputOf([{ ...items[0]!, fee: 1_001n }, items[1]!]),
    ].map((input) => toHex(settle(PARAMS, genesis, input).stateRoot));
    expect(new Set(roots).size).toBe(roots.length);
  });
});
