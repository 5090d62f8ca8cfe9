import { beforeAll, describe, expect, test } from 'vitest';
import { perp, TradingWorld } from '../../../src/committee/traders.ts';
import { BASE, encodePoint } from '../../../src/crypto/babyjub.ts';
import { aggregate, blsSign, type Certificate } from '../../../src/crypto/certificate.ts';
import { acceptedRoot, type Block, decodeBlock, encodeBlock, headerHash } from '../../../src/ledger/block.ts';
import { keyOf } from '../../../src/ledger/items.ts';
import type { ReplayProblem } from '../../../src/ledger/replay.ts';
import { Replica } from '../../../src/ledger/replica.ts';
import { height, validatorIndex } from '../../../src/params/ids.ts';
import { kernels } from '../../helpers/kernels.ts';
import { idNamed } from './batches.ts';
import { MEDIANS } from './market.ts';

/** A chain of two heights with trades, made by four validators whose keys are known here. */
let world: TradingWorld;
let blocks: Block[];
let certificates: Certificate[];

beforeAll(() => {
  world = new TradingWorld({ kernels, n: 4, seed: 3 });
  const { committee } = world;
  for (const at of [1, 2]) {
    for (const batch of [
      world.batch(0, [perp('buy', 2n)], world.terms(at)),
      world.batch(1, [perp('sell', 2n)], world.terms(at)),
    ])
      world.submit(batch.bytes, committee.correct);
    committee.drain();
    world.runHeight(at, [MEDIANS[0] + BigInt(at), MEDIANS[1]]);
  }
  const certified = [1, 2].map((at) => committee.view(0, at).certified!);
  blocks = certified.map(({ block }) => block);
  certificates = certified.map(({ settlementCertificate }) => settlementCertificate);
});

/** The block with another header, which a quorum signed all the same. */
function resigned(block: Block, header: Partial<Block['header']>): Block {
  const changed = { ...block.header, ...header };
  const { secrets } = world.committee;
  const shares = secrets.map(
    (own, i) => [validatorIndex(i), blsSign(own.blsSecret, headerHash(changed))] as const,
  );
  return { ...block, header: changed, certificate: aggregate(new Map(shares), secrets.length)! };
}

const flip = (bytes: Uint8Array): Uint8Array => bytes.map((byte, i) => (i === 0 ? byte ^ 1 : byte));

/** Tampers with the second block. */
type Tamper = (block: Block, certificate: Certificate) => readonly [Block, Certificate];
const TAMPERED: readonly (readonly [string, ReplayProblem, Tamper])[] = [
  ['another height', 'REPLAY_HEADER', (b, c) => [resigned(b, { height: height(3) }), c]],
  ['another epoch', 'REPLAY_HEADER', (b, c) => [resigned(b, { epochHash: flip(b.header.epochHash) }), c]],
  ['another chain', 'REPLAY_HEADER', (b, c) => [resigned(b, { chainHash: flip(b.header.chainHash) }), c]],
  ['another parent', 'REPLAY_HEADER', (b, c) => [resigned(b, { parent: flip(b.header.parent) }), c]],
  ['a median too few', 'REPLAY_HEADER', (b, c) => [resigned(b, { medians: b.header.medians.slice(1) }), c]],
  [
    'other medians',
    'REPLAY_CERTIFICATE',
    (b, c) => [{ ...b, header: { ...b.header, medians: [1n, 1n] } }, c],
  ],
  [
    'one signer too few',
    'REPLAY_CERTIFICATE',
    (b, c) => [{ ...b, certificate: { ...b.certificate, signers: [true, true, false, false] } }, c],
  ],
  [
    'signers that are no validators',
    'REPLAY_CERTIFICATE',
    (b, c) => [{ ...b, certificate: { ...b.certificate, signers: [true, true, true, true, true] } }, c],
  ],
  [
    'another state before',
    'REPLAY_STATE_ROOT',
    (b, c) => [resigned(b, { stateRoot: new Uint8Array(32) }), c],
  ],
  [
    'another ordering state before',
    'REPLAY_ORDERING_ROOT',
    (b, c) => [resigned(b, { orderingRoot: new Uint8Array(32) }), c],
  ],
  [
    'other receipts before',
    'REPLAY_STATE_ROOT',
    (b, c) => [resigned(b, { receiptsRoot: new Uint8Array(32) }), c],
  ],
  ['invented evidence', 'REPLAY_EVIDENCE', (b, c) => [{ ...b, evidence: [Uint8Array.of(1)] }, c]],
  [
    'an item too few',
    'REPLAY_ITEMS',
    (b, c) => [{ ...b, items: b.items.slice(1), keys: b.keys.slice(1) }, c],
  ],
  ['items in another order', 'REPLAY_ITEMS', (b, c) => [reversed(b), c]],
  [
    'a key that opens nothing',
    'REPLAY_ITEMS',
    (b, c) => [{ ...b, keys: [encodePoint(BASE), b.keys[1]!] }, c],
  ],
  [
    'a key off the curve',
    'REPLAY_ITEMS',
    (b, c) => [{ ...b, keys: [new Uint8Array(64).fill(9), b.keys[1]!] }, c],
  ],
  [
    'a reserve table nobody has',
    'REPLAY_ITEMS',
    (b, c) => [{ ...b, items: b.items.map((item) => ({ ...item, tableHeight: height(77) })) }, c],
  ],
  ['an item twice, certified', 'REPLAY_ITEMS', (b, c) => [certified(twice(b)), c]],
  [
    'a spent note, certified',
    'REPLAY_ITEMS',
    (b, c) => [certified({ ...b, items: blocks[0]!.items, keys: blocks[0]!.keys }), c],
  ],
  ['items against the re-check order, certified', 'REPLAY_ITEMS', (b, c) => [certified(reversed(b)), c]],
  ['another beacon', 'REPLAY_SETTLEMENT', (b, c) => [{ ...b, beacon: flip(b.beacon) }, c]],
  [
    'invented refusals',
    'REPLAY_SETTLEMENT',
    (b, c) => [{ ...b, refused: [{ id: idNamed('x'), code: 'ITEM_WINDOW' }] }, c],
  ],
  ["another height's settlement", 'REPLAY_SETTLEMENT', (b) => [b, certificates[0]!]],
];

