import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { root } from '../../src/proofs/compile.ts';
import { PROGRAM } from './cli.ts';
import { isAlive, proversOf } from './processes.ts';

/** A signal ends a real epoch, once it has provers and so many folders for temporary files, with this code and leaves nothing behind. */
export async function expectNothingLeft(
  scratch: string,
  signal: NodeJS.Signals,
  { code, folders, keys }: { readonly code: number; readonly folders: number; readonly keys: string },
): Promise<void> {
  const [tmp, runs] = ['tmp', 'runs'].map((name) => join(scratch, `${name}-${signal}`)) as [string, string];
  mkdirSync(tmp);
  const args = [
    'epoch',
    '--orders',
    'examples/small.csv',
    '--json',
    '--keys',
    keys,
    '--out',
    join(runs, 'out'),
  ];
  const env = { ...process.env, TMPDIR: tmp };
  const child = spawn('node', [PROGRAM, ...args], { cwd: root, stdio: 'ignore', env });
  try {
    const patience = { timeout: 90_000, interval: 300 };
    await vi.waitUntil(
      () => proversOf(child.pid!).length > 0 && readdirSync(tmp).length >= folders,
      patience,
    );
    const provers = proversOf(child.pid!);
    expect(readdirSync(tmp)).toHaveLength(folders);
    child.kill(signal);
    expect(await once(child, 'exit')).toEqual([code, null]);
    await vi.waitUntil(() => !provers.some(isAlive), patience);
    expect([readdirSync(tmp), readdirSync(runs)]).toEqual([[], []]);
  } finally {
    child.kill('SIGKILL');
  }
}
