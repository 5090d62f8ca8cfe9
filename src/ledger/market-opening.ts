import { advanceIndex, type IndexSample, payExpiry, payout, settlementIndex } from '../market/expiry.ts';
import { fundingPerLot, fundingRate, isFundingDue, payFunding, rateCap } from '../market/funding.ts';
import { computeMarks } from '../market/marks.ts';
import { clampMoves, isStale } from '../market/oracle.ts';
import { INDEX_FEED, indexPerLot, type MarketParams } from '../market/params.ts';
import { type FundingState, type MarketState, openExpiries } from '../market/state.ts';
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
  /** The state before, with the time, prices, marks, settled expiries and funding of this height. */
  readonly market: MarketState;
  readonly funding: readonly FundingPaid[];
  readonly expiries: readonly Expiry[];
}

/**
 * Steps 1 to 3 of a height: medians (moves clamped) and marks, funding if due, expiries. A halted market keeps its prices
 * and its time runs on: what is due waits for fresh prices.
 */
export function openMarket(
  params: MarketParams,
  before: MarketState,
  { timeS, oracleTimeS, medians: reported }: OracleInput,
  ledger: HeightLedger,
): OpenedMarket {
  const last: IndexSample = { timeS: before.timeS, index: before.medians[INDEX_FEED]! };
  const history = advanceIndex(before.history, last, timeS, openExpiries(params, before.settled));
  if (isStale(params, timeS, oracleTimeS)) {
    return { isHalted: true, market: { ...before, timeS, history }, funding: [], expiries: [] };
  }
  const medians = clampMoves(params, before.medians, reported);
  const marks = computeMarks(params, before, medians, timeS);
  const paid = fundAll(params, before.funding, medians[INDEX_FEED]!, timeS, ledger);
  const expiries = expireAll(params, { ...before, history }, last, timeS, ledger);

  const settled = [...before.settled];
  for (const { instrument, index } of expiries) settled[instrument] = index;
  const isOpen = (expiry: bigint): boolean => openExpiries(params, settled).includes(expiry);
  const windows = history.windows.filter(({ expiry }) => isOpen(expiry));
  const market = {
    ...before,
    timeS,
    medians,
    marks,
    history: { ...history, windows },
    settled,
    funding: paid.state,
  };
  return { isHalted: false, market, funding: paid.funding, expiries };
}

/** Step 2. Every perpetual is funded when block time enters another hour; the samples start anew. */
function fundAll(
  params: MarketParams,
  state: FundingState,
  index: bigint,
  timeS: bigint,
  ledger: HeightLedger,
): { state: FundingState; funding: FundingPaid[] } {
  if (!isFundingDue(state.lastS, timeS)) return { state, funding: [] };
  const funding: FundingPaid[] = [];
  params.instruments.forEach((instrument, i) => {
    if (instrument.kind === 'option') return;
    const ratePpm = fundingRate(params.funding, rateCap(params), state.sums[i]!, state.count);
    const perLot = fundingPerLot(ratePpm, indexPerLot(instrument, index), timeS - state.lastS);
    funding.push({ instrument: instrumentIndex(i), ratePpm, perLot });
    if (perLot === 0n) return;
    for (const [id, account] of ledger.accounts) {
      ledger.accounts.set(id, payFunding(account, instrumentIndex(i), perLot));
    }
  });
  return { state: { lastS: timeS, sums: state.sums.map(() => 0n), count: 0n }, funding };
}

/** Step 3. Options whose expiry has come are paid at the mean index of their window, once. */
function expireAll(
  params: MarketParams,
  { settled, history }: MarketState,
  last: IndexSample,
  timeS: bigint,
  ledger: HeightLedger,
): Expiry[] {
  const expiries: Expiry[] = [];
  params.instruments.forEach((option, i) => {
    if (option.kind === 'perp' || settled[i] !== undefined || option.expiry > timeS) return;
    const window = history.windows.find(({ expiry }) => expiry === option.expiry)!;
    const index = settlementIndex(history, last, timeS, window);
    const perLot = payout(option, index);
    const instrument: InstrumentIndex = instrumentIndex(i);
    expiries.push({ instrument, index, payout: perLot });
    for (const [id, account] of ledger.accounts) {
      ledger.accounts.set(id, payExpiry(account, instrument, perLot));
    }
  });
  return expiries;
}
