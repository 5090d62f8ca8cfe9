import { describe, expect, test } from 'vitest';
import { toHex } from '../../../src/base/bytes.ts';
import { type ChainGenesis, chainHash, requireChain } from '../../../src/ledger/chain-genesis.ts';
import { genesisSettlement } from '../../../src/ledger/settlement-state.ts';
import { r } from '../../../src/params/fields.ts';
import { height } from '../../../src/params/ids.ts';
import { MEDIANS, NOTES_TOTAL, PARAMS, sampleChain } from './market.ts';

const good = sampleChain();

describe('the chain’s hash', () => {
  test('is changed by every part of the genesis', () => {
    const changed: ChainGenesis[] = [
      { ...good, chainId: 'another' },
      { ...good, notes: [102n, 101n] },
      { ...good, notesTotal: 1n },
      { ...good, medians: [1n, 600_000n] },
      { ...good, timeS: 1n },
      { ...good, bridgeKey: new Uint8Array(32) },
      { ...good, registry: good.registry.slice(1) },
      { ...good, registry: [...good.registry].reverse() },
      { ...good, market: { ...PARAMS, name: 'BTD' } },
      { ...good, market: { ...PARAMS, feePpm: 501n } },
      { ...good, market: { ...PARAMS, premiumWeightPpm: 1n } },
      { ...good, market: { ...PARAMS, optionMargin: { ...PARAMS.optionMargin, mPpm: 1n } } },
      { ...good, market: { ...PARAMS, instruments: PARAMS.instruments.slice(0, 2) } },
      {
        ...good,
        market: { ...PARAMS, instruments: [{ name: 'BTC-PERP', kind: 'perp', lotPpm: 2_000n }] },
      },
    ];
    const hashes = [good, ...changed].map((chain) => toHex(chainHash(chain)));
    expect(new Set(hashes).size).toBe(changed.length + 1);
    expect(toHex(chainHash(sampleChain()))).toBe(hashes[0]);
  });
});

describe('a genesis', () => {
  test('of the right form passes', () => expect(() => requireChain(good)).not.toThrow());
  test('may hold nothing, or as much as its notes can', () => {
    for (const notesTotal of [0n, 2n * ((1n << 64n) - 1n)])
      expect(() => requireChain({ ...good, notesTotal })).not.toThrow();
  });

  test.each<[string, Partial<ChainGenesis>]>([
    ['market feePpm', { market: { ...PARAMS, feePpm: -1n } }],
    ['one median for each oracle feed', { medians: [1n] }],
    ['medians are 1', { medians: [1n << 64n, 1n] }],
    ['before every expiry', { timeS: 2_000_000n }],
    ['commitments in F_r', { notes: [r] }],
    ['commitments in F_r', { notes: [0n] }],
    ['distinct', { notes: [5n, 5n] }],
    ['commitments in F_r', { notes: [r + 1n] }],
    ['what its notes can hold', { notesTotal: -1n }],
    ['what its notes can hold', { notesTotal: 1n << 200n }],
    ['what its notes can hold', { notesTotal: 2n * ((1n << 64n) - 1n) + 1n }],
    ['what its notes can hold', { notes: [], notesTotal: 1n }],
    ['0 to 2^64', { timeS: -1n }],
    ['0 to 2^64', { timeS: 1n << 64n }],
    ['at most 64 bytes', { chainId: 'ä'.repeat(33) }],
    ['1 to 256 members', { registry: [] }],
    ['1 to 256 members', { registry: Array.from({ length: 257 }, (_, i) => new Uint8Array(32).fill(i)) }],
    ['keys of the registry have 32 bytes', { registry: [new Uint8Array(31)] }],
    ['distinct', { registry: [good.registry[0]!, good.registry[0]!] }],
    ['none is the bridge key', { registry: [good.bridgeKey] }],
    ['32 bytes', { bridgeKey: new Uint8Array(31) }],
  ])('is refused unless it says right: %s', (rule, wrong) => {
    expect(() => requireChain({ ...good, ...wrong })).toThrow(rule);
  });

  test('makes a state without accounts whose pool holds all notes', () => {
    const state = genesisSettlement(good);
    expect([state.height, state.pool, state.deposits, state.accounts.size]).toEqual([
      0,
      NOTES_TOTAL,
      NOTES_TOTAL,
      0,
    ]);
    expect(state.market.medians).toEqual(MEDIANS);
    expect([...state.tables.keys()]).toEqual([height(0)]);
  });
});
