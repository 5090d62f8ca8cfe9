import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    pool: 'forks',
    // The long suite looks for new counter-examples: each run draws its own cases.
    env: { PROPERTY_SEED: process.env['PROPERTY_SEED'] ?? 'random' },
    setupFiles: ['test/setup.ts'],
    include: ['test/long/**/*.test.ts'],
    testTimeout: 3_600_000,
    hookTimeout: 600_000,
  },
});
