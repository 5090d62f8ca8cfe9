import { changeSentence, type GridChange, isChanged } from './changed-grid.ts';
import { type Chart, vegaSpec } from './charts.ts';
import { citation } from './citation.ts';
import type { Experiment } from './define.ts';
import { csvLink, figure, htmlPage, text } from './html-page.ts';
import { overSeeds } from './intervals.ts';
import type { ExperimentPlace } from './own-experiment.ts';
import { columnsCsv, type RunRecord, resultsCsv } from './results.ts';
import type { Row } from './row.ts';
import { groupBy, means } from './statistics.ts';
import { type HypothesisVerdict, talliesOf } from './verdicts.ts';

/** One finished run as read back from its directory. */
export interface FinishedRun {
  readonly experiment: Experiment;
  readonly place: ExperimentPlace;
  readonly quick: boolean;
  /** What was changed in the grid; `experiment` has the grid that ran. */
  readonly set: GridChange;
  readonly seeds: readonly number[];
  readonly hypotheses: readonly HypothesisVerdict[];
  /** Measured columns included. */
  readonly rows: readonly Row[];
  readonly record: RunRecord;
}

/** One page that needs nothing else: charts, tables, verdicts, and how each was made. */
export async function reportPage(runs: readonly FinishedRun[]): Promise<string> {
  const specs: object[] = [];
  const parts: string[] = [];
  for (const run of runs) {
    const charts = run.experiment.charts(run.rows as never);
    const firstSpec = specs.length;
    for (const chart of charts) specs.push(await vegaSpec(chart, 'container'));
    parts.push(section(run, charts, firstSpec));
  }
  return htmlPage(
    'Velum experiments',
    [overview(runs), ...parts, citation(runs.map(({ record }) => record))],
    specs,
  );
}

const CLASSES = { held: 'held', 'did not hold': 'failed', 'not decided': 'open' } as const;

const overview = (runs: readonly FinishedRun[]): string =>
  `<div class="wide"><table><thead><tr><th>Experiment</th><th>Question</th><th>Hypotheses</th><th>Controls</th></tr></thead><tbody>${runs
    .map(({ experiment, set, hypotheses }) => {
      const { claims, controls } = talliesOf(hypotheses);
      return `<tr><td><a href="#${experiment.id}">${text(experiment.title)}</a>${isChanged(set) ? ' (changed grid)' : ''}</td><td>${text(experiment.question)}</td><td>${claims}</td><td>${controls}</td></tr>`;
    })
    .join('')}</tbody></table></div>`;