const reversed = (b: Block): Block => ({ ...b, items: [...b.items].reverse(), keys: [...b.keys].reverse() });
const twice = (b: Block): Block => ({
  ...b,
  items: [b.items[0]!, b.items[0]!],
  keys: [b.keys[0]!, b.keys[0]!],
});

/** With the root of exactly these items in a header that a quorum signed: what only more than f liars can do. */
function certified(block: Block): Block {
  const ids = block.items.map((item) => {
    const of = (i: number) => world.committee.ordered(i + 1).accepted;
    return [...of(0), ...of(1)].find((named) => keyOf(named.item) === keyOf(item))!.id;
  });
  return resigned(block, { acceptedRoot: acceptedRoot(ids) });
}

describe('Replica', () => {
  test('comes to the validators’ state root from the encoded blocks alone', () => {
    const replica = new Replica(world.committee.chain, world.committee.epoch);
    blocks.forEach((block, i) => {
      const settlement = replica.apply(decodeBlock(encodeBlock(block))!, certificates[i]!);
      const expected = world.committee.view(1, i + 1).settled!.settlement;
      expect(typeof settlement === 'string' ? settlement : settlement.stateRoot).toEqual(expected.stateRoot);
    });
  });

  test.each(TAMPERED)('refuses a block with %s (%s), and then takes the true one', (_, problem, tamper) => {
    const replica = new Replica(world.committee.chain, world.committee.epoch);
    replica.apply(blocks[0]!, certificates[0]!);
    expect(replica.apply(...tamper(blocks[1]!, certificates[1]!))).toBe(problem);
    expect(replica.apply(blocks[1]!, certificates[1]!)).toMatchObject({ height: 2 });
  });

  test('refuses a first block that names another genesis state', () => {
    const replica = new Replica(world.committee.chain, world.committee.epoch);
    const forged = resigned(blocks[0]!, { stateRoot: new Uint8Array(32) });
    expect(replica.apply(forged, certificates[0]!)).toBe('REPLAY_STATE_ROOT');
  });
});

describe('a block with deposits and account actions', () => {
  let world: TradingWorld;
  let blocks: Block[];
  let certificates: Certificate[];

  beforeAll(() => {
    world = new TradingWorld({ kernels, n: 4, seed: 4 });
    const { committee } = world;
    world.submitAll(world.deposit(0n, world.accountOf(0), 5_000_000_000n));
    world.runHeight(1, MEDIANS);
    const items = [
      world.action(0, 1_000_000n),
      world.deposit(9n, world.accountOf(1), 7n),
      world.batch(2, [perp('buy', 1n)], world.terms(2)),
    ];
    world.submitAll(...items);
    world.runHeight(2, MEDIANS);
    const made = [1, 2].map((at) => committee.view(0, at).certified!);
    blocks = made.map(({ block }) => block);
    certificates = made.map(({ settlementCertificate }) => settlementCertificate);
  });

  const replayed = (change: (block: Block) => Partial<Block>): unknown => {
    const replica = new Replica(world.committee.chain, world.committee.epoch);
    replica.apply(blocks[0]!, certificates[0]!);
    const [pool, root] = [replica.settlement.pool, replica.noteRoot];
    const answer = replica.apply({ ...blocks[1]!, ...change(blocks[1]!) }, certificates[1]!);
    if (typeof answer === 'string') expect([replica.settlement.pool, replica.noteRoot]).toEqual([pool, root]);
    return typeof answer === 'string' ? answer : answer.stateRoot;
  };

  test('replays from its encoding to the validators’ bytes', () => {
    const replica = new Replica(world.committee.chain, world.committee.epoch);
    blocks.forEach((block, i) => {
      const settlement = replica.apply(decodeBlock(encodeBlock(block))!, certificates[i]!);
      const { stateRoot, receiptsRoot, turnstile } = world.committee.view(2, i + 1).settled!.settlement;
      expect(settlement).toMatchObject({ stateRoot, receiptsRoot, turnstile });
    });
    expect(blocks[1]!.items).toHaveLength(3);
    expect(blocks[1]!.keys).toHaveLength(1);
  });

  test('is refused with a deposit that the bridge did not sign, though a quorum ordered it', () => {
    const unsigned = replayed(({ items }) => ({
      items: items.map((item) =>
        item.kind === 'deposit' ? { ...item, signature: new Uint8Array(64) } : item,
      ),
    }));
    expect(unsigned).toBe('REPLAY_ITEMS');
  });

  test('is refused with a key too many or too few, or another amount of a transfer', () => {
    expect(replayed(({ keys }) => ({ keys: [...keys, ...keys] }))).toBe('REPLAY_ITEMS');
    expect(replayed(() => ({ keys: [] }))).toBe('REPLAY_ITEMS');
    const more = replayed(({ items }) => ({
      items: items.map((item) => (item.kind === 'action' ? { ...item, amount: item.amount + 1n } : item)),
    }));
    expect(more).toBe('REPLAY_ITEMS');
  });
});
