import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { velum } from '../helpers/cli.ts';

const scratch = mkdtempSync(join(tmpdir(), 'velum-epoch-crashes-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

// biome-ignore lint/suspicious/noExplicitAny: what a command prints is looked at from outside
type Loose = any;

const small = ['epoch', '--orders', 'examples/small.csv', '--json'];
const out = (name: string): string => join(scratch, name);

test('validators that are dropped and restarted from their logs, also in the middle of a write, settle to the same root', async () => {
  const undisturbed = await velum(...small, '--out', out('honest'));
  const [honest] = JSON.parse(undisturbed.stdout).heights;
  const { code, stdout } = await velum(...small, '--crash', '9', '--out', out('crash'));
  const { restarts, heights } = JSON.parse(stdout);
  expect([code, restarts]).toEqual([0, 9]);
  expect(heights[0]).toMatchObject({ stateRoot: honest.stateRoot, accepted: honest.accepted, faults: [] });
  for (const i of [0, 1, 2, 3]) {
    const replayed = await velum('node', 'replay', join(out('crash'), `logs/validator-${i}`), '--json');
    expect(replayed.code).toBe(0);
    const { validator, recomputed, inputs } = JSON.parse(replayed.stdout);
    expect([validator, recomputed]).toEqual([i, true]);
    const frames = inputs.flatMap((input: Loose) => input.frames);
    expect(frames.filter(({ kind }: Loose) => kind === 'finish')).toHaveLength(1);
  }
});
