import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { bigintToBytes, bytesToBigint, toHex } from '../../src/base/bytes.ts';
import { decodeState } from '../../src/base/state-codec.ts';
import { decodePoint } from '../../src/crypto/babyjub.ts';
import { openDealing } from '../../src/crypto/dealing/open.ts';
import { openWords } from '../../src/crypto/seal.ts';
import { combineDecryption, decryptionShare } from '../../src/crypto/threshold-key.ts';
import { recordAt } from '../../src/host/log.ts';
import type { EpochSecrets } from '../../src/host/safe.ts';
import { decodeCertifiedBlock } from '../../src/ledger/certified-block.ts';
import { batchContext, itemDomain } from '../../src/ledger/claims.ts';
import type { BatchItem } from '../../src/ledger/items.ts';
import { FileSafe } from '../../src/node/file-safe.ts';
import { type SecretKind, secretFileOf } from '../../src/node/secret-file.ts';
import { l } from '../../src/params/fields.ts';
import { type ValidatorIndex, validatorIndex } from '../../src/params/ids.ts';
import { nextHeight, rotatingWorld, toNext } from '../sim/border-world.ts';

// Nothing dies here, so nothing has to wait for the disk.
vi.mock('node:fs', async (original) => {
  const real = await original<typeof import('node:fs')>();
  return { ...real, fsyncSync: () => {}, fdatasyncSync: () => {} };
});

const scratch = mkdtempSync(join(tmpdir(), 'velum-border-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** A safe on the disk that also tells what was ever put there. */
class WatchedSafe extends FileSafe {
  readonly wasPut: [SecretKind, number, object][] = [];

  override put<K extends SecretKind>(kind: K, epoch: number, secret: EpochSecrets[K]): void {
    this.wasPut.push([kind, epoch, secret]);
    super.put(kind, epoch, secret);
  }
}

const filesBelow = (dir: string): string[] =>
  readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    const path = join(dir, entry.name);
    return entry.isDirectory() ? filesBelow(path) : [path];
  });

/** A secret in every form in which something of this program writes numbers and bytes. */
function formsOf(secret: bigint | Uint8Array): Buffer[] {
  const bytes = typeof secret === 'bigint' ? bigintToBytes(secret, 32) : secret;
  const number = bytesToBigint(bytes);
  const first = bytes.findIndex((byte) => byte > 0);
  return [
    Buffer.from(bytes.subarray(first)),
    Buffer.from(bytes)
      .reverse()
      .subarray(0, bytes.length - first),
    Buffer.from(toHex(bytes)),
    Buffer.from(number.toString()),
  ];
}

/** All numbers and all strings of 32 bytes that are in a value. */
function numbersIn(value: unknown): bigint[] {
  if (typeof value === 'bigint') return [value];
  if (value instanceof Uint8Array) return value.length === 32 ? [bytesToBigint(value)] : [];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(numbersIn) : [];
}

test('three committees on real disks: nothing that is left there opens a logged dealing or, with 2f shares in office, an old batch', () => {
  const chainHash = new Uint8Array(32).fill(7);
  const safes = Array.from({ length: 7 }, (_, member) => {
    return new WatchedSafe(join(scratch, `${member}`), { chainHash, member });
  });
  const world = rotatingWorld({ seed: 3, registry: 7, burst: 24, safes });
  for (let epoch = 1; epoch <= 3; epoch++) {
    nextHeight(world, true);
    if (epoch < 3) toNext(world);
  }
  const { chain } = world.newest;
  const paths = filesBelow(scratch);
  const isSecret = (path: string): boolean => secretFileOf(path.split('/').at(-1)!) !== undefined;
  const bytesOf = new Map(paths.map((path) => [path, readFileSync(path)]));

  // What every member holds now is there, in its own files alone; what it held before is nowhere.
  const names = [
    'identitySecret',
    'blsSecret',
    'signSecret',
    'encryptionSecret',
    'decryptionShare',
    'coinShare',
    'seed',
  ];
  const secretsOf = (value: object) => Object.entries(value).filter(([name]) => names.includes(name));
  const kept = new Set<string>();
  for (const safe of safes)
    for (const [kind, epoch] of safe.wasPut) {
      const now = safe.read(kind, epoch);
      if (now === undefined) continue;
      // Keys of the epoch in office, and what members registered with for the next one.
      expect(['keys 3', 'registrant 4', 'registration 4']).toContain(`${kind} ${epoch}`);
      for (const [, secret] of secretsOf(now)) kept.add(String(secret));
    }
  let erased = 0;
  for (const [member, safe] of safes.entries())
    for (const [, , value] of safe.wasPut)
      for (const [name, secret] of secretsOf(value) as [string, bigint | Uint8Array][]) {
        const found = paths.filter((path) =>
          formsOf(secret).some((form) => bytesOf.get(path)!.includes(form)),
        );
        const isKept = kept.has(String(secret));
        if (!isKept) erased += 1;
        expect([member, name, found.length > 0]).toEqual([member, name, isKept]);
        for (const path of found)
          expect(isSecret(path) && path.startsWith(join(scratch, `${member}/`))).toBe(true);
      }
  // Four of each epoch's committee, and the registrants of two borders.
  expect(erased).toBeGreaterThan(2 * 4 * 3 + 2 * 7);

  // Whatever numbers the files of secrets hold are tried as keys.
  const material = paths
    .filter(isSecret)
    .flatMap((path) => numbersIn(decodeState(recordAt(bytesOf.get(path)!, 0)!)));
  const scalars = [...new Set(material.map((x) => x % l))];
  expect(scalars.length).toBeGreaterThan(4 * 5);
  const items = paths
    .filter((path) => /\/epoch-[12]\/blocks\/\d+$/.test(path))
    .flatMap((path) => decodeCertifiedBlock(bytesOf.get(path)!)!.block.items);
  let tried = 0;
  const sessions = world.dealt.map(({ session }) => session);
  for (const item of items) {
    if (item.kind !== 'dealing') continue;
    const session = sessions.find(({ id }) => id === item.session)!;
    for (const scalar of scalars)
      for (let seat = 0; seat < session.n; seat++, tried++)
        expect(openDealing(session, item.dealer, item.dealing, validatorIndex(seat), scalar)).toBeUndefined();
  }
  expect(tried).toBeGreaterThan(500);

  // f members of the newest committee lie, and one more is careless: their shares, and anything else that is found, open no old batch.
  const batch = items.find((item): item is BatchItem => item.kind === 'batch')!;
  const context = batchContext(itemDomain(chain, world.committees[0]!.epoch), batch);
  const U = decodePoint(batch.U)!;
  const opens = (shares: readonly (readonly [ValidatorIndex, bigint])[]): boolean => {
    const points = new Map(shares.map(([index, share]) => [index, decryptionShare(share, U)]));
    return openWords(combineDecryption(points, 4), batch, context) !== undefined;
  };
  const inOffice = world.newest.epoch.validators.map(({ registryIndex }, seat) => {
    return [validatorIndex(seat), safes[registryIndex]!.read('keys', 3)!.decryptionShare] as const;
  });
  expect(opens(inOffice.slice(0, 3))).toBe(true);
  const others = scalars.filter((x) => inOffice.every(([, share]) => share !== x));
  for (const scalar of others)
    expect(opens([...inOffice.slice(0, 2), [validatorIndex(2), scalar]])).toBe(false);
  for (const safe of safes) safe.close();
});
