import { mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { makeFolders } from '../../../src/groth16/make-folders.ts';

const scratch = mkdtempSync(join(tmpdir(), 'velum-folders-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

test('makes what is missing, with the mode, and leaves what is there', () => {
  const inner = join(scratch, 'a/b/c');
  makeFolders(inner, 0o700);
  makeFolders(inner, 0o755);
  for (const dir of [inner, join(scratch, 'a')]) expect(statSync(dir).mode & 0o777).toBe(0o700);
});

test('ends where a file stands in the way, a link leads nowhere, or the system takes no folder', () => {
  writeFileSync(join(scratch, 'file'), '');
  symlinkSync(join(scratch, 'nowhere'), join(scratch, 'link'));
  for (const [dir, code] of [
    ['file', 'ENOTDIR'],
    ['file/below', 'ENOTDIR'],
    ['link', 'EEXIST'],
    ['/dev/full/below', 'ENOTDIR'],
  ] as const)
    expect(() => makeFolders(dir.startsWith('/') ? dir : join(scratch, dir))).toThrow(
      expect.objectContaining({ code }),
    );
  // Node's own mkdir, recursive, never returns from this.
  expect(() => makeFolders('/proc/velum/below')).toThrow();
});
