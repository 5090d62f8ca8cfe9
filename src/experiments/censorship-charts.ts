import { quorumOf } from '../params/quorum.ts';
import { type CensorshipFound, type CensorshipPoint, END_S, HOLDS, TRADERS } from './censorship-runs.ts';
import { barSpec, type Chart, lineSpec } from './charts.ts';
import { meanPoints } from './mean-points.ts';

export type All = CensorshipPoint & CensorshipFound & { readonly seed: number };
export const isTimed = ({ part }: All): boolean => part === 'in time';
const nameOf = ({ protocol, lists, requestDelays, censor }: All): string => {
  if (protocol === 'acs') return lists === 'held' ? 'acs, no announcements' : 'acs';
  if (protocol === 'pbft, leaders in turn') return 'pbft in turn';
  const timer = requestDelays === null ? 'no request timers' : `requests ${requestDelays} delays`;
  return `pbft stable, ${timer}${censor === 'is slow' ? ', slow censors' : ''}`;
};

export function censorshipCharts(rows: readonly All[]): Chart[] {
  const size = Math.max(...rows.filter(isTimed).map(({ n }) => n));
  const held = rows.filter(
    (row) =>
      isTimed(row) &&
      row.n === size &&
      row.censors > 0 &&
      row.censor === 'leaves out' &&
      row.holders === quorumOf(row.n).f + 1,
  );
  const columns = ['protocol', 'lists', 'requestDelays', 'hold'] as const;
  const place = (row: All) => ({ what: nameOf(row), hold: row.hold });
  const x = { field: 'hold', title: 'no message is held longer than', order: HOLDS } as const;
  const series = { field: 'what', title: '' };
  const halts = rows
    .filter((row) => row.part === 'variants' && row.trader !== 'none')
    .map(({ lists, censors, n, trader, emptyHeights }) => ({
      what: `${lists}, n = ${n}${censors === 0 ? ', no liars' : ''}`,
      trader,
      share: emptyHeights,
    }));
  return [
    {
      title: `Seconds that a batch waits at most, n = ${size}`,
      caption:
        'The longest wait of a run, mean over seeds, f censors and f + 1 correct validators that have a batch first. Runs in which a batch is never in have no point.',
      spec: lineSpec({
        rows: meanPoints(held, columns, ({ longestWaitS }) => longestWaitS, place),
        x,
        y: { field: 'value', title: 'seconds', log: true },
        series,
      }),
    },
    {
      title: `Batches that are in no height of the run, n = ${size}`,
      caption: `Of ${END_S} s. Without a bound both protocols keep them out; without the announce rule the common subset does not.`,
      spec: barSpec({
        rows: meanPoints(held, columns, ({ neverIn }) => neverIn, place),
        x,
        y: { field: 'value', title: 'share of batches', format: '%', domain: [0, 1] },
        series,
      }),
    },
    {
      title: 'Heights that include nothing while a trader shows each validator other variants of 64 batches',
      caption:
        'Share of twelve heights; f validators that lie, or none. All is empty: the ledger is halted, and the trader has paid no fee. No seed changes it.',
      spec: barSpec({
        rows: halts,
        x: { field: 'trader', title: '', order: TRADERS.slice(1) },
        y: { field: 'share', title: 'share of heights', format: '%', domain: [0, 1] },
        series: { field: 'what', title: 'may be listed' },
      }),
    },
  ];
}
