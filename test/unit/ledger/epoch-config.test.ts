import { describe, expect, test } from 'vitest';
import { toHex } from '../../../src/base/bytes.ts';
import { multiplyBase } from '../../../src/crypto/babyjub.ts';
import { blsKeyFromSeed } from '../../../src/crypto/certificate.ts';
import { seededRandom } from '../../../src/crypto/random.ts';
import { dealThresholdKey } from '../../../src/crypto/threshold-key.ts';
import { chainHash } from '../../../src/ledger/chain-genesis.ts';
import { itemDomain } from '../../../src/ledger/claims.ts';
import {
  type EpochConfig,
  epochHash,
  requireEpoch,
  requireGenesis,
} from '../../../src/ledger/epoch-config.ts';
import { r } from '../../../src/params/fields.ts';
import { height } from '../../../src/params/ids.ts';
import { PARAMS, sampleChain, sampleEpoch, sampleValidator } from './market.ts';

const chain = sampleChain();
const good = sampleEpoch();
const [validator] = good.validators;
const otherKey = { ...good.decryptionKey, publicKey: multiplyBase(6n) };

describe('the epoch’s hash', () => {
  test('is changed by every part of the configuration', () => {
    const changed: EpochConfig[] = [
      { ...good, epoch: 2 },
      { ...good, firstHeight: height(2) },
      { ...good, epochHeights: 9 },
      { ...good, dealingHeights: 3 },
      { ...good, validators: [{ ...validator!, registryIndex: 1 }] },
      { ...good, validators: [{ ...validator!, address: 'x' }] },
      { ...good, validators: [{ ...validator!, encryptionKey: new Uint8Array(64) }] },
      { ...good, validators: [{ ...validator!, blsKey: new Uint8Array(48) }] },
      { ...good, validators: [{ ...validator!, possession: new Uint8Array(96) }] },
      { ...good, validators: [{ ...validator!, signKey: new Uint8Array(32) }] },
      { ...good, validators: [{ ...validator!, identityCommitment: 8n }] },
      { ...good, validators: [] },
      { ...good, decryptionKey: otherKey },
      { ...good, decryptionKey: { ...good.decryptionKey, shareKeys: [multiplyBase(6n)] } },
      { ...good, decryptionKey: { ...good.decryptionKey, degree: 1 } },
      { ...good, coinKey: otherKey },
      { ...good, coinKey: good.decryptionKey, decryptionKey: good.coinKey },
    ];
    const hashes = [good, ...changed].map((epoch) => toHex(epochHash(epoch)));
    expect(new Set(hashes).size).toBe(changed.length + 1);
    expect(toHex(epochHash(sampleEpoch()))).toBe(hashes[0]);
  });

  test('is apart from the chain’s: who runs it changes neither the chain’s name nor, of one key, the words of an item', () => {
    const later = sampleEpoch({
      epoch: 2,
      firstHeight: height(9),
      validators: [{ ...validator!, identityCommitment: 8n }],
    });
    expect(itemDomain(chain, later)).toEqual(itemDomain(chain, good));
    expect(itemDomain(chain, good).chainHash).toEqual(chainHash(chain));
    expect(epochHash(later)).not.toEqual(epochHash(good));
  });
});

