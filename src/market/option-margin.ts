import {
  indexPerLot,
  type Option,
  type OptionMarginParams,
  type OptionType,
  strikePerLot,
} from './params.ts';
import { max, min, ppmUp } from './rounding.ts';

/** What a position must be backed with, units. */
export interface Requirement {
  readonly initial: bigint;
  readonly maintenance: bigint;
}

export const NO_REQUIREMENT: Requirement = { initial: 0n, maintenance: 0n };

/**
 * Requirement of ONE short lot, with S the index per lot, K the strike per lot, M the mark:
 * base = max(⌈a·S⌉ − OTM, ⌈b·S⌉), OTM = max(0, K − S) of a call, max(0, S − K) of a put;
 * call: IM = base + M, MM = ⌈m·S⌉ + M; put: MM = max(⌈m·S⌉, ⌈m·M⌉) + M, IM = max(base + M, ⌈off·MM⌉).
 * @param index units per 1 underlying
 * @param mark  units per lot
 * @see Deribit, "Standard margin: options" (a = 0.15, b = 0.1, m = 0.075; off = 1 there)
 */
export function shortOptionLot(
  option: Option,
  mark: bigint,
  index: bigint,
  rates: OptionMarginParams,
): Requirement {
  const S = indexPerLot(option, index);
  const K = strikePerLot(option);
  const otm = max(0n, option.type === 'call' ? K - S : S - K);
  const base = max(ppmUp(S, rates.aPpm) - otm, ppmUp(S, rates.bPpm));
  if (option.type === 'call') return { initial: base + mark, maintenance: ppmUp(S, rates.mPpm) + mark };
  const maintenance = max(ppmUp(S, rates.mPpm), ppmUp(mark, rates.mPpm)) + mark;
  return { initial: max(base + mark, ppmUp(maintenance, rates.offPpm)), maintenance };
}

/** What margins need of one lot of an option. */
export interface OptionLot {
  readonly option: Option;
  /** K per lot. */
  readonly strike: bigint;
  /** Of one short lot; initial at the open interest of the moment. */
  readonly short: Requirement;
  /** Payoff of one lot at S = 0 and then at each strike of its expiry, in one order for all options of that expiry. */
  readonly payoffs: readonly bigint[];
  /** The place of its own strike in that order. */
  readonly place: number;
}

/** Lots of an option that an account holds, long (> 0) or short (< 0). */
export interface HeldOption {
  readonly lot: OptionLot;
  readonly lots: bigint;
}

/**
 * Requirement of the options of ONE expiry held together: R = min(c(all), c(calls) + c(puts)), for the initial and for the maintenance rate.
 * c(X) = the least, over K* ∈ {−1} ∪ strikes of long calls ∪ {∞}, of min(isolated, spread) with long calls above K* left out:
 * isolated = Σ over shorts |lots|·short lot (a long option is paid for and requires nothing); spread = the maximum loss at expiry, max(0, −Σ lots·payoff(S))
 * over S ∈ {0} ∪ strikes, + the isolated requirement of the net short calls. What options pay is linear between the strikes; above the
 * highest it falls only by the net short calls, the most demanding of which are counted as if they were alone.
 *
 * Monotone: a bought lot never raises R and a sold one never lowers it. One minimum over everything was not: a far call that is bought
 * widens no loss but takes the place of the pair that it covers worst, so an account that bought could be liquidated for it.
 * @see Derive, "Standard margin" (offset of options with the same expiry)
 */
export function expiryRequirement(held: readonly HeldOption[]): Requirement {
  const shorts = held.filter(({ lots }) => lots < 0n);
  if (shorts.length === 0) return NO_REQUIREMENT;
  const calls = held.filter(({ lot }) => lot.option.type === 'call');
  const puts = held.filter(({ lot }) => lot.option.type === 'put');
  const longCalls = calls
    .filter(({ lots }) => lots > 0n)
    .sort((a, b) => (a.lot.strike < b.lot.strike ? -1 : 1));
  const shortCalls = calls.filter(({ lots }) => lots < 0n);
  const shortLots = shortCalls.reduce((sum, { lots }) => sum - lots, 0n);
  const putsAlone = new Payoff(puts);
  const callsAlone = new Payoff(shortCalls);
  const demanding = {
    initial: byDemand(shortCalls, 'initial'),
    maintenance: byDemand(shortCalls, 'maintenance'),
  };

  let together: Requirement | undefined;
  let callSpread: Requirement | undefined;
  let unpaired = shortLots;
  const consider = (): void => {
    const net = {
      initial: leading(demanding.initial, unpaired),
      maintenance: leading(demanding.maintenance, unpaired),
    };
    callSpread = least(callSpread, plus(net, worst(callsAlone)));
    if (puts.length > 0) together = least(together, plus(net, worst(callsAlone, putsAlone)));
  };
  consider();
  for (const held of longCalls) {
    callsAlone.add(held);
    unpaired = max(0n, unpaired - held.lots);
    consider();
  }
  const apart = {
    calls: least(isolatedOf(shortCalls), callSpread!),
    puts: least(isolatedOf(puts), plus(NO_REQUIREMENT, worst(putsAlone))),
  };
  const sum = {
    initial: apart.calls.initial + apart.puts.initial,
    maintenance: apart.calls.maintenance + apart.puts.maintenance,
  };
  return together === undefined ? sum : least(sum, together);
}

