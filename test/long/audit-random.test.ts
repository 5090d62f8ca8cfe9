import { expect, test } from 'vitest';
import { judge, loadEngine, Tally } from '../helpers/audit-campaign.ts';
import { seedsOf } from '../helpers/seeds.ts';
import { numbersFrom, randomCircuit } from '../helpers/small-circuits.ts';

/** Circuits of one seed. */
const CIRCUITS = 1000;

test('verdicts over many seeds of 1,000 small circuits are those of a search through all witnesses', async () => {
  const engine = await loadEngine();
  const tally = new Tally();
  for (const seed of seedsOf(4)) {
    const below = numbersFrom(seed);
    for (let i = 0; i < CIRCUITS; i++) {
      const circuit = randomCircuit(below);
      tally.add(`seed ${seed}, circuit ${i}, ${circuit.kind}`, judge(engine, circuit));
    }
    expect(tally.wrong).toEqual([]);
  }
  console.log(`${tally}`);
  expect(tally.proved / tally.safe).toBeGreaterThan(0.95);
  expect(tally.forged / tally.unsafe).toBeGreaterThan(0.95);
});
