import { expect, test } from 'vitest';
import { bls } from '../../../src/crypto/bls.browser.ts';
import { bls as native } from '../../../src/crypto/bls.ts';

/** The schemes of Node and of browsers, which have to agree on every byte: whoever disagrees follows another chain. */
const seeds = [1, 2, 3].map((i) => new Uint8Array(32).fill(i));
const message = new Uint8Array(32).fill(7);
const keys = seeds.map((seed) => native.keyFromSeed(seed));
const publicKeys = keys.map(({ publicKey }) => publicKey);
const signatures = keys.map(({ secret }) => native.sign(secret, message));
const sum = native.aggregate(signatures);
const outcomeOf = (work: () => unknown): unknown => {
  try {
    return work();
  } catch {
    return 'refused';
  }
};

test('a browser makes the keys and signatures that Node makes', () => {
  expect(bls.keyFromSeed(seeds[0]!)).toEqual(keys[0]);
  expect(bls.sign(keys[0]!.secret, message)).toEqual(signatures[0]);
  expect(bls.aggregate(signatures)).toEqual(Uint8Array.from(sum));
});

test('both take a certificate of all signers, and neither one of fewer signers or of another message', () => {
  for (const scheme of [native, bls]) {
    expect(scheme.verifyOfAll(publicKeys, message, sum)).toBe(true);
    expect(scheme.verifyOfAll(publicKeys.slice(1), message, sum)).toBe(false);
    expect(scheme.verifyOfAll(publicKeys, message.with(0, 1), sum)).toBe(false);
    expect(scheme.verify(publicKeys[1]!, message, signatures[1]!)).toBe(true);
  }
});

const infinityOfG1 = Uint8Array.from({ length: 48 }, (_, i) => (i === 0 ? 0xc0 : 0));
const infinityOfG2 = Uint8Array.from({ length: 96 }, (_, i) => (i === 0 ? 0xc0 : 0));
test.each([
  ['the signature of infinity', publicKeys[0]!, infinityOfG2],
  ['the key of infinity', infinityOfG1, signatures[0]!],
  ['an uncompressed length', publicKeys[0]!, new Uint8Array(192)],
  ['bytes that are no point', publicKeys[0]!, new Uint8Array(96).fill(0x9f)],
  ['a signature with its sign turned', publicKeys[0]!, signatures[0]!.with(0, signatures[0]![0]! ^ 0x20)],
  ['a point outside the subgroup', publicKeys[0]!, outsideSubgroup()],
])('neither takes %s', (_, key, signature) => {
  for (const scheme of [native, bls])
    expect(outcomeOf(() => scheme.verify(key, message, signature))).not.toBe(true);
  for (const scheme of [native, bls])
    expect(outcomeOf(() => scheme.verifyOfAll([], message, sum))).not.toBe(true);
});

/** The point of the twist with the least x that has one, which the cofactor does not forgive. */
function outsideSubgroup(): Uint8Array {
  const bytes = new Uint8Array(96);
  bytes[0] = 0x80;
  bytes[95] = 2;
  return bytes;
}