/**
 * An upper bound of the MM of one expiry's options while they are reduced: exact at `held`, and convex in the lots that are left. MM is neither: of five short
 * calls that one long call covers badly the first four free 19.8 a lot and the last one 29.6, and a price that is fair for all five is not for one.
 * The bound keeps the spreads that are least at `held`, and each short call that is bought back frees at least its own requirement of the unpaired ones.
 * @returns MM's bound for the same options, in the same order, with lots between `held`'s and 0
 */
export function reducedMaintenance(held: readonly HeldOption[]): (left: readonly HeldOption[]) => bigint {
  const isShortCall = ({ lot, lots }: HeldOption): boolean => lot.option.type === 'call' && lots < 0n;
  const shortCalls = held.filter(isShortCall);
  const demand = byDemand(shortCalls, 'maintenance');
  const most = demand[0]?.each ?? 0n;
  const shortLots = demand.reduce((sum, { lots }) => sum + lots, 0n);
  const ofType =
    (type: OptionType): ((row: HeldOption) => boolean) =>
    (row) =>
      row.lot.option.type === type;

  const isolated = (type: OptionType) => (left: readonly HeldOption[]) =>
    isolatedOf(left.filter(ofType(type))).maintenance;
  /** The spread with the long calls of `counted`, and with the puts or without them. */
  const spread = (counted: ReadonlySet<OptionLot>, withPuts: boolean) => {
    const paired = held.reduce((sum, { lot, lots }) => (counted.has(lot) ? sum + lots : sum), 0n);
    const unpaired = leading(demand, max(0n, shortLots - paired));
    return (left: readonly HeldOption[]): bigint => {
      let [rest, rows] = [unpaired, [] as HeldOption[]];
      held.forEach((row, i) => {
        const { lot, lots } = left[i]!;
        if (isShortCall(row)) rest -= (lots - row.lots) * lot.short.maintenance;
        else if (counted.has(lot)) rest += (row.lots - lots) * most;
        else if (!withPuts || lot.option.type === 'call') return;
        rows.push(left[i]!);
      });
      return worst(new Payoff(rows)) + max(0n, rest);
    };
  };
  const lowest = (bounds: readonly ((left: readonly HeldOption[]) => bigint)[]) =>
    bounds.reduce((best, bound) => (bound(held) < best(held) ? bound : best));

  const longCalls = held
    .filter(({ lot, lots }) => lot.option.type === 'call' && lots > 0n)
    .sort((a, b) => (a.lot.strike < b.lot.strike ? -1 : 1))
    .map(({ lot }) => lot);
  const countings = [...longCalls.keys(), longCalls.length].map((n) => new Set(longCalls.slice(0, n)));
  const calls = lowest([isolated('call'), ...countings.map((counted) => spread(counted, false))]);
  const puts = lowest([isolated('put'), (left) => worst(new Payoff(left.filter(ofType('put'))))]);
  return lowest([(left) => calls(left) + puts(left), ...countings.map((counted) => spread(counted, true))]);
}

/** Σ lots·payoff of options at S = 0 and at each strike of their expiry, and which of these strikes are theirs. */
class Payoff {
  readonly values: bigint[] = [];
  readonly strikes: boolean[] = [];

  constructor(held: readonly HeldOption[]) {
    for (const row of held) this.add(row);
  }

  add({ lot: { payoffs, place }, lots }: HeldOption): void {
    for (let i = 0; i < payoffs.length; i++) this.values[i] = (this.values[i] ?? 0n) + lots * payoffs[i]!;
    this.strikes[place] = true;
  }
}

const NO_PAYOFF = new Payoff([]);

/** max(0, −(a + b)) over S ∈ {0} ∪ their strikes, units. */
function worst(a: Payoff, b: Payoff = NO_PAYOFF): bigint {
  let loss = 0n;
  const count = Math.max(a.values.length, b.values.length);
  for (let i = 0; i < count; i++) {
    if (i > 0 && !a.strikes[i] && !b.strikes[i]) continue;
    loss = max(loss, -((a.values[i] ?? 0n) + (b.values[i] ?? 0n)));
  }
  return loss;
}

/** Σ over shorts |lots|·short lot, units. */
function isolatedOf(held: readonly HeldOption[]): Requirement {
  let [initial, maintenance] = [0n, 0n];
  for (const { lot, lots } of held) {
    if (lots >= 0n) continue;
    initial -= lots * lot.short.initial;
    maintenance -= lots * lot.short.maintenance;
  }
  return { initial, maintenance };
}

/** Short calls by descending requirement of a lot. */
const byDemand = (
  shorts: readonly HeldOption[],
  rate: keyof Requirement,
): { readonly lots: bigint; readonly each: bigint }[] =>
  shorts
    .map(({ lot, lots }) => ({ lots: -lots, each: lot.short[rate] }))
    .sort((a, b) => (a.each < b.each ? 1 : a.each > b.each ? -1 : 0));

/** Requirement of the first so many lots, units. */
function leading(rows: readonly { readonly lots: bigint; readonly each: bigint }[], lots: bigint): bigint {
  let [left, sum] = [lots, 0n];
  for (const row of rows) {
    if (left === 0n) break;
    const taken = min(row.lots, left);
    sum += taken * row.each;
    left -= taken;
  }
  return sum;
}

const plus = ({ initial, maintenance }: Requirement, amount: bigint): Requirement => ({
  initial: initial + amount,
  maintenance: maintenance + amount,
});

const least = (a: Requirement | undefined, b: Requirement): Requirement =>
  a === undefined
    ? b
    : { initial: min(a.initial, b.initial), maintenance: min(a.maintenance, b.maintenance) };
