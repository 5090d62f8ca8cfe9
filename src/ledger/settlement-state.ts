import {
  ContainerType,
  ListBasicType,
  ListCompositeType,
  UintBigintType,
  type ValueOf,
  VectorBasicType,
} from '@chainsafe/ssz';
import { bigintToBytes, equalBytes, fromHex, toHex } from '../base/bytes.ts';
import { bytes32, bytes64, codec, uint8, uint32, uint64 } from '../base/codec.ts';
import { assert } from '../base/errors.ts';
import type { Account } from '../market/account.ts';
import { openTable, type ReserveTable } from '../market/reserve.ts';
import { genesisMarketState, type MarketState } from '../market/state.ts';
import { type AccountId, accountId, type Height, height, instrumentIndex } from '../params/ids.ts';
import { MAX_INSTRUMENTS, TABLE_DELAY, TABLE_WINDOW } from '../params/sizes.ts';
import { type ChainGenesis, genesisBeacon } from './chain-genesis.ts';

/** What settling a height starts from and leads to. Never changed in place. */
export interface SettlementState {
  /** The last height settled; 0 is genesis. */
  readonly height: Height;
  /** Beacon of that height, 64 bytes: in the state root, so a late node can trust it for the next re-check. */
  readonly beacon: Uint8Array;
  readonly accounts: ReadonlyMap<AccountId, Account>;
  /** For how many heights in a row, not counting halted and clamped ones, an account has been below its maintenance margin; only those that are. */
  readonly distress: ReadonlyMap<AccountId, number>;
  readonly market: MarketState;
  /** Trading and batch fees taken so far, units. */
  readonly fees: bigint;
  /** Insurance fund, units. */
  readonly insurance: bigint;
  /** Value of all unspent notes, units: the turnstile. Nobody knows how it is spread. */
  readonly pool: bigint;
  /** Units that ever came in from outside, genesis notes and the insurance fund's seed included. */
  readonly deposits: bigint;
  /** Units that ever left to outside. */
  readonly withdrawals: bigint;
  /** Reserve tables of the heights a batch may still name. */
  readonly tables: ReadonlyMap<Height, ReserveTable>;
}

/** A table is named by batches ordered up to TABLE_DELAY + TABLE_WINDOW − 1 heights later. */
const TABLES_KEPT = TABLE_WINDOW + TABLE_DELAY;

/** The state at height 0: no account, all money in notes, the table of the genesis marks. */
export function genesisSettlement(
  chain: Pick<ChainGenesis, 'market' | 'medians' | 'timeS' | 'notesTotal'>,
): SettlementState {
  const market = genesisMarketState(chain.market, chain.medians, chain.timeS);
  return {
    height: height(0),
    beacon: genesisBeacon(),
    accounts: new Map(),
    distress: new Map(),
    market,
    fees: 0n,
    insurance: chain.market.insurance.seed,
    pool: chain.notesTotal,
    deposits: chain.notesTotal + chain.market.insurance.seed,
    withdrawals: 0n,
    tables: new Map([[height(0), openTable(chain.market, market)]]),
  };
}

/** @returns the reserve table of a settled height, undefined if it is not kept any more or not settled yet. */
export const tableAt = (state: SettlementState, at: Height): ReserveTable | undefined => state.tables.get(at);

/** The tables with the one of a new height, without those that no batch may name any more. */
export function withTable(
  tables: ReadonlyMap<Height, ReserveTable>,
  at: Height,
  table: ReserveTable,
): ReadonlyMap<Height, ReserveTable> {
  const kept = [...tables].filter(([h]) => h > at - TABLES_KEPT);
  return new Map([...kept, [at, table]]);
}

/** A in F_r as an account's id. */
export const accountIdOf = (A: bigint): AccountId => accountId(toHex(bigintToBytes(A, 32)));

const uint128 = new UintBigintType(16);
const AccountType = new ContainerType({
  id: bytes32,
  cash: uint128,
  sequence: uint64,
  positions: new ListCompositeType(
    new ContainerType({ instrument: uint8, lots: uint128, quote: uint128 }),
    MAX_INSTRUMENTS,
  ),
});
const IndexSumType = new ContainerType({ integral: uint128, freshS: uint64 });
const StateType = new ContainerType({
  height: uint32,
  beacon: bytes64,
  accounts: new ListCompositeType(AccountType, 2 ** 32),
  distress: new ListCompositeType(new ContainerType({ id: bytes32, heights: uint32 }), 2 ** 32),
  market: new ContainerType({
    timeS: uint64,
    medians: new ListBasicType(uint64, 1 + MAX_INSTRUMENTS),
    marks: new ListBasicType(uint128, MAX_INSTRUMENTS),
    openInterest: new ListBasicType(uint128, MAX_INSTRUMENTS),
    /** 0: never traded. */
    lastClear: new ListBasicType(uint64, MAX_INSTRUMENTS),
    premiumEma: new ListBasicType(uint128, MAX_INSTRUMENTS),
    history: new ContainerType({
      sum: IndexSumType,
      freshUntilS: uint64,
      windows: new ListCompositeType(
        /** `isClosed` 0: no sum at the expiry yet, all zero. */
        new ContainerType({
          expiry: uint64,
          fromS: uint64,
          open: IndexSumType,
          isClosed: uint8,
          close: IndexSumType,
        }),
        MAX_INSTRUMENTS,
      ),
    }),
    /** Settlement index + 1; 0: it trades. */
    settled: new ListBasicType(uint128, MAX_INSTRUMENTS),
    funding: new ContainerType({
      lastS: uint64,
      sums: new ListBasicType(uint128, MAX_INSTRUMENTS),
      samples: new ListBasicType(uint128, MAX_INSTRUMENTS),
    }),
  }),
  fees: uint128,
  insurance: uint128,
  pool: uint128,
  deposits: uint128,
  withdrawals: uint128,
  tables: new ListCompositeType(
    new ContainerType({
      height: uint32,
      buyPpm: new VectorBasicType(uint64, MAX_INSTRUMENTS),
      sellUnits: new VectorBasicType(uint64, MAX_INSTRUMENTS),
    }),
    TABLES_KEPT,
  ),
});
const stateCodec = codec(StateType, Number.MAX_SAFE_INTEGER);

