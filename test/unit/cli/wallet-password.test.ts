import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Terminal } from '../../../src/cli/io.ts';
import { readPassword } from '../../../src/cli/wallet/password.ts';

test.each(['correct horse', 'correct horse\n', 'correct horse\r\n', 'correct horse\nwhat it is for\n'])(
  'the password of a file is its first line: %j',
  async (text) => {
    const cwd = mkdtempSync(join(tmpdir(), 'velum-'));
    try {
      writeFileSync(join(cwd, 'password'), text);
      const terminal = { cwd } as Terminal;
      expect(await readPassword(terminal, { passwordFile: 'password' }, false)).toBe('correct horse');
    } finally {
      rmSync(cwd, { recursive: true });
    }
  },
);
