import { clearCofactor, isIdentity } from '../crypto/babyjub.ts';
import { randomScalar, seededRandom } from '../crypto/random.ts';
import { openWords, sealWords } from '../crypto/seal.ts';
import {
  combineDecryption,
  dealThresholdKey,
  decryptionShare,
  encryptionKey,
} from '../crypto/threshold-key.ts';
import { type BookOrder, clearAuction } from '../market/auction.ts';
import { ppmUp } from '../market/rounding.ts';
import { validatorIndex } from '../params/ids.ts';
import { quorumOf } from '../params/quorum.ts';
import { Prng } from '../sim/prng.ts';
import { barSpec, lineSpec } from './charts.ts';
import { defineExperiment, planted } from './define.ts';
import { overSeeds } from './intervals.ts';
import { groupBy, mean } from './statistics.ts';

type Regime = 'plain, leader' | 'plain, acs' | 'sealed, acs';
interface Point {
  readonly regime: Regime;
  readonly budgetLots: number;
  readonly [column: string]: string | number;
}
interface Found {
  readonly profit: number;
  readonly slippagePpm: number;
  readonly victimsLoss: number;
  readonly tradedLots: number;
  readonly opened: boolean;
  readonly [column: string]: number | boolean;
}

const REGIMES: readonly Regime[] = ['plain, leader', 'plain, acs', 'sealed, acs'];
const HEIGHTS = 40;
const VICTIMS = 24;
const MAX_LOTS = 20;
const BAND_PPM = 50_000n;
const FEE_PPM = 300n;
/** Units of 10⁻⁶ USDC a lot. */
const FAIR = 60_000_000;
const USDC = 1e6;
/** Flows from which one who sees nothing learns what pays on average. */
const TRAINING = 60;

interface Order {
  readonly side: 'buy' | 'sell';
  readonly price: number;
  readonly lots: number;
}
/** An attacker's order relative to the fair price. */
interface Leg {
  readonly side: 'buy' | 'sell';
  readonly offsetPpm: number;
  readonly lots: number;
}
type Strategy = readonly Leg[];

/** Traders whose limits scatter around a fair price that all of them see with an error; more of one side at times. */
function flow(prng: Prng, fair: number): Order[] {
  const lean = 0.25 + prng.below(51) / 100;
  return Array.from({ length: VICTIMS }, () => ({
    side: prng.chance(lean) ? ('buy' as const) : ('sell' as const),
    price: Math.round(fair * (1 + (prng.below(30_001) - 15_000 + prng.below(30_001) - 15_000) / 1e6)),
    lots: 1 + prng.below(MAX_LOTS),
  }));
}

function strategiesOf(budgetLots: number): Strategy[] {
  const sizes = [0.25, 0.5, 1].map((share) => Math.round(budgetLots * share)).filter((lots) => lots > 0);
  const offsets = Array.from({ length: 17 }, (_, i) => (i - 8) * 2500);
  const single = (['buy', 'sell'] as const).flatMap((side) =>
    offsets.flatMap((offsetPpm) => sizes.map((lots): Strategy => [{ side, offsetPpm, lots }])),
  );
  const double = offsets
    .filter((offset) => offset > 0)
    .flatMap((offsetPpm) =>
      sizes.map(
        (lots): Strategy => [
          { side: 'buy', offsetPpm: -offsetPpm, lots },
          { side: 'sell', offsetPpm, lots },
        ],
      ),
    );
  return [[], ...single, ...double];
}

const legsAt = (strategy: Strategy, fair: number): Order[] =>
  strategy.map(({ side, offsetPpm, lots }) => ({
    side,
    lots,
    price: Math.round(fair * (1 + offsetPpm / 1e6)),
  }));

