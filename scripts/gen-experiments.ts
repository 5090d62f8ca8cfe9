/**
 * Writes docs/EXPERIMENTS.md and the pictures beside it from the definitions and one full run of each experiment. What the folder has
 * no full run of stays on the page as it is; an experiment that is on no page and has no full run is an error, and nothing is written.
 *   npx tsx scripts/gen-experiments.ts out/experiments
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readRuns } from '../src/cli/experiment/run-files.ts';
import { changeText, isChanged } from '../src/experiments/changed-grid.ts';
import { chartSvg } from '../src/experiments/charts.ts';
import { callsCsv, pricesCsv } from '../src/experiments/prices.ts';
import { EXPERIMENTS } from '../src/experiments/registry.ts';
import { columnsCsv, resultsCsv } from '../src/experiments/results.ts';
import { pricedRuns, problemOfPrices, readmeWithPrices } from './experiment-prices.ts';
import { experimentsPage, fullRun } from './experiments-page.ts';

const [from] = process.argv.slice(2);
if (from === undefined) throw new Error('usage: npx tsx scripts/gen-experiments.ts DIR');
/** Of e7 and e8. */
const PRICE_TABLES = ['prices.csv', 'calls.csv'];
const docs = resolve(import.meta.dirname, '../docs');
const pictures = join(docs, 'experiments');
const runs = await readRuns(resolve(from));
for (const { experiment, set } of runs)
  if (isChanged(set))
    console.log(`left out: a run of ${experiment.id} with another grid (${changeText(set)})`);
const page = experimentsPage(readFileSync(join(docs, 'EXPERIMENTS.md'), 'utf8'), runs);
if (typeof page !== 'string') {
  console.error(`nothing is written: without one full run: ${page.map(({ id }) => id).join(', ')}`);
  process.exit(1);
}
const priced = pricedRuns(runs);
const problem = problemOfPrices(priced);
if (problem !== undefined) {
  console.error(`nothing is written: ${problem}`);
  process.exit(1);
}
mkdirSync(pictures, { recursive: true });
for (const name of readdirSync(pictures))
  if (
    !PRICE_TABLES.includes(name) &&
    !EXPERIMENTS.some((each) => name.startsWith(`${each.id}-`) || name === `${each.id}.csv`)
  )
    rmSync(join(pictures, name));
const measured = priced[0]?.record.measured;
if (measured !== undefined) {
  writeFileSync(join(pictures, 'prices.csv'), pricesCsv(measured));
  writeFileSync(join(pictures, 'calls.csv'), callsCsv(measured));
  const readme = resolve(docs, '../README.md');
  writeFileSync(readme, readmeWithPrices(readFileSync(readme, 'utf8'), pricesCsv(measured)));
}
const full = EXPERIMENTS.flatMap((experiment) => fullRun(experiment, runs) ?? []);
for (const { experiment, rows } of full) {
  for (const name of readdirSync(pictures))
    if (name.startsWith(`${experiment.id}-`)) rmSync(join(pictures, name));
  for (const [i, chart] of experiment.charts(rows as never).entries())
    writeFileSync(join(pictures, `${experiment.id}-${i + 1}.svg`), await chartSvg(chart));
  writeFileSync(join(pictures, `${experiment.id}.csv`), resultsCsv(rows));
  writeFileSync(join(pictures, `${experiment.id}-columns.csv`), columnsCsv(experiment));
}
writeFileSync(join(docs, 'EXPERIMENTS.md'), page);
const fresh = full.map(({ experiment }) => experiment.id).join(', ');
console.log(`wrote docs/EXPERIMENTS.md; from one full run each: ${fresh || 'none'}`);
