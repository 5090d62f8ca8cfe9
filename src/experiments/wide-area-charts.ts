import { barSpec, type Chart, lineSpec } from './charts.ts';
import { meanPoints } from './mean-points.ts';
import type { WideAreaRow } from './wide-area.ts';

/** The time-out of a view that a picture is of, where there is one. */
const SHOWN_MS = 1000;
const nameOf = ({ protocol, leaders }: WideAreaRow): string =>
  leaders === 'none' ? protocol : `${protocol} ${leaders}`;

/** Times, bytes and what is given up for them, as pictures. */
export function wideAreaCharts(rows: readonly WideAreaRow[]): Chart[] {
  const shown = rows.filter(({ timeoutMs }) => timeoutMs === null || timeoutMs === SHOWN_MS);
  const names = [...new Set(shown.map(nameOf))];
  /** As many as there are colours: times over AVID are those over digest. */
  const order = names.filter((name) => name !== 'bkr over avid');
  const largest = Math.max(...rows.filter(({ situation }) => situation === 'attack').map(({ n }) => n));
  const byN = (
    situation: WideAreaRow['situation'],
    measure: (row: WideAreaRow) => number | null,
    of: readonly string[] = order,
  ) =>
    meanPoints(
      shown.filter((row) => row.situation === situation && of.includes(nameOf(row))),
      ['protocol', 'leaders', 'n'],
      measure,
      (row) => ({ what: nameOf(row), n: row.n }),
    );
  const gaps = meanPoints(
    shown.filter((row) => row.n === largest && row.attacker !== 'others' && order.includes(nameOf(row))),
    ['protocol', 'leaders', 'situation', 'attacker'],
    ({ gapMs }) => gapMs / 1000,
    (row) => ({
      what: nameOf(row),
      when: row.attacker === 'none' ? row.situation : `${row.attacker} held`,
    }),
  );
  const clocks = meanPoints(
    rows.filter(
      (row) =>
        row.n === largest &&
        row.leaders === 'stable' &&
        (row.situation === 'f crashed' || row.attacker === 'leaders'),
    ),
    ['protocol', 'situation', 'timeoutMs'],
    ({ gapMs }) => gapMs / 1000,
    (row) => ({
      what: `${row.protocol}, ${row.situation === 'attack' ? 'leaders held' : 'f crashed'}`,
      timeout: `${row.timeoutMs! / 1000} s`,
    }),
  );
  const withAvid = names.filter((name) => name !== 'pbft in turn');
  const x = { field: 'n', title: 'validators' };
  const series = { field: 'what', title: '', order };
  const ms = { field: 'value', title: 'ms' };
  return [
    {
      title: 'A height over wide-area links, all correct',
      caption:
        'Until n − f validators have it; every seed draws another committee of ten cloud regions. bkr takes as long over AVID, which is left out.',
      spec: lineSpec({
        rows: byN('calm', ({ heightMs }) => heightMs),
        x,
        y: ms,
        series,
      }),
    },
    {
      title: 'A height over wide-area links, f crashed',
      caption:
        'The first height is not counted, in which a stable leader is found. Leaders in turn meet the dead ones again in every turn.',
      spec: lineSpec({
        rows: byN('f crashed', ({ heightMs }) => heightMs),
        x,
        y: ms,
        series,
      }),
    },
    {
      title: `Longest time without a commit, n = ${largest}`,
      caption: `Seconds, time-outs of a second. While validators are held no message is held longer than two seconds; the attack lasts ten.`,
      spec: barSpec({
        rows: gaps,
        x: {
          field: 'when',
          title: '',
          order: ['calm', 'f crashed', 'in turn held', 'the same held', 'leaders held'],
        },
        y: { field: 'value', title: 'seconds' },
        series,
      }),
    },
    {
      title: `Longest time without a commit by the time-out, n = ${largest}`,
      caption:
        'Stable leaders. A long time-out is a long wait for a leader that crashed, and a short one gives up leaders that are only late; protocols without a leader have no such number.',
      spec: barSpec({
        rows: clocks,
        x: { field: 'timeout', title: 'time-out', order: ['0.25 s', '1 s', '4 s'] },
        y: { field: 'value', title: 'seconds' },
        series: { field: 'what', title: '' },
      }),
    },
    {
      title: 'Bytes received for each proposal of 4 KiB that is ordered',
      caption: 'All correct, a validator. PBFT and HotStuff order one proposal a height.',
      spec: lineSpec({
        rows: byN('calm', ({ bytesPerProposal }) => bytesPerProposal, withAvid),
        x,
        y: { field: 'value', title: 'bytes', format: '~s' },
        series: { ...series, order: withAvid },
      }),
    },
    {
      title: 'The validator that is included least',
      caption:
        'All correct: share of heights with its proposal. Stable leaders propose alone, leaders in turn once in a turn; they may order what others hand them.',
      spec: lineSpec({
        rows: byN('calm', ({ leastIncluded }) => leastIncluded),
        x,
        y: { field: 'value', title: 'share of heights', format: '%' },
        series,
      }),
    },
  ];
}