interface Cleared {
  readonly price: number | undefined;
  readonly fills: readonly number[];
}
/** The project's auction. Tie keys are fixed: nobody knows the beacon before the order is out. */
function clear(orders: readonly Order[], fair: number): Cleared {
  const book = orders.map(({ side, price, lots }, i): BookOrder => {
    const tieKey = new Uint8Array(32).fill((i * 37) & 0xff);
    return { side, price: BigInt(price), lots: BigInt(lots), tieKey };
  });
  const { price, fills } = clearAuction({
    book,
    mark: BigInt(fair),
    bandPpm: BAND_PPM,
    reference: BigInt(fair),
  });
  return { price: price === null ? undefined : Number(price), fills: fills.map(Number) };
}

/** What orders gained at a price against the fair one, fees paid, units. */
function gainOf(orders: readonly Order[], { price, fills }: Cleared, fair: number, from = 0): number {
  if (price === undefined) return 0;
  return orders.reduce((sum, { side }, i) => {
    const lots = fills[from + i]!;
    const fee = Number(ppmUp(BigInt(lots * price), FEE_PPM));
    return sum + lots * (side === 'buy' ? fair - price : price - fair) - fee;
  }, 0);
}

function profitOf(victims: readonly Order[], legs: readonly Order[], fair: number): number {
  return gainOf(legs, clear([...victims, ...legs], fair), fair, victims.length);
}

/** Orders of others a leader may leave out: none, or those that compete with its own. */
function leaderChoices(victims: readonly Order[]): (readonly Order[])[] {
  return [
    victims,
    victims.filter(({ side }) => side === 'buy'),
    victims.filter(({ side }) => side === 'sell'),
  ].flatMap((kept, i) => {
    if (i === 0) return [kept];
    // All of one side, and the half of the other side with the less aggressive limits.
    const other = victims.filter((order) => !kept.includes(order)).sort((a, b) => a.price - b.price);
    const isBuy = other[0]?.side === 'buy';
    return [[...kept, ...(isBuy ? other.slice(0, other.length / 2) : other.slice(other.length / 2))], kept];
  });
}

function best<T>(candidates: readonly T[], worth: (candidate: T) => number): T {
  const worths = candidates.map(worth);
  return candidates[worths.indexOf(Math.max(...worths))]!;
}

/** A batch sealed to n = 4 validators, and what f of them with a share each, and 2f, get out of it; then 2f + 1. */
function opensTooEarly(seed: number): boolean {
  const n = 4;
  const { f, sharesRequired } = quorumOf(n);
  const bytes = new Uint8Array(32);
  new DataView(bytes.buffer).setUint32(0, seed);
  const random = seededRandom(bytes);
  const { key, secrets } = dealThresholdKey(n, 2 * f, random);
  const sealed = sealWords([1n, 2n, 3n], {
    r: randomScalar(random),
    Y8: clearCofactor(encryptionKey(key)),
    context: 5n,
  });
  const opened = (count: number): boolean => {
    const shares = new Map(
      secrets.slice(0, count).map((s, i) => [validatorIndex(i), decryptionShare(s, sealed.U)]),
    );
    const K = combineDecryption(shares, n);
    return !isIdentity(K) && openWords(K, sealed, 5n) !== undefined;
  };
  if (!opened(sharesRequired)) throw new Error('2f + 1 shares open a batch');
  return opened(f) || opened(2 * f);
}

