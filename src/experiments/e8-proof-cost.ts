import { lineSpec } from './charts.ts';
import { defineExperiment, planted } from './define.ts';
import { type CircuitSize, countConstraints, groth16Times, plonkTimes } from './proof-costs.ts';
import { groupBy, mean } from './statistics.ts';

interface Point extends CircuitSize {
  readonly system: 'groth16' | 'plonk';
  /** Whether the registered circuit's keys prove as well. */
  readonly proves: boolean;
  readonly [column: string]: string | number | boolean;
}
interface Found {
  readonly constraints: number;
  readonly proofBytes: number | null;
  readonly witnessMs: number | null;
  readonly proveMs: number | null;
  readonly verifyMs: number | null;
  readonly batchVerifyMs: number | null;
  readonly [column: string]: number | null;
}

/**
 * Constraints of others, compiled with circom 2.2.3 at O2 from their published sources: Semaphore v4 (semaphore-protocol/semaphore),
 * RLN (Rate-Limiting-Nullifier/circom-rln), Tornado Cash withdraw (tornadocash/tornado-core).
 */
const PUBLISHED = [
  { what: 'Semaphore v4, depth 10', seats: 10, constraints: 3971 },
  { what: 'Semaphore v4, depth 20', seats: 20, constraints: 6431 },
  { what: 'RLN, depth 10', seats: 10, constraints: 3390 },
  { what: 'RLN, depth 20', seats: 20, constraints: 5820 },
  { what: 'Tornado withdraw, depth 20', seats: 20, constraints: 28_275 },
] as const;
const published = (what: (typeof PUBLISHED)[number]['what']): number =>
  PUBLISHED.find((row) => row.what === what)!.constraints;

const RUNS = 3;

async function run(point: Point): Promise<Found[]> {
  const constraints = await countConstraints(point, point.system === 'plonk' ? 'O1' : 'O2');
  const times = !point.proves
    ? undefined
    : await (point.system === 'plonk' ? plonkTimes(point.circuit, RUNS) : groth16Times(point.circuit, RUNS));
  const {
    proofBytes = null,
    witnessMs = null,
    proveMs = null,
    verifyMs = null,
    batchVerifyMs = null,
  } = times ?? {};
  return [{ constraints, proofBytes, witnessMs, proveMs, verifyMs, batchVerifyMs }];
}

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
): Point[] => [
  ...REGISTERED,
  size('account', 0, 0, 'plonk', true),
  ...ballotDepths.map((depth) => size('ballot', depth, 0)),
  ...noteDepths.map((depth) => size('orders', depth, 4)),
  ...orders.map((count) => size('orders', 10, count)),
];

type All = Point & Found & { readonly seed: number };
const of = (rows: readonly All[], circuit: Point['circuit'], system: Point['system'] = 'groth16'): All[] =>
  rows.filter((row) => row.circuit === circuit && row.system === system);
const constraintsOf = (
  rows: readonly All[],
  circuit: Point['circuit'],
  depth: number,
  orders: number,
): number =>
  of(rows, circuit).find((row) => row.depth === depth && row.orders === orders)?.constraints ?? Number.NaN;
/** What each step adds, along a column. */
const steps = (rows: readonly All[], column: 'depth' | 'orders'): number[] => {
  const sorted = [...new Map(rows.map((row) => [row[column], row])).values()].sort(
    (a, b) => a[column] - b[column],
  );
  return sorted
    .slice(1)
    .map((row, i) => (row.constraints - sorted[i]!.constraints) / (row[column] - sorted[i]![column]));
};

