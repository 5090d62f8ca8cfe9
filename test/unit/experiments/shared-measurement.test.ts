import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { problemOfPrices } from '../../../scripts/experiment-prices.ts';
import { EXPERIMENTS } from '../../../src/experiments/registry.ts';
import type { FinishedRun } from '../../../src/experiments/report.ts';
import { sharedMeasurement } from '../../../src/experiments/shared-measurement.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'velum-prices-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const OF = { name: 'prices', quick: false, program: 'a' };

test('who comes first measures, and who follows reads it; another program, and a damaged file, are measured anew', async () => {
  let times = 0;
  const measured = (of: typeof OF) => sharedMeasurement(dir, of, async () => ({ ms: ++times }));
  expect([await measured(OF), await measured(OF)]).toEqual([{ ms: 1 }, { ms: 1 }]);
  expect(await measured({ ...OF, program: 'b' })).toEqual({ ms: 2 });
  expect(await measured({ ...OF, program: 'b', quick: true })).toEqual({ ms: 3 });
  writeFileSync(join(dir, 'prices.json'), '{"quick":');
  expect(await measured(OF)).toEqual({ ms: 4 });
});

test('runs with different prices, or one of two, are not published', () => {
  const of = (ms: number) => (experiment: (typeof EXPERIMENTS)[number]) =>
    ({ experiment, record: { measured: { ms } } }) as unknown as FinishedRun;
  const [first, second] = EXPERIMENTS.filter(({ measuresAs }) => measuresAs === 'prices');
  expect(problemOfPrices([])).toBeUndefined();
  expect(problemOfPrices([of(1)(first!), of(1)(second!)])).toBeUndefined();
  expect(problemOfPrices([of(1)(first!), of(2)(second!)])).toMatch(/different prices/);
  expect(problemOfPrices([of(1)(first!)])).toMatch(/run all of them/);
});
