import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Chart } from './charts.ts';
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

/** A chart's place on a page. @param spec its number among the page's specifications */
export const figure = ({ title, caption }: Pick<Chart, 'title' | 'caption'>, spec: number): string =>
  `<figure><h3>${text(title)}</h3><div class="chart" data-spec="${spec}" role="img" aria-label="${text(title)}"></div><figcaption>${text(caption)}</figcaption></figure>`;

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
