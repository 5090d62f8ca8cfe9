import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root } from '../../src/proofs/compile.ts';
import { PROGRAM } from '../helpers/cli.ts';
import { type OwnProject, withdrawProject } from '../helpers/project.ts';

let project: OwnProject;
beforeAll(async () => {
  project = await withdrawProject();
  await mkdir(join(project.dir, 'node_modules'));
  for (const name of ['fast-check', 'pure-rand'])
    await symlink(join(root, 'node_modules', name), join(project.dir, 'node_modules', name));
  await symlink(root, join(project.dir, 'node_modules/velum'));
});
afterAll(() => project.remove());

test('the examples of the page are tests that pass under node --test, and the process ends by itself', async () => {
  const page = await readFile(join(root, 'docs/OWN-CIRCUITS.md'), 'utf8');
  const [kit, generators] = [...page.matchAll(/```js\n([\s\S]*?)```/g)].map(([, code]) => code!);
  expect(kit).toContain("from 'velum/testing'");
  expect(generators).toContain("from 'velum/testing/fast-check'");
  // Imports first, wherever they stand.
  await writeFile(join(project.dir, 'withdraw.test.mjs'), `${kit}\n${generators}`);
  const { stdout } = await promisify(execFile)(process.execPath, ['--test', 'withdraw.test.mjs'], {
    cwd: project.dir,
    // The runner would be killed at this time: nothing may keep the process alive.
    timeout: 100_000,
  });
  expect(stdout).toMatch(/# pass 3\b[\s\S]*# fail 0/);
});

test('velum test --watch tests again when a source changes, and ends on Ctrl-C with the exit code of the last run', async () => {
  const child = spawn(process.execPath, [PROGRAM, 'test', '--watch', '--json'], {
    cwd: project.dir,
    env: { ...process.env, CI: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close');
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk) => (out += chunk));
  child.stderr.on('data', (chunk) => (err += chunk));
  const runs = () =>
    out
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));
  const isWatching = (times: number): boolean => err.split('watching for changes').length > times;
  const until = async (done: () => boolean): Promise<void> => {
    while (!done() && child.exitCode === null) await new Promise((go) => setTimeout(go, 50));
  };
  try {
    await until(() => isWatching(1));
    expect(runs().map(({ passed }) => passed)).toEqual([true]);
    await project.edit('circuits/lib/range.circom', ['sum === in;', '']);
    await until(() => isWatching(2));
    expect(runs().map(({ passed }) => passed)).toEqual([true, false]);
    await project.edit('circuits.json', ['"file"', 'file']);
    await until(() => isWatching(3));
    expect(err).toContain('circuits.json:3:5: is not JSON');
    await project.edit('circuits.json', ['file:', '"file":']);
    await until(() => isWatching(4));
    expect(runs().map(({ passed }) => passed)).toEqual([true, false, false]);
  } finally {
    child.kill('SIGINT');
  }
  expect(await ended).toEqual([1, null]);
});
