import type { Chart } from '../../experiments/charts.ts';
import { lineSpec } from '../../experiments/charts.ts';
import type { Column } from '../../experiments/define.ts';
import type { LoadRow } from './row.ts';

/** The data dictionary. All columns but the first four are measured. */
export const LOAD_COLUMNS: Readonly<Record<string, Column>> = {
  protocol: {
    unit: 'category',
    meaning:
      'first-hand and bkr: common subsets, every validator proposes; pbft and hotstuff: one leader does',
  },
  n: { unit: 'count', meaning: 'validators, a process each' },
  batch: { unit: 'transactions', meaning: 'under way at once, of 250 bytes each' },
  heightsAtOnce: {
    unit: 'count',
    meaning: 'heights that a batch is spread over, as a proposal has 64 KiB at most',
  },
  outcome: {
    unit: 'category',
    meaning:
      'measured; timed out: too little came out in time; failed: something that no correct committee does',
  },
  note: { unit: 'category', meaning: 'why there are no figures' },
  transactionsPerS: { unit: 'transactions/s', meaning: 'that n − f validators have put out' },
  latencyMs: {
    unit: 'ms',
    meaning: 'mean over heights, from the first proposal until n − f validators have put the height out',
  },
  latencyP95Ms: { unit: 'ms', meaning: 'the same, 95th percentile' },
  orderedShare: { unit: 'share', meaning: 'of the proposed transactions that came out' },
  heights: { unit: 'count', meaning: 'that were measured' },
  seconds: { unit: 's', meaning: 'that they took' },
  coresUsed: { unit: 'cores', meaning: 'processor time of all validators by the clock' },
  coresBusy: { unit: 'cores', meaning: 'the same of the whole machine, whoever had it' },
  limit: {
    unit: 'category',
    meaning:
      'processor: the validators took 85 % of all cores or more; others: they and other programs together did, so the figures say little; links: less, so they waited for each other',
  },
  bytesPerTransaction: {
    unit: 'bytes',
    meaning: 'that all validators sent, of units on streams, without what TLS and TCP add',
  },
  coins: {
    unit: 'count',
    meaning: 'shares of common coins that were asked for in the whole run: they are oracles here',
  },
  timeouts: {
    unit: 'count',
    meaning: 'of leaders that were given up in the whole run, by one validator each',
  },
  peakMB: { unit: 'MB', meaning: 'resident memory of the largest process' },
};

/** Throughput against latency, a chart for each size: a line for each protocol, along growing batches. */
export function loadCharts(rows: readonly LoadRow[], delay: string): readonly Chart[] {
  const measured = rows.filter(({ outcome }) => outcome === 'measured');
  return [...new Set(measured.map(({ n }) => n))].map((size) => ({
    title: `Throughput against latency, n = ${size}`,
    caption: `Batches grow along each line (latencies: ${delay}).`,
    spec: lineSpec({
      rows: measured.filter(({ n }) => n === size),
      x: { field: 'transactionsPerS', title: 'transactions of 250 bytes a second', log: true, format: '~s' },
      y: { field: 'latencyMs', title: 'latency, ms', log: true },
      series: { field: 'protocol', title: 'protocol' },
    }),
  }));
}
