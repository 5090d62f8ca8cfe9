import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Folders whose files take long, first: a long file at the end would leave the other cores idle. */
const FIRST = ['/test/e2e/', '/test/circuits/', '/test/sim/'];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId, project }: TestSpecification): number => {
      const at = FIRST.findIndex((folder) => moduleId.includes(folder));
      return (at < 0 ? FIRST.length : at) + (project.config.isolate === false ? FIRST.length + 1 : 0);
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}

const FOLDERS = /^(sim\/(?!soak)|unit\/).*\.test\.ts$/;

/**
 * Most files share a process with each other, a few at a time: what they test keeps nothing from one call to the next, and loading it
 * anew for each file took as long as the tests. One that replaces a module by another needs modules of its own; one that changes the
 * environment, starts processes or measures memory a process of its own.
 */
const APART =
  /\bvi\.(mock|doMock|stubEnv)\(|\bwithMutant\(|\bfrom 'node:child_process'|\b(memoryUsage|heapMib)\b/;
const SHARING = readdirSync('test', { recursive: true, encoding: 'utf8' })
  .filter((file) => FOLDERS.test(file) && !APART.test(readFileSync(`test/${file}`, 'utf8')))
  .map((file) => `test/${file}`);

/** One more than cores: tests of streams and processes wait for most of their time. */
const WORKERS = availableParallelism() + 1;

const shared = {
  pool: 'forks' as const,
  maxWorkers: WORKERS,
  setupFiles: ['test/setup.ts'],
  testTimeout: 120_000,
  hookTimeout: 300_000,
};

export default defineConfig({
  test: {
    maxWorkers: WORKERS,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          ...shared,
          name: 'apart',
          include: ['test/**/*.test.ts'],
          exclude: ['test/long/**', 'test/queue/**', 'test/page/**', 'node_modules/**', ...SHARING],
        },
      },
      { test: { ...shared, name: 'together', isolate: false, include: SHARING } },
    ],
  },
});
