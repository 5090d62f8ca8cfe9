import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkOutDirectory, readTextFile, writeOutDirectory } from '../../../src/cli/io.ts';
import { openProgress } from '../../../src/cli/progress.ts';
import { table, wrap } from '../../../src/cli/table.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'velum-io-'));
});
afterEach(() => rm(dir, { recursive: true }));

describe('files', () => {
  test('are read up to their limit and no further', async () => {
    const path = join(dir, 'a.txt');
    await writeFile(path, 'ü'.repeat(5));
    expect(await readTextFile(path, 10)).toBe('üüüüü');
    await expect(readTextFile(path, 9)).rejects.toThrow(/a\.txt is larger than 9 bytes/);
    await expect(readTextFile('/dev/zero', 1000)).rejects.toThrow(/it is no file/);
  });

  test('that are no UTF-8 are refused, not mended', async () => {
    await writeFile(join(dir, 'a.txt'), Uint8Array.of(0x61, 0xff));
    await expect(readTextFile(join(dir, 'a.txt'), 10)).rejects.toThrow(/not UTF-8/);
  });

  test.each(['../evil', '/etc/evil', 'a/../../evil', 'a//b', '', '..', 'a\\b'])(
    'never leave the output directory: %j',
    async (path) => {
      await expect(writeOutDirectory(join(dir, 'out'), [{ path, text: 'x' }])).rejects.toThrow(/stays in/);
      expect(await readdir(dir)).toEqual([]);
    },
  );

  test('are all written or none', async () => {
    const twice = [
      { path: 'a/b.json', text: '1' },
      { path: 'a/b.json', text: '2' },
    ];
    await expect(writeOutDirectory(join(dir, 'out'), twice)).rejects.toMatchObject({
      code: 'FILE_UNWRITABLE',
    });
    expect(await readdir(dir)).toEqual([]);
  });

  test('replace an earlier output only when all of them are there', async () => {
    const out = join(dir, 'out');
    await writeOutDirectory(out, [{ path: 'report.json', text: 'old' }]);
    const broken = [
      { path: 'report.json', text: 'new' },
      { path: 'report.json/under-a-file', text: '' },
    ];
    await expect(writeOutDirectory(out, broken)).rejects.toMatchObject({ code: 'FILE_UNWRITABLE' });
    expect(await readFile(join(out, 'report.json'), 'utf8')).toBe('old');
    await writeOutDirectory(out, [{ path: 'a.json', text: 'new' }]);
    expect([await readdir(dir), await readdir(out)]).toEqual([['out'], ['a.json']]);
  });

  test('through a symbolic link replace the link, not what it names', async () => {
    await mkdir(join(dir, 'elsewhere'));
    await writeFile(join(dir, 'elsewhere/report.json'), '{"velum":"epoch"}');
    await symlink(join(dir, 'elsewhere'), join(dir, 'out'));
    await checkOutDirectory(join(dir, 'out'), true);
    await writeOutDirectory(join(dir, 'out'), [{ path: 'a.json', text: '' }]);
    expect(await readdir(join(dir, 'elsewhere'))).toEqual(['report.json']);
    expect(await readdir(join(dir, 'out'))).toEqual(['a.json']);
  });

  test('do not replace a directory whose report is a pipe, nor wait for it', async () => {
    execFileSync('mkfifo', [join(dir, 'report.json')]);
    await expect(checkOutDirectory(dir, true)).rejects.toMatchObject({ code: 'OUT_EXISTS' });
  });

  test('a directory that takes none is refused before any work', async () => {
    await writeFile(join(dir, 'file'), '');
    for (const out of [join(dir, 'file/out'), '/proc/out', '/dev/null/out'])
      await expect(checkOutDirectory(out, false)).rejects.toMatchObject({ code: 'FILE_UNWRITABLE' });
  });
});

describe('tables', () => {
  test('line up by the widest cell, without spaces at the end', () => {
    expect(
      table(
        [
          ['a', 'bb', 'c'],
          ['dddd', 'e', ''],
        ],
        ['left', 'right'],
      ),
    ).toEqual(['  a     bb  c', '  dddd   e']);
  });

  test('text breaks at spaces, and inside a word only where it is too long', () => {
    expect(wrap('one two incomprehensible x', 9, 2)).toEqual([
      '  one two',
      '  incompr',
      '  ehensib',
      '  le x',
    ]);
  });
});

test('progress gives a terminal its cursor and its line ends back, also when the program exits', () => {
  const { cursor, wrapping } = { cursor: '\u001b[?25', wrapping: '\u001b[?7' };
  const module = resolve(import.meta.dirname, '../../../dist/cli/progress.js');
  const script = `
    process.stderr.isTTY = true;
    const { openProgress } = await import(${JSON.stringify(module)});
    openProgress(true).update({ height: 1, stage: 'prove', done: 0, total: 2 });
    process.exit();`;
  const drawn = execFileSync('sh', ['-c', 'node --input-type=module -e "$0" 2>&1', script], {
    encoding: 'utf8',
  });
  for (const code of [cursor, wrapping]) {
    expect(drawn).toContain(`${code}l`);
    expect(drawn.lastIndexOf(`${code}h`)).toBeGreaterThan(drawn.lastIndexOf(`${code}l`));
  }
});

test('progress is silent where nobody watches', () => {
  const progress = openProgress(false);
  progress.update({ height: 1, stage: 'prove', done: 1, total: 2 });
  progress.stop();
});
