import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PROGRAM } from '../helpers/cli.ts';
import { RunningDevnet } from '../helpers/running-devnet.ts';
import { StartedProcess } from '../helpers/started-process.ts';

/** A whole process whose disk is full: one of four validators, on a file system of its own or under a quota of the system. */

const SIZE_MB = 16;
let net: RunningDevnet;
let home: string;
let node: StartedProcess | undefined;
beforeEach(async () => {
  net = new RunningDevnet();
  await net.up('--start', '3');
  home = join(net.home, 'node-3');
});
afterEach(async () => {
  node?.kill();
  await node?.ended;
  await net.end();
});

function start(...before: string[]): StartedProcess {
  const [program, ...args] = [...before, process.execPath, PROGRAM, 'node', 'start', '--home', home];
  return new StartedProcess(program!, args);
}

/** It stopped by itself, says why, and has sent nothing that it has not written. */
async function expectStopped(ended: Promise<{ code: number | null; text: string }>): Promise<void> {
  const { code, text } = await ended;
  expect([code, text.includes('FILE_UNWRITABLE'), text]).toEqual([2, true, text]);
  expect(text).not.toContain('ASSERTION');
}

/** Starts it where there is room: it catches up, and without its vote there is no quorum when another one is away. */
async function expectBack(): Promise<void> {
  node = start();
  const at = await net.fund();
  await net.expectAgreement(at, 4);
  net.kill(0);
  const alone = await net.fund();
  await net.up('--start', '3');
  await net.expectAgreement(alone, 4);
}

async function expectNothingTwice(): Promise<void> {
  const at = await net.fund();
  await net.expectAgreement(at, 4);
  expect(await net.evidenceUpTo(at)).toBe(0);
  for (const index of [0, 1, 2])
    expect(net.logged(index).filter((line) => line.includes('"msg":"fault of a peer"'))).toEqual([]);
}

const mounts = (() => {
  const probe = join(process.env['TMPDIR'] ?? '/tmp', `velum-mount-${process.pid}`);
  mkdirSync(probe);
  try {
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', probe], { stdio: 'ignore' });
    execFileSync('umount', [probe]);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(probe, { recursive: true });
  }
})();

describe.skipIf(!mounts)('on a small file system (mounting one takes a privilege)', () => {
  test('a node whose disk is full stops with a code while the others go on, stays away while there is no room, and comes back', async () => {
    const filler = join(home, 'filler');
    const aside = `${home}.aside`;
    renameSync(home, aside);
    mkdirSync(home, { mode: 0o700 });
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE_MB}m,mode=700`, 'tmpfs', home]);
    try {
      cpSync(aside, home, { recursive: true });
      for (const left of [0, 9]) {
        await expectBack();
        fill(filler, left * 4096);
        const funding = net.fund();
        for (let isOver = false; !isOver; ) {
          isOver = await Promise.race([node!.ended.then(() => true), net.fund().then(() => false)]);
        }
        const { text } = await node!.ended;
        await expectStopped(node!.ended);
        expect(text).toContain('the disk is full: make room, then start again');
        await funding;
        await expectStopped(start().ended);
        rmSync(filler);
      }
      await expectBack();
      await expectNothingTwice();
    } finally {
      node?.kill();
      await node?.ended;
      execFileSync('umount', [home]);
    }
  });
});

test('a node that may write no more because of a quota stops with a code while the others go on, and comes back without it', async () => {
  for (const bytes of [512, 20_000]) {
    await expectBack();
    execFileSync('prlimit', ['--pid', String(node!.pid), `--fsize=${bytes}`]);
    for (let isOver = false; !isOver; ) {
      isOver = await Promise.race([node!.ended.then(() => true), net.fund().then(() => false)]);
    }
    await expectStopped(node!.ended);
    await expectStopped(start('prlimit', '--fsize=16').ended);
  }
  await expectBack();
  await expectNothingTwice();
});

/** Writes a file until there is no room for more than so many bytes. */
function fill(path: string, left: number): void {
  const rest = `${path}.rest`;
  writeFileSync(rest, Buffer.alloc(left));
  try {
    for (;;) writeFileSync(path, Buffer.alloc(4096), { flag: 'a' });
  } catch (error) {
    expect((error as NodeJS.ErrnoException).code).toBe('ENOSPC');
  }
  rmSync(rest);
  expect(readFileSync(path).length).toBeGreaterThan(0);
}
