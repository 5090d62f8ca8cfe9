import { type BookOrder, clearWithin } from '../market/auction.ts';
import { bandOf } from '../market/band.ts';
import { ppmUp } from '../market/rounding.ts';
import type { Prng } from '../sim/prng.ts';
import { boundsOf, type LimitOrder } from './auction-curve.ts';

export const TRADERS_A_HEIGHT = 24;
const MAX_LOTS = 20;
/** Standard deviations: of a trader's error, and of how far the mark that all know is off, in such errors. */
export const ERROR_PPM = 12_250;
export const MARK_ERRORS = 2;
export const BAND_PPM = 100_000n;
export const FEE_PPM = 300;
/** Units of 10⁻⁶ USDC a lot. */
export const MARK = 60_000_000;
const ERROR = (MARK * ERROR_PPM) / 1e6;
const BAND = bandOf(BigInt(MARK), BAND_PPM);
export const BOUNDS = boundsOf(BAND, BigInt(MARK));

export interface FlowHeight {
  readonly fair: number;
  readonly victims: readonly LimitOrder[];
  /** What the attacker's signal is off, in its own standard deviations. */
  readonly signalError: number;
}

/** Standard normal, by the polar method. @see Marsaglia and Bray, SIAM Review 6 (1964) */
function normal(prng: Prng): number {
  for (;;) {
    const [u, v] = [prng.uint32() / 2 ** 31 - 1, prng.uint32() / 2 ** 31 - 1];
    const s = u * u + v * v;
    if (s > 0 && s < 1) return u * Math.sqrt((-2 * Math.log(s)) / s);
  }
}

/** A fair price that nobody knows, and traders whose limits scatter around it; more of one side at times. */
export function draw(prng: Prng): FlowHeight {
  const fair = Math.round(MARK + MARK_ERRORS * ERROR * normal(prng));
  const lean = 0.25 + prng.below(51) / 100;
  const victims = Array.from({ length: TRADERS_A_HEIGHT }, () => ({
    side: prng.chance(lean) ? ('buy' as const) : ('sell' as const),
    price: Math.round(fair + ERROR * normal(prng)),
    lots: 1 + prng.below(MAX_LOTS),
  }));
  return { fair, victims, signalError: normal(prng) };
}

/** The mean of the fair price by Bayes: normal prior and errors, so that each is weighed by its precision. */
export function estimateOf({ fair, victims, signalError }: FlowHeight, error: number, sees: boolean): number {
  if (error === 0) return fair;
  const known = [
    { value: MARK, sd: MARK_ERRORS },
    { value: fair + error * ERROR * signalError, sd: error },
    ...(sees ? victims.map(({ price }) => ({ value: price, sd: 1 })) : []),
  ];
  const precision = (sd: number): number => 1 / (sd * sd);
  const weight = known.reduce((sum, { sd }) => sum + precision(sd), 0);
  return known.reduce((sum, { value, sd }) => sum + value * precision(sd), 0) / weight;
}

export interface FlowResult {
  readonly price: number | undefined;
  readonly fills: readonly number[];
}
/** The project's auction. Tie keys are fixed: nobody knows the beacon before the order is out. */
export function clearFlow(orders: readonly LimitOrder[]): FlowResult {
  const book = orders.map(({ side, price, lots }, i): BookOrder => {
    const tieKey = new Uint8Array(32).fill((i * 37) & 0xff);
    return { side, price: BigInt(price), lots: BigInt(lots), tieKey };
  });
  const { price, fills } = clearWithin(book, BAND, BigInt(MARK));
  return { price: price === null ? undefined : Number(price), fills: fills.map(Number) };
}

/** What orders gained at a price against what a lot is worth, fees paid, units. */
export function flowGain(
  orders: readonly LimitOrder[],
  { price, fills }: FlowResult,
  worth: number,
  from = 0,
): number {
  if (price === undefined) return 0;
  return orders.reduce((sum, { side }, i) => {
    const lots = fills[from + i]!;
    const fee = Number(ppmUp(BigInt(lots * price), BigInt(FEE_PPM)));
    return sum + lots * (side === 'buy' ? worth - price : price - worth) - fee;
  }, 0);
}