function run({ regime, budgetLots }: Point, seed: number): Found[] {
  const strategies = strategiesOf(budgetLots);
  // Who sees nothing knows how flows look in general, and plays what pays best on average.
  const training = new Prng(seed + 2 ** 41);
  const samples = Array.from({ length: TRAINING }, () => flow(training, FAIR));
  const blind =
    regime === 'sealed, acs'
      ? best(strategies, (strategy) =>
          samples.reduce((sum, sample) => sum + profitOf(sample, legsAt(strategy, FAIR), FAIR), 0),
        )
      : [];
  const prng = new Prng(seed);
  let [fair, profit, slippage, loss, traded, victimLots] = [FAIR, 0, 0, 0, 0, 0];
  for (let height = 0; height < HEIGHTS; height++) {
    fair = Math.round(fair * (1 + (prng.below(4001) - 2000) / 1e6));
    const victims = flow(prng, fair);
    const sees = (kept: readonly Order[]): { kept: readonly Order[]; legs: Order[] } => ({
      kept,
      legs: legsAt(
        best(strategies, (strategy) => profitOf(kept, legsAt(strategy, fair), fair)),
        fair,
      ),
    });
    const { kept, legs } =
      regime === 'sealed, acs'
        ? { kept: victims, legs: legsAt(blind, fair) }
        : best(
            (regime === 'plain, leader' && budgetLots > 0 ? leaderChoices(victims) : [victims]).map(sees),
            (choice) => profitOf(choice.kept, choice.legs, fair),
          );
    const outcome = clear([...kept, ...legs], fair);
    const without = clear(victims, fair);
    profit += gainOf(legs, outcome, fair, kept.length);
    loss += gainOf(victims, without, fair) - gainOf(kept, outcome, fair);
    for (let i = 0; i < legs.length; i++) traded += outcome.fills[kept.length + i]!;
    if (outcome.price === undefined || without.price === undefined) continue;
    const moved = (outcome.price - without.price) / without.price;
    kept.forEach(({ side }, i) => {
      slippage += outcome.fills[i]! * (side === 'buy' ? moved : -moved);
      victimLots += outcome.fills[i]!;
    });
  }
  return [
    {
      profit: profit / HEIGHTS / USDC,
      slippagePpm: victimLots === 0 ? 0 : (slippage / victimLots) * 1e6,
      victimsLoss: loss / HEIGHTS / USDC,
      tradedLots: traded / HEIGHTS,
      opened: regime === 'sealed, acs' && opensTooEarly(seed),
    },
  ];
}

const gridOf = (budgets: readonly number[]): Point[] =>
  budgets.flatMap((budgetLots) => REGIMES.map((regime) => ({ regime, budgetLots })));

type All = Point & Found & { readonly seed: number };
const where = (rows: readonly All[], regime: Regime): All[] =>
  rows.filter((row) => row.regime === regime && row.budgetLots > 0);
const profits = (rows: readonly All[], regime: Regime): number[] =>
  where(rows, regime).map(({ profit }) => profit);
const budgetsOf = (rows: readonly All[]): number[] =>
  [...new Set(rows.map(({ budgetLots }) => budgetLots))].filter((lots) => lots > 0);

