import { describe, expect, test } from 'vitest';
import {
  type CheckedHeight,
  LightClient,
  type LightProblem,
  type ShownHeight,
} from '../../../src/client/light-client.ts';
import type { RotatingWorld } from '../../../src/committee/rotating-world.ts';
import { BASE, encodePoint } from '../../../src/crypto/babyjub.ts';
import {
  decodeEpochChange,
  type EpochChange,
  encodeEpochChange,
  nextEpoch,
} from '../../../src/ledger/epoch-change.ts';
import { epochHash } from '../../../src/ledger/epoch-config.ts';
import { Replica } from '../../../src/ledger/replica.ts';
import type { ShownChainState } from '../../../src/ledger/shown-state.ts';
import type { ReserveTable } from '../../../src/market/reserve.ts';
import { type Height, height } from '../../../src/params/ids.ts';
import { LAST, nextHeight, rotatingWorld } from '../../sim/border-world.ts';
import { MISDEALINGS, misdealt } from '../../sim/misdealings.ts';
import { idNamed } from '../ledger/batches.ts';

/** Heights 1 to 5 of a chain whose epoch 2 begins with height 5, by validators of the simulator; traded in 1 and 5. */
const world = rotatingWorld({ n: 2, registry: 2, seed: 3 });
const { trading } = world;
const { chain, epoch } = world.committees[0]!;
const heights: ShownHeight[] = [];
/** The state before each height, from height 1 on. */
const states: ShownChainState[] = [];

function run(isTraded: boolean): void {
  states.push(trading.replica.shown());
  heights.push(shownNext(world, isTraded));
}

/** The next height of a chain, as a validator shows it. */
function shownNext(of: RotatingWorld, isTraded: boolean): ShownHeight {
  const { tables } = of.trading.replica.settlement;
  const at = nextHeight(of, isTraded);
  const { committee } = of.trading;
  const seen = committee.view(committee.correct[0]!, at);
  const { block, settlementCertificate } = seen.certified!;
  const { stateRoot, receiptsRoot } = seen.settled!.settlement;
  const named = new Map<Height, ReserveTable>();
  for (const item of block.items)
    if (item.kind === 'batch') named.set(item.tableHeight, tables.get(item.tableHeight)!);
  return { block, settlementCertificate, stateRoot, receiptsRoot, tables: named };
}

run(true);
for (let at = 2; at <= LAST; at++) run(false);
world.enter();
run(true);
const [first, second, , last, fifth] = heights as [
  ShownHeight,
  ShownHeight,
  ShownHeight,
  ShownHeight,
  ShownHeight,
];
const { changes } = trading.replica;
const change = changes[0]!;

const flip = (bytes: Uint8Array): Uint8Array => bytes.map((byte, i) => (i === 0 ? byte ^ 1 : byte));
const genesisLight = new LightClient(chain, epoch);
const lightAt = (...known: readonly EpochChange[]): LightClient => {
  const light = new LightClient(chain, epoch);
  for (const each of known) expect(light.changeEpoch(each)).toBe(true);
  return light;
};

test('a height of each epoch is verified by the genesis and one change of the committee', () => {
  const light = lightAt(change);
  const epochs = heights.map((shown) => light.check(shown) as CheckedHeight).map((each) => each.epoch?.epoch);
  expect(epochs).toEqual([1, 1, 1, 1, 2]);
  const { items } = light.check(fifth) as CheckedHeight;
  expect(items.filter(({ item }) => item.kind === 'batch')).toHaveLength(2);
});

test('a height that convicts a dealer is verified by the genesis alone, the conviction by its name', () => {
  const attack = MISDEALINGS.find(({ name }) => name === 'wrong-degree');
  const other = misdealt(4, 2, attack);
  const light = new LightClient(other.committees[0]!.chain, other.committees[0]!.epoch);
  const kinds = new Set<string>();
  while (!kinds.has('evidence')) {
    const { items } = light.check(shownNext(other, false)) as CheckedHeight;
    for (const { item, claim } of items) {
      kinds.add(item.kind);
      expect(claim === undefined).toBe(item.kind === 'dealing' || item.kind === 'evidence');
    }
  }
});

