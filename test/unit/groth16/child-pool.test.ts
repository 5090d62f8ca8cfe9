import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ChildPool } from '../../../src/groth16/child-pool.ts';

// In a process of its own, for it starts others (`from 'node:child_process'`).
const dir = mkdtempSync(join(tmpdir(), 'velum-children-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

test('a process that ended is told, and the next request gets another one', async () => {
  const entry = join(dir, 'entry.mjs');
  writeFileSync(
    entry,
    'process.on("message", ({ ends }) => ends ? process.exit(3) : process.send({ type: "pid", pid: process.pid }));\n',
  );
  const pool = new ChildPool<{ ends: boolean }, { type: 'pid'; pid: number }>(entry);
  const first = await pool.ask({ ends: false });
  // The same one, while it lives.
  expect(await pool.ask({ ends: false })).toEqual(first);
  expect(await pool.ask({ ends: true })).toEqual({ type: 'ended', how: 'exit code 3' });
  const next = await pool.ask({ ends: false });
  expect(next).toMatchObject({ type: 'pid' });
  expect(next).not.toEqual(first);
  pool.close();
});
