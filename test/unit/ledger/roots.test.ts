import { describe, expect, test } from 'vitest';
import { toHex } from '../../../src/base/bytes.ts';
import { type Receipts, receiptsRoot } from '../../../src/ledger/receipts.ts';
import {
  accountIdOf,
  genesisSettlement,
  type SettlementState,
  stateRoot,
} from '../../../src/ledger/settlement-state.ts';
import { height, instrumentIndex } from '../../../src/params/ids.ts';
import { idNamed } from './batches.ts';
import { sampleChain } from './market.ts';

const PERP = instrumentIndex(0);
const CALL = instrumentIndex(1);

const fill = {
  id: idNamed('a'),
  leg: 1,
  account: accountIdOf(5n),
  instrument: PERP,
  side: 'buy' as const,
  lots: 2n,
  price: 3n,
  fee: 1n,
};
const receipts: Receipts = {
  height: height(4),
  receipts: [{ id: idNamed('b'), leg: 0, code: 'ENTRY_MARGIN' }],
  transfers: [
    {
      id: idNamed('c'),
      kind: 'shield',
      account: accountIdOf(5n),
      amount: 6n,
      fee: 7n,
      to: new Uint8Array(32).fill(8),
    },
  ],
  auctions: [
    { instrument: PERP, price: 3n, volume: 2n },
    { instrument: CALL, price: null, volume: 0n },
  ],
  fills: [fill],
  events: {
    isHalted: false,
    funding: [{ instrument: PERP, ratePpm: -5n, perLot: -6n }],
    expiries: [{ instrument: CALL, index: 7n, payout: 8n }],
    offers: [{ account: accountIdOf(5n), instrument: PERP, side: 'sell', lots: 9n, price: 10n }],
    insured: [{ account: accountIdOf(5n), amount: 3n }],
    liquidations: [
      {
        account: accountIdOf(5n),
        instrument: PERP,
        side: 'sell',
        lots: 9n,
        price: 10n,
        fee: 11n,
        penalty: 12n,
        insured: 0n,
      },
    ],
    deleverages: [
      {
        account: accountIdOf(5n),
        counterparty: accountIdOf(6n),
        instrument: PERP,
        side: 'sell',
        lots: 13n,
        price: 14n,
      },
    ],
    cover: {
      deficits: [{ account: accountIdOf(5n), amount: 15n }],
      fromInsurance: 1n,
      haircuts: [{ account: accountIdOf(6n), amount: 14n }],
      fromFees: 2n,
      leftOver: 2n,
    },
  },
};
/** The same with every number, side and flag inside `value` changed once, each in a copy of its own. */
function variants<T>(value: T): T[] {
  if (typeof value === 'bigint') return [(value + 1n) as T];
  if (typeof value === 'boolean') return [!value as T];
  if (typeof value === 'number') return [(value + 1) as T];
  if (typeof value === 'string') return [(value === 'sell' ? 'buy' : accountIdOf(99n)) as T];
  if (Array.isArray(value)) {
    return [[] as T, ...value.flatMap((item, i) => variants(item).map((other) => value.with(i, other) as T))];
  }
  return Object.entries(value as object).flatMap(([key, part]) =>
    variants(part).map((other) => ({ ...value, [key]: other })),
  );
}
const distinct = (roots: readonly Uint8Array[]): number => new Set(roots.map(toHex)).size;