const header =
  (changes: (of: ShownHeight['block']['header']) => Partial<ShownHeight['block']['header']>) =>
  (shown: ShownHeight): ShownHeight => ({
    ...shown,
    block: { ...shown.block, header: { ...shown.block.header, ...changes(shown.block.header) } },
  });
const block =
  (changes: (of: ShownHeight['block']) => Partial<ShownHeight['block']>) =>
  (shown: ShownHeight): ShownHeight => ({ ...shown, block: { ...shown.block, ...changes(shown.block) } });

/** A lie in each field of a height, and what it is called without and with the state before. */
type Lie = readonly [
  field: string,
  alone: LightProblem | 'unnoticed',
  replayed: string,
  lie: (shown: ShownHeight) => ShownHeight,
];
const LIES: readonly Lie[] = [
  ['header.chainHash', 'LIGHT_EPOCH', 'REPLAY_HEADER', header((h) => ({ chainHash: flip(h.chainHash) }))],
  ['header.epochHash', 'LIGHT_EPOCH', 'REPLAY_HEADER', header((h) => ({ epochHash: flip(h.epochHash) }))],
  ['header.height', 'REPLAY_CERTIFICATE', 'REPLAY_HEADER', header((h) => ({ height: height(h.height + 1) }))],
  ['header.parent', 'REPLAY_CERTIFICATE', 'REPLAY_HEADER', header((h) => ({ parent: flip(h.parent) }))],
  ...(['acceptedRoot', 'evidenceRoot', 'orderingRoot', 'stateRoot', 'receiptsRoot'] as const).map(
    (field): Lie => [
      `header.${field}`,
      'REPLAY_CERTIFICATE',
      'REPLAY_CERTIFICATE',
      header((h) => ({ [field]: flip(h[field]) })),
    ],
  ),
  [
    'header.medians',
    'REPLAY_CERTIFICATE',
    'REPLAY_CERTIFICATE',
    header((h) => ({ medians: h.medians.map((m) => m + 1n) })),
  ],
  [
    'header.oracleTimeS',
    'REPLAY_CERTIFICATE',
    'REPLAY_CERTIFICATE',
    header((h) => ({ oracleTimeS: h.oracleTimeS - 1n })),
  ],
  ['header.timeS', 'REPLAY_CERTIFICATE', 'REPLAY_CERTIFICATE', header((h) => ({ timeS: h.timeS + 1n }))],
  [
    'items, one too few',
    'REPLAY_ITEMS',
    'REPLAY_ITEMS',
    block((b) => ({ items: b.items.slice(1), keys: b.keys.slice(1) })),
  ],
  [
    'items, in another order',
    'REPLAY_ITEMS',
    'REPLAY_ITEMS',
    block((b) => ({ items: b.items.toReversed(), keys: b.keys.toReversed() })),
  ],
  [
    'items, with another fee',
    'REPLAY_ITEMS',
    'REPLAY_ITEMS',
    block((b) => ({
      items: b.items.map((item) => ('fee' in item ? { ...item, fee: item.fee + 1n } : item)),
    })),
  ],
  ['keys', 'REPLAY_ITEMS', 'REPLAY_ITEMS', block((b) => ({ keys: b.keys.with(0, encodePoint(BASE)) }))],
  [
    'keys, as if one batch were unreadable',
    'REPLAY_ITEMS',
    'REPLAY_ITEMS',
    block((b) => ({ keys: b.keys.with(0, new Uint8Array(64)) })),
  ],
  [
    'shares',
    'REPLAY_ITEMS',
    'REPLAY_ITEMS',
    block(() => ({
      shares: [{ validator: 0 as never, shares: [new Uint8Array(64)], dleq: new Uint8Array(64) }],
    })),
  ],
  ['evidence', 'REPLAY_EVIDENCE', 'REPLAY_EVIDENCE', block(() => ({ evidence: [new Uint8Array(128)] }))],
  [
    'refused',
    'unnoticed',
    'REPLAY_SETTLEMENT',
    block(() => ({ refused: [{ id: idNamed('x'), code: 'ITEM_WINDOW' }] })),
  ],
  ['beacon', 'unnoticed', 'REPLAY_SETTLEMENT', block((b) => ({ beacon: flip(b.beacon) }))],
  [
    'certificate.signers',
    'REPLAY_CERTIFICATE',
    'REPLAY_CERTIFICATE',
    block((b) => ({ certificate: { ...b.certificate, signers: b.certificate.signers.map((one) => !one) } })),
  ],
  [
    'certificate.signature',
    'REPLAY_CERTIFICATE',
    'REPLAY_CERTIFICATE',
    block((b) => ({ certificate: { ...b.certificate, signature: flip(b.certificate.signature) } })),
  ],
  [
    'settlementCertificate, of another height',
    'REPLAY_SETTLEMENT',
    'REPLAY_SETTLEMENT',
    (shown) => ({ ...shown, settlementCertificate: second.settlementCertificate }),
  ],
  [
    'settlementCertificate, in place of the header’s',
    'REPLAY_SETTLEMENT',
    'REPLAY_SETTLEMENT',
    (shown) => ({ ...shown, settlementCertificate: shown.block.certificate }),
  ],
];

