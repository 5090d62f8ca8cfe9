import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { FileError } from '../../../src/base/errors.ts';
import type { Store } from '../../../src/host/store.ts';
import { FileSafe } from '../../../src/node/file-safe.ts';
import { FileStore } from '../../../src/node/file-store.ts';
import { height } from '../../../src/params/ids.ts';
import { keys, OWNER } from '../../helpers/member-secrets.ts';

/** The disk is full from this call on that may need room; to take a file away needs none. */
const disk = vi.hoisted(() => ({ calls: 0, fullAt: Number.POSITIVE_INFINITY }));

vi.mock('node:fs', async (original) => {
  const real = await original<typeof import('node:fs')>();
  const full = (call: string): Error =>
    Object.assign(new Error(`ENOSPC: no space left on device, ${call}`), { code: 'ENOSPC', errno: -28 });
  const needsRoom =
    <A extends unknown[], R>(name: string, work: (...args: A) => R) =>
    (...args: A): R => {
      if (++disk.calls >= disk.fullAt) throw full(name);
      return work(...args);
    };
  return {
    ...real,
    // A part fits, and the caller writes the rest as a next call.
    writeSync: needsRoom('write', (file: number, bytes: Uint8Array, at: number) =>
      real.writeSync(file, bytes, at, Math.ceil((bytes.length - at) / 2)),
    ),
    openSync: (path: string, flags: string | number, mode?: number) => {
      const makes = flags === 'w' || (flags === 'a' && !real.existsSync(path));
      if (makes && ++disk.calls >= disk.fullAt) throw full('open');
      return real.openSync(path, flags, mode);
    },
    // Where room is found late it is missed here.
    fdatasyncSync: needsRoom('fdatasync', () => {}),
    fsyncSync: needsRoom('fsync', () => {}),
    ftruncateSync: needsRoom('ftruncate', real.ftruncateSync),
    mkdirSync: needsRoom('mkdir', real.mkdirSync),
    linkSync: needsRoom('link', real.linkSync),
    renameSync: needsRoom('rename', real.renameSync),
    writeFileSync: needsRoom('write', real.writeFileSync),
  };
});

const scratch = mkdtempSync(join(tmpdir(), 'velum-full-'));
afterAll(() => {
  disk.fullAt = Number.POSITIVE_INFINITY;
  rmSync(scratch, { recursive: true, force: true });
});

const bytes = (...all: number[]): Uint8Array => Uint8Array.from(all);
const TO_DO = 'the disk is full: make room, then start again';

/** Fills the disk at the k-th call, for every k, until the work does not need so many. @returns how often it was full */
function fullAtEveryCall(work: (dir: string) => void, after: (dir: string, problem: string) => void): number {
  for (let k = 1; ; k++) {
    const dir = join(scratch, `${expect.getState().currentTestName!.length}-${k}`);
    disk.calls = 0;
    disk.fullAt = k;
    let error: unknown;
    try {
      work(dir);
    } catch (thrown) {
      error = thrown;
    }
    disk.fullAt = Number.POSITIVE_INFINITY;
    if (error === undefined) return k - 1;
    if (!FileError.is(error, 'FILE_UNWRITABLE')) throw error;
    after(dir, error.message);
  }
}

describe('a full disk is named at every write, and what is there opens again once there is room', () => {
  test('a store', () => {
    let appended = 0;
    let durable = 0;
    let open: FileStore | undefined;
    const work = (dir: string): void => {
      [appended, durable, open] = [0, 0, undefined];
      FileStore.create(dir);
      open = new FileStore(dir);
      const store: Store = open;
      const append = (...all: number[]): void => {
        appended += 1;
        store.append(bytes(...all), () => {
          durable += 1;
        });
      };
      append(1, 2, 3, 4);
      store.begin(bytes(10, 11));
      store.putBlock(height(1), bytes(9, 9, 9));
      append(5, 6);
      store.cut(1);
      store.begin(bytes(20, 21));
      store.putEnd(bytes(8));
      append(7);
      store.begin(bytes(30));
      open.close();
      open = undefined;
    };
    const times = fullAtEveryCall(work, (dir, problem) => {
      expect(problem).toContain(dir);
      expect(problem).toContain(TO_DO);
      // Nothing leaves that is not written.
      expect(appended - durable).toBeLessThanOrEqual(1);
      // As the process ends.
      open?.close();
      const again = new FileStore(dir);
      const length = (): number => again.load().at(-1)!.log.length;
      const before = length();
      again.append(bytes(42), () => {});
      expect(length()).toBe(before + 1);
      again.begin(bytes(50));
      expect([...again.load().at(-1)!.snapshot!]).toEqual([50]);
      again.close();
    });
    expect(times).toBeGreaterThan(30);
  });

  test('a safe with its secrets', () => {
    let open: FileSafe | undefined;
    /** What may be there: what was put last, or what is being put. */
    let mayBe: unknown[] = [];
    const work = (dir: string): void => {
      open = undefined;
      mayBe = [undefined];
      open = new FileSafe(dir, OWNER);
      open.store(1).append(bytes(1), () => {});
      mayBe = [undefined, keys(1)];
      open.put('keys', 1, keys(1));
      mayBe = [keys(1), keys(2)];
      open.put('keys', 1, keys(2));
      mayBe = [keys(2)];
      open.put('registration', 2, bytes(4, 5));
      open.erase('registration', 2);
      open.close();
      open = undefined;
    };
    const times = fullAtEveryCall(work, (dir, problem) => {
      expect(problem).toContain(dir);
      expect(problem).toContain(TO_DO);
      open?.close();
      const again = new FileSafe(dir, OWNER);
      expect(mayBe).toContainEqual(again.read('keys', 1));
      again.put('keys', 1, keys(3));
      expect(again.read('keys', 1)).toEqual(keys(3));
      again.erase('registration', 2);
      expect(again.read('registration', 2)).toBeUndefined();
      again.close();
    });
    expect(times).toBeGreaterThan(30);
  });
});
