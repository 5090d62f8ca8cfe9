import { defineConfig } from 'vitest/config';

// snarkjs keeps native worker threads: every test file gets a process of its own.
export default defineConfig({
  test: {
    pool: 'forks',
    setupFiles: ['test/setup.ts'],
    include: ['test/**/*.test.ts'],
    exclude: ['test/long/**', 'node_modules/**'],
    testTimeout: 120_000,
    hookTimeout: 300_000,
  },
});
