import { lineSpec } from './charts.ts';
import { allOf, between, defineExperiment, type Measured, planted, type RunContext } from './define.ts';
import { measurePrices } from './measure-prices.ts';
import { priceOf } from './prices.ts';
import { BATCH, type CircuitSize, countConstraints, domainOf, proofPriceName } from './proof-costs.ts';
import { groupBy } from './statistics.ts';

interface Point extends CircuitSize {
  readonly system: 'groth16' | 'plonk';
  /** Whether it is a circuit with registered keys: of these the price table has times. */
  readonly proves: boolean;
  readonly [column: string]: string | number | boolean;
}
const WORKS = ['witness', 'prove', 'verify', 'batch'] as const;
type Work = (typeof WORKS)[number];
type TimeColumn = `${Work}${'Q1' | '' | 'Q3'}Ms`;
type Times = Readonly<Record<TimeColumn, number | null>>;
interface Found extends Times {
  readonly constraints: number;
  readonly domain: number;
  readonly [column: string]: number | null;
}

/**
 * Constraints of others, compiled with circom 2.2.3 at O2 from their published sources: Semaphore v4 (semaphore-protocol/semaphore),
 * RLN (Rate-Limiting-Nullifier/circom-rln), Tornado Cash withdraw (tornadocash/tornado-core); and their public signals.
 */
const PUBLISHED = [
  { what: 'Semaphore v4, depth 10', seats: 10, constraints: 3971, publicSignals: 4 },
  { what: 'Semaphore v4, depth 20', seats: 20, constraints: 6431, publicSignals: 4 },
  { what: 'RLN, depth 10', seats: 10, constraints: 3390, publicSignals: 5 },
  { what: 'RLN, depth 20', seats: 20, constraints: 5820, publicSignals: 5 },
  { what: 'Tornado withdraw, depth 20', seats: 20, constraints: 28_275, publicSignals: 6 },
] as const;
const published = (what: (typeof PUBLISHED)[number]['what']): { constraints: number; domain: number } => {
  const { constraints, publicSignals } = PUBLISHED.find((row) => row.what === what)!;
  return { constraints, domain: domainOf(constraints, publicSignals) };
};

const PRICE_OF = { witness: 'witness', prove: 'prove', verify: 'verify', batch: `verify ${BATCH}` } as const;

function timesOf({ circuit, proves }: Point, measured: Measured): Times {
  const columns = WORKS.flatMap((work): [TimeColumn, number | null][] => {
    if (!proves)
      return [
        [`${work}Q1Ms`, null],
        [`${work}Ms`, null],
        [`${work}Q3Ms`, null],
      ];
    const { q1, median, q3 } = priceOf(measured, proofPriceName(PRICE_OF[work], circuit as 'ballot'));
    return [
      [`${work}Q1Ms`, q1],
      [`${work}Ms`, median],
      [`${work}Q3Ms`, q3],
    ];
  });
  return Object.fromEntries(columns) as Times;
}

const run = async (point: Point, _seed: number, { measured }: RunContext): Promise<Found[]> => [
  { ...(await countConstraints(point, point.system === 'plonk' ? 'O1' : 'O2')), ...timesOf(point, measured) },
];

const size = (
  circuit: Point['circuit'],
  depth: number,
  orders: number,
  system: Point['system'] = 'groth16',
  proves = false,
): Point => ({
  circuit,
  depth,
  orders,
  system,
  proves,
});
const REGISTERED: readonly Point[] = [
  size('ballot', 4, 0, 'groth16', true),
  size('orders', 10, 4, 'groth16', true),
  size('account', 0, 0, 'groth16', true),
];
const gridOf = (
  ballotDepths: readonly number[],
  noteDepths: readonly number[],
  orders: readonly number[],
  poolDepths: readonly number[],
): Point[] => [
  ...REGISTERED,
  size('account', 0, 0, 'plonk'),
  ...ballotDepths.map((depth) => size('ballot', depth, 0)),
  ...noteDepths.map((depth) => size('orders', depth, 4)),
  ...orders.map((count) => size('orders', 10, count)),
  ...poolDepths.flatMap((depth) => [size('note pool', depth, 0), size('amount pool', depth, 0)]),
];

