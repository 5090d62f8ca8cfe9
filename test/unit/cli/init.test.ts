import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findProject, sourceFile } from '../../../src/project/project-file.ts';
import { velumIn } from '../../helpers/cli.ts';

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'velum-init-'));
});
afterEach(() => rm(cwd, { recursive: true }));
const init = (...args: string[]) => velumIn(cwd, 'init', ...args);
const read = (path: string): Promise<string> => readFile(join(cwd, path), 'utf8');

describe('velum init', () => {
  test('makes a project whose circuit and inputs are there, in a folder that it makes', async () => {
    const { exitCode, out } = await init('My Circuits');
    expect(exitCode).toBe(0);
    expect(out).toContain('wrote circuits.json');
    expect(out).toContain('npx velum test');
    const project = findProject(join(cwd, 'My Circuits'))!;
    const entry = project.circuits.get('covers')!;
    expect(await readFile(sourceFile(project, entry), 'utf8')).toContain('template Covers');
    for (const input of [...entry.tests.pass, ...entry.tests.fail.map((one) => one.input)])
      expect(Object.keys(JSON.parse(await read(join('My Circuits', input))))).toEqual([
        'amount',
        'balance',
        'salt',
      ]);
    expect(JSON.parse(await read('My Circuits/package.json'))).toEqual({
      name: 'my-circuits',
      private: true,
      scripts: { circuits: 'velum test' },
    });
    expect(await read('My Circuits/.github/workflows/circuits.yml')).toContain('npx velum test');
  });

  test('adds one script to a package.json and changes nothing else of it', async () => {
    const before = '{\n\t"name": "x",\n\t"scripts": {\n\t\t"test": "node --test"\n\t},\n\t"z": true\n}\n';
    await writeFile(join(cwd, 'package.json'), before);
    expect((await init()).exitCode).toBe(0);
    expect(await read('package.json')).toBe(
      before.replace('"node --test"\n', '"node --test",\n\t\t"circuits": "velum test"\n'),
    );
  });

  test('overwrites nothing, whatever is there: a file, a folder or a link', async () => {
    await writeFile(join(cwd, 'circuits.json'), 'mine');
    await mkdir(join(cwd, 'test/covers.test.mjs'), { recursive: true });
    await symlink(join(cwd, 'elsewhere'), join(cwd, '.gitignore'));
    const { exitCode, out } = await init('--json');
    expect(exitCode).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ kept: ['circuits.json', '.gitignore', 'test/covers.test.mjs'] });
    expect(await read('circuits.json')).toBe('mine');
    expect(await readdir(cwd)).not.toContain('elsewhere');
    const files = await readdir(cwd, { recursive: true });
    expect(JSON.parse((await init('--json')).out)).toMatchObject({ written: [], script: false });
    expect(await readdir(cwd, { recursive: true })).toEqual(files);
  });

  test.each([
    ['{"a":\n', 'package.json:2:1'],
    ['[]', 'is no package.json'],
    ['{"scripts": 1}', 'is no package.json'],
  ])('says what is wrong with a package.json %j, and writes nothing', async (text, told) => {
    await writeFile(join(cwd, 'package.json'), text);
    const { exitCode, err } = await init();
    expect(exitCode).toBe(2);
    expect(err).toContain(told);
    expect(await readdir(cwd)).toEqual(['package.json']);
  });

  test('refuses a folder that is a file', async () => {
    await writeFile(join(cwd, 'file'), '');
    const { exitCode, err } = await init('file');
    expect(exitCode).toBe(2);
    expect(err).toContain('FILE_UNWRITABLE');
  });
});
