import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compileCircuit, root } from '../../../scripts/compile-circuit.ts';
import { PROGRAM } from '../../helpers/cli.ts';

let cwd: string;
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'velum-audit-'));
});
afterAll(() => rm(cwd, { recursive: true }));

/** Whoever watches is told the stages: the program takes its standard error for a terminal. */
const WATCHED = ['--import', 'data:text/javascript,process.stderr.isTTY=true'];

/** Runs the built program, presses Ctrl-C as soon as it tells of a stage, and says how it ended. */
async function interruptedAt(stage: RegExp, ...args: readonly string[]) {
  const child = spawn(process.execPath, [...WATCHED, PROGRAM, ...args], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, told, isPressed] = ['', '', false];
  child.stdout.on('data', (chunk) => (out += chunk));
  child.stderr.on('data', (chunk) => {
    told += chunk;
    if (isPressed || !stage.test(told)) return;
    isPressed = true;
    child.kill('SIGINT');
  });
  const [code] = await once(child, 'close');
  return { code, out, told };
}

test('Ctrl-C ends the search of velum audit, and the verdicts that stand are printed', async () => {
  const file = 'test/circuits/audit/many-roots.circom';
  const { r1cs, sym } = await compileCircuit(join(root, file), join(root, 'build/audit-o1'), 'O1');
  const args = ['audit', '--r1cs', r1cs, '--sym', sym, '--budget', '3600', '--json'];
  const { code, out, told } = await interruptedAt(/forging: \d+ of \d+/, ...args);
  expect(told).toMatch(/forging: \d+ of \d+/);
  const { outputs } = JSON.parse(out);
  expect(outputs).toHaveLength(401);
  expect(outputs[0]).toMatchObject({ name: 'square', verdict: 'PROVED' });
  // Between the press of the keys and their effect a busy machine may have forged some.
  const verdicts = new Set(outputs.slice(1).map(({ verdict }: { verdict: string }) => verdict));
  verdicts.delete('FORGED');
  expect([...verdicts]).toEqual(['UNKNOWN']);
  expect(outputs.at(-1).by).toContain('the search was interrupted');
  const isForged = outputs.some(({ verdict }: { verdict: string }) => verdict === 'FORGED');
  expect(code).toBe(isForged ? 1 : 0);
}, 180_000);