type All = Point & Found & { readonly seed: number };
const of = (rows: readonly All[], circuit: Point['circuit'], system: Point['system'] = 'groth16'): All[] =>
  rows.filter((row) => row.circuit === circuit && row.system === system);
const only = (rows: readonly All[], circuit: Point['circuit'], depth: number, orders = 0): All | undefined =>
  of(rows, circuit).find((row) => row.depth === depth && row.orders === orders);
/** What each step adds, along a column. */
const steps = (rows: readonly All[], column: 'depth' | 'orders'): number[] => {
  const sorted = [...new Map(rows.map((row) => [row[column], row])).values()].sort(
    (a, b) => a[column] - b[column],
  );
  return sorted
    .slice(1)
    .map((row, i) => (row.constraints - sorted[i]!.constraints) / (row[column] - sorted[i]![column]));
};

const POOL_DEPTHS = [16, 20, 24];
const LABELS = {
  witness: 'witness',
  prove: 'proof',
  verify: 'verify',
  batch: `verify in a batch of ${BATCH}, each`,
} as const satisfies Record<Work, string>;

/** Each two of different domains, the smaller one first. */
const pairsOf = (rows: readonly All[]): (readonly [All, All])[] =>
  rows.flatMap((small) =>
    rows.filter(({ domain }) => domain > small.domain).map((large) => [small, large] as const),
  );

