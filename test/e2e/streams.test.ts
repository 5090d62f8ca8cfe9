import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root } from '../../src/proofs/compile.ts';
import { PROGRAM, velumIn } from '../helpers/cli.ts';

/** The program as a shell runs it: what it reads from a pipe, and what it does where nothing can be written. */

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'velum-streams-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function shell(line: string, input = '') {
  const { status, stdout, stderr } = spawnSync('bash', ['-c', `set -o pipefail; ${line}`], {
    cwd: dir,
    input,
    encoding: 'utf8',
    env: { ...process.env, VELUM: `${process.execPath} ${PROGRAM}` },
    timeout: 60_000,
  });
  return { status, stdout, stderr };
}
const book = join(root, 'examples/book.csv');

describe('a file that is read', () => {
  test('may be the standard input', () => {
    const text = readFileSync(book, 'utf8');
    const piped = shell('$VELUM market clear --book - --json', text);
    expect(piped).toEqual(shell(`$VELUM market clear --book ${book} --json`));
    expect(piped.status).toBe(0);
  });

  test('is named in errors, and a mistake has its line and column', () => {
    const margin = shell('$VELUM market margin --portfolio -', '{\n  "version": 1,\n}\n');
    expect(margin.status).toBe(2);
    expect(margin.stderr).toContain('line 3, column 1');
    const proof = shell('$VELUM verify account --proof -', '{"pi_a": [1 2]}');
    expect(proof.status).toBe(2);
    expect(proof.stderr).toContain('- is not JSON: line 1, column 13: "," is expected');
  });

  test('twice the standard input is refused', () => {
    const { status, stderr } = shell('$VELUM verify account --proof - --public -', '[]');
    expect({ status, stderr }).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('named for two files'),
    });
  });
});

describe('what cannot be written', () => {
  test.each([
    '--version',
    'market clear --book $BOOK',
    'market clear --book $BOOK --json',
    'circuits --help',
  ])('is told: %s > /dev/full', (line) => {
    const { status, stderr } = shell(`BOOK=${book}; $VELUM ${line} > /dev/full`);
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: 'velum: cannot write the standard output: the disk is full (FILE_UNWRITABLE)\n',
    });
  });

  test('ends a command quietly whose reader has gone, and never as a success', () => {
    const { status, stdout, stderr } = shell(`$VELUM market clear --book ${book} --json | true`);
    // Bash tells of the first that failed; a command that had written all before is none.
    expect([0, 141]).toContain(status);
    expect({ stdout, stderr }).toEqual({ stdout: '', stderr: '' });
    const gone = shell(`( sleep 1; $VELUM help; echo "ended with $?" >&2 ) | true`);
    expect(gone.stderr).toBe('ended with 141\n');
  });
});

describe('a place that is no file', () => {
  test.each(['/dev/zero', '/dev/full', 'fifo', 'folder'])(
    'is refused for --out %s, and stays what it was',
    async (place) => {
      if (place === 'fifo') execFileSync('mkfifo', [join(dir, 'fifo')]);
      if (place === 'folder') mkdirSync(join(dir, 'folder'));
      const path = place.startsWith('/') ? place : join(dir, place);
      const before = statSync(path).mode;
      writeFileSync(join(dir, 'input.json'), (await velumIn(dir, 'input', 'account', '--example')).out);
      for (const line of [
        `witness account --input input.json --out ${place}`,
        `keys export-vkey account --out ${place}`,
        `sim acs --heights 1 --trace ${place}`,
      ]) {
        const { exitCode, err } = await velumIn(dir, ...line.split(' '));
        expect({ line, exitCode }).toEqual({ line, exitCode: 2 });
        expect(err).toContain('(FILE_UNWRITABLE)');
      }
      expect(statSync(path).mode).toBe(before);
      expect(readdirSync(dir).filter((name) => name.endsWith('.part'))).toEqual([]);
    },
  );
});