export const proofCost = defineExperiment<Point, Found>({
  id: 'e8-proof-cost',
  title: 'What proofs cost',
  question:
    'How do constraints and times of the three statements grow with tree depth and orders, beside Semaphore, RLN and Tornado, and with PLONK?',
  method:
    'The project’s circuits compiled at other depths and numbers of orders (circom, O2; words of missing orders are 0), their constraints counted from the r1cs. Witness, proof, verification and ' +
    'a batch of 64 are timed for the registered circuits with their keys: processor time of the fastest call on this machine, warm, proving with its own check of the proof. PLONK, for study: constraints at O1, times if keys ' +
    'were made with `velum keys setup account|ballot --protocol plonk --ptau FILE`. Others’ constraints are of their published sources at O2. A Merkle level of ours has four children: depth d ' +
    'holds 4^d leaves, theirs 2^d.',
  hypotheses: [
    {
      text: 'The ballot with 2^10 seats and a slashing share takes less than Semaphore v4 and than RLN at depth 10.',
      isExact: true,
      held: (rows) =>
        constraintsOf(rows, 'ballot', 5, 0) < published('RLN, depth 10') &&
        constraintsOf(rows, 'ballot', 5, 0) < published('Semaphore v4, depth 10'),
    },
    {
      text: 'Four sealed orders out of 2^20 notes take less than a third of Tornado’s withdrawal at depth 20.',
      isExact: true,
      held: (rows) => constraintsOf(rows, 'orders', 10, 4) < published('Tornado withdraw, depth 20') / 3,
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
      text: 'In a batch of 64 a proof is verified in at most a third of the time of one alone, for every statement.',
      isTimed: true,
      held: (rows) =>
        rows
          .filter(({ batchVerifyMs }) => batchVerifyMs !== null)
          .every(({ batchVerifyMs, verifyMs }) => batchVerifyMs! <= verifyMs! / 3),
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
  grid: gridOf([2, 3, 5, 6, 8, 10], [5, 8, 12, 15], [1, 2, 3]).concat(
    size('account', 10, 0),
    size('ballot', 4, 0, 'plonk', true),
  ),
  quickGrid: gridOf([5], [5], []).concat(size('account', 10, 0)),
  seeds: 1,
  quickSeeds: 1,
  columns: {
    circuit: { unit: 'category', meaning: 'S1 ballot, S2 orders, S3 account' },
    depth: { unit: 'count', meaning: 'levels of the Merkle tree, four children each; 0 without a tree' },
    orders: { unit: 'count', meaning: 'orders of a batch; 0 without' },
    system: { unit: 'category', meaning: 'proof system' },
    proves: { unit: 'truth value', meaning: 'whether times are measured, with the registered keys' },
    constraints: { unit: 'count', meaning: 'constraints: O2 for Groth16, O1 for PLONK' },
    proofBytes: { unit: 'bytes', meaning: 'bytes of a proof, uncompressed' },
    witnessMs: { unit: 'ms', meaning: 'witness' },
    proveMs: { unit: 'ms', meaning: 'proof with warm keys' },
    verifyMs: { unit: 'ms', meaning: 'verification of one' },
    batchVerifyMs: { unit: 'ms', meaning: 'verification in a batch of 64, ms a proof' },
  },
  timed: ['proofBytes', 'witnessMs', 'proveMs', 'verifyMs', 'batchVerifyMs'],
  isFixed: () => true,
  run,
  charts: (rows) => {
    const trees = groupBy(
      rows.filter(
        (row) =>
          row.system === 'groth16' &&
          (row.circuit === 'ballot' || (row.circuit === 'orders' && row.orders === 4)),
      ),
      ['circuit', 'depth'],
    )
      .map((group) => ({
        what: `ours, ${group[0]!.circuit}`,
        leaves: 2 * group[0]!.depth,
        constraints: group[0]!.constraints,
      }))
      .sort((a, b) => a.leaves - b.leaves);
    const others = PUBLISHED.map(({ what, seats, constraints }) => ({
      what: what.replace(/, depth.*/, ''),
      leaves: seats,
      constraints,
    }));
    const times = groupBy(
      rows.filter(({ proveMs }) => proveMs !== null),
      ['circuit', 'system'],
    ).flatMap((group) => {
      const which = `${group[0]!.circuit}, ${group[0]!.system}`;
      return (['witnessMs', 'proveMs', 'verifyMs', 'batchVerifyMs'] as const).flatMap((column) => {
        const values = group.map((row) => row[column]).filter((value) => value !== null);
        return values.length === 0 ? [] : [{ which, what: LABELS[column], ms: mean(values) }];
      });
    });
    return [
      {
        title: 'Constraints by the size of the tree',
        caption:
          'At O2, by the power of two of leaves. Ours have four children a level and need no position; published circuits as compiled from their sources.',
        spec: lineSpec({
          rows: trees,
          overlay: others,
          x: { field: 'leaves', title: 'log2 of the leaves' },
          y: { field: 'constraints', title: 'constraints', log: true, format: '~s' },
          series: { field: 'what', title: '' },
        }),
      },
      {
        title: 'Times of the registered circuits',
        caption: 'Processor milliseconds on the machine named below.',
        spec: lineSpec({
          rows: [],
          overlay: times,
          x: { field: 'which', title: '', order: [...new Set(times.map(({ which }) => which))] },
          y: { field: 'ms', title: 'ms', log: true, format: '~s' },
          series: { field: 'what', title: '', order: Object.values(LABELS) },
        }),
      },
    ];
  },
});

const LABELS = {
  witnessMs: 'witness',
  proveMs: 'proof',
  verifyMs: 'verify',
  batchVerifyMs: 'verify in a batch of 64, each',
} as const;
