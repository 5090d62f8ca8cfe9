import { readdirSync, readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Folders whose files take long, first: a long file at the end would leave the other cores idle. */
const FIRST = ['/test/e2e/', '/test/circuits/', '/test/sim/'];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId, project }: TestSpecification): number => {
      if (project.config.isolate === false) return FIRST.length + 1;
      const at = FIRST.findIndex((folder) => moduleId.includes(folder));
      return at < 0 ? FIRST.length : at;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}

const FOLDERS =
  /^(sim\/(?!soak)|unit\/(base|committee|consensus|crypto|formats|host|ledger|market|params|sim|validator)\/).*\.test\.ts$/;

/**
 * Files of the pure folders' tests share a process with each other, one for each core: what they test keeps nothing from one call to the
 * next, and loading it anew for each file took as long as the tests. One that replaces a module by another needs modules of its own, and
 * one that measures memory a process of its own.
 */
const REPLACES = /\bvi\.mock\(|\bwithMutant\(/;
const PURE = readdirSync('test', { recursive: true, encoding: 'utf8' })
  .filter((file) => FOLDERS.test(file) && !REPLACES.test(readFileSync(`test/${file}`, 'utf8')))
  .map((file) => `test/${file}`);

const shared = {
  pool: 'forks' as const,
  maxWorkers: '100%',
  setupFiles: ['test/setup.ts'],
  testTimeout: 120_000,
  hookTimeout: 300_000,
};

export default defineConfig({
  test: {
    maxWorkers: '100%',
    sequence: { sequencer: LongestFirst },
    projects: [
      // snarkjs keeps native worker threads: every other file gets a process of its own.
      {
        test: {
          ...shared,
          name: 'apart',
          include: ['test/**/*.test.ts'],
          exclude: ['test/long/**', 'node_modules/**', ...PURE],
        },
      },
      { test: { ...shared, name: 'pure', isolate: false, include: PURE } },
    ],
  },
});
