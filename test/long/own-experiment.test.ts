import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { root } from '../../src/proofs/compile.ts';
import { nodeProcess, PROGRAM } from '../helpers/cli.ts';
import { processorTicks } from '../helpers/processes.ts';

/** A folder of somebody else with the package in it, as `npm install` leaves it, but for a link in place of a copy. */
const scratch = mkdtempSync(join(tmpdir(), 'velum-own-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
mkdirSync(join(scratch, 'node_modules'));
symlinkSync(root, join(scratch, 'node_modules/velum'));
symlinkSync(join(root, 'node_modules/@types'), join(scratch, 'node_modules/@types'));
const velum = (...args: string[]) =>
  nodeProcess(scratch, 'node_modules/velum/dist/cli/main.js', 'experiment', ...args);

beforeAll(async () => {
  expect((await velum('init')).code).toBe(0);
  expect((await velum('run', './mine.ts', '--quick', '--set', 'delay=exp:200', '--out', 'out')).code).toBe(0);
});

test('it is reported and verified with its file, and by no other one', async () => {
  const bare = await velum('report', 'out');
  expect(bare).toMatchObject({ code: 2, stderr: expect.stringContaining('--file mine.ts') });
  expect((await velum('report', 'out', '--file', 'mine.ts')).code).toBe(0);
  const again = await velum('verify', 'out', '--file', 'mine.ts', '--sample', '2');
  expect(again.stdout).toContain('2 of 15 jobs ran again, all rows came out again');
});

test('with another version of the file it is not', async () => {
  appendFileSync(join(scratch, 'mine.ts'), '// changed\n');
  const other = await velum('verify', 'out', '--file', 'mine.ts');
  expect(other).toMatchObject({ code: 2, stderr: expect.stringContaining('another version of mine.ts') });
});

test('a file that cannot run says so with code, file and field, before anything is written', async () => {
  writeFileSync(join(scratch, 'bad.mjs'), "export default { id: 'Bad', grid: [] };\n");
  const bad = await velum('run', './bad.mjs', '--json');
  expect(bad.code).toBe(2);
  const { code, message, problems } = JSON.parse(bad.stdout).error;
  expect(code).toBe('EXPERIMENT_FILE');
  expect(message).toContain('bad.mjs');
  expect(message).toContain('  id: lower-case words');
  expect(problems).toEqual([]);
  writeFileSync(join(scratch, 'lost.ts'), "import './nowhere.ts';\nexport default 1;\n");
  const lost = await velum('run', './lost.ts');
  expect(lost).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/lost\.ts: it cannot be loaded: .*nowhere/),
  });
  expect(await velum('run', './none.ts')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('FILE_UNREADABLE'),
  });
});

test('JavaScript is a module or none by what it says, whatever its package.json says', async () => {
  const lab = join(scratch, 'commonjs');
  mkdirSync(lab);
  writeFileSync(join(lab, 'package.json'), '{"name":"lab","type":"commonjs"}');
  writeFileSync(join(lab, 'name.js'), "module.exports = 'half';\n");
  const adversary = `{ name, open: () => ({ receive() {}, flush: () => [] }) }`;
  writeFileSync(join(lab, 'module.js'), `import name from './name.js';\nexport default ${adversary};\n`);
  writeFileSync(join(lab, 'none.js'), `const name = require('./name.js');\nmodule.exports = ${adversary};\n`);
  for (const name of ['module.js', 'none.js']) {
    const args = ['sim', 'acs', '--faulty', '1', '--adversary', `./${name}`, '--heights', '1'];
    const ended = await nodeProcess(lab, PROGRAM, ...args);
    expect({ name, ...ended }).toMatchObject({ name, code: 0, stderr: '' });
  }
});

describe('the page on experiments of one’s own', () => {
  const page = readFileSync(join(root, 'docs/OWN-EXPERIMENTS.md'), 'utf8');
  const cli = (...args: string[]) => nodeProcess(scratch, 'node_modules/velum/dist/cli/main.js', ...args);
  const files = [...page.matchAll(/```ts\n\/\/ ([\w-]+\.ts)\n([\s\S]*?)```/g)];

  beforeAll(() => {
    for (const [, name, text] of files) writeFileSync(join(scratch, name!), text!);
    writeFileSync(join(scratch, 'latencies.csv'), /```\n(from,to,ms\n[\s\S]*?)```/.exec(page)![1]!);
  });

  test('has files that a strict project compiles', async () => {
    expect(files.map(([, name]) => name)).toEqual(['half-spoken.ts', 'hidden-ballots.ts', 'attacked.ts']);
    const options = {
      compilerOptions: {
        ...{ target: 'ES2023', module: 'NodeNext', strict: true, noUncheckedIndexedAccess: true },
        ...{
          exactOptionalPropertyTypes: true,
          allowImportingTsExtensions: true,
          noEmit: true,
          types: ['node'],
        },
      },
      files: files.map(([, name]) => name),
    };
    writeFileSync(join(scratch, 'tsconfig.json'), JSON.stringify(options));
    writeFileSync(join(scratch, 'package.json'), '{"name":"lab","type":"module"}');
    const compiled = await nodeProcess(scratch, join(root, 'node_modules/typescript/bin/tsc'), '-p', '.');
    expect(compiled).toMatchObject({ code: 0, stdout: '' });
  });

  test('has commands of the simulator that end well, with the adversary, the attack and the latencies', async () => {
    const commands = [...page.matchAll(/^npx velum (sim .*)$/gm)].map(([, line]) => line!);
    expect(commands).toHaveLength(5);
    for (const line of commands)
      expect({ line, ...(await cli(...line.split(' '))) }).toMatchObject({ line, code: 0 });
  });

  test('has an experiment with an attack on a committee that runs', async () => {
    const run = await cli('experiment', 'run', './attacked.ts', '--quick', '--out', 'attacked');
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(readFileSync(join(scratch, 'attacked/plot.svg'), 'utf8')).toContain('hidden-ballots');
  });
});

