import { barSpec, type Chart, lineSpec } from './charts.ts';
import {
  acs,
  COLUMNS,
  DEPTH,
  isIn,
  isSingle,
  LIVENESS_FIELD,
  LIVENESS_VARIANTS,
  type LivenessRow,
  nameOf,
  stable,
} from './liveness-grid.ts';
import { LIVENESS_HOLDS } from './liveness-run.ts';
import { meanPoints } from './mean-points.ts';

/** Rates and gaps under attack, as pictures. */
export function livenessCharts(rows: readonly LivenessRow[]): Chart[] {
  const calm = new Map(
    rows.filter(isIn('calm')).map((row) => [`${nameOf(row)} ${row.n} ${row.seed}`, row.heightsPerS]),
  );
  const order = LIVENESS_VARIANTS.map(nameOf);
  const largest = Math.max(...rows.map(({ n }) => n));
  const heldOnes = rows.filter((row) => isIn('held')(row) && row.n === largest && !isSingle(row));
  const held = heldOnes.filter((row) => order.includes(nameOf(row)));
  const beside = [acs(DEPTH), stable(20, DEPTH), ...LIVENESS_FIELD].map(nameOf);
  const kept = meanPoints(
    held,
    [...COLUMNS, 'hold'],
    (row) => row.heightsPerS / calm.get(`${nameOf(row)} ${row.n} ${row.seed}`)!,
    (row) => ({ what: nameOf(row), hold: row.hold }),
  );
  const rates = meanPoints(
    held,
    [...COLUMNS, 'hold'],
    ({ heightsPerS }) => heightsPerS,
    (row) => ({ what: nameOf(row), hold: row.hold }),
  );
  const gaps = meanPoints(
    rows.filter((row) => isIn('f crashed')(row) && order.includes(nameOf(row))),
    [...COLUMNS, 'n'],
    ({ longestGapMs }) => longestGapMs / 1000,
    (row) => ({ what: nameOf(row), n: row.n }),
  );
  const x = { field: 'hold', title: 'no message is held longer than', order: LIVENESS_HOLDS };
  const series = { field: 'what', title: '', order };
  return [
    {
      title: `Heights a second while f validators are held, n = ${largest}`,
      caption: `By the bound of the adversary, which is the same for all; × ${DEPTH} is a pipeline of so many heights. Without a bound it stops PBFT for as long as it likes; the common subset loses what f slower validators cost.`,
      spec: lineSpec({ rows: rates, x, y: { field: 'value', title: 'heights a second' }, series }),
    },
    {
      title: `Share of the calm rate that is kept, n = ${largest}`,
      caption: 'Of each protocol’s own rate in calm, seed by seed.',
      spec: lineSpec({
        rows: kept,
        x,
        y: { field: 'value', title: 'share of the calm rate', format: '%' },
        series,
      }),
    },
    {
      title: 'Longest time without a commit, f crashed',
      caption:
        'Seconds. Where leaders take turns each dead one costs its time-out again; a stable leader is found once.',
      spec: barSpec({
        rows: gaps,
        x: { field: 'n', title: 'validators', order: [4, 7, 10] },
        y: { field: 'value', title: 'seconds' },
        series,
      }),
    },
    {
      title: `Heights a second beside what others propose, n = ${largest}`,
      caption: `A pipeline of ${DEPTH} and, where there are leaders, a stable one with a time-out of 20 delays; in calm and under each bound.`,
      spec: lineSpec({
        rows: meanPoints(
          rows.filter(
            (row) =>
              row.n === largest &&
              beside.includes(nameOf(row)) &&
              (isIn('calm')(row) || (isIn('held')(row) && row.hold !== '8 s')),
          ),
          [...COLUMNS, 'hold'],
          ({ heightsPerS }) => heightsPerS,
          (row) => ({ what: nameOf(row), hold: row.hold }),
        ),
        x: { ...x, order: ['none', '0.5 s', '2 s', 'unbounded'] },
        y: { field: 'value', title: 'heights a second' },
        series: { ...series, order: beside },
      }),
    },
  ];
}