describe('the receipts root', () => {
  test('is changed by every part of the receipts', () => {
    const [auction, idle] = receipts.auctions;
    const changed: Receipts[] = [
      { ...receipts, height: height(5) },
      { ...receipts, receipts: [] },
      ...variants(receipts.events).map((events) => ({ ...receipts, events })),
      { ...receipts, receipts: [{ ...receipts.receipts[0]!, leg: undefined }] },
      { ...receipts, receipts: [{ ...receipts.receipts[0]!, leg: 1 }] },
      { ...receipts, receipts: [{ ...receipts.receipts[0]!, code: 'ENTRY_INSTRUMENT' }] },
      { ...receipts, receipts: [{ ...receipts.receipts[0]!, id: idNamed('c') }] },
      { ...receipts, auctions: [auction!] },
      { ...receipts, auctions: [{ ...auction!, price: 4n }, idle!] },
      { ...receipts, auctions: [{ ...auction!, volume: 4n }, idle!] },
      ...[
        { id: idNamed('c') },
        { leg: 2 },
        { account: accountIdOf(6n) },
        { instrument: CALL },
        { side: 'sell' as const },
        { lots: 3n },
        { price: 4n },
        { fee: 2n },
      ].map((part) => ({ ...receipts, fills: [{ ...fill, ...part }] })),
      { ...receipts, transfers: [] },
      ...[
        { id: idNamed('d') },
        { kind: 'withdraw' as const },
        { kind: 'deposit' as const },
        { account: accountIdOf(6n) },
        { amount: 7n },
        { fee: 8n },
        { to: new Uint8Array(32) },
      ].map((part) => ({ ...receipts, transfers: [{ ...receipts.transfers[0]!, ...part }] })),
    ];
    expect(distinct([receipts, ...changed].map(receiptsRoot))).toBe(changed.length + 1);
  });
});

describe('the state root', () => {
  const state: SettlementState = {
    ...genesisSettlement(sampleChain()),
    accounts: new Map([
      [
        accountIdOf(9n),
        {
          cash: -5n,
          sequence: 0n,
          positions: new Map([
            [CALL, { lots: -1n, quote: 7n }],
            [PERP, { lots: 1n, quote: -7n }],
          ]),
        },
      ],
      [accountIdOf(1n), { cash: 5n, sequence: 1n, positions: new Map() }],
    ]),
  };

  test('does not depend on how the maps were built', () => {
    const reversed = <K, V>(map: ReadonlyMap<K, V>): Map<K, V> => new Map([...map].reverse());
    const accounts = reversed(
      new Map([...state.accounts].map(([id, a]) => [id, { ...a, positions: reversed(a.positions) }])),
    );
    expect(stateRoot({ ...state, accounts })).toEqual(stateRoot(state));
  });

  test('is changed by every amount, its sign included', () => {
    const id = accountIdOf(9n);
    const account = state.accounts.get(id)!;
    const withAccount = (part: Partial<typeof account>): SettlementState => ({
      ...state,
      accounts: new Map([...state.accounts, [id, { ...account, ...part }]]),
    });
    const position = (lots: bigint, quote: bigint) =>
      withAccount({ positions: new Map([...account.positions, [PERP, { lots, quote }]]) });
    const changed: SettlementState[] = [
      { ...state, height: height(1) },
      { ...state, beacon: new Uint8Array(64).fill(1) },
      { ...state, fees: 1n },
      { ...state, insurance: 1n },
      { ...state, pool: 1n },
      { ...state, deposits: 1n },
      { ...state, withdrawals: 1n },
      { ...state, tables: new Map() },
      { ...state, market: { ...state.market, timeS: 1n } },
      { ...state, market: { ...state.market, medians: [1n, 1n] } },
      { ...state, market: { ...state.market, marks: [1n, 1n, 1n] } },
      { ...state, market: { ...state.market, lastClear: [1n, undefined, undefined] } },
      { ...state, market: { ...state.market, premiumEma: [-1n, 0n, 0n] } },
      { ...state, market: { ...state.market, premiumEma: [1n, 0n, 0n] } },
      withAccount({ cash: 5n }),
      withAccount({ sequence: 1n }),
      withAccount({ positions: new Map() }),
      position(-1n, -7n),
      position(1n, 7n),
    ];
    expect(distinct([state, ...changed].map(stateRoot))).toBe(changed.length + 1);
  });

  test('refuses an amount beyond 128 bits instead of wrapping it', () => {
    const accounts = new Map([[accountIdOf(1n), { cash: 1n << 127n, sequence: 0n, positions: new Map() }]]);
    expect(() => stateRoot({ ...state, accounts })).toThrow('128 bits');
  });
});
