import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Genesis } from '../../src/formats/genesis-file.ts';
import { blockText, parseBlockFile } from '../../src/formats/height-files.ts';
import { jsonText } from '../../src/formats/json-text.ts';
import { epochsText, parseEpochsFile, parseStateFile, stateText } from '../../src/formats/state-files.ts';
import type { Block } from '../../src/ledger/block.ts';
import { type CertifiedBlock, decodeCertifiedBlock } from '../../src/ledger/certified-block.ts';
import type { EpochChange } from '../../src/ledger/epoch-change.ts';
import { decodeOrdering, encodeOrdering, type OrderingSnapshot } from '../../src/ledger/ordering-encoding.ts';
import {
  decodeSettlement,
  encodeSettlement,
  type SettlementState,
} from '../../src/ledger/settlement-state.ts';
import { fileOf, keptBlock, writeChain } from '../helpers/chain-files.ts';
import { velum, velumIn } from '../helpers/cli.ts';
import { changed, changedBlocks, UNBOUND } from '../helpers/walk.ts';
import { walletChain } from '../helpers/wallet-chain.ts';
import { LAST, nextHeight, rotatingWorld } from '../sim/border-world.ts';

/** `velum verify-height` and every place of every file that it reads, found by walking what was decoded. */

const scratch = mkdtempSync(join(tmpdir(), 'velum-height-lies-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Another content for a file, and where it differs. */
interface Lie {
  readonly where: string;
  readonly content: string | Uint8Array;
}
type Walk = (content: Buffer) => Iterable<Lie>;

/** @param encode throws for a value that has no encoding: then it cannot be told. */
function* walk<T>(value: T, root: string, encode: (value: T) => string): Generator<Lie> {
  for (const { where, value: told } of changed(value, root)) {
    let content: string;
    try {
      content = encode(told as T);
    } catch {
      continue;
    }
    yield { where, content };
  }
}
const text = (content: Buffer): string => content.toString('utf8');
const asJson: Walk = (content) => walk(JSON.parse(text(content)), '$', jsonText);
const asBlock: Walk = (content) => walk<Block>(parseBlockFile(text(content), ''), 'block', blockText);
const asChanges: Walk = (content) =>
  walk<readonly EpochChange[]>(parseEpochsFile(text(content), ''), 'changes', epochsText);
const asKept: Walk = (content) =>
  [...changedBlocks(content)].map(({ where, bytes }) => ({ where, content: bytes }));
function* asState(content: Buffer): Generator<Lie> {
  const { ordering, settlement } = parseStateFile(text(content), '');
  yield* walk<OrderingSnapshot>(decodeOrdering(ordering)!, 'ordering', (told) =>
    stateText({ ordering: encodeOrdering(told), settlement }),
  );
  yield* walk<SettlementState>(decodeSettlement(settlement)!, 'settlement', (told) =>
    stateText({ ordering, settlement: encodeSettlement(told) }),
  );
}

const height = (at: number): string[] => [
  ...['verify-height', '--genesis', 'genesis.json', '--json'],
  ...['block', 'certificate', 'settlement'].flatMap((name) => [`--${name}`, fileOf(at, `${name}.json`)]),
];

/**
 * Tells each lie about one file, and then the truth again.
 * @returns how many were told, and where those are that leave the height verified
 */
async function unnoticed(
  dir: string,
  file: string,
  lies: Walk,
  command: readonly string[],
  only: (where: string) => boolean = () => true,
): Promise<{ readonly told: number; readonly places: readonly string[] }> {
  const path = join(dir, file);
  const truth = readFileSync(path);
  expect([file, (await velumIn(dir, ...command)).exitCode]).toEqual([file, 0]);
  const places = new Set<string>();
  let told = 0;
  for (const { where, content } of lies(truth)) {
    if (!only(where) || truth.equals(Buffer.from(content))) continue;
    told += 1;
    writeFileSync(path, content);
    const { exitCode, out } = await velumIn(dir, ...command);
    if (exitCode === 0) places.add(where.replaceAll(/\[\d+\]/g, '[]'));
    else
      expect([where, exitCode, JSON.parse(out)]).toEqual([where, expect.toBeOneOf([1, 2]), noOf(exitCode)]);
  }
  writeFileSync(path, truth);
  expect((await velumIn(dir, ...command)).exitCode).toBe(0);
  process.stdout.write(
    `${file} (${command.filter((word) => /^--(state|blocks|proofs|epochs)$/.test(word)).join(' ') || 'alone'}): ${told} lies\n`,
  );
  return { told, places: [...places].sort() };
}

/** A no has a code; so has a file of another kind. */
const noOf = (exitCode: number): unknown =>
  exitCode === 1
    ? expect.objectContaining({ problem: expect.stringMatching(/^[A-Z_]+$/) })
    : { error: expect.objectContaining({ code: expect.stringMatching(/^[A-Z_]+$/) }) };

const made = walletChain();
const plain = join(scratch, 'plain');
writeChain(
  plain,
  made as Genesis,
  made.blocks.map((bytes) => decodeCertifiedBlock(bytes)!),
);

/** Of a settlement file this is all that signatures bind; the rest follows from a replay. */
const SIGNED = /^\$\.(format|version|height|stateRoot|receiptsRoot|tables)/;

describe('the light client alone, without the state before the height', () => {
  test.each([2, 5, 6])(
    'notices every change in a block but what only a replay tells, at height %i',
    async (at) => {
      const { told, places } = await unnoticed(plain, fileOf(at, 'block.json'), asBlock, height(at));
      expect(told).toBeGreaterThan(40);
      // The beacon and the refused items are bound by the settlement's signatures alone, a proof's bytes by nothing.
      expect(places).toEqual(['block.beacon', 'block.items[].proof']);
    },
  );

  test('notices every change of a certificate, and of the signed part of a settlement', async () => {
    const certificate = await unnoticed(plain, fileOf(5, 'certificate.json'), asJson, height(5));
    expect(certificate.places).toEqual([]);
    expect(certificate.told).toBeGreaterThan(10);
    const settlement = await unnoticed(plain, fileOf(5, 'settlement.json'), asJson, height(5));
    expect(settlement.places.filter((where) => SIGNED.test(where))).toEqual([]);
    expect(settlement.places.length).toBeGreaterThan(5);
  });

  test('notices every change of the genesis', async () => {
    const { told, places } = await unnoticed(plain, 'genesis.json', asJson, height(5));
    expect([places, told > 200]).toEqual([[], true]);
  });
});

describe.each([
  ['a state', (at: number) => ['--state', fileOf(at, 'state.json')]],
  ['the blocks before', () => ['--blocks', '.']],
])('the light client with %s', (_, from) => {
  const replayed = (at: number): string[] => [...height(at), ...from(at)];

  test.each([2, 5, 6])(
    'notices every change in a block but the bytes of a proof, at height %i',
    async (at) => {
      const { told, places } = await unnoticed(plain, fileOf(at, 'block.json'), asBlock, replayed(at));
      expect(told).toBeGreaterThan(40);
      expect(places.filter((where) => !UNBOUND.test(where))).toEqual([]);
    },
  );

  test('notices every change of a certificate and a settlement', async () => {
    for (const name of ['certificate.json', 'settlement.json']) {
      const { told, places } = await unnoticed(plain, fileOf(5, name), asJson, replayed(5));
      expect([name, places, told > 10]).toEqual([name, [], true]);
    }
  });
});

test('every change of a state is noticed', async () => {
  const command = [...height(6), '--state', fileOf(6, 'state.json')];
  const { told, places } = await unnoticed(plain, fileOf(6, 'state.json'), asState, command);
  expect([places, told > 300]).toEqual([[], true]);
});

test('every change of the genesis is noticed by a replay', async () => {
  let k = 0;
  const some = (): boolean => k++ % 5 === 0;
  const { places } = await unnoticed(plain, 'genesis.json', asJson, [...height(2), '--blocks', '.'], some);
  expect(places).toEqual([]);
});

test('every change of a block before the height is noticed, in files of a run and in what a node keeps', async () => {
  for (const at of [1, 2]) {
    const run = await unnoticed(plain, fileOf(at, 'block.json'), asBlock, [...height(3), '--blocks', '.']);
    expect(run.places.filter((where) => !UNBOUND.test(where))).toEqual([]);
  }
  for (const at of [1, 5]) {
    const home = [
      'verify-height',
      '--genesis',
      'genesis.json',
      '--json',
      '--blocks',
      'node',
      '--height',
      '5',
    ];
    const kept = await unnoticed(plain, keptBlock(at), asKept, home);
    expect([kept.places.filter((where) => !UNBOUND.test(where)), kept.told > 40]).toEqual([[], true]);
  }
  const certificate = await unnoticed(plain, fileOf(1, 'certificate.json'), asJson, [
    ...height(3),
    '--blocks',
    '.',
  ]);
  expect(certificate.places).toEqual([]);
});

test('every change of the list of committees is noticed', async () => {
  const dir = join(scratch, 'rotated');
  const world = rotatingWorld({ n: 2, registry: 2, seed: 3 });
  const { chain, epoch } = world.committees[0]!;
  const blocks: CertifiedBlock[] = [];
  for (let i = 1; i <= LAST + 1; i++) {
    const at = nextHeight(world, i === 1 || i === LAST + 1);
    const { committee } = world.trading;
    blocks.push(committee.view(committee.correct[0]!, at).certified!);
    if (i === LAST) world.enter();
  }
  writeChain(dir, { chain, epoch }, blocks);
  for (const from of [[], ['--state', fileOf(LAST + 1, 'state.json')]]) {
    const command = [...height(LAST + 1), '--epochs', 'epochs.json', ...from];
    const { told, places } = await unnoticed(dir, 'epochs.json', asChanges, command);
    expect([places, told > 20]).toEqual([[], true]);
  }
});

describe('with --proofs', () => {
  const run = join(scratch, 'run');
  beforeAll(async () => {
    expect((await velum('epoch', '--orders', 'examples/small.csv', '--out', run, '--json')).code).toBe(0);
  });

  test('a change of a proof is noticed, alone and replayed', async () => {
    for (const from of [[], ['--blocks', '.']]) {
      const only = (where: string): boolean => UNBOUND.test(where);
      const without = await unnoticed(run, fileOf(1, 'block.json'), asBlock, [...height(1), ...from], only);
      expect(without.places).toEqual(['block.items[].proof']);
      const command = [...height(1), ...from, '--proofs'];
      const { told, places } = await unnoticed(run, fileOf(1, 'block.json'), asBlock, command, only);
      expect([places, told]).toEqual([[], without.told]);
      expect(told).toBeGreaterThan(8);
    }
  });
});