/** 128 bits, two's complement. */
function signed(x: bigint): bigint {
  assert(BigInt.asIntN(128, x) === x, 'a signed amount has 128 bits');
  return BigInt.asUintN(128, x);
}

const fromSigned = (x: bigint): bigint => BigInt.asIntN(128, x);

/** Accounts and positions are sorted by id, tables by height; signed amounts are 128-bit two's complement. */
function toEncoded(state: SettlementState): ValueOf<typeof StateType> {
  const { market } = state;
  return {
    ...state,
    accounts: [...state.accounts]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([id, { cash, sequence, positions }]) => ({
        id: fromHex(id)!,
        cash: signed(cash),
        sequence,
        positions: [...positions]
          .sort(([a], [b]) => a - b)
          .map(([instrument, { lots, quote }]) => ({ instrument, lots: signed(lots), quote: signed(quote) })),
      })),
    distress: [...state.distress]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([id, heights]) => ({ id: fromHex(id)!, heights })),
    market: {
      timeS: market.timeS,
      medians: [...market.medians],
      marks: [...market.marks],
      lastClear: market.lastClear.map((price) => price ?? 0n),
      premiumEma: market.premiumEma.map(signed),
      openInterest: [...market.openInterest],
      history: {
        ...market.history,
        windows: market.history.windows.map((window) => ({
          ...window,
          isClosed: window.close === undefined ? 0 : 1,
          close: window.close ?? { integral: 0n, freshS: 0n },
        })),
      },
      settled: market.settled.map((index) => (index === undefined ? 0n : index + 1n)),
      funding: {
        lastS: market.funding.lastS,
        sums: market.funding.sums.map(signed),
        samples: market.funding.samples.map(signed),
      },
    },
    tables: [...state.tables]
      .sort(([a], [b]) => a - b)
      .map(([at, { buyPpm, sellUnits }]) => ({
        height: at,
        buyPpm: [...buyPpm],
        sellUnits: [...sellUnits],
      })),
  };
}

function fromEncoded(body: ValueOf<typeof StateType>): SettlementState {
  const { market } = body;
  return {
    ...body,
    height: height(body.height),
    accounts: new Map(
      body.accounts.map(({ id, cash, sequence, positions }) => [
        accountId(toHex(id)),
        {
          cash: fromSigned(cash),
          sequence,
          positions: new Map(
            positions.map(({ instrument, lots, quote }) => [
              instrumentIndex(instrument),
              { lots: fromSigned(lots), quote: fromSigned(quote) },
            ]),
          ),
        },
      ]),
    ),
    distress: new Map(body.distress.map(({ id, heights }) => [accountId(toHex(id)), heights])),
    market: {
      ...market,
      lastClear: market.lastClear.map((price) => (price === 0n ? undefined : price)),
      premiumEma: market.premiumEma.map(fromSigned),
      settled: market.settled.map((index) => (index === 0n ? undefined : index - 1n)),
      history: {
        ...market.history,
        windows: market.history.windows.map(({ isClosed, close, ...window }) => ({
          ...window,
          close: isClosed === 0 ? undefined : close,
        })),
      },
      funding: {
        lastS: market.funding.lastS,
        sums: market.funding.sums.map(fromSigned),
        samples: market.funding.samples.map(fromSigned),
      },
    },
    tables: new Map(
      body.tables.map(({ height: at, buyPpm, sellUnits }) => [height(at), { buyPpm, sellUnits }]),
    ),
  };
}

/** SSZ hash_tree_root of the whole state, 32 bytes. Equal states have equal roots, however their maps were built. */
export const stateRoot = (state: SettlementState): Uint8Array => stateCodec.root(toEncoded(state));

/** SSZ, canonical: equal states have equal encodings, however their maps were built. */
export const encodeSettlement = (state: SettlementState): Uint8Array => stateCodec.encode(toEncoded(state));

/**
 * @param bytes hostile
 * @returns undefined for anything but the encoding of a state; whether it is the chain's, its root has to show. Never throws.
 */
export function decodeSettlement(bytes: Uint8Array): SettlementState | undefined {
  const body = stateCodec.decode(bytes);
  if (body === undefined) return undefined;
  const state = fromEncoded(body);
  return equalBytes(encodeSettlement(state), bytes) ? state : undefined;
}