describe('a lie in a height', () => {
  // What is refused leaves both as they were.
  const light = lightAt();
  const genesis = new Replica(chain, epoch);

  test('none is none: alone and from the state before', () => {
    expect(light.check(first)).toMatchObject({ epoch });
    expect(replayOf(first, states[0]!)).not.toBeTypeOf('string');
  });

  test.each(LIES)('%s is noticed alone: %s, replayed: %s', (_, alone, replayed, lie) => {
    const told = lie(first);
    const found = light.check(told);
    expect(typeof found === 'string' ? found : 'unnoticed').toBe(alone);
    // A header of another height does not fit the state, one of another chain or epoch is of no committee.
    expect(genesis.apply(told.block, told.settlementCertificate)).toBe(replayed);
  });

  test('state root, receipts root and tables of its settlement are noticed without the state', () => {
    const check = (told: Partial<ShownHeight>) => light.check({ ...first, ...told });
    expect(check({ stateRoot: flip(first.stateRoot) })).toBe('REPLAY_SETTLEMENT');
    expect(check({ receiptsRoot: flip(first.receiptsRoot) })).toBe('REPLAY_SETTLEMENT');
    expect(check({ tables: new Map() })).toBe('LIGHT_TABLES');
    const [[at, table]] = [...first.tables] as [[Height, ReserveTable]];
    expect(check({ tables: new Map([...first.tables, [height(9), table]]) })).toBe('LIGHT_TABLES');
    const other = { ...table, buyPpm: table.buyPpm.with(15, table.buyPpm[15]! - 1n) };
    expect(check({ tables: new Map([[at, other]]) })).toBe('REPLAY_ITEMS');
  });
});

/** What a height replays to from a state that somebody shows. */
function replayOf(shown: ShownHeight, state: ShownChainState, light = genesisLight) {
  const replica = light.replicaFrom(shown.block, state);
  return typeof replica === 'string' ? replica : replica.apply(shown.block, shown.settlementCertificate);
}