describe('the examples for many machines', () => {
  const folder = join(root, 'docs/many-machines');
  const PARTS = ['1', '2', '3', '4', '5', '6', '7', '8'];
  const inShell = (
    shell: string,
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): void => {
    const { status, stderr } = spawnSync(shell, args, {
      cwd: scratch,
      env: { ...process.env, ...env },
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  };

  beforeAll(async () => {
    mkdirSync(join(scratch, 'node_modules/.bin'));
    const command = join(scratch, 'node_modules/.bin/velum');
    writeFileSync(command, `#!/bin/sh\nexec node '${PROGRAM}' "$@"\n`, { mode: 0o755 });
    expect((await velum('run', './mine.ts', '--out', 'one')).code).toBe(0);
  });
  afterEach(() => {
    for (const each of ['parts', 'merged', 'together'])
      rmSync(join(scratch, each), { recursive: true, force: true });
  });
  async function expectOneRun(): Promise<void> {
    const parts = PARTS.map((part) => `parts/${part}`);
    const merged = await velum('merge', ...parts, '--file', './mine.ts', '--out', 'together');
    expect(merged).toMatchObject({ code: 0 });
    for (const name of ['results.json', 'results.csv', 'columns.csv'])
      expect(
        readFileSync(join(scratch, 'together', name)).equals(readFileSync(join(scratch, 'one', name))),
      ).toBe(true);
  }

  test('Slurm: the tasks of the array together are one run', async () => {
    const slurm = readFileSync(join(folder, 'slurm.sh'), 'utf8');
    expect(slurm).toContain('#SBATCH --array=1-8');
    for (const task of PARTS)
      inShell('bash', [join(folder, 'slurm.sh')], { SLURM_ARRAY_TASK_ID: task, SLURM_CPUS_PER_TASK: '2' });
    await expectOneRun();
  });

  test('Kubernetes: the indexes of the job together are one run', async () => {
    const job = readFileSync(join(folder, 'kubernetes.yaml'), 'utf8');
    expect(job).toContain('completions: 8');
    const command = /command: \['sh', '-c', '(.*)'\]/.exec(job)![1]!;
    for (const part of PARTS) inShell('sh', ['-c', command], { JOB_COMPLETION_INDEX: `${Number(part) - 1}` });
    await expectOneRun();
  });

  test('GNU parallel, where it is installed: the machines of the list together make one run', async ({
    skip,
  }) => {
    if (spawnSync('parallel', ['--version']).status !== 0) skip('apt-get install parallel');
    // This machine, without ssh.
    writeFileSync(join(scratch, 'machines.txt'), ':\n');
    const { status, stderr } = spawnSync('bash', [join(folder, 'parallel.sh')], {
      cwd: scratch,
      encoding: 'utf8',
    });
    expect(status, stderr).toBe(0);
    await expectOneRun();
  });
});

/** How a command ends that hears Ctrl-C in the middle of its work. */
async function interrupted(...args: string[]): Promise<unknown> {
  const child = spawn(process.execPath, [PROGRAM, 'sim', 'acs', ...args], { cwd: scratch, stdio: 'ignore' });
  try {
    await vi.waitUntil(() => processorTicks(child.pid!) > 300, { timeout: 300_000, interval: 100 });
    child.kill('SIGINT');
    return await once(child, 'exit');
  } finally {
    child.kill('SIGKILL');
  }
}

test('Ctrl-C ends a simulation that computes, and an adversary that never comes to an end', async () => {
  writeFileSync(join(scratch, 'endless.mjs'), "export default { name: 'endless', open() { for (;;); } };\n");
  expect(await interrupted('--heights', '100000')).toEqual([null, 'SIGINT']);
  expect(await interrupted('--faulty', '1', '--adversary', './endless.mjs')).toEqual([null, 'SIGINT']);
});
