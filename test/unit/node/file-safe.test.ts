import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import type { Safe } from '../../../src/host/safe.ts';
import { epochFolder, FileSafe } from '../../../src/node/file-safe.ts';
import { height } from '../../../src/params/ids.ts';
import { filled, keys, OWNER } from '../../helpers/member-secrets.ts';
import { disk } from '../../helpers/mortal-disk.ts';

vi.mock('node:fs', async (original) => {
  const { mortalDisk } = await import('../../helpers/mortal-disk.ts');
  return mortalDisk(await original<typeof import('node:fs')>());
});

const scratch = mkdtempSync(join(tmpdir(), 'velum-safe-'));
afterAll(() => {
  disk.diesAt = Number.POSITIVE_INFINITY;
  rmSync(scratch, { recursive: true, force: true });
});

/** A registrant's secrets that no other bytes on the disk are like. */
const registrant = (value: number) => ({
  identitySecret: 77n,
  blsSecret: filled(value),
  signSecret: filled(value),
  encryptionSecret: 78n,
});

/** The life of a member: it registers, a crash made it draw twice, it crosses a border, it erases. */
const CALLS: readonly ((safe: Safe) => void)[] = [
  (safe) => safe.put('registrant', 2, registrant(201)),
  (safe) => safe.put('registrant', 2, registrant(202)),
  (safe) => safe.put('registration', 2, filled(203)),
  (safe) => safe.put('dealing', 1, filled(204)),
  (safe) => safe.store(2).begin(Uint8Array.of(9)),
  (safe) => safe.put('keys', 2, keys(205)),
  (safe) => safe.erase('keys', 1),
  (safe) => safe.erase('dealing', 1),
  (safe) => safe.erase('registrant', 2),
  (safe) => safe.erase('registration', 2),
];
const KINDS = ['registrant', 'registration', 'dealing', 'keys'] as const;
const MARKS = [201, 202, 203, 204, 205];

const held = (safe: Safe): string =>
  JSON.stringify(
    KINDS.flatMap((kind) =>
      [1, 2].map((epoch) => {
        const secret = safe.read(kind, epoch);
        if (secret === undefined) return undefined;
        return secret instanceof Uint8Array ? secret[0] : secret.signSecret[0];
      }),
    ),
  );

/** Marks of secrets that are in any file below a folder. */
function marksIn(dir: string): number[] {
  const names = readdirSync(dir, { withFileTypes: true });
  const files = names.filter((entry) => entry.isFile()).map(({ name }) => readFileSync(join(dir, name)));
  return MARKS.filter((mark) => files.some((bytes) => bytes.includes(Buffer.alloc(16, mark))));
}

const marksOf = (text: string): number[] => [...text.matchAll(/\d+/g)].map(Number).sort((a, b) => a - b);

function expected(): { readonly before: string; readonly after: string }[] {
  const dir = join(scratch, 'whole');
  const safe = new FileSafe(dir, OWNER);
  const said = CALLS.map((call) => {
    const before = held(safe);
    call(safe);
    expect(marksIn(dir)).toEqual(marksOf(held(safe)));
    return { before, after: held(safe) };
  });
  safe.close();
  return said;
}

test('a member that dies at any step on the disk finds its safe with the last call done or not, and no secret beside what it holds', () => {
  const said = expected();
  expect(said.at(-1)!.after).toBe('[null,null,null,null,null,null,null,205]');
  let deaths = 0;
  for (let step = 1; ; step++) {
    const dir = join(scratch, String(step));
    disk.diesAt = Number.POSITIVE_INFINITY;
    const safe = new FileSafe(dir, OWNER);
    disk.steps = 0;
    disk.diesAt = step;
    let call = 0;
    try {
      for (; call < CALLS.length; call++) CALLS[call]!(safe);
    } catch {
      deaths += 1;
    }
    disk.diesAt = Number.POSITIVE_INFINITY;
    // Its locks are those of this process, which lives.
    for (const each of [dir, epochFolder(dir, 2)]) rmSync(join(each, 'lock'), { force: true });
    const again = new FileSafe(dir, OWNER);
    if (call === CALLS.length) {
      expect(held(again)).toBe(said.at(-1)!.after);
      again.close();
      break;
    }
    const now = held(again);
    expect([said[call]!.before, said[call]!.after], `step ${step}, call ${call}`).toContain(now);
    expect(marksIn(dir), `step ${step}, call ${call}`).toEqual(marksOf(now));
    // It does the rest, and what it did already once more.
    for (const each of CALLS.slice(call)) each(again);
    expect(held(again)).toBe(said.at(-1)!.after);
    expect(marksIn(dir)).toEqual([205]);
    expect(again.store(2).forgotten).toBeUndefined();
    again.close();
  }
  expect(deaths).toBeGreaterThan(60);
});

test('a store is new where there are no keys, and lost where there are', () => {
  const dir = join(scratch, 'stores');
  const safe = new FileSafe(dir, OWNER);
  expect(safe.store(1).forgotten).toBeUndefined();
  expect(safe.store(1)).toBe(safe.store(1));
  safe.put('keys', 1, keys(205));
  safe.close();
  rmSync(epochFolder(dir, 1), { recursive: true });
  const again = new FileSafe(dir, OWNER);
  expect(again.store(1).forgotten).toBeInstanceOf(Uint8Array);
  expect(again.store(2).forgotten).toBeUndefined();
  again.close();
});

test('one process has a safe at a time, and gives its folders back', () => {
  const dir = join(scratch, 'locked');
  const safe = new FileSafe(dir, OWNER);
  safe.store(1);
  expect(() => new FileSafe(dir, OWNER)).toThrow(/belongs to process/);
  safe.close();
  new FileSafe(dir, OWNER).close();
  expect(existsSync(join(dir, 'lock'))).toBe(false);
});

test('stores of old epochs go, but for the generation of keys and what a member still has keys of', () => {
  const dir = join(scratch, 'pruned');
  const safe = new FileSafe(dir, OWNER);
  const there = (): number[] => [0, 1, 2, 3, 4].filter((epoch) => existsSync(epochFolder(dir, epoch)));
  for (const epoch of [0, 1, 2, 3, 4]) safe.store(epoch).putBlock(height(1), Uint8Array.of(epoch));
  safe.closeBefore(3);
  expect([2, 3].map((epoch) => existsSync(join(epochFolder(dir, epoch), 'lock')))).toEqual([false, true]);
  expect(there()).toEqual([0, 1, 2, 3, 4]);
  safe.put('keys', 2, keys(205));
  safe.prune(4);
  expect(there()).toEqual([0, 2, 4]);
  safe.erase('keys', 2);
  safe.prune(4);
  expect(there()).toEqual([0, 4]);
  expect([...safe.store(4).block(height(1))!]).toEqual([4]);
  safe.close();
});
