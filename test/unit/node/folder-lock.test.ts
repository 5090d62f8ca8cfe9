import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { FolderLock } from '../../../src/node/folder-lock.ts';

/** Called before each step on the disk that changes a lock. */
const disk = vi.hoisted(() => ({ before: (): void => {} }));
vi.mock('node:fs', async (original) => {
  const real = await original<typeof import('node:fs')>();
  const watched =
    <A extends unknown[], R>(work: (...args: A) => R) =>
    (...args: A): R => {
      disk.before();
      return work(...args);
    };
  return { ...real, linkSync: watched(real.linkSync), rmSync: watched(real.rmSync) };
});

const scratch = mkdtempSync(join(tmpdir(), 'velum-lock-'));
const OWN = process.pid;
/** No process has these numbers. */
const DEAD = [1, 2, 3].map((k) => 2 ** 22 + k);

afterEach(() => {
  disk.before = () => {};
  be(OWN);
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** From now on this is another process, as far as locks can tell. */
function be(pid: number): void {
  Object.defineProperty(process, 'pid', { value: pid });
}

let folders = 0;
/** A folder with the lock of a dead process. */
function deserted(): string {
  const dir = join(scratch, `${folders++}`);
  mkdirSync(dir);
  be(DEAD[0]!);
  new FolderLock(dir);
  be(OWN);
  return dir;
}

/** Its k-th step on the disk, and all after it, do not happen. @returns whether it came so far */
function dies(dir: string, pid: number, k: number): boolean {
  let steps = 0;
  be(pid);
  disk.before = () => {
    if (++steps >= k) throw new Error('dead');
  };
  try {
    new FolderLock(dir);
    return false;
  } catch {
    return true;
  } finally {
    disk.before = () => {};
    be(OWN);
  }
}

/** A take-over has fewer. */
const MOST_STEPS = 12;
const left = (dir: string): string[] => readdirSync(dir).filter((name) => name.startsWith('lock'));
const refused = expect.objectContaining({ code: 'NODE_FOLDER_LOCKED' });

test('processes that die one after the other at any step while they take over a dead lock keep nobody out', () => {
  let deaths = 0;
  for (let first = 1; first <= MOST_STEPS; first++) {
    for (let second = 1; second <= MOST_STEPS; second++) {
      const dir = deserted();
      deaths += Number(dies(dir, DEAD[1]!, first)) + Number(dies(dir, DEAD[2]!, second));
      new FolderLock(dir);
      expect([first, second, left(dir)]).toEqual([first, second, ['lock']]);
    }
  }
  expect([deaths > MOST_STEPS * 9, deaths < 2 * MOST_STEPS ** 2]).toEqual([true, true]);
});

test('of two living processes that take over a dead lock one has it, whenever the other one comes', () => {
  const other = process.ppid;
  for (let at = 1; ; at++) {
    const dir = deserted();
    // One died in a take-over before.
    dies(dir, DEAD[1]!, 3);
    let steps = 0;
    const won: number[] = [];
    const tries = (pid: number): void => {
      be(pid);
      try {
        new FolderLock(dir);
        won.push(pid);
      } catch (error) {
        expect(error).toEqual(refused);
      }
    };
    disk.before = () => {
      if (++steps !== at) return;
      disk.before = () => {};
      tries(other);
      be(OWN);
    };
    tries(OWN);
    expect([at, won.length, existsSync(join(dir, 'lock'))]).toEqual([at, 1, true]);
    be(OWN);
    expect(() => new FolderLock(dir)).toThrow(refused);
    if (steps < at) return expect(at).toBeGreaterThan(6);
  }
});

test('a dead lock that a living process takes over is left to it', () => {
  const dir = deserted();
  // It stands still right before it removes the dead lock.
  expect(dies(dir, process.ppid, 3)).toBe(true);
  expect(() => new FolderLock(dir)).toThrow(refused);
  expect(left(dir).length).toBeGreaterThan(1);
});

test('a file beside a lock that nobody can read is left alone', () => {
  const dir = deserted();
  const texts = { 'lock.1': `process ${DEAD[1]} of ${hostname()}, started some time`, 'lock.2': 'what?' };
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(dir, name), text);
  new FolderLock(dir);
  expect(left(dir)).toEqual(['lock', 'lock.2']);
});
