import { readdirSync, readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

/** Files of `npm test` that check properties. */
const properties = readdirSync('test', { recursive: true, encoding: 'utf8' })
  .map((file) => `test/${file}`)
  .filter((file) => file.endsWith('.test.ts') && !file.startsWith('test/long/'))
  .filter((file) => readFileSync(file, 'utf8').includes('fc.assert('));

const shared = {
  pool: 'forks' as const,
  maxWorkers: '100%',
  setupFiles: ['test/setup.ts'],
  testTimeout: 3_600_000,
  hookTimeout: 600_000,
};
/** The long suite looks for counter-examples: every run draws its own cases. */
const seed = { PROPERTY_SEED: process.env['PROPERTY_SEED'] ?? 'random' };

export default defineConfig({
  test: {
    projects: [
      { test: { ...shared, name: 'long', include: ['test/long/**/*.test.ts'], env: seed } },
      {
        test: {
          ...shared,
          name: 'properties',
          include: properties,
          env: { ...seed, PROPERTY_RUNS: process.env['PROPERTY_RUNS'] ?? '10' },
        },
      },
    ],
  },
});