export const frontRunning = defineExperiment<Point, Found>({
  id: 'e3-front-running',
  title: 'Front-running: what seeing orders is worth',
  question:
    'How much does a Byzantine validator earn by trading on what it sees, and who pays, with plain and with sealed orders?',
  method:
    'The project’s frequent batch auction on one order flow for all regimes: 24 traders a height with limits around a fair price, lopsided at times (the flow is a ' +
    'model, and the attacker knows it). The attacker picks from one set of orders (a leg at 17 limits, or one on either side, three sizes) what gains most against the fair ' +
    'price after fees. “Plain, leader”: it sees all orders and may leave out others’. “Plain, acs”: it sees all, all are in. “Sealed, acs”: it sees ciphertexts, and plays what ' +
    'gains most on average over 60 flows of the same kind; that f and 2f of four validators cannot open a batch is done with real keys in every run. Uniform prices ' +
    'already leave less to front-running than one order after the other would.',
  hypotheses: [
    {
      text: 'The attacker earns most as a leader with plain orders, less with a common subset, least with sealed orders, at every budget.',
      held: (rows) =>
        budgetsOf(rows).every((lots) => {
          const [leader, acs, sealed] = REGIMES.map((regime) =>
            mean(
              profits(
                rows.filter(({ budgetLots }) => budgetLots === lots),
                regime,
              ),
            ),
          );
          return leader! > acs! && acs! > sealed!;
        }),
    },
    {
      text: 'Sealing takes away at least half of what seeing plain orders earns.',
      held: (rows) => mean(profits(rows, 'sealed, acs')) <= 0.5 * mean(profits(rows, 'plain, acs')),
    },
    {
      text: 'Victims lose less to an attacker with sealed orders than with plain ones under either way of ordering.',
      held: (rows) => {
        const losses = REGIMES.map((regime) =>
          mean(where(rows, regime).map(({ victimsLoss }) => victimsLoss)),
        );
        return losses[2]! < losses[0]! && losses[2]! < losses[1]!;
      },
    },
    {
      text: 'No sealed batch opens for f or 2f validators before it is ordered.',
      held: (rows) => rows.every(({ opened }) => !opened),
    },
    {
      text: 'With plain orders the attack works: profit is above zero beyond its 95 % interval (else this experiment shows nothing).',
      isControl: true,
      breaks: (rows) =>
        planted(
          rows,
          (row) => row.regime === 'plain, acs',
          () => ({ profit: 0 }),
        ),
      held: (rows) =>
        (['plain, leader', 'plain, acs'] as const).every((regime) => {
          const { low } = overSeeds(where(rows, regime), ({ profit }) => profit);
          return low !== null && low > 0;
        }),
    },
    {
      text: 'An attacker with no lots earns nothing and costs nobody anything.',
      isControl: true,
      breaks: (rows) =>
        planted(
          rows,
          (row) => row.budgetLots === 0,
          () => ({ victimsLoss: 1 }),
        ),
      held: (rows) =>
        rows
          .filter(({ budgetLots }) => budgetLots === 0)
          .every(
            ({ profit, victimsLoss, slippagePpm }) => profit === 0 && victimsLoss === 0 && slippagePpm === 0,
          ),
    },
  ],
  grid: gridOf([0, 10, 30, 100, 200]),
  quickGrid: gridOf([0, 30]),
  seeds: 10,
  quickSeeds: 2,
  columns: {
    regime: { unit: 'category', meaning: 'what the attacker sees, and how is ordered' },
    budgetLots: { unit: 'lots', meaning: 'lots the attacker may trade a height' },
    profit: { unit: 'USDC', meaning: 'attacker’s gain against the fair price, fees paid, USDC a height' },
    slippagePpm: {
      unit: 'ppm',
      meaning: 'how far the price moved against victims because of the attacker, mean over their lots',
    },
    victimsLoss: {
      unit: 'USDC',
      meaning: 'what victims gain less than without the attacker, left-out orders included, USDC a height',
    },
    tradedLots: { unit: 'lots', meaning: 'lots the attacker traded, a height' },
    opened: { unit: 'truth value', meaning: 'a sealed batch opened with 2f shares or fewer' },
  },
  run,
  charts: (rows) => {
    const lines = groupBy(rows, ['regime', 'budgetLots']).map((group) => ({
      regime: group[0]!.regime,
      budgetLots: group[0]!.budgetLots,
      profit: mean(group.map(({ profit }) => profit)),
    }));
    const losses = REGIMES.map((regime) => ({
      regime,
      what: 'victims lose',
      value: mean(where(rows, regime).map(({ victimsLoss }) => victimsLoss)),
    }));
    const gains = REGIMES.map((regime) => ({
      regime,
      what: 'attacker earns',
      value: mean(profits(rows, regime)),
    }));
    return [
      {
        title: 'What a validator earns by trading on what it sees',
        caption:
          'USDC a height against the fair price, after fees, mean over the seeds. With sealed orders it earns what anybody earns who offers liquidity unseen.',
        spec: lineSpec({
          rows: lines,
          x: { field: 'budgetLots', title: 'lots it may trade a height' },
          y: { field: 'profit', title: 'USDC a height' },
          series: { field: 'regime', title: '', order: REGIMES },
        }),
      },
      {
        title: 'Who pays',
        caption:
          'Means over budgets and seeds, USDC a height. Below zero: the attacker’s order brought victims more than it took.',
        spec: barSpec({
          rows: [...gains, ...losses],
          x: { field: 'regime', title: '', order: REGIMES },
          y: { field: 'value', title: 'USDC a height' },
          series: { field: 'what', title: '', order: ['attacker earns', 'victims lose'] },
        }),
      },
    ];
  },
});
