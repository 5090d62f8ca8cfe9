import { defineConfig } from 'vitest/config';

/** Tests that start redis-server (Debian: apt-get install redis-server) and workers. */
export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 1,
    setupFiles: ['test/setup.ts'],
    include: ['test/queue/**/*.test.ts'],
    testTimeout: 600_000,
    hookTimeout: 300_000,
  },
});
