import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { toHex } from '../../../src/base/bytes.ts';
import { moved } from '../../../src/committee/sample-market.ts';
import { TradingWorld } from '../../../src/committee/traders.ts';
import { genesisText } from '../../../src/formats/genesis-file.ts';
import { encodeCertifiedBlock } from '../../../src/ledger/certified-block.ts';
import { velumIn } from '../../helpers/cli.ts';
import { kernels } from '../../helpers/kernels.ts';

/** What a node keeps of three heights. */
const scratch = mkdtempSync(join(tmpdir(), 'velum-blocks-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const blockOf = (at: number): string => join(scratch, 'node/validator/epoch-1/blocks', `${at}`);
mkdirSync(join(scratch, 'node/validator/epoch-1/blocks'), { recursive: true });
const world = new TradingWorld({ kernels, n: 1, seed: 4 });
const { chain, epoch } = world.committee;
writeFileSync(join(scratch, 'genesis.json'), genesisText({ chain, epoch }));
for (let at = 1; at <= 3; at++) {
  world.runHeight(at, moved(at));
  writeFileSync(blockOf(at), encodeCertifiedBlock(world.committee.view(0, at).certified!));
}

async function verified(...flags: string[]) {
  const { exitCode, out } = await velumIn(
    scratch,
    ...['verify-height', '--genesis', 'genesis.json', '--json'],
    ...flags,
  );
  return { exitCode, said: JSON.parse(out) };
}

test('the heights that a node keeps are verified from its home, the newest or one that is named', async () => {
  const { stateRoot } = world.committee.view(0, 3).settled!.settlement;
  const newest = { height: 3, replayed: true, stateRoot: toHex(stateRoot), reason: null };
  expect(await verified('--blocks', 'node')).toMatchObject({ exitCode: 0, said: newest });
  expect(await verified('--blocks', 'node', '--height', '2', '--proofs')).toMatchObject({
    exitCode: 0,
    said: { height: 2, replayed: true, proofs: 0 },
  });
});

test('a block that is missing, was changed, or stands in the place of another is not verified', async () => {
  const no = (problem: string) => ({ exitCode: 1, said: { problem } });
  expect(await verified('--blocks', 'node', '--height', '4')).toMatchObject(no('REPLAY_REFUSED'));
  const bytes = readFileSync(blockOf(2));
  writeFileSync(blockOf(3), bytes);
  expect(await verified('--blocks', 'node')).toMatchObject(no('REPLAY_REFUSED'));
  const problems = new Set<string>();
  for (let at = 0; at < bytes.length; at += 89) {
    writeFileSync(
      blockOf(2),
      bytes.map((byte, i) => (i === at ? byte ^ 1 : byte)),
    );
    const { exitCode, said } = await verified('--blocks', 'node', '--height', '2');
    expect([at, exitCode]).toEqual([at, 1]);
    problems.add(said.problem);
  }
  expect(problems.size).toBeGreaterThan(2);
});

test('a home and the files of a height are not named together, and a folder that is no home not without them', async () => {
  expect(await verified('--blocks', '.')).toMatchObject({ exitCode: 2 });
  expect(await verified()).toMatchObject({ exitCode: 2 });
  expect(await verified('--blocks', 'node', '--block', 'genesis.json')).toMatchObject({ exitCode: 2 });
});
