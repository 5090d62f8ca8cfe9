import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Chart, seedsNote } from './charts.ts';
import { REPORT_CSS, REPORT_SCRIPT } from './report-page.ts';

/** Pages that need nothing but themselves: charts with the code that draws them, tables, downloads. */

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
/** Text inside HTML. */
export const text = (value: unknown): string => String(value).replace(/[&<>"']/g, (c) => ESCAPES[c]!);
/** JSON inside a script element: nothing in it may end the element. */
const json = (value: unknown): string => JSON.stringify(value).replaceAll('<', '\\u003c');

/** Vega's own build for browsers (BSD-3-Clause, its licence stands in it), read from the installed package. */
function vegaRuntime(): string {
  const build = dirname(fileURLToPath(import.meta.resolve('vega')));
  const licence = readFileSync(join(build, '../LICENSE'), 'utf8');
  const code = readFileSync(join(build, 'vega.min.js'), 'utf8').replace(/^\/\/# sourceMappingURL.*$/m, '');
  return `/*! Vega\n${licence.replaceAll('*/', '* /')}*/\n${code.replaceAll('</script', '<\\/script')}`;
}

/**
 * A chart's place on a page, with a link to itself and what can be saved of it.
 * @param spec its number among the page's specifications
 * @param id   unlike any other on the page: the link, and the name of saved files
 */
export function figure(chart: Chart, spec: number, id: string): string {
  const { title, caption } = chart;
  const note = seedsNote(chart);
  const name = text(id);
  const saves = ['csv', 'svg', 'png'].map(
    (kind) => `<button type="button" data-save="${kind}">${kind.toUpperCase()}</button>`,
  );
  return [
    `<figure id="${name}"><h3>${text(title)} <a class="anchor" href="#${name}" aria-label="Link to this chart">#</a></h3>`,
    `<div class="chart" data-spec="${spec}" data-name="${name}" role="img" aria-label="${text(title)}"></div>`,
    `<figcaption>${text(caption)}${note === undefined ? '' : ` <i>(${text(note)})</i>`}</figcaption>`,
    `<p class="saves">Save: ${saves.join(' ')}</p></figure>`,
  ].join('');
}

/** A link that saves rows which are in the page already. */
export const csvLink = (name: string, csv: string, label: string): string =>
  `<a download="${text(name)}" href="data:text/csv;charset=utf-8,${encodeURIComponent(csv)}">${text(label)}</a>`;

/**
 * @param parts HTML of the body
 * @param specs Vega specifications, which `figure` names by their numbers
 */
export const htmlPage = (title: string, parts: readonly string[], specs: readonly object[]): string =>
  [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${text(title)}</title>`,
    '<link rel="icon" href="data:,">',
    `<style>${REPORT_CSS}</style>`,
    '</head>',
    '<body>',
    '<main>',
    `<h1>${text(title)}</h1>`,
    ...parts,
    '</main>',
    `<script>${vegaRuntime()}</script>`,
    `<script type="application/json" id="specs">${json(specs)}</script>`,
    `<script>${REPORT_SCRIPT}</script>`,
    '</body>',
    '</html>',
    '',
  ].join('\n');