function section(run: FinishedRun, charts: readonly Chart[], firstSpec: number): string {
  const { experiment, place, quick, set, seeds, hypotheses, rows, record } = run;
  const { machine, file } = record;
  const figures = charts.map((chart, i) => figure(chart, firstSpec + i, `${experiment.id}-${i + 1}`));
  const verdicts = hypotheses.map(
    ({ text: what, verdict, reason, control }) =>
      `<li><b class="${CLASSES[verdict]}">${verdict}</b> ${control ? '<i>Control.</i> ' : ''}${text(what)} <small>(${text(reason)})</small></li>`,
  );
  return [
    `<section id="${experiment.id}">`,
    `<h2>${text(experiment.title)} <small>${text(experiment.id)}</small></h2>`,
    quick ? '<p class="note">A quick run: a part of the grid, fewer seeds.</p>' : '',
    isChanged(set)
      ? `<p class="note">The ${text(changeSentence(set, place.own !== undefined))}. Its hypotheses were written for another grid, and may be about no row of this one.</p>`
      : '',
    `<p><b>Question.</b> ${text(experiment.question)}</p>`,
    '<p><b>Hypotheses</b>, written before the run; the verdicts are computed from the rows.</p>',
    `<ul class="verdicts">${verdicts.join('')}</ul>`,
    ...figures,
    `<p><b>Method.</b> ${text(experiment.method)}</p>`,
    experiment.published === undefined
      ? ''
      : `<p><b>Published by others.</b> ${text(experiment.published)}</p>`,
    experiment.earlier === undefined ? '' : `<p><b>Before.</b> ${text(experiment.earlier)}</p>`,
    `<details><summary>Means over ${seeds.length} seeds with 95 % intervals (Student’s t), units</summary>`,
    meansTable(experiment, rows),
    `<dl>${Object.entries(experiment.columns)
      .map(
        ([column, { unit, meaning }]) => `<dt>${text(column)}</dt><dd>${text(meaning)} (${text(unit)})</dd>`,
      )
      .join('')}</dl>`,
    '</details>',
    `<p>${csvLink(`${experiment.id}.csv`, resultsCsv(rows), 'All rows as CSV')}, ${csvLink(`${experiment.id}-columns.csv`, columnsCsv(experiment), 'the meaning of their columns')}</p>`,
    `<p class="how"><code>${text(record.command)}</code><br>${file === undefined ? '' : `An experiment of its author’s own: ${text(file.name)}, SHA-256 ${text(file.sha256)}. `}Velum ${text(record.version)}, ${commitText(record)}program ${text(record.program.slice(0, 12))}, ` +
      `seeds ${seeds[0]} to ${seeds.at(-1)}, ${record.jobSeconds} s of work, from ${minute(record.started)} to ${minute(record.finished)} UTC ` +
      `on ${machine.cores} cores of ${text(machine.cpu)}, ${machine.memoryGiB} GiB, ${text(machine.system)}, Node ${text(machine.node)}.` +
      `${measuredText(record)}</p>`,
    '</section>',
  ].join('\n');
}

const minute = (iso: string): string => text(iso.slice(0, 16).replace('T', ' '));
const commitText = ({ source }: RunRecord): string =>
  source === null ? '' : `commit ${text(source.commit)}${source.isModified ? ' with changes' : ''}, `;

const measuredText = ({ measured }: RunRecord): string => {
  const figures = Object.entries(measured);
  if (figures.length === 0) return '';
  return ` Measured there: ${figures.map(([name, value]) => `${text(name)} ${number(value)}`).join(', ')}.`;
};

const number = (value: number): string =>
  Number.isInteger(value) ? value.toLocaleString('en-GB') : String(Number(value.toPrecision(4)));

const MAX_TABLE_ROWS = 200;

/** Means over the seeds of one point, and of one of its rows where a run has several, each with its 95 % interval. */
export function meansTable(experiment: Experiment, rows: readonly Row[]): string {
  const at = [...Object.keys(experiment.grid[0]!), ...(experiment.per ?? [])];
  const table = groupBy(rows, at).map((group) => {
    const [{ seed: _, ...row }] = means(group, at) as [Row];
    return { row, group: group as (Row & { readonly seed: number })[] };
  });
  const columns = [...new Set(table.flatMap(({ row }) => Object.keys(row)))];
  const cell = (column: string, { row, group }: (typeof table)[number]): string => {
    const value = row[column];
    if (typeof value !== 'number') return `<td>${text(value ?? '')}</td>`;
    const numeric = (each: Row): number | null => (each[column] === null ? null : Number(each[column]));
    const { high, mean } = at.includes(column) ? { high: null, mean: 0 } : overSeeds(group, numeric);
    const half = high === null ? '' : ` <small>± ${number(high - mean)}</small>`;
    return `<td class="number">${number(value)}${half}</td>`;
  };
  const more = table.length > MAX_TABLE_ROWS ? `<p>The first ${MAX_TABLE_ROWS} of ${table.length}.</p>` : '';
  return `${more}<div class="wide"><table><thead><tr>${columns.map((column) => `<th>${text(column)}</th>`).join('')}</tr></thead><tbody>${table
    .slice(0, MAX_TABLE_ROWS)
    .map((each) => `<tr>${columns.map((column) => cell(column, each)).join('')}</tr>`)
    .join('')}</tbody></table></div>`;
}
