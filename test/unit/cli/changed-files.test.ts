import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { changesOf } from '../../../src/cli/changed-files.ts';

let dir: string;
const at = (name: string): string => join(dir, name);
/** Before the tests, so that only what they do is a change. */
const LONG_AGO = new Date('2020-01-01');
const never = new AbortController().signal;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'velum-changes-'));
});
beforeEach(async () => {
  for (const name of ['a', 'b']) {
    await writeFile(at(name), 'one');
    await utimes(at(name), LONG_AGO, LONG_AGO);
  }
  await rm(at('c'), { force: true });
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const changes = async (work: () => Promise<unknown>): Promise<string[]> => {
  const waiting = changesOf([at('a'), at('b'), at('c')], new Date(), never);
  // The first look is taken at once; what happens later is seen by the next.
  setTimeout(() => void work(), 1000);
  return [...(await waiting)!].sort();
};

test('a file that is written, comes or goes is a change, and no other', async () => {
  expect(await changes(() => writeFile(at('b'), 'two'))).toEqual([at('b')]);
  expect(await changes(() => writeFile(at('c'), 'new'))).toEqual([at('c')]);
  expect(await changes(() => rm(at('a')))).toEqual([at('a')]);
});
test('what was written after it was read has changed already', async () => {
  const since = new Date(Date.now() - 1000);
  await writeFile(at('a'), 'two');
  expect(await changesOf([at('a'), at('b')], since, never)).toEqual(new Set([at('a')]));
});
test('a signal ends the waiting', async () => {
  expect(await changesOf([at('a')], new Date(), AbortSignal.timeout(50))).toBeUndefined();
});
