import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { expect, test } from 'vitest';
import { root } from '../../../src/proofs/compile.ts';

/** Logs some megabytes, and says on standard output that it came to its end. */
const PROGRAM = `
import { openLog } from ${JSON.stringify(`${root}/src/node/node-log.ts`)};
const log = openLog('info');
for (let k = 0; k < 20_000; k++) log.info({ k }, 'x'.repeat(100));
console.log(process.memoryUsage().heapUsed < 2 ** 26);
`;

test('a log that finds no room stops nobody and takes no memory', () => {
  const full = openSync('/dev/full', 'w');
  try {
    const { stdout, status } = spawnSync(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '--eval', PROGRAM],
      { cwd: root, stdio: ['ignore', 'pipe', full], encoding: 'utf8' },
    );
    expect([status, stdout]).toEqual([0, 'true\n']);
  } finally {
    closeSync(full);
  }
});
