import type { OrderingSnapshot } from '../../src/ledger/ordering-encoding.ts';
import type { Receipts } from '../../src/ledger/receipts.ts';
import type { SettlementState } from '../../src/ledger/settlement-state.ts';
import { height, instrumentIndex } from '../../src/params/ids.ts';
import { rotation } from './registry.ts';
import { account, bytes, item, table } from './samples.ts';

/** States with something in every field. */

export const settlement: SettlementState = {
  height: height(72),
  beacon: bytes(64, 70),
  accounts: new Map([
    [
      account(71),
      {
        cash: -701n,
        sequence: 702n,
        positions: new Map([[instrumentIndex(1), { lots: -703n, quote: 704n }]]),
      },
    ],
    [
      account(72),
      {
        cash: 705n,
        sequence: 706n,
        positions: new Map([[instrumentIndex(2), { lots: 707n, quote: -708n }]]),
      },
    ],
  ]),
  distress: new Map([[account(73), 7]]),
  market: {
    timeS: 709n,
    medians: [710n, 711n],
    marks: [712n, 713n],
    lastClear: [714n, undefined],
    premiumEma: [-715n, 716n],
    openInterest: [731n, 732n],
    history: {
      sum: { integral: 717n, freshS: 733n },
      freshUntilS: 734n,
      windows: [
        {
          expiry: 718n,
          fromS: 719n,
          open: { integral: 720n, freshS: 735n },
          close: { integral: 736n, freshS: 737n },
        },
        { expiry: 738n, fromS: 739n, open: { integral: 740n, freshS: 741n }, close: undefined },
      ],
    },
    settled: [undefined, 721n],
    funding: { lastS: 722n, sums: [723n, -724n], samples: [725n, -742n] },
  },
  fees: 726n,
  insurance: 727n,
  pool: 728n,
  deposits: 729n,
  withdrawals: 730n,
  tables: new Map([[height(70), table]]),
};

export const receipts: Receipts = {
  height: height(73),
  receipts: [
    { id: item(74), leg: undefined, code: 'SETTLE_POOL_EXCEEDED' },
    { id: item(75), leg: 2, code: 'ENTRY_MARGIN' },
  ],
  transfers: [
    { id: item(76), kind: 'deposit', account: account(77), amount: 801n, fee: 802n, to: bytes(32, 78) },
    { id: item(79), kind: 'withdraw', account: account(80), amount: 803n, fee: 804n, to: bytes(32, 81) },
  ],
  auctions: [
    { instrument: instrumentIndex(0), price: 805n, volume: 806n },
    { instrument: instrumentIndex(1), price: null, volume: 0n },
  ],
  fills: [
    {
      id: item(82),
      leg: 3,
      account: account(83),
      instrument: instrumentIndex(4),
      side: 'sell',
      lots: 807n,
      price: 808n,
      fee: 809n,
    },
  ],
  events: {
    isHalted: true,
    funding: [{ instrument: instrumentIndex(5), ratePpm: -810n, perLot: 811n }],
    expiries: [{ instrument: instrumentIndex(6), index: 812n, payout: 813n }],
    offers: [{ account: account(89), instrument: instrumentIndex(9), side: 'sell', lots: 826n, price: 827n }],
    insured: [{ account: account(90), amount: 828n }],
    liquidations: [
      {
        account: account(84),
        instrument: instrumentIndex(7),
        side: 'buy',
        lots: 814n,
        price: 815n,
        fee: 816n,
        penalty: 817n,
        insured: 818n,
      },
    ],
    deleverages: [
      {
        account: account(85),
        counterparty: account(86),
        instrument: instrumentIndex(8),
        side: 'sell',
        lots: 819n,
        price: 820n,
      },
    ],
    cover: {
      deficits: [{ account: account(87), amount: 821n }],
      fromInsurance: 822n,
      haircuts: [{ account: account(88), amount: 823n }],
      fromFees: 824n,
      leftOver: 825n,
    },
  },
};

export const ordering: OrderingSnapshot = {
  height: height(74),
  nullifiers: [901n, 902n],
  leaves: [903n, 904n, 905n],
  noteRoots: [906n, 907n],
  reserved: new Map([[908n, height(73)]]),
  shielded: new Map([[height(72), [909n, 910n]]]),
  deposits: [911n, 912n],
  sequences: new Map([[913n, 914n]]),
  registered: [915n, 916n],
  rotation,
};
