import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concatBytes, toHex } from '../../../src/base/bytes.ts';
import {
  acceptedRoot,
  type Block,
  decodeBlock,
  encodeBlock,
  evidenceRoot,
  type Header,
  headerHash,
  MAX_BLOCK_BYTES,
  settlementHash,
} from '../../../src/ledger/block.ts';
import { r } from '../../../src/params/fields.ts';
import { height, validatorIndex } from '../../../src/params/ids.ts';
import { quorumOf } from '../../../src/params/quorum.ts';
import {
  MAX_EVIDENCE_BYTES,
  MAX_INSTRUMENTS,
  MAX_ORDERED_ITEMS,
  MAX_VALIDATORS,
} from '../../../src/params/sizes.ts';
import { idNamed, sampleItem } from './batches.ts';

const filled = (n: number, by: number): Uint8Array => new Uint8Array(n).fill(by);
const header: Header = {
  chainHash: filled(32, 1),
  epochHash: filled(32, 2),
  height: height(3),
  parent: filled(32, 4),
  acceptedRoot: filled(32, 5),
  evidenceRoot: filled(32, 6),
  orderingRoot: filled(32, 11),
  stateRoot: filled(32, 7),
  receiptsRoot: filled(32, 8),
  medians: [9n, 10n],
  oracleTimeS: 10n,
  timeS: 11n,
};
const block: Block = {
  header,
  items: [sampleItem(), sampleItem({ nullifier: 13n })],
  keys: [filled(64, 1), filled(64, 2)],
  shares: [{ validator: validatorIndex(2), shares: [filled(64, 3), filled(64, 4)], dleq: filled(64, 5) }],
  refused: [{ id: idNamed('lost'), code: 'ITEM_NULLIFIER_SPENT' }],
  evidence: [filled(MAX_EVIDENCE_BYTES, 3)],
  beacon: filled(64, 4),
  certificate: { signers: [true, false, true, true], signature: filled(96, 5) },
};

describe('a header', () => {
  test('has a hash that every field changes', () => {
    const changed: Header[] = [
      { ...header, chainHash: filled(32, 99) },
      { ...header, epochHash: filled(32, 99) },
      { ...header, height: height(99) },
      { ...header, parent: filled(32, 99) },
      { ...header, acceptedRoot: filled(32, 99) },
      { ...header, evidenceRoot: filled(32, 99) },
      { ...header, orderingRoot: filled(32, 99) },
      { ...header, stateRoot: filled(32, 99) },
      { ...header, receiptsRoot: filled(32, 99) },
      { ...header, medians: [10n, 9n] },
      { ...header, medians: [9n, 10n, 0n] },
      { ...header, timeS: 99n },
      { ...header, oracleTimeS: 99n },
    ];
    const hashes = [header, ...changed].map((h) => toHex(headerHash(h)));
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  test('and a settlement sign in domains of their own', () => {
    const { chainHash, epochHash, stateRoot, receiptsRoot } = header;
    const statement = { chainHash, epochHash, height: height(3), stateRoot, receiptsRoot };
    const hashes = [
      settlementHash(statement),
      settlementHash({ ...statement, chainHash: filled(32, 99) }),
      settlementHash({ ...statement, epochHash: filled(32, 99) }),
      settlementHash({ ...statement, height: height(4) }),
      settlementHash({ ...statement, stateRoot: filled(32, 99) }),
      settlementHash({ ...statement, receiptsRoot: filled(32, 99) }),
      headerHash(header),
    ].map(toHex);
    expect(new Set(hashes).size).toBe(7);
  });
});

describe('roots', () => {
  const ids = ['a', 'b'].map(idNamed);

  test('of accepted ids depend on the ids and on their order', () => {
    const roots = [ids, [...ids].reverse(), ids.slice(1), []].map((list) => toHex(acceptedRoot(list)));
    expect(new Set(roots).size).toBe(4);
  });

  test('of evidence depend on every byte and on the length', () => {
    const roots = [[filled(5, 1)], [filled(6, 1)], [filled(5, 2)], [filled(5, 1), filled(0, 0)], []];
    expect(new Set(roots.map((list) => toHex(evidenceRoot(list)))).size).toBe(5);
  });
});

describe('a block on the wire', () => {
  test('comes back as it was', () => {
    expect(decodeBlock(encodeBlock(block))).toEqual(block);
  });

  test('comes back empty', () => {
    const empty = { ...block, items: [], keys: [], shares: [], refused: [], evidence: [] };
    expect(decodeBlock(encodeBlock(empty))).toEqual(empty);
  });

  test('with as many items as a height can order fits its limit', () => {
    const items = Array.from({ length: MAX_ORDERED_ITEMS }, () => sampleItem());
    const each = items.map((_, i) => filled(64, i));
    const refused = items.map((_, i) => ({ id: idNamed(i), code: 'ITEM_COMMITMENT_EXISTS' as const }));
    const { sharesRequired } = quorumOf(MAX_VALIDATORS);
    const shares = Array.from({ length: sharesRequired }, (_, i) => ({
      validator: validatorIndex(i),
      shares: each,
      dleq: filled(64, 5),
    }));
    const evidence = Array.from({ length: MAX_VALIDATORS }, () => filled(MAX_EVIDENCE_BYTES, 6));
    const medians = Array.from({ length: 1 + MAX_INSTRUMENTS }, () => 1n);
    const header = { ...block.header, medians };
    const bytes = encodeBlock({ ...block, header, items, keys: each, shares, refused, evidence });
    expect(bytes.length).toBeLessThan(MAX_BLOCK_BYTES - 65_536);
    expect(decodeBlock(bytes)?.items.length).toBe(MAX_ORDERED_ITEMS);
    const tooMany = [...items, sampleItem()];
    expect(() => encodeBlock({ ...block, items: tooMany, keys: tooMany.map(() => filled(64, 1)) })).toThrow(
      'bounded',
    );
  });

  test('without a K for each item is not made', () => {
    expect(() => encodeBlock({ ...block, keys: [] })).toThrow('one K');
  });

  test('with an item that fails its screening is refused', () => {
    expect(
      decodeBlock(encodeBlock({ ...block, items: [sampleItem(), sampleItem({ tag: r })] })),
    ).toBeUndefined();
  });

  test('with a code nobody knows is refused', () => {
    const bytes = encodeBlock(block);
    const hex = toHex(bytes);
    const at = hex.indexOf(toHex(new TextEncoder().encode('ITEM_NULLIFIER_SPENT'))) / 2;
    expect(at).toBeGreaterThan(0);
    const other = Uint8Array.from(bytes);
    other[at] = 'X'.charCodeAt(0);
    expect(decodeBlock(other)).toBeUndefined();
  });

  test('never throws, and only the canonical bytes decode', () => {
    const good = encodeBlock(block);
    const damaged = fc
      .tuple(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }))
      .map(([at, by]) => good.map((byte, i) => (i === at ? byte ^ by : byte)));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 3000 }), damaged), (bytes) => {
        const decoded = decodeBlock(bytes);
        if (decoded !== undefined) expect(encodeBlock(decoded)).toEqual(bytes);
      }),
      { numRuns: 200 },
    );
    expect(decodeBlock(good.subarray(0, good.length - 1))).toBeUndefined();
    expect(decodeBlock(concatBytes(good, Uint8Array.of(0)))).toBeUndefined();
  });
});
