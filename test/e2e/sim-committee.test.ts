import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { CRASH_IN_ROTATION } from '../../src/cli/sim/run-dealing-attack.ts';
import { ATTACKS } from '../../src/committee/attacks/attacks.ts';
import { DEALING_ATTACKS, RESHARING_ATTACKS } from '../../src/committee/dealing-attacks.ts';
import { root } from '../../src/proofs/compile.ts';
import { PROGRAM, velum, velumIn } from '../helpers/cli.ts';
import { processorTicks } from '../helpers/processes.ts';

interface Seat {
  readonly hasKeys: boolean;
  readonly code: string | null;
}
const committee = (flags: string) => velum('sim', 'committee', ...flags.split(' '));
/** What needs no process of its own. */
async function committeeHere(flags: string): Promise<{ code: number; stdout: string; stderr: string }> {
  const { exitCode, out, err } = await velumIn(root, 'sim', 'committee', ...flags.split(' '));
  return { code: exitCode, stdout: out, stderr: err };
}

describe('velum sim committee', () => {
  test('prints one JSON object with exactly the keys that are promised, the same for a seed but for the memory', async () => {
    const flags = '--validators 4 --faulty 1 --attack unsigned --heights 2 --seed 7 --json';
    const [first, again] = await Promise.all([committee(flags), committee(flags)]);
    expect([first.code, first.stderr]).toEqual([0, '']);
    const result = JSON.parse(first.stdout);
    expect(Object.keys(result)).toEqual([
      'attack',
      'heights',
      'stalled',
      'faultsAgainstCorrect',
      'coinShares',
      'bytesPerNode',
      'heapMiB',
    ]);
    const { attack, heights, stalled, heapMiB, ...numbers } = result;
    expect([attack, stalled, heights.length]).toEqual(['unsigned', false, 2]);
    for (const [i, row] of heights.entries()) {
      expect(Object.keys(row)).toEqual(['height', 'accepted', 'acceptedHonest', 'settledBy', 'certifiedBy']);
      expect(row).toMatchObject({ height: i + 1, settledBy: 3, certifiedBy: 3 });
    }
    for (const value of Object.values({ ...numbers, heapMiB })) expect(typeof value).toBe('number');
    expect(result).toMatchObject({ faultsAgainstCorrect: 0, coinShares: 0 });
    expect({ ...JSON.parse(again.stdout), heapMiB }).toEqual(result);
    const withoutMemory = (text: string): string => text.replace(/"heapMiB":[\d.]+/, '');
    expect(withoutMemory(again.stdout)).toBe(withoutMemory(first.stdout));
  });

  test('a run that stalls is an answer of the same shape, with exit code 1: here more validators are silent than any committee bears', async () => {
    const { code, stdout } = await committeeHere('--faulty 2 --attack lost-frames --heights 2 --json');
    expect(code).toBe(1);
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({
      stalled: true,
      faultsAgainstCorrect: 0,
      heights: [{ certifiedBy: 0 }, {}],
    });
    const {
      code: again,
      stdout: table,
      stderr,
    } = await committeeHere('--faulty 2 --attack lost-frames --heights 2');
    expect([again, stderr]).toEqual([1, 'velum: the run stalled (ATTACK_HARMS)\n']);
    expect(table).toContain('More than f are faulty: nothing is promised.');
  });

  test('--attack list explains every attack', async () => {
    const { code, stdout } = await committeeHere('--attack list');
    expect(code).toBe(0);
    const all = [...ATTACKS, ...DEALING_ATTACKS, ...RESHARING_ATTACKS, CRASH_IN_ROTATION];
    for (const { name } of all) expect(stdout).toMatch(new RegExp(`^ {2}${name} {2,}\\S`, 'm'));
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
    const { attacks } = JSON.parse((await committeeHere('--attack list --json')).stdout);
    expect(attacks).toEqual(all.map(({ name, explains }) => ({ name, explains })));
  });

  test('a bad dealing has no part in the keys, and its dealer is convicted', async () => {
    const { code, stdout } = await committeeHere('--attack bad-dealing --json');
    expect(code).toBe(0);
    const { members, rotation, ...result } = JSON.parse(stdout);
    expect(result).toEqual({ attack: 'bad-dealing', stalled: false, faultsAgainstCorrect: 0 });
    expect(members[3]).toEqual({
      validator: 3,
      isFaulty: true,
      inKeys: false,
      why: 'proof',
      hasKeys: null,
      convicted: true,
    });
    expect(members.map(({ hasKeys }: { hasKeys: boolean }) => hasKeys)).toEqual([true, true, true, null]);
    expect(rotation.dealers[3]).toEqual({
      validator: 3,
      isFaulty: true,
      inKeys: false,
      why: 'ITEM_PROOF_INVALID',
      convicted: true,
    });
    expect(rotation).toMatchObject({ keysStay: true, restarts: 0 });
    expect(rotation.seats.map(({ hasKeys, code }: Seat) => [hasKeys, code])).toEqual(
      Array.from({ length: 4 }, () => [true, null]),
    );
  });

  test('members that die in a rotation come back and have their shares', async () => {
    const { code, stdout } = await committeeHere('--attack crash-in-rotation --seed 5');
    expect(code).toBe(0);
    expect(stdout).toMatch(/Members that died and came back: [1-9]/);
    expect(stdout).toContain('Every correct member has its shares of one key, which stays the same.');
  });

  test('an attack of one’s own is run over latencies of one’s own', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'velum-attack-'));
    try {
      writeFileSync(
        join(dir, 'mute.mjs'),
        "export default { name: 'mute', explains: 'They are silent.', open: () => ({ twist: () => [] }) };\n",
      );
      writeFileSync(join(dir, 'near.csv'), ',here\nhere,10\n');
      const flags = 'sim committee --adversary mute.mjs --delay near.csv --heights 1 --json';
      const { exitCode, out, err } = await velumIn(dir, ...flags.split(' '));
      expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
      expect(JSON.parse(out)).toMatchObject({
        attack: 'mute',
        stalled: false,
        adversary: { name: 'mute.mjs', sha256: expect.stringMatching(/^[0-9a-f]{64}$/), others: [] },
      });
    } finally {
      rmSync(dir, { recursive: true });
    }
  });

  test.each([
    ['--attack none --adversary mine.ts', '--attack and --adversary both say what is done to them'],
    ['--attack bad-dealing --delay wan', '--delay plays no part with bad-dealing'],
    ['--attack earthquake', 'there is no attack earthquake: use --attack list, or one of none, variants'],
    [
      '--validators 4 --faulty 4',
      'of 4 validators 4 cannot be faulty, for one has to be correct: use --faulty 1',
    ],
    ['--validators 101', 'A whole number from 1 to 100 is expected'],
    ['--heights 0', 'A whole number from 1 to 10000 is expected'],
    ['--seed -1', 'A whole number from 0'],
  ])('%s is a usage error that says what to do', async (flags, message) => {
    const { code, stderr } = await committeeHere(flags);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });

  test('Ctrl-C ends it in the middle of a run', async () => {
    const args = [PROGRAM, 'sim', 'committee', '--heights', '10000'];
    const child = spawn('node', args, { cwd: root, stdio: 'ignore' });
    try {
      // Two seconds of its processor time are spent long after it has begun, and long before the end.
      await vi.waitUntil(() => processorTicks(child.pid!) > 200, { timeout: 90_000, interval: 100 });
      child.kill('SIGINT');
      expect(await once(child, 'exit')).toEqual([130, null]);
    } finally {
      child.kill('SIGKILL');
    }
  });
});
