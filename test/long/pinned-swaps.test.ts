import { readFileSync } from 'node:fs';
import { afterAll, expect, test, vi } from 'vitest';
import type { PinnedFormats } from '../pinned/judge.ts';

/** Every order of fields is pinned: two neighbours of any container or hash in each other's place change a vector. */

/** What is swapped: parts `at` and `at + 1` of the n-th SSZ container that is declared, or of every hash of a domain. */
let target:
  | { readonly container: number; readonly at: number }
  | { readonly domain: string; readonly at: number };
let declared: number;
/** Parts of each container and hash, as far as seen. */
const containers: number[] = [];
const domains = new Map<string, number>();

function swapped<T>(parts: readonly T[], at: number): T[] {
  const out = [...parts];
  [out[at], out[at + 1]] = [out[at + 1]!, out[at]!];
  return out;
}

vi.mock('@chainsafe/ssz', async (original) => {
  const real = await original<typeof import('@chainsafe/ssz')>();
  const ContainerType = new Proxy(real.ContainerType, {
    construct(type, [fields, ...rest], made) {
      const entries = Object.entries(fields);
      const number = declared++;
      containers[number] = entries.length;
      const isTarget = 'container' in target && target.container === number;
      const given = isTarget ? Object.fromEntries(swapped(entries, target.at)) : fields;
      return Reflect.construct(type, [given, ...rest], made);
    },
  });
  return { ...real, ContainerType };
});

vi.mock('../../src/crypto/hash.ts', async (original) => {
  const real = await original<typeof import('../../src/crypto/hash.ts')>();
  const swapping =
    <P, R>(hash: (domain: never, ...parts: readonly P[]) => R) =>
    (domain: string, ...parts: readonly P[]): R => {
      domains.set(domain, Math.max(domains.get(domain) ?? 0, parts.length));
      const isTarget = 'domain' in target && target.domain === domain && target.at + 1 < parts.length;
      return hash(domain as never, ...(isTarget ? swapped(parts, target.at) : parts));
    };
  return {
    ...real,
    hash: swapping(real.hash),
    hashBytes: swapping(real.hashBytes),
    hashWide: swapping(real.hashWide),
    hashToField: swapping(real.hashToField),
    hashToScalar: swapping(real.hashToScalar),
  };
});

const { vectors: pinned } = JSON.parse(
  readFileSync(new URL('../vectors/formats.json', import.meta.url), 'utf8'),
) as PinnedFormats;

/** Names of the vectors that a swap changes; all of them if the program does not even start with it. */
async function changedBy(swap: typeof target): Promise<string[]> {
  target = swap;
  declared = 0;
  vi.resetModules();
  try {
    const { allVectors } = await import('../pinned/all.ts');
    const now = allVectors();
    return Object.keys(pinned).filter((name) => now[name] !== pinned[name]);
  } catch {
    return Object.keys(pinned);
  }
}

afterAll(() => vi.resetModules());

test('two neighbouring fields of a container or parts of a hash cannot change places', async () => {
  expect(await changedBy({ domain: 'none', at: 0 })).toEqual([]);
  const swaps = [
    ...containers.flatMap((n, container) => Array.from({ length: n - 1 }, (_, at) => ({ container, at }))),
    ...[...domains].flatMap(([domain, n]) =>
      Array.from({ length: Math.min(n, 8) - 1 }, (_, at) => ({ domain, at })),
    ),
  ];
  expect(swaps.length).toBeGreaterThan(250);
  const unseen: unknown[] = [];
  for (const swap of swaps) if ((await changedBy(swap)).length === 0) unseen.push(swap);
  expect(unseen).toEqual([]);
});
