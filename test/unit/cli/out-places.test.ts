import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { velumIn } from '../../helpers/cli.ts';

const scratch = mkdtempSync(join(tmpdir(), 'velum-out-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
writeFileSync(join(scratch, 'file'), 'kept');

/** Every command that writes where an option says, up to that option's value; nothing else of it is read before the place is. */
const FOLDERS = [
  'epoch --out',
  'market simulate --out',
  'genesis create --out',
  'audit ballot --out',
  'genesis member --home',
  'devnet up --home',
].map((line) => line.split(' '));
const FILES = [
  'sim acs --heights 1 --trace',
  'witness orders --input none --out',
  'prove orders --input none --proof',
  'prove orders --input none --public',
  'keys export-vkey ballot --out',
  'export solidity ballot --out',
  'genesis chain --name a --members none --out',
  'genesis register --chain none --address 127.0.0.1:1 --home none --out',
  'genesis assemble --chain none --registrations none --out',
  'audit ballot --sarif',
  'bench consensus --svg',
  'epoch --html',
  'market simulate --html',
].map((line) => line.split(' '));

async function refused(args: readonly string[], place: string): Promise<void> {
  const { exitCode, out, err } = await velumIn(scratch, ...args, place);
  expect({ exitCode, out }, err).toEqual({ exitCode: 2, out: '' });
  expect(err).toMatch(/\((FILE_UNWRITABLE|OUT_EXISTS|FILE_UNREADABLE)\)\n$/);
  expect(readdirSync(scratch)).toEqual(['file']);
  expect(statSync('/dev/full').isCharacterDevice()).toBe(true);
}

describe('a place that takes nothing ends a command before it begins', () => {
  describe.each(['/proc/velum', '/proc/velum/below', '/dev/full', 'file/below'])('a folder %s', (place) => {
    test.each(FOLDERS)('%s %s %s %s %s', (...args) => refused(args, place));
  });
  describe.each(['/proc/velum/below', '/dev/full', 'file/below', '.'])('a file %s', (place) => {
    test.each(FILES)('%s %s %s %s %s', (...args) => refused(args, place));
  });
  test('nothing was made below /proc', () => expect(existsSync('/proc/velum')).toBe(false));
});
