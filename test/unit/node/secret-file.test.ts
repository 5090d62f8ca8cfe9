import { existsSync, linkSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { encodeState } from '../../../src/base/state-codec.ts';
import { frameRecord } from '../../../src/host/log.ts';
import { MAX_DEALING_BYTES } from '../../../src/ledger/rotation/dealing-item.ts';
import {
  eraseSecretFile,
  readKeyFile,
  readSecretFile,
  type SecretKind,
  secretFileName,
  secretFileOf,
  secretOwner,
  writeSecretFile,
} from '../../../src/node/secret-file.ts';
import { l, r } from '../../../src/params/fields.ts';
import { FORMAT_VERSION } from '../../../src/params/version.ts';
import { dealt, v } from '../validator/fixtures.ts';

const dir = mkdtempSync(join(tmpdir(), 'velum-keys-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const { chain, epoch, secrets } = dealt(4);
const owner = secretOwner(chain, epoch, v(2));
const keys = secrets[2]!;
const path = join(dir, secretFileName('keys', 1));
const bytes = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value);
const registrant = {
  identitySecret: r - 1n,
  blsSecret: bytes(32, 1),
  signSecret: bytes(32, 2),
  encryptionSecret: l - 1n,
};
const codeOf = (work: () => unknown): string => {
  try {
    work();
    return 'none';
  } catch (error) {
    return (error as { code: string }).code;
  }
};

test('keys come back as they were, to their owner alone, from a file that only its user reads', () => {
  writeSecretFile(path, owner, 'keys', keys);
  expect(readKeyFile(path, owner)).toEqual(keys);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  for (const other of [{ member: 1 }, { epoch: 2 }, { chainHash: bytes(32, 1) }])
    expect(codeOf(() => readKeyFile(path, { ...owner, ...other }))).toBe('NODE_KEYS_FILE');
});

test('each kind of secret comes back as it was, the largest too, and is no other kind', () => {
  const all = { registrant, registration: bytes(700, 3), keys, dealing: bytes(1 + MAX_DEALING_BYTES, 4) };
  const kinds = Object.keys(all) as SecretKind[];
  for (const kind of kinds) {
    const file = join(dir, secretFileName(kind, 7));
    writeSecretFile(file, owner, kind, all[kind]);
    expect(readSecretFile(file, owner, kind)).toEqual(all[kind]);
    for (const other of kinds.filter((each) => each !== kind))
      expect(codeOf(() => readSecretFile(file, owner, other))).toMatch(/^(NODE_KEYS_FILE|FILE_UNREADABLE)$/);
  }
});

test('a file with any byte changed, added or cut off is refused', () => {
  writeSecretFile(path, owner, 'keys', keys);
  const whole = readFileSync(path);
  for (let at = 0; at < whole.length; at += 7) {
    writeFileSync(
      path,
      whole.map((byte, i) => (i === at ? byte ^ 4 : byte)),
    );
    expect(codeOf(() => readKeyFile(path, owner))).toBe('NODE_KEYS_FILE');
    writeFileSync(path, whole.subarray(0, at));
    expect(codeOf(() => readKeyFile(path, owner))).toBe('NODE_KEYS_FILE');
  }
  writeFileSync(path, Buffer.concat([whole, Buffer.from([0])]));
  expect(codeOf(() => readKeyFile(path, owner))).toBe('NODE_KEYS_FILE');
  writeFileSync(path, new Uint8Array(5000));
  expect(codeOf(() => readKeyFile(path, owner))).toBe('FILE_UNREADABLE');
});

test('a whole record whose values are none of a secret is refused', () => {
  const { chainHash, member } = owner;
  const envelope = { version: FORMAT_VERSION, chain: chainHash, member, epoch: owner.epoch, kind: 'keys' };
  const put = (state: object): void => writeFileSync(path, frameRecord(encodeState(state)), { mode: 0o600 });
  put({ ...envelope, secret: { ...keys } });
  expect(readKeyFile(path, owner)).toEqual(keys);
  const { seed: _, ...seedless } = keys;
  const wrong: object[] = [
    { ...envelope, secret: undefined },
    { ...envelope, secret: seedless },
    { ...envelope, secret: { ...keys, more: 1 } },
    { ...envelope, secret: { ...keys, decryptionShare: l } },
    { ...envelope, secret: { ...keys, coinShare: -1n } },
    { ...envelope, secret: { ...keys, identitySecret: r } },
    { ...envelope, secret: { ...keys, blsSecret: bytes(31, 1) } },
    { ...envelope, secret: { ...keys }, more: 1 },
    { ...envelope, secret: { ...keys }, version: FORMAT_VERSION - 1 },
    { ...envelope, secret: { ...keys }, chain: 'text' },
    { secret: { ...keys } },
    [envelope],
  ];
  for (const state of wrong) {
    put(state);
    expect(codeOf(() => readKeyFile(path, owner))).toBe('NODE_KEYS_FILE');
  }
});

test('erased keys are overwritten where they were, and gone', () => {
  writeSecretFile(path, owner, 'keys', keys);
  const again = join(dir, 'same-blocks');
  linkSync(path, again);
  eraseSecretFile(path);
  expect(existsSync(path)).toBe(false);
  expect(readFileSync(again).every((byte) => byte === 0)).toBe(true);
  expect(readSecretFile(path, owner, 'keys')).toBeUndefined();
  expect(codeOf(() => readKeyFile(path, owner))).toBe('NODE_KEYS_MISSING');
});

test('what is replaced is overwritten where it was', () => {
  writeSecretFile(path, owner, 'keys', secrets[1]!);
  const again = join(dir, 'replaced-blocks');
  linkSync(path, again);
  writeSecretFile(path, owner, 'keys', keys);
  expect(readKeyFile(path, owner)).toEqual(keys);
  expect(readFileSync(again).every((byte) => byte === 0)).toBe(true);
});

test('erasing takes what a crash left while keys were written as well, and can be done again', () => {
  for (const ending of ['.part', '.old']) {
    const left = `${path}${ending}`;
    const again = join(dir, `same${ending}`);
    writeFileSync(left, 'half of the keys');
    linkSync(left, again);
    eraseSecretFile(path);
    eraseSecretFile(path);
    expect(existsSync(left)).toBe(false);
    expect(readFileSync(again).every((byte) => byte === 0)).toBe(true);
  }
});

test('names of files of secrets are known, and no others', () => {
  for (const ending of ['', '.part', '.old'])
    expect(secretFileOf(`${secretFileName('dealing', 12)}${ending}`)).toBe('epoch-12.dealing');
  for (const name of [
    'epoch-1',
    'epoch-01.keys',
    'epoch-1.keys.zip',
    'epoch-1.other',
    'lock',
    'xepoch-1.keys',
  ])
    expect(secretFileOf(name)).toBeUndefined();
});
