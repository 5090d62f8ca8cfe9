import { text } from './html-page.ts';
import type { RunRecord } from './results.ts';

/** How CITATION.cff names the software. */
export const CITED = {
  title: 'Velum: a zero-knowledge, privacy-preserving validator',
  author: 'The Velum maintainers',
} as const;

/** How to cite the runs of a report: the software as it was, and what was run. */
export function citation(records: readonly RunRecord[]): string {
  const [first] = records;
  if (first === undefined) return '';
  const commits = [
    ...new Set(records.map(({ source }) => source?.commit).filter((commit) => commit !== undefined)),
  ];
  const year = records
    .map(({ finished }) => finished.slice(0, 4))
    .sort()
    .at(-1);
  const note = commits.length === 0 ? '' : `\n  note    = {commit ${commits.join(', ')}},`;
  const bibtex = `@software{velum,\n  title   = {${CITED.title}},\n  author  = {{${CITED.author}}},\n  version = {${first.version}},${note}\n  year    = {${year}}\n}`;
  return [
    '<section id="cite">',
    '<h2>How to cite</h2>',
    '<p>Cite the software with its version and commit, and name the command and the seeds of what you use; both stand under each experiment and in its run.json. ' +
      'A chart has a link of its own (#).</p>',
    `<pre>${text(bibtex)}</pre>`,
    '</section>',
  ].join('\n');
}
