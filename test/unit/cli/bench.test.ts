import { existsSync } from 'node:fs';
import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { measure, measureCpu, medianMs } from '../../../src/cli/bench/measure.ts';
import { semaphore20 } from '../../../src/cli/bench/peers.ts';
import { addBenchProofsCommand } from '../../../src/cli/commands/bench-proofs.ts';

describe('measuring', () => {
  test('takes ours and the peer by turns, each once more to warm up', async () => {
    const calls: string[] = [];
    const call = (who: string) => async () => void calls.push(who);
    const measured = await measure('x', call('ours'), {
      runs: 3,
      peer: { name: 'peer', run: call('theirs') },
    });
    expect(calls).toEqual(Array.from({ length: 4 }, () => ['ours', 'theirs']).flat());
    expect(measured).toMatchObject({ name: 'x', runs: 3, peer: { name: 'peer' } });
  });
  test('takes the processor time of a peer that is a program from who knows it', async () => {
    let used = 0;
    const run = (): void => {
      used += 30;
    };
    const peer = { name: 'program', run, usedMs: () => used };
    const { cpuMs, peer: measured } = await measureCpu('x', () => {}, { runs: 3, calls: 2, peer });
    expect(measured?.cpuMs).toBe(30);
    expect(cpuMs).toBeLessThan(30);
  });
  test('gives the middle of the runs', async () => {
    const waits = [0, 1, 60, 20];
    const ms = await medianMs(() => new Promise((resolve) => setTimeout(resolve, waits.shift())), 3);
    expect(ms).toBeGreaterThan(15);
    expect(ms).toBeLessThan(55);
  });
});

test('Semaphore is a peer only where the bench has installed it', () => {
  const found = semaphore20();
  expect(found === undefined || (existsSync(found.wasm) && existsSync(found.zkey))).toBe(true);
});

test('velum bench proofs takes a number of runs', async () => {
  const silent = { out: async () => {}, err: async () => {}, isErrTty: false, hasColour: false, cwd: '/' };
  for (const runs of ['0', 'x', '1000']) {
    const program = new Command().exitOverride().configureOutput({ writeErr: () => {} });
    addBenchProofsCommand(program, silent);
    program.commands[0]!.commands[0]!.exitOverride().configureOutput({ writeErr: () => {} });
    await expect(program.parseAsync(['bench', 'proofs', '--runs', runs], { from: 'user' })).rejects.toThrow(
      'A whole number from 1 to 999 is expected',
    );
  }
});

test.each([
  [['--zkey', 'a.zkey'], 'go with --only'],
  [['--only', 'prove-cpu', '--zkey', 'a.zkey'], 'go together'],
  [['--only', 'opening', '--zkey', 'a.zkey', '--witness', 'w'], 'leave out --zkey'],
])('velum bench proofs %j is told what is missing', async (args, why) => {
  const silent = { out: async () => {}, err: async () => {}, isErrTty: false, hasColour: false, cwd: '/' };
  const program = new Command().exitOverride();
  addBenchProofsCommand(program, silent);
  await expect(program.parseAsync(['bench', 'proofs', ...args], { from: 'user' })).rejects.toThrow(why);
});
