import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compileCircuit, root } from '../../../scripts/compile-circuit.ts';
import { PROGRAM } from '../../helpers/cli.ts';

let cwd: string;
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'velum-audit-'));
});
afterAll(() => rm(cwd, { recursive: true }));

/** Runs the built program, presses Ctrl-C after a while, and says how it ended. */
async function interrupted(afterMs: number, ...args: readonly string[]) {
  const child = spawn(process.execPath, [PROGRAM, ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  child.stdout.on('data', (chunk) => (out += chunk));
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  await sleep(afterMs);
  child.kill('SIGINT');
  return { code: await ended, out };
}

test('Ctrl-C ends the search of velum audit, and the verdicts that stand are printed', async () => {
  const file = 'test/circuits/audit/many-roots.circom';
  const { r1cs, sym } = await compileCircuit(join(root, file), join(root, 'build/audit-o1'), 'O1');
  const args = ['audit', '--r1cs', r1cs, '--sym', sym, '--budget', '3600', '--json'];
  // A busy machine starts the program late, and Ctrl-C before the audit ends it with 130, as every command.
  let ended = await interrupted(2_000, ...args);
  for (let wait = 4_000; ended.code === 130 && wait < 60_000; wait *= 2)
    ended = await interrupted(wait, ...args);
  expect(ended.code).toBe(0);
  const { outputs } = JSON.parse(ended.out);
  expect(outputs).toMatchObject([
    { name: 'square', verdict: 'PROVED' },
    ...Array.from({ length: 400 }, () => ({ verdict: 'UNKNOWN' })),
  ]);
  expect(outputs[1].by).toContain('the search was interrupted');
}, 180_000);
