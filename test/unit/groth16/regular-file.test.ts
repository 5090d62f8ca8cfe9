import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { identifyPhase1 } from '../../../src/groth16/ceremony/phase-1.ts';
import { readRegularFile } from '../../../src/groth16/regular-file.ts';
import { loadCircuit } from '../../../src/proofs/registry.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'velum-file-'));
});
afterEach(() => rm(dir, { recursive: true }));

function pipe(name: string): string {
  execFileSync('mkfifo', [join(dir, name)]);
  return join(dir, name);
}

test('a file is read whole up to its limit and refused above it, whatever its size', async () => {
  const path = join(dir, 'a');
  const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, i) => i % 251));
  await writeFile(path, bytes);
  expect((await readRegularFile(path, bytes.length)).equals(bytes)).toBe(true);
  await expect(readRegularFile(path, bytes.length - 1)).rejects.toMatchObject({
    code: 'FILE_UNREADABLE',
    message: `${path} is larger than 99999 bytes`,
    data: { maxBytes: 99_999 },
  });
  await truncate(path, 2 ** 40);
  await expect(readRegularFile(path, 1000)).rejects.toThrow('is larger than 1000 bytes');
  await writeFile(path, '');
  expect(await readRegularFile(path, 0)).toHaveLength(0);
});

test('a pipe without a writer, a device, a directory and a socket are refused at once', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(join(dir, 'socket'), resolve));
  await symlink('/dev/zero', join(dir, 'link'));
  for (const path of [pipe('fifo'), '/dev/zero', join(dir, 'link'), join(dir, 'socket')])
    await expect(readRegularFile(path, 1000)).rejects.toMatchObject({
      code: 'FILE_UNREADABLE',
      message: expect.stringContaining(`cannot read ${path}: it is no file`),
    });
  await new Promise((resolve) => server.close(resolve));
  await expect(readRegularFile(dir, 1000)).rejects.toThrow(`cannot read ${dir}: it is a directory`);
  await expect(readRegularFile(join(dir, 'b'), 1000)).rejects.toThrow('there is no such file');
});

test('a pipe is no powers of tau and no keys either', async () => {
  await expect(identifyPhase1(pipe('a.ptau'))).rejects.toMatchObject({ code: 'PHASE_1_FILE' });
  pipe('MANIFEST.json');
  await expect(loadCircuit('ballot', dir)).rejects.toMatchObject({ code: 'KEYS_STALE' });
});
