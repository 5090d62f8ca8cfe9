import { readFileSync } from 'node:fs';
import { describe, expect, test, vi } from 'vitest';
import { BYTE_DOMAINS, FIELD_DOMAINS } from '../../src/params/domains.ts';
import { FORMAT_VERSION } from '../../src/params/version.ts';
import { allVectors, roomVectors } from '../pinned/all.ts';
import { judge, type PinnedFormats } from '../pinned/judge.ts';

const asked = vi.hoisted(() => new Set<string>());
vi.mock('../../src/params/domains.ts', async (original) => {
  const real = await original<typeof import('../../src/params/domains.ts')>();
  return {
    ...real,
    fieldTag: (domain: (typeof FIELD_DOMAINS)[number]) => {
      asked.add(domain);
      return real.fieldTag(domain);
    },
    byteTag: (domain: (typeof BYTE_DOMAINS)[number]) => {
      asked.add(domain);
      return real.byteTag(domain);
    },
  };
});

const pinned = JSON.parse(
  readFileSync(new URL('../vectors/formats.json', import.meta.url), 'utf8'),
) as PinnedFormats;
roomVectors();
/** What vectors of the rooms asked for: taken before all tags are, and at the first time, as a module may keep a hash. */
const used = new Set(asked);
const now = allVectors();

describe('the formats', () => {
  test.each(Object.keys(pinned.vectors))('%s is what is pinned', (name) => {
    expect(now[name]).toBe(pinned.vectors[name]);
  });

  test('are all pinned, under the number that the program has', () => {
    expect(Object.keys(now).filter((name) => !(name in pinned.vectors))).toEqual([]);
    expect(pinned.format).toBe(FORMAT_VERSION);
  });

  test('are all different: no input of a vector stands for two', () => {
    const values = Object.values(now);
    expect(new Set(values).size).toBe(values.length);
  });
});

/** Domains of what is neither sent nor kept. */
const UNPINNED = [
  'run', // randomness of runs and simulations
  'subset', // PBFT, a baseline of the experiments
];

test('every domain is used by a vector', () => {
  const domains: readonly string[] = [...FIELD_DOMAINS, ...BYTE_DOMAINS];
  expect(domains.filter((domain) => !used.has(domain) && !UNPINNED.includes(domain))).toEqual([]);
});

describe('a vector', () => {
  const of = (vectors: Record<string, string>, format = 7): PinnedFormats => ({
    source: 'here',
    independent: false,
    format,
    vectors,
  });

  test('may be added', () => {
    expect(judge(of({ a: '1' }), { a: '1', b: '2' }, 7)).toEqual({ isCurrent: false, refusal: undefined });
    expect(judge(of({ a: '1' }), { a: '1' }, 7)).toEqual({ isCurrent: true, refusal: undefined });
    expect(judge(undefined, { a: '1' }, 7)).toEqual({ isCurrent: false, refusal: undefined });
  });

  test('changes or goes only with the number of the formats', () => {
    for (const now of [{ a: '3', b: '2' }, { b: '2' }]) {
      expect(judge(of({ a: '1', b: '2' }), now, 7).refusal).toMatch(/^a changed[\s\S]*raise FORMAT_VERSION/);
      expect(judge(of({ a: '1', b: '2' }), now, 6).refusal).toMatch(/^a changed/);
      expect(judge(of({ a: '1', b: '2' }), now, 8)).toEqual({ isCurrent: false, refusal: undefined });
    }
  });

  test('is pinned anew when the number was raised', () => {
    expect(judge(of({ a: '1' }), { a: '1' }, 8)).toEqual({ isCurrent: false, refusal: undefined });
  });
});