describe('an epoch', () => {
  test('of the right form passes', () => {
    expect(() => requireGenesis(chain, good)).not.toThrow();
    const later = sampleEpoch({ epoch: 2, firstHeight: height(9) });
    expect(() => requireEpoch(chain, later)).not.toThrow();
    const voteless = { ...later, validators: [{ ...later.validators[0]!, identityCommitment: 0n }] };
    expect(() => requireEpoch(chain, voteless)).not.toThrow();
  });

  test('that begins a chain is epoch 1, and the chain itself is valid', () => {
    const later = sampleEpoch({ epoch: 2, firstHeight: height(9) });
    expect(() => requireGenesis(chain, later)).toThrow('begins with epoch 1');
    expect(() => requireGenesis(sampleChain({ market: { ...PARAMS, feePpm: -1n } }), good)).toThrow(
      'market feePpm',
    );
  });

  test.each<[string, Partial<EpochConfig>]>([
    ['count from 1', { epoch: 0 }],
    ['count from 1', { firstHeight: height(0) }],
    ['to 2^32 − 1', { epoch: 2 ** 32, firstHeight: height(9) }],
    ['to 2^32 − 1', { epoch: 2, firstHeight: height(2 ** 32) }],
    ['to 2^32 − 1', { epoch: 1.5 }],
    ...[0n, -1n, r, r + 7n].map((identityCommitment): [string, Partial<EpochConfig>] => [
      'in F_r, and not 0 in epoch 1',
      { validators: [{ ...validator!, identityCommitment }] },
    ]),
    ['deals them in at least one', { dealingHeights: 0 }],
    ['for more heights than it deals keys in', { dealingHeights: 8 }],
    ['for more heights than it deals keys in', { epochHeights: 2 ** 32 }],
    ['a member of the registry', { validators: [{ ...validator!, registryIndex: 2 }] }],
    ['a member of the registry', { validators: [{ ...validator!, registryIndex: -1 }] }],
    ['visible ASCII', { validators: [{ ...validator!, address: 'a b' }] }],
    ['visible ASCII', { validators: [{ ...validator!, address: 'a'.repeat(129) }] }],
    ['points of the subgroup', { validators: [{ ...validator!, encryptionKey: new Uint8Array(64) }] }],
    ['by its member for this epoch', { validators: [sampleValidator(0, 2)] }],
    ['by its member for this epoch', { validators: [{ ...validator!, registryIndex: 1 }] }],
    ['32 bytes', { validators: [{ ...validator!, signKey: new Uint8Array(31) }] }],
    ['epoch 1 begins at height 1', { firstHeight: height(2) }],
    ['epoch 1 begins at height 1', { epoch: 2 }],
    ['1 to 100 validators', { validators: [] }],
    ['decryption share', { decryptionKey: { ...good.decryptionKey, n: 2 } }],
    ['coin share', { coinKey: { ...good.coinKey, shareKeys: [] } }],
    ['decryption share', { decryptionKey: otherKey }],
    ['coins are tossed with another key', { coinKey: good.decryptionKey }],
    ['the bridge key is no validator', { validators: [{ ...validator!, signKey: chain.bridgeKey }] }],
    ['proof of possession', { validators: [{ ...validator!, possession: new Uint8Array(96) }] }],
    [
      'proof of possession',
      { validators: [{ ...validator!, blsKey: blsKeyFromSeed(new Uint8Array(32).fill(9)).publicKey }] },
    ],
  ])('is refused unless it says right: %s', (rule, wrong) => {
    expect(() => requireEpoch(chain, { ...good, ...wrong })).toThrow(rule);
  });

  test.each(['blsKey', 'signKey', 'identityCommitment', 'encryptionKey', 'registryIndex'] as const)(
    'has no two validators of one %s',
    (field) => {
      const other = sampleValidator(1);
      const random = seededRandom(new Uint8Array(32));
      const [decryption, coin] = [dealThresholdKey(2, 0, random), dealThresholdKey(2, 0, random)];
      const two = (second: typeof other) =>
        sampleEpoch({
          validators: [validator!, second],
          decryptionKey: decryption.key,
          coinKey: coin.key,
        });
      expect(() => requireEpoch(chain, two(other))).not.toThrow();
      const twin =
        field === 'blsKey'
          ? { ...other, blsKey: validator!.blsKey, possession: validator!.possession }
          : { ...other, [field]: validator![field] };
      const rule = field === 'registryIndex' ? 'no member has two seats' : 'distinct';
      expect(() => requireEpoch(chain, two(twin))).toThrow(rule);
    },
  );
});
