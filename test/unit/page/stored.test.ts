import { afterEach, expect, test, vi } from 'vitest';
import type { Stored } from '../../../src/page/worker/stored-values.ts';

/** By its name: it has the types of browsers, which are not those of tests. */
const FILE = '../../../src/page/worker/stored.ts';
const { openStored } = (await import(FILE)) as { openStored(): Promise<Stored> };

afterEach(() => void vi.unstubAllGlobals());

/** The part of a browser's database that is used, which takes writes back at the end of their transaction for as long as it is full. */
function database(isFull: () => boolean): { readonly kept: Map<string, unknown> } {
  const kept = new Map<string, unknown>();
  const later = (call: () => void): void => void setTimeout(call);
  const request = (result: unknown): Record<string, unknown> & { onsuccess?: () => void } => {
    const asked = { result } as ReturnType<typeof request>;
    later(() => asked.onsuccess?.());
    return asked;
  };
  const transaction = (_: string, mode = 'readonly', options: object = {}) => {
    const begun = {
      error: null as unknown,
      oncomplete: () => {},
      onabort: () => {},
      objectStore: () => store,
    };
    const changed = new Map(kept);
    const store = {
      get: (name: string) => request(kept.get(name)),
      put: (value: unknown, name: string) => request(changed.set(name, value)),
      add: (value: unknown, name: string) => {
        if (changed.has(name)) begun.error = new DOMException('taken', 'ConstraintError');
        else changed.set(name, value);
        return request(name);
      },
      delete: (name: string) => request(changed.delete(name)),
    };
    if (mode === 'readwrite') expect(options).toEqual({ durability: 'strict' });
    // After its requests have succeeded.
    later(() =>
      later(() => {
        if (mode === 'readwrite' && isFull()) begun.error = new DOMException('full', 'QuotaExceededError');
        if (begun.error !== null) return begun.onabort();
        kept.clear();
        for (const [name, value] of changed) kept.set(name, value);
        begun.oncomplete();
      }),
    );
    return begun;
  };
  vi.stubGlobal('indexedDB', { open: () => request({ transaction }) });
  return { kept };
}

test('what is written is kept once that is said, and what there was no room for is said not to be kept', async () => {
  let isFull = false;
  const { kept } = database(() => isFull);
  const stored = await openStored();
  await stored.put('one', 1n);
  expect([...kept]).toEqual([['one', 1n]]);
  isFull = true;
  await expect(stored.put('one', 2n)).rejects.toMatchObject({ name: 'QuotaExceededError' });
  await expect(stored.add('two', 2n)).rejects.toMatchObject({ name: 'QuotaExceededError' });
  await expect(stored.remove('one')).rejects.toMatchObject({ name: 'QuotaExceededError' });
  expect(await stored.get('one')).toBe(1n);
});

test('what is added first stays', async () => {
  database(() => false);
  const stored = await openStored();
  expect([await stored.add('key', 'first'), await stored.add('key', 'second')]).toEqual([true, false]);
  expect(await stored.get('key')).toBe('first');
  await stored.remove('key');
  expect(await stored.get('key')).toBeUndefined();
});