export const proofCost = defineExperiment<Point, Found>({
  id: 'e8-proof-cost',
  title: 'What proofs cost',
  question:
    'How do constraints, domains and times of the three statements grow with tree depth and orders, beside Semaphore, RLN, Tornado and pools of today’s hashes?',
  method:
    'The project’s circuits compiled at other depths and numbers of orders (circom, O2; words of missing orders are 0), their constraints counted from the r1cs. The domain is the power of two of constraints, public signals and one: ' +
    'a proof’s Fourier transforms work on all of it, so that its time rises in steps. Others’ constraints are of their published sources at O2, which hash by MiMC and Pedersen (Tornado) or Poseidon (Semaphore, RLN). ' +
    'Pools of today’s hashes are written here for their size only: Tornado’s withdrawal with Poseidon throughout (note pool), and a withdrawal of a free amount with change whose deposit is vouched for by a second tree (amount pool). ' +
    'They are compared with a batch of orders, which hides more than they do (orders, a reserve, a seal) and less (the fee is public), so that it is a comparison of sizes, not of like things. A Merkle level of ours has four children: depth d holds 4^d leaves, theirs 2^d. ' +
    `Times are of the registered circuits with their keys and are read from the price table that e7 and the README read as well: at least 30 timings by processor time on one thread, warm, proving with its own check of the proof; witness, proof, verification of one, and of each in a batch of ${BATCH}; medians with quartiles. ` +
    'A verdict on times that is not the same at both quartiles is not decided. PLONK, for study: constraints at O1 only.',
  earlier:
    'Before, times were the fastest of three calls, by a measurement of their own beside e7’s (a ballot’s proof was 543 ms in one table and 753 ms in the other, and which of them was used changed a verdict), and with one timing each the verdict on batches was not decided. Tornado’s hashes of 2019 alone stood beside the orders, of which its withdrawal takes 3.6 times the constraints; with Poseidon it takes 5,317 and the orders 7,884. ' +
    'A trial at depth 20 showed these sizes before the hypotheses on pools were written, which therefore state what was seen and predict depths 16 and 24 only. It also showed that an account’s proof takes as long as a ballot’s, whose domain is twice as large, so that a sentence that a larger domain takes longer was given up for one that says how much slower than the domain proving grows. Times of PLONK needed keys that nobody has without a powers-of-tau file, and are left to `velum bench proofs`.',
  hypotheses: [
    {
      text: 'The ballot with 2^10 seats and a slashing share takes fewer constraints than Semaphore v4 and than RLN at depth 10, and no larger domain.',
      isExact: true,
      held: (rows) => {
        const ballot = only(rows, 'ballot', 5);
        return (
          ballot &&
          [published('RLN, depth 10'), published('Semaphore v4, depth 10')].every(
            ({ constraints, domain }) => ballot.constraints < constraints && ballot.domain <= domain,
          )
        );
      },
    },
    {
      text: 'Four sealed orders out of 2^20 notes take less than a third of the constraints of Tornado’s withdrawal at depth 20, and a quarter of its domain.',
      isExact: true,
      held: (rows) => {
        const orders = only(rows, 'orders', 10, 4);
        const tornado = published('Tornado withdraw, depth 20');
        return orders && orders.constraints < tornado.constraints / 3 && orders.domain * 4 === tornado.domain;
      },
    },
    {
      text: 'With Poseidon a pool of notes of the same depth takes fewer constraints than four sealed orders, and the same domain; a pool of amounts takes more of both (2^16, 2^20 and 2^24 leaves).',
      isExact: true,
      held: (rows) =>
        allOf(
          rows
            .filter(({ circuit }) => circuit === 'note pool')
            .map((notes) => {
              const orders = only(rows, 'orders', notes.depth / 2, 4);
              const amounts = only(rows, 'amount pool', notes.depth);
              return (
                orders !== undefined &&
                amounts !== undefined &&
                notes.constraints < orders.constraints &&
                notes.domain === orders.domain &&
                amounts.constraints > orders.constraints &&
                amounts.domain > orders.domain
              );
            }),
        ),
    },
    {
      text: 'Constraints are linear in depth (300 ± 10 a level) and in orders (107 ± 10 an order).',
      isExact: true,
      held: (rows) => {
        const levels = [
          ...steps(of(rows, 'ballot'), 'depth'),
          ...steps(
            of(rows, 'orders').filter((row) => row.orders === 4),
            'depth',
          ),
        ];
        const orders = steps(
          of(rows, 'orders').filter((row) => row.depth === 10),
          'orders',
        );
        return (
          levels.every((step) => Math.abs(step - 300) <= 10) &&
          orders.every((step) => Math.abs(step - 107) <= 10)
        );
      },
    },
    {
      text: 'Proving grows slower than the domain: of any two registered circuits the one with the larger domain takes fewer times as long than its domain is larger.',
      isTimed: true,
      isExact: true,
      held: (rows) =>
        allOf(
          pairsOf(rows.filter(({ proves }) => proves)).map(([small, large]) => {
            const ratio = large.domain / small.domain;
            const least = large.proveQ1Ms! / small.proveQ3Ms!;
            const most = large.proveQ3Ms! / small.proveQ1Ms!;
            return between(least, most, 0, ratio);
          }),
        ),
    },
    {
      text: `In a batch of ${BATCH} a proof is verified in at most a third of the time of one alone, for every statement.`,
      isTimed: true,
      isExact: true,
      held: (rows) =>
        allOf(
          rows
            .filter(({ proves }) => proves)
            .map(({ verifyQ1Ms, verifyQ3Ms, batchQ1Ms, batchQ3Ms }) =>
              between(batchQ1Ms! / verifyQ3Ms!, batchQ3Ms! / verifyQ1Ms!, 0, 1 / 3),
            ),
        ),
    },
    {
      text: 'The account statement, which has no tree, costs the same at every depth asked for.',
      isControl: true,
      breaks: (rows) =>
        planted(
          rows,
          (row) => row.depth > 0,
          (row) => ({ constraints: row.constraints + 1 }),
        ),
      isExact: true,
      held: (rows) => new Set(of(rows, 'account').map(({ constraints }) => constraints)).size === 1,
    },
  ],
  grid: gridOf([2, 3, 5, 6, 8, 10], [5, 8, 12, 15], [1, 2, 3], POOL_DEPTHS).concat(
    size('account', 10, 0),
    size('ballot', 4, 0, 'plonk'),
  ),
  quickGrid: gridOf([5], [5], [], []).concat(size('account', 10, 0)),
  seeds: 1,
  quickSeeds: 1,
  columns: {
    circuit: { unit: 'category', meaning: 'S1 ballot, S2 orders, S3 account; pools of others with Poseidon' },
    depth: {
      unit: 'count',
      meaning: 'levels of the Merkle tree, four children each, in pools two; 0 without a tree',
    },
    orders: { unit: 'count', meaning: 'orders of a batch; 0 without' },
    system: { unit: 'category', meaning: 'proof system' },
    proves: { unit: 'truth value', meaning: 'whether it has registered keys, and times' },
    constraints: { unit: 'count', meaning: 'constraints: O2 for Groth16, O1 for PLONK' },
    domain: { unit: 'count', meaning: 'size of the Fourier transforms of a proof by Groth16' },
    ...(Object.fromEntries(
      WORKS.flatMap((work) => [
        [`${work}Q1Ms`, { unit: 'ms', meaning: `${LABELS[work]}, lower quartile` }],
        [`${work}Ms`, { unit: 'ms', meaning: `${LABELS[work]}, median` }],
        [`${work}Q3Ms`, { unit: 'ms', meaning: `${LABELS[work]}, upper quartile` }],
      ]),
    ) as Record<TimeColumn, { unit: string; meaning: string }>),
  },
  timed: WORKS.flatMap((work): TimeColumn[] => [`${work}Q1Ms`, `${work}Ms`, `${work}Q3Ms`]),
  isFixed: () => true,
  measuresAs: 'prices',
  measure: measurePrices,
  run,
  charts: (rows) => {
    const sizes = (column: 'constraints' | 'domain') => ({
      ours: groupBy(
        rows.filter(
          (row) =>
            row.system === 'groth16' &&
            (row.circuit === 'ballot' || (row.circuit === 'orders' && row.orders === 4)),
        ),
        ['circuit', 'depth'],
      )
        .map(([row]) => ({ what: `ours, ${row!.circuit}`, leaves: 2 * row!.depth, value: row![column] }))
        .sort((a, b) => a.leaves - b.leaves),
      others: [
        ...PUBLISHED.map(({ what, seats }) => ({
          what: what.replace(/, depth.*/, ''),
          leaves: seats,
          value: published(what)[column],
        })),
        ...rows
          .filter(({ circuit }) => circuit.endsWith('pool'))
          .map((row) => ({ what: `${row.circuit}, Poseidon`, leaves: row.depth, value: row[column] })),
      ],
    });
    const times = rows
      .filter(({ proves }) => proves)
      .flatMap((row) =>
        WORKS.map((work) => ({
          which: row.circuit,
          what: LABELS[work],
          value: row[`${work}Ms`],
          low: row[`${work}Q1Ms`],
          high: row[`${work}Q3Ms`],
        })),
      );
    const bySize = (column: 'constraints' | 'domain', title: string, caption: string) => {
      const { ours, others } = sizes(column);
      return {
        title,
        caption,
        spec: lineSpec({
          rows: ours,
          overlay: others,
          x: { field: 'leaves', title: 'log2 of the leaves' },
          y: { field: 'value', title: column, log: true, format: '~s' },
          series: { field: 'what', title: '' },
        }),
      };
    };
    return [
      bySize(
        'constraints',
        'Constraints by the size of the tree',
        'At O2, by the power of two of leaves. Ours have four children a level and need no position; published circuits as compiled from their sources, pools of today’s hash as written for this comparison.',
      ),
      bySize(
        'domain',
        'Domains by the size of the tree',
        'The power of two on which a proof’s Fourier transforms work: what decides how long it takes.',
      ),
      {
        title: 'Times of the registered circuits',
        caption: 'Processor milliseconds, one thread: medians of the price table with quartiles.',
        spec: lineSpec({
          rows: [],
          overlay: times,
          x: { field: 'which', title: '', order: [...new Set(times.map(({ which }) => which))] },
          y: { field: 'value', title: 'ms', log: true, format: '~s' },
          series: { field: 'what', title: '', order: Object.values(LABELS) },
        }),
      },
    ];
  },
});
