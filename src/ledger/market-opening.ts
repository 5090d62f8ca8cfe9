import type { Account } from '../market/account.ts';
import { advanceIndex, type IndexSample, payExpiry, payout, settlementIndex } from '../market/expiry.ts';
import {
  accrue,
  type FundingState,
  fundingPerLot,
  fundingRate,
  isFundingDue,
  payFunding,
  rateCap,
} from '../market/funding.ts';
import { computeMarks } from '../market/marks.ts';
import { type Clamped, clampedFeeds, clampMoves, isStale } from '../market/oracle.ts';
import { INDEX_FEED, indexPerLot, type MarketParams, ratesOf } from '../market/params.ts';
import { type MarketState, openExpiries } from '../market/state.ts';
import { type InstrumentIndex, instrumentIndex } from '../params/ids.ts';
import type { HeightLedger } from './height-ledger.ts';
import type { Expiry, FundingPaid } from './receipts.ts';

/** What the oracle says of a height. */
export interface OracleInput {
  /** Block time, unix seconds. */
  readonly timeS: bigint;
  /** Lower median of the times of the prices; older than block time by too much, the market is halted. */
  readonly oracleTimeS: bigint;
  /** Lower medians, one for each oracle feed. */
  readonly medians: readonly bigint[];
}

/** A market after steps 1 to 3. */
export interface OpenedMarket {
  readonly isHalted: boolean;
  /** Feeds that moved further than prices follow; none in a halted market. */
  readonly clamped: Clamped;
  /** The state before, with the time, prices, marks, settled expiries and funding of this height. */
  readonly market: MarketState;
  readonly funding: readonly FundingPaid[];
  readonly expiries: readonly Expiry[];
}

/**
 * Steps 1 to 3 of a height: medians (moves clamped) and marks, funding if due, expiries. A halted market keeps its prices
 * and its time runs on: what is due waits for fresh prices, and the seconds of a halt count in no mean.
 */
export function openMarket(
  params: MarketParams,
  before: MarketState,
  { timeS, oracleTimeS, medians: reported }: OracleInput,
  ledger: HeightLedger,
): OpenedMarket {
  const last: IndexSample = { timeS: before.timeS, index: before.medians[INDEX_FEED]! };
  const fresh = { timeS, freshUntilS: oracleTimeS + params.oracle.staleAfterS };
  const history = advanceIndex(before.history, last, fresh, openExpiries(params, before.settled));
  const accrued = accrue(before.funding, timeS - before.timeS, params.oracle.staleAfterS);
  if (isStale(params, timeS, oracleTimeS)) {
    const funding = { ...accrued, samples: accrued.samples.map(() => 0n) };
    const clamped = clampedFeeds(params, before.medians, before.medians);
    const market = { ...before, timeS, history, funding };
    return { isHalted: true, clamped, market, funding: [], expiries: [] };
  }
  const medians = clampMoves(params, before.medians, reported);
  const clamped = clampedFeeds(params, reported, medians);
  const paid = fundAll(params, accrued, medians[INDEX_FEED]!, timeS, ledger);
  const opened = { ...before, timeS, medians, history, funding: paid.state };
  const expiries = expireAll(params, opened, last, ledger);

  const settled = [...before.settled];
  for (const { instrument, index } of expiries) settled[instrument] = index;
  const isOpen = (expiry: bigint): boolean => openExpiries(params, settled).includes(expiry);
  const windows = history.windows.filter(({ expiry }) => isOpen(expiry));
  // Marks of what has expired stay as they are: nobody holds it any more.
  const kept = settled.map((index, i) => (index === undefined ? undefined : before.marks[i]));
  const marks = computeMarks(params, { medians, timeS, history }, kept);
  const market = { ...opened, marks, history: { ...history, windows }, settled };
  return { isHalted: false, clamped, market, funding: paid.funding, expiries };
}

/** Whether a clamped feed concerns an account: the index everybody, a volatility those who hold an option of its bucket. */
export const isClampedFor = ({ isIndex, instruments }: Clamped, { positions }: Account): boolean =>
  isIndex || [...positions.keys()].some((i) => instruments[i]);

/** Step 2. Every perpetual is funded when block time enters another hour; the sums start anew. */
function fundAll(
  params: MarketParams,
  state: FundingState,
  index: bigint,
  timeS: bigint,
  ledger: HeightLedger,
): { state: FundingState; funding: FundingPaid[] } {
  if (!isFundingDue(state.lastS, timeS)) return { state, funding: [] };
  const seconds = timeS - state.lastS;
  const funding: FundingPaid[] = [];
  params.instruments.forEach((instrument, i) => {
    if (instrument.kind === 'option') return;
    const cap = rateCap(params.funding, ratesOf(params, instrument));
    const ratePpm = fundingRate(params.funding, cap, state.sums[i]!, seconds);
    const perLot = fundingPerLot(ratePpm, indexPerLot(instrument, index), seconds);
    funding.push({ instrument: instrumentIndex(i), ratePpm, perLot });
    if (perLot === 0n) return;
    for (const [id, account] of ledger.accounts) {
      ledger.accounts.set(id, payFunding(account, instrumentIndex(i), perLot));
    }
  });
  return { state: { ...state, lastS: timeS, sums: state.sums.map(() => 0n) }, funding };
}

/** Step 3. Options whose expiry has come and whose settlement index is known are paid, once. */
function expireAll(
  params: MarketParams,
  { settled, history, timeS }: MarketState,
  last: IndexSample,
  ledger: HeightLedger,
): Expiry[] {
  const expiries: Expiry[] = [];
  params.instruments.forEach((option, i) => {
    if (option.kind === 'perp' || settled[i] !== undefined || option.expiry > timeS) return;
    const window = history.windows.find(({ expiry }) => expiry === option.expiry)!;
    const index = settlementIndex(history, last, timeS, window);
    if (index === undefined) return;
    const perLot = payout(option, index);
    const instrument: InstrumentIndex = instrumentIndex(i);
    expiries.push({ instrument, index, payout: perLot });
    for (const [id, account] of ledger.accounts) {
      ledger.accounts.set(id, payExpiry(account, instrument, perLot));
    }
  });
  return expiries;
}
