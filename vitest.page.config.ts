import { defineConfig } from 'vitest/config';

/** Tests that open the page of a devnet in Chromium (Debian: apt-get install chromium; npm run browser:install). */
export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 1,
    setupFiles: ['test/setup.ts'],
    include: ['test/page/**/*.test.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
