import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { FileError } from '../../../src/base/errors.ts';
import { MemoryStore } from '../../../src/host/memory-store.ts';
import type { Store } from '../../../src/host/store.ts';
import { BackgroundStore } from '../../../src/node/background-store.ts';
import { FileStore, readFolder } from '../../../src/node/file-store.ts';
import { height } from '../../../src/params/ids.ts';
import { disk } from '../../helpers/mortal-disk.ts';

/** A disk that is full when it is asked in the background. */
const full = vi.hoisted(() => ({ isFull: false }));

vi.mock('node:fs', async (original) => {
  const { mortalDisk } = await import('../../helpers/mortal-disk.ts');
  const real = mortalDisk(await original<typeof import('node:fs')>()) as typeof import('node:fs');
  const fdatasync = (file: number, onDone: (error: Error | null) => void): void => {
    if (full.isFull) setImmediate(() => onDone(Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' })));
    else real.fdatasync(file, onDone);
  };
  return { ...real, fdatasync };
});

const scratch = mkdtempSync(join(tmpdir(), 'velum-background-'));
afterAll(() => {
  disk.diesAt = Number.POSITIVE_INFINITY;
  rmSync(scratch, { recursive: true, force: true });
});
const bytes = (...all: number[]): Uint8Array => Uint8Array.from(all);

/** What a host does, one byte of an append after the other: a crash leaves any part of those that are written together. */
const CALLS: readonly ((store: Store, onDurable: () => void) => void)[] = [
  ...[1, 2, 3, 4].map((byte) => (store: Store, said: () => void) => store.append(bytes(byte), said)),
  (store) => store.putBlock(height(1), bytes(9, 9)),
  (store) => store.begin(bytes(10, 11)),
  ...[5, 6].map((byte) => (store: Store, said: () => void) => store.append(bytes(byte), said)),
  (store) => store.putEnd(bytes(8)),
  (store) => store.begin(bytes(20)),
  ...[7].map((byte) => (store: Store, said: () => void) => store.append(bytes(byte), said)),
];

const shown = (store: Pick<Store, 'load' | 'block' | 'end'>): string =>
  JSON.stringify([
    store.load().map(({ snapshot, log }) => [snapshot && [...snapshot], [...log]]),
    [...(store.block(height(1)) ?? [])],
    [...(store.end() ?? [])],
  ]);

/** What a store shows after each number of calls, and after how many of them each append is durable. */
function expected(): { readonly states: readonly string[]; readonly appended: readonly number[] } {
  const store = new MemoryStore();
  const states = [shown(store)];
  const appended: number[] = [];
  for (const call of CALLS) {
    call(store, () => appended.push(states.length));
    states.push(shown(store));
  }
  return { states, appended };
}

function opened(name: string) {
  const dir = join(scratch, name);
  FileStore.create(dir);
  const files = new FileStore(dir);
  const failures: unknown[] = [];
  const store = new BackgroundStore(files, {
    run: (work) => work(),
    failed: (error) => void failures.push(error),
  });
  return { dir, files, store, failures };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a process that dies while the disk works leaves calls done in their order, and all of which it was told', async () => {
  const { states, appended } = expected();
  let deaths = 0;
  for (let step = 1, isDead = true; isDead; step++) {
    const { dir, files, store, failures } = opened(`death-${step}`);
    disk.steps = 0;
    disk.diesAt = step;
    let told = 0;
    let isDone = false;
    for (const call of CALLS)
      call(store, () => {
        told += 1;
      });
    store.append(bytes(99), () => {
      isDone = true;
    });
    while (!isDone && disk.steps < step && failures.length === 0) await turn();
    isDead = !isDone;
    if (isDead) deaths += 1;
    disk.diesAt = Number.POSITIVE_INFINITY;
    files.close();
    const left = shown(readFolder(dir)).replace(',99]', ']');
    const found = states.lastIndexOf(left);
    expect(found, `step ${step}: ${left}`).toBeGreaterThanOrEqual(told === 0 ? 0 : appended[told - 1]!);
    new FileStore(dir).close();
  }
  expect(deaths).toBeGreaterThan(30);
});

test('returns before the disk is asked, writes what waits together, and reads back what waits', async () => {
  const { dir, files, store } = opened('together');
  const said: number[] = [];
  for (let i = 1; i <= 20; i++) store.append(bytes(i), () => said.push(i));
  store.putBlock(height(1), bytes(5));
  expect([said, store.block(height(1)), readFolder(dir).block(height(1))]).toEqual([[], bytes(5), undefined]);
  const before = disk.steps;
  while (said.length < 20) await turn();
  expect(said).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  expect(disk.steps - before, 'not one write for each').toBeLessThan(10);
  store.flush();
  files.close();
});

test('is busy until what it was given is written, and its owner hears of that afterwards', async () => {
  const dir = join(scratch, 'busy');
  FileStore.create(dir);
  const files = new FileStore(dir);
  const heard: boolean[] = [];
  const store: BackgroundStore = new BackgroundStore(files, {
    run: (work) => {
      work();
      // An owner looks at a later turn: by then what waited is under way, or nothing is.
      setImmediate(() => heard.push(store.isBusy));
    },
    failed: () => {},
  });
  expect(store.isBusy).toBe(false);
  store.append(bytes(1), () => {});
  store.putBlock(height(1), bytes(5));
  expect(store.isBusy).toBe(true);
  while (heard.length < 2) await turn();
  expect([heard.at(-1), store.isBusy]).toEqual([false, false]);
  files.close();
});

test('waits for the disk when it is told to, also for what that leads to, and goes on in the background', async () => {
  const { dir, files, store } = opened('flush');
  const said: number[] = [];
  store.append(bytes(1), () => {
    said.push(1);
    store.begin(bytes(10));
    store.append(bytes(2), () => said.push(2));
  });
  store.flush();
  expect(said).toEqual([1, 2]);
  expect(shown(readFolder(dir))).toBe('[[[null,[1]],[[10],[2]]],[],[]]');
  store.append(bytes(3), () => said.push(3));
  while (said.length < 3) await turn();
  files.close();
});

test('a disk that is full later is named once, and nothing more is said or written', async () => {
  const { dir, files, store, failures } = opened('full');
  let told = 0;
  full.isFull = true;
  const tell = (): void => {
    told += 1;
  };
  store.append(bytes(1), tell);
  store.putBlock(height(1), bytes(5));
  while (failures.length === 0) await turn();
  full.isFull = false;
  store.append(bytes(2), tell);
  await turn();
  files.close();
  expect([told, failures.length, readFolder(dir).block(height(1))]).toEqual([0, 1, undefined]);
  expect(FileError.is(failures[0], 'FILE_UNWRITABLE')).toBe(true);
  expect(String((failures[0] as Error).message)).toContain(`${dir}/0.log`);
});
