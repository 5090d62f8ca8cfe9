import { describe, expect, test } from 'vitest';
import { toHex } from '../../../src/base/bytes.ts';
import { multiplyBase } from '../../../src/crypto/babyjub.ts';
import { blsKeyFromSeed } from '../../../src/crypto/certificate.ts';
import { seededRandom } from '../../../src/crypto/random.ts';
import { dealThresholdKey } from '../../../src/crypto/threshold-key.ts';
import { type Genesis, genesisHash, requireGenesis } from '../../../src/ledger/genesis.ts';
import { genesisSettlement } from '../../../src/ledger/settlement-state.ts';
import { r } from '../../../src/params/fields.ts';
import { height } from '../../../src/params/ids.ts';
import { MEDIANS, NOTES_TOTAL, PARAMS, sampleGenesis } from './market.ts';

const good = sampleGenesis();
const [validator] = good.validators;
const otherKey = {
  ...good.decryptionKey,
  publicKey: multiplyBase(6n),
};

describe('the genesis hash', () => {
  test('is changed by every part of the genesis', () => {
    const changed: Genesis[] = [
      { ...good, chainId: 'another' },
      { ...good, epoch: 1 },
      { ...good, notes: [102n, 101n] },
      { ...good, notesTotal: 1n },
      { ...good, medians: [1n, 600_000n] },
      { ...good, timeS: 1n },
      { ...good, bridgeKey: new Uint8Array(32) },
      { ...good, validators: [{ ...validator!, signKey: new Uint8Array(32) }] },
      { ...good, validators: [{ ...validator!, identityCommitment: 8n }] },
      { ...good, decryptionKey: otherKey },
      { ...good, decryptionKey: { ...good.decryptionKey, shareKeys: [multiplyBase(6n)] } },
      { ...good, coinKey: otherKey },
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
    const hashes = [good, ...changed].map((genesis) => toHex(genesisHash(genesis)));
    expect(new Set(hashes).size).toBe(changed.length + 1);
    expect(toHex(genesisHash(sampleGenesis()))).toBe(hashes[0]);
  });
});

describe('a genesis', () => {
  test('of the right form passes', () => expect(() => requireGenesis(good)).not.toThrow());

  test.each<[string, Partial<Genesis>]>([
    ['market feePpm', { market: { ...PARAMS, feePpm: -1n } }],
    ['one median for each oracle feed', { medians: [1n] }],
    ['medians are 1', { medians: [1n << 64n, 1n] }],
    ['before every expiry', { timeS: 2_000_000n }],
    ['1 to 100 validators', { validators: [] }],
    ['decryption share', { decryptionKey: { ...good.decryptionKey, n: 2 } }],
    ['coin share', { coinKey: { ...good.coinKey, shareKeys: [] } }],
    ['decryption share', { decryptionKey: otherKey }],
    ['commitments in F_r', { notes: [r] }],
    ['commitments in F_r', { notes: [0n] }],
    ['distinct', { notes: [5n, 5n] }],
    ['the bridge key is no validator', { bridgeKey: validator!.signKey }],
    ['proof of possession', { validators: [{ ...validator!, possession: new Uint8Array(96) }] }],
    [
      'proof of possession',
      { validators: [{ ...validator!, blsKey: blsKeyFromSeed(new Uint8Array(32).fill(9)).publicKey }] },
    ],
  ])('is refused unless it says right: %s', (rule, wrong) => {
    expect(() => requireGenesis({ ...good, ...wrong })).toThrow(rule);
  });

  test.each(['blsKey', 'signKey', 'identityCommitment'] as const)(
    'has no two validators of one %s',
    (field) => {
      const { publicKey, possession } = blsKeyFromSeed(new Uint8Array(32).fill(9));
      const other = {
        blsKey: publicKey,
        possession,
        signKey: new Uint8Array(32).fill(9),
        identityCommitment: 9n,
      };
      const { key } = dealThresholdKey(2, 0, seededRandom(new Uint8Array(32)));
      const two = (second: typeof other) =>
        sampleGenesis({ validators: [validator!, second], decryptionKey: key, coinKey: key });
      expect(() => requireGenesis(two(other))).not.toThrow();
      const twin =
        field === 'blsKey'
          ? { ...other, blsKey: validator!.blsKey, possession: validator!.possession }
          : { ...other, [field]: validator![field] };
      expect(() => requireGenesis(two(twin))).toThrow('distinct');
    },
  );

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
