import { quorumOf } from '../params/quorum.ts';
import { type BallotRow, isCanaryOf, OURS, STEMS, WATCHED, where } from './ballot-rows.ts';
import { barSpec, type Chart, lineSpec } from './charts.ts';
import { meanPoints } from './mean-points.ts';
import type { Row } from './row.ts';

/** The first one is plot.svg. */
export function ballotCharts(rows: readonly BallotRow[]): readonly Chart[] {
  const line = (own: readonly BallotRow[], what: string, measure: (row: BallotRow) => number | null): Row[] =>
    meanPoints(own, ['n'], measure, ({ n }) => ({ what, n }));
  const own = (row: BallotRow): number => row.names;
  const chance = [...new Set(rows.map(({ n }) => n))].map((n) => ({
    what: 'chance',
    n,
    value: 1 / (n - quorumOf(n).f),
  }));
  const x = { field: 'n', title: 'validators', log: true } as const;
  const y = { field: 'value', title: 'share of authors named', format: '%', domain: [0, 1] } as const;
  const series = { field: 'what', title: '' };
  const ours = where(rows, 'watch', OURS);
  const ages = (['without', 'with'] as const).flatMap((announce) => {
    const all = rows.filter(isCanaryOf(announce, () => true)).filter(({ n }) => n === 10);
    const points = (who: string, measure: (row: BallotRow) => number | null): Row[] =>
      meanPoints(all, ['canaryAgeDelays'], measure, ({ canaryAgeDelays }) => ({
        age: canaryAgeDelays,
        what: `${announce} the rule, ${who}`,
      }));
    return [
      ...points('lists known', own),
      ...points('the giver', ({ giverNames }) => giverNames),
      ...(announce === 'with' ? points('lists not used', ({ unlistedNames }) => unlistedNames) : []),
    ];
  });
  const scores = WATCHED.flatMap((attack) =>
    (
      [
        ['precision', ({ precision }) => precision],
        ['recall', ({ recall }) => recall],
      ] as [string, (row: BallotRow) => number | null][]
    ).flatMap(([what, measure]) =>
      meanPoints(where(rows, attack), ['way'], measure, ({ way }) => ({
        where: `${way}, ${attack}`,
        what,
      })),
    ),
  );
  return [
    {
      title: 'Authors named by f colluding validators',
      caption:
        'The strongest observer: all ballots of a height matched to authors, with times. Larger committees hide more; swallowing stems takes that back. Canary items: with the announce rule, 6 delays old, to who knows every list.',
      spec: lineSpec({
        rows: [
          ...STEMS.flatMap((way) => line(where(rows, 'watch', way), `${way}, watch`, own)),
          ...(['stem 1/2', OURS] as const).flatMap((way) =>
            line(where(rows, 'drop stems', way), `${way}, drop stems`, own),
          ),
          ...line(rows.filter(isCanaryOf('with', (age) => age === 6)), 'stem 1/4, canary items', own),
          ...chance,
        ],
        x,
        y,
        series,
      }),
    },
    {
      title: 'Stem 1/4, f colluders that watch: what each observer names',
      caption:
        'The strongest observer beside weaker ones of the same run, and beside its own confidence: they are the same if it is calibrated.',
      spec: lineSpec({
        rows: [
          ...line(ours, 'matching, with times', own),
          ...line(ours, 'its confidence', ({ confidence }) => confidence),
          ...line(ours, 'matching, no times', ({ untimedNames }) => untimedNames),
          ...line(ours, 'each alone, with times', ({ aloneNames }) => aloneNames),
          ...line(ours, 'each alone, no times', ({ plainNames }) => plainNames),
          ...line(ours, 'first spy', ({ firstSpyNames }) => firstSpyNames),
          ...chance,
        ],
        x,
        y,
        series,
      }),
    },
    {
      title: 'Precision and recall of an observer that names only whom it is sure of',
      caption: 'Over all sizes, f colluders; sure is 90 %.',
      spec: barSpec({
        rows: scores,
        x: { field: 'where', title: '', order: STEMS.flatMap((way) => WATCHED.map((a) => `${way}, ${a}`)) },
        y: { field: 'value', title: 'share', format: '%', domain: [0, 1] },
        series: { field: 'what', title: '', order: ['precision', 'recall'] },
      }),
    },
    {
      title: 'Authors named with canary items, n = 10',
      caption:
        'By the age of the canaries when ballots are made, in mean link delays: with the announce rule and without it, to an observer that knows what every validator would list, to the giver of the canaries, and to one that does not look at lists.',
      spec: lineSpec({
        rows: ages,
        x: { field: 'age', title: 'age of the canaries, delays', log: true },
        y,
        series,
      }),
    },
    {
      title: 'What hiding costs: time until a ballot is public everywhere',
      caption: 'Links of mean 50 ms, f colluders; direct is one broadcast.',
      spec: lineSpec({
        rows: [
          ...(['direct', ...STEMS] as const).flatMap((way) =>
            line(where(rows, 'watch', way), `${way}, watch`, ({ publicMs }) => publicMs),
          ),
          ...line(where(rows, 'drop stems', OURS), `${OURS}, drop stems`, ({ publicMs }) => publicMs),
        ],
        x,
        y: { field: 'value', title: 'ms' },
        series,
      }),
    },
  ];
}
