import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { root } from '../../../src/proofs/compile.ts';

/** A program that a signal ends with code 9, as `velum` is ended, but for what `lines` do. It gets the signal while it computes. */
const programOf = (lines: string): string => `
import { endingAtOnce, hearingInterrupt, stopSignal } from '${pathToFileURL(join(root, 'dist/cli/interrupt.js'))}';
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(9));
setTimeout(() => process.exit(1), 5_000);
const here = (signal) => process.kill(process.pid, signal);
const rest = () => new Promise((done) => setTimeout(done, 4_000));
${lines}
`;

test.each([
  [
    'by whoever waits for a stop',
    "here('SIGTERM'); process.exit((await stopSignal()) === 'SIGTERM' ? 3 : 1);",
    3,
  ],
  [
    'by work that hears Ctrl-C',
    "here('SIGINT'); await hearingInterrupt((signal) => new Promise(() => { signal.onabort = () => process.exit(3); }));",
    3,
  ],
  [
    'after work that heard Ctrl-C, which ends the program again',
    "await hearingInterrupt(async () => {}); here('SIGINT'); await rest();",
    9,
  ],
  ['at the end of such work', "await hearingInterrupt(async () => here('SIGINT')); await rest();", 9],
  ['by work that every signal ends', "here('SIGHUP'); await endingAtOnce(rest);", 9],
])('a signal that comes while the program computes is not lost: it is told %s', (_, lines, code) => {
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', programOf(lines)], {
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({ status: code, stderr: '' });
});
