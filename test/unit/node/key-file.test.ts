import { existsSync, linkSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { epochDomain } from '../../../src/ledger/epoch-config.ts';
import { eraseKeyFile, readKeyFile, writeKeyFile } from '../../../src/node/key-file.ts';
import { dealt, v } from '../validator/fixtures.ts';

const dir = mkdtempSync(join(tmpdir(), 'velum-keys-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const { chain, epoch, secrets } = dealt(4);
const owner = { domain: epochDomain(chain, epoch), self: v(2) };
const path = join(dir, 'epoch-1.keys');
const codeOf = (work: () => unknown): string => {
  try {
    work();
    return 'none';
  } catch (error) {
    return (error as { code: string }).code;
  }
};

test('keys come back as they were, to their owner alone, from a file that only its user reads', () => {
  writeKeyFile(path, owner, secrets[2]!);
  expect(readKeyFile(path, owner)).toEqual(secrets[2]);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(codeOf(() => readKeyFile(path, { ...owner, self: v(1) }))).toBe('NODE_KEYS_FILE');
});

test('a file with any byte changed or cut off is refused', () => {
  writeKeyFile(path, owner, secrets[2]!);
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
  writeFileSync(path, new Uint8Array(5000));
  expect(codeOf(() => readKeyFile(path, owner))).toBe('FILE_UNREADABLE');
});

test('erased keys are overwritten where they were, and gone', () => {
  writeKeyFile(path, owner, secrets[2]!);
  const again = join(dir, 'same-blocks');
  linkSync(path, again);
  eraseKeyFile(path);
  expect(existsSync(path)).toBe(false);
  expect(readFileSync(again).every((byte) => byte === 0)).toBe(true);
  expect(codeOf(() => readKeyFile(path, owner))).toBe('NODE_KEYS_MISSING');
});

test('erasing takes what a crash left while keys were written as well, and can be done again', () => {
  const part = `${path}.part`;
  const again = join(dir, 'same-part');
  writeFileSync(part, 'half of the keys');
  linkSync(part, again);
  eraseKeyFile(path);
  eraseKeyFile(path);
  expect(existsSync(part)).toBe(false);
  expect(readFileSync(again).every((byte) => byte === 0)).toBe(true);
});