describe('the state before a height', () => {
  test('leads to what the validators came to, and on to the next height', () => {
    const replica = lightAt().replicaFrom(second.block, states[1]!) as Replica;
    for (const shown of [second, heights[2]!, last, fifth])
      expect(replica.apply(shown.block, shown.settlementCertificate)).toMatchObject({
        stateRoot: shown.stateRoot,
      });
    expect(replica.changes.map(encodeEpochChange)).toEqual(changes.map(encodeEpochChange));
    expect(replica.shown()).toEqual(trading.replica.shown());
  });

  test('is not read for a header that no committee signed, though the header binds it', () => {
    const { certificate } = first.block;
    expect(lightAt().replicaFrom({ ...second.block, certificate }, states[1]!)).toBe('REPLAY_CERTIFICATE');
    const alone = { ...second.block.certificate, signers: [true, false] };
    expect(lightAt().replicaFrom({ ...second.block, certificate: alone }, states[1]!)).toBe(
      'REPLAY_CERTIFICATE',
    );
  });

  test('of another height, and bytes that are none, are refused', () => {
    expect(replayOf(second, states[2]!)).toBe('LIGHT_STATE');
    expect(replayOf(second, { ...states[1]!, ordering: states[2]!.ordering })).toBe('LIGHT_STATE');
    const cut = { ordering: states[1]!.ordering.slice(1), settlement: new Uint8Array() };
    expect(replayOf(second, cut)).toBe('LIGHT_STATE');
  });

  test('with any byte changed is refused', () => {
    const { ordering, settlement } = states[1]!;
    const problems = new Set<unknown>();
    const changedAt = (bytes: Uint8Array, i: number): Uint8Array => bytes.with(i, bytes[i]! ^ 1);
    for (let i = 0; i < ordering.length; i += 499)
      problems.add(replayOf(second, { settlement, ordering: changedAt(ordering, i) }));
    for (let i = 0; i < settlement.length; i += 499)
      problems.add(replayOf(second, { ordering, settlement: changedAt(settlement, i) }));
    // The header binds all of it but the numbers of actions, and those are compared.
    expect([...problems]).toEqual(['LIGHT_STATE']);
  });
});

describe('a change of the committee', () => {
  test('gives the very configuration that the chain went on with', () => {
    const next = nextEpoch(chain, epoch, change)!;
    expect(epochHash(next)).toEqual(epochHash(world.newest.epoch));
    expect(decodeEpochChange(encodeEpochChange(change))).toEqual(change);
  });

  test('is needed: without it a height of the next epoch is of no committee', () => {
    expect(lightAt().check(fifth)).toBe('LIGHT_EPOCH');
    expect(lightAt().replicaFrom(fifth.block, states[4]!)).toBe('LIGHT_EPOCH');
    expect(replayOf(fifth, states[4]!, lightAt(change))).toMatchObject({ stateRoot: fifth.stateRoot });
  });

  test('with any field changed changes nothing', () => {
    const lies: readonly Partial<EpochChange>[] = [
      { header: first.block.header },
      { header: { ...change.header, timeS: change.header.timeS + 1n } },
      { certificate: first.block.certificate },
      { certificate: { ...change.certificate, signers: [true, false] } },
      { evidence: [new Uint8Array(128)] },
      { ordering: flip(change.ordering) },
      { rotation: flip(change.rotation) },
      { rotation: change.rotation.with(-1, change.rotation.at(-1)! ^ 1) },
    ];
    for (const lie of lies) expect(nextEpoch(chain, epoch, { ...change, ...lie })).toBeUndefined();
  });

  test('of a height that is not the last one of its epoch is none, though a quorum signed it', () => {
    const light = new LightClient(chain, epoch);
    expect(light.changeEpoch({ ...change, header: heights[2]!.block.header })).toBe(false);
    expect(nextEpoch(chain, world.newest.epoch, change)).toBeUndefined();
  });

  test('is refused as bytes that are none', () => {
    const bytes = encodeEpochChange(change);
    for (const hostile of [new Uint8Array(), bytes.slice(1), bytes.slice(0, 400)])
      expect(decodeEpochChange(hostile)).toBeUndefined();
  });

  test('leaves a committee that is over no height after it', () => {
    const late = {
      ...last,
      block: { ...last.block, header: { ...last.block.header, height: height(LAST + 1) } },
    };
    expect(lightAt(change).check(late)).toBe('LIGHT_EPOCH');
    expect(lightAt().check(late)).toBe('REPLAY_CERTIFICATE');
  });
});
