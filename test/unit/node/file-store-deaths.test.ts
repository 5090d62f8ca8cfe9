import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { MemoryStore } from '../../../src/host/memory-store.ts';
import type { Store } from '../../../src/host/store.ts';
import { FileStore } from '../../../src/node/file-store.ts';
import { height } from '../../../src/params/ids.ts';
import { disk } from '../../helpers/mortal-disk.ts';

vi.mock('node:fs', async (original) => {
  const { mortalDisk } = await import('../../helpers/mortal-disk.ts');
  return mortalDisk(await original<typeof import('node:fs')>());
});

const scratch = mkdtempSync(join(tmpdir(), 'velum-deaths-'));
afterAll(() => {
  disk.diesAt = Number.POSITIVE_INFINITY;
  rmSync(scratch, { recursive: true, force: true });
});
const bytes = (...all: number[]): Uint8Array => Uint8Array.from(all);

const CALLS: readonly ((store: Store) => void)[] = [
  (store) => store.append(bytes(1, 2, 3, 4), () => {}),
  (store) => store.begin(bytes(10, 11)),
  (store) => store.putBlock(height(1), bytes(9, 9, 9)),
  (store) => store.append(bytes(5, 6), () => {}),
  (store) => store.cut(1),
  (store) => store.begin(bytes(20, 21)),
  (store) => store.append(bytes(7), () => {}),
  (store) => store.begin(bytes(30)),
];

const shown = (store: Store): string =>
  JSON.stringify([
    store.load().map(({ snapshot, log }) => [snapshot && [...snapshot], [...log]]),
    [...(store.block(height(1)) ?? [])],
  ]);

/** Notes what is appended. */
class Recorder extends MemoryStore {
  readonly #appended: number[];

  constructor(appended: number[]) {
    super();
    this.#appended = appended;
  }

  override append(log: Uint8Array): void {
    this.#appended.push(...log);
  }
}

/** What a store holds before each call and after the last one, and within an append. */
function states(): { readonly before: string; readonly torn: readonly string[]; readonly after: string }[] {
  return CALLS.map((call, i) => {
    const after = (n: number): MemoryStore => {
      const store = new MemoryStore();
      for (const each of CALLS.slice(0, n)) each(store);
      return store;
    };
    const appended: number[] = [];
    call(new Recorder(appended));
    const torn = appended.map((_, length) => {
      const store = after(i);
      store.append(Uint8Array.from(appended.slice(0, length)), () => {});
      return shown(store);
    });
    return { before: shown(after(i)), torn, after: shown(after(i + 1)) };
  });
}

test('a process that dies at any step on the disk leaves a folder that opens, with the last call done or not', () => {
  const expected = states();
  let deaths = 0;
  for (let step = 1; ; step++) {
    const dir = join(scratch, String(step));
    disk.diesAt = Number.POSITIVE_INFINITY;
    FileStore.create(dir);
    const store = new FileStore(dir);
    disk.steps = 0;
    disk.diesAt = step;
    let call = 0;
    try {
      for (; call < CALLS.length; call++) CALLS[call]!(store);
    } catch {
      deaths += 1;
    }
    disk.diesAt = Number.POSITIVE_INFINITY;
    // Its lock is that of this process, which lives.
    rmSync(join(dir, 'lock'), { force: true });
    const again = new FileStore(dir);
    if (call === CALLS.length) {
      expect(shown(again)).toBe(expected.at(-1)!.after);
      again.close();
      break;
    }
    const { before, torn, after } = expected[call]!;
    expect([before, ...torn, after], `step ${step}, call ${call}`).toContain(shown(again));
    expect(again.forgotten, `step ${step}`).toBeUndefined();
    // It goes on.
    const logOf = (): number => again.load().at(-1)!.log.length;
    const length = logOf();
    again.append(bytes(42), () => {});
    again.begin(bytes(50));
    expect([again.load().at(-2)!.log.length, logOf()]).toEqual([length + 1, 0]);
    again.close();
  }
  expect(deaths).toBeGreaterThan(40);
});
