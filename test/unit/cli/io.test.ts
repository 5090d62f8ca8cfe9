import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readTextFile, writeOutDirectory } from '../../../src/cli/io.ts';
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
    await expect(readTextFile('/dev/zero', 1000)).rejects.toThrow(/larger than 1000 bytes/);
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

test('progress is silent where nobody watches', () => {
  const progress = openProgress(false);
  progress.update({ height: 1, stage: 'prove', done: 1, total: 2 });
  progress.stop();
});
