import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toHex } from '../../../../src/base/bytes.ts';
import { ballotShare, identityCommitment, recoverIdentitySecret } from '../../../../src/crypto/identity.ts';
import { verifyPath } from '../../../../src/crypto/merkle.ts';
import { sign, signKeyFromSeed } from '../../../../src/crypto/signature.ts';
import { checkRegistration } from '../../../../src/ledger/rotation/check-registration.ts';
import { seatOf } from '../../../../src/ledger/rotation/draft.ts';
import {
  encodeRegistrationBody,
  keyNames,
  MAX_REGISTRATION_BYTES,
  type RegistrationItem,
  registrationHash,
  registrationSignals,
  screenRegistration,
} from '../../../../src/ledger/rotation/registration.ts';
import { r } from '../../../../src/params/fields.ts';
import { CHAIN, CHAIN_HASH, draftOf, registrationOf, signed } from './fixtures.ts';

const good = registrationOf(3, 2);
const other = registrationOf(4, 2);
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const check = (item: RegistrationItem) => checkRegistration(CHAIN, CHAIN_HASH, item);

/** Signed by the member and its network key again: what only its own author can make. */
const resigned = (changed: Partial<RegistrationItem>): RegistrationItem => {
  const { secrets, statement } = draftOf(3, 2);
  const own = { ...draftOf(3, 2), secrets, statement: { ...statement, ...changed } };
  return signed(own);
};

describe('a registration', () => {
  test('comes back from its encoding, whatever its fields are', () => {
    const field = fc.bigInt({ min: 1n, max: r - 1n });
    const anything = fc.record({
      registryIndex: fc.nat({ max: 2 ** 32 - 1 }),
      epoch: fc.nat({ max: 2 ** 32 - 1 }),
      address: fc.stringMatching(/^[!-~]{0,128}$/),
      encryptionPossession: bytes(64),
      blsKey: bytes(48),
      possession: bytes(96),
      signKey: bytes(32),
      identityCommitment: field,
      nullifier: field,
      y: field,
      proof: bytes(256),
      keySignature: bytes(64),
      signature: bytes(64),
    });
    fc.assert(
      fc.property(anything, (fields) => {
        const item = { ...good, ...fields };
        expect(screenRegistration(encodeRegistrationBody(item))).toEqual(item);
      }),
    );
  });

  test('is refused in any other form, and never with an exception', () => {
    const encoded = encodeRegistrationBody(good);
    expect(screenRegistration(encoded)).toEqual(good);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: MAX_REGISTRATION_BYTES + 8 }), (hostile) => {
        expect(typeof screenRegistration(hostile)).toBe('string');
      }),
    );
    for (const cut of [0, 1, 100])
      expect(screenRegistration(encoded.subarray(0, cut))).toBe('ITEM_MALFORMED');
    expect(screenRegistration(new Uint8Array([...encoded, 0x7f, 0x20]))).toBe('ITEM_MALFORMED');
  });

  test.each<[string, string, Partial<RegistrationItem>]>([
    ['a nullifier that is no field element', 'ITEM_SIGNAL_RANGE', { nullifier: r }],
    ['a share that is none', 'ITEM_SIGNAL_RANGE', { y: r + 1n }],
    ['an identity that is none', 'ITEM_SIGNAL_RANGE', { identityCommitment: r }],
    ['the empty leaf for an identity', 'ITEM_MALFORMED', { identityCommitment: 0n }],
    ['a point off the curve', 'ITEM_MALFORMED', { encryptionKey: new Uint8Array(64).fill(1) }],
  ])('is refused with %s', (_, code, wrong) => {
    expect(screenRegistration(encodeRegistrationBody({ ...good, ...wrong }))).toBe(code);
  });

  test('has a name that every field of its statement changes, and neither proof nor signature', () => {
    const statement: Partial<RegistrationItem>[] = [
      { registryIndex: 4 },
      { epoch: 3 },
      { address: 'x' },
      { encryptionKey: other.encryptionKey },
      { encryptionPossession: other.encryptionPossession },
      { blsKey: other.blsKey },
      { possession: other.possession },
      { signKey: other.signKey },
      { identityCommitment: 1n },
      { nullifier: 1n },
      { y: 1n },
    ];
    const names = [{}, ...statement].map((change) =>
      toHex(registrationHash(CHAIN_HASH, { ...good, ...change })),
    );
    expect(new Set(names).size).toBe(names.length);
    const { proof, signature, keySignature } = other;
    const resent = { ...good, proof, signature, keySignature };
    expect(registrationHash(CHAIN_HASH, resent)).toEqual(registrationHash(CHAIN_HASH, good));
    expect(registrationHash(new Uint8Array(32), good)).not.toEqual(registrationHash(CHAIN_HASH, good));
  });
});

describe('what is checked of a registration', () => {
  test('passes one that its member made', () => expect(check(good)).toBeUndefined());

  test('is the member: another index, and every field that its key did not sign, is refused', () => {
    expect(check({ ...good, registryIndex: 10 })).toBe('ITEM_NOT_REGISTERED');
    for (const change of [
      { registryIndex: 4 },
      { epoch: 3 },
      { address: 'elsewhere' },
      { encryptionKey: other.encryptionKey },
      { blsKey: other.blsKey },
      { signKey: other.signKey },
      { identityCommitment: other.identityCommitment },
      { proof: new Uint8Array(256) },
      { signature: other.signature },
    ])
      expect(check({ ...good, ...change }), Object.keys(change).join()).toBe('ITEM_SIGNATURE_INVALID');
    expect(checkRegistration(CHAIN, new Uint8Array(32), good)).toBe('ITEM_SIGNATURE_INVALID');
  });

  test.each<[string, Partial<RegistrationItem>]>([
    ['another member’s encryption key', pick(other, 'encryptionKey', 'encryptionPossession')],
    ['another member’s BLS key', pick(other, 'blsKey', 'possession')],
    [
      'an encryption key of another epoch',
      pick(registrationOf(3, 3), 'encryptionKey', 'encryptionPossession'),
    ],
    ['a BLS key of another epoch', pick(registrationOf(3, 3), 'blsKey', 'possession')],
  ])('is that its keys are its own: %s is refused though the member signs it', (_, stolen) => {
    expect(check(resigned(stolen))).toBe('ITEM_POSSESSION_INVALID');
  });

  test('is that its network key signs, too: nobody registers another’s, and none registers the bridge’s', () => {
    expect(check(resigned({ signKey: other.signKey }))).toBe('ITEM_POSSESSION_INVALID');
    expect(check({ ...good, keySignature: other.keySignature })).toBe('ITEM_POSSESSION_INVALID');
    const bridge = signKeyFromSeed(new Uint8Array(32).fill(77));
    const item = resigned({ signKey: bridge.publicKey });
    expect(CHAIN.bridgeKey).toEqual(bridge.publicKey);
    expect(check({ ...item, keySignature: sign(bridge.secret, new Uint8Array(32)) })).toBe(
      'ITEM_POSSESSION_INVALID',
    );
  });
});

describe('the identity of a registration', () => {
  test('is proved as a membership of its own tree, in a scope of member, epoch and network key', () => {
    const { witness, statement, secrets } = draftOf(3, 2);
    const leaf = identityCommitment(secrets.identitySecret);
    expect(leaf).toBe(statement.identityCommitment);
    expect(verifyPath(leaf, witness.path, witness.committeeRoot, 4)).toBe(true);
    const { nullifier, y } = ballotShare(witness.identitySecret, witness.scope, witness.x);
    expect(registrationSignals(CHAIN_HASH, statement)).toEqual([
      nullifier,
      y,
      witness.committeeRoot,
      witness.scope,
      1n,
    ]);
    const scopes = [{}, { registryIndex: 4 }, { epoch: 3 }, { signKey: other.signKey }].map(
      (change) => registrationSignals(CHAIN_HASH, { ...statement, ...change })[3],
    );
    expect(new Set(scopes).size).toBe(4);
  });

  test('stays secret when a member registers twice with one network key', () => {
    const { statement, witness } = draftOf(3, 2);
    const again = ballotShare(witness.identitySecret, witness.scope, 1n);
    const [first, second] = [statement, again].map(({ y }) => ({ x: 1n, y }));
    expect(recoverIdentitySecret(first!, second!)).toBeUndefined();
  });

  test('and the other keys have names of their own kind, so that none is taken for another', () => {
    const names = [good, other].flatMap((item) => keyNames(seatOf(item)));
    expect(new Set(names).size).toBe(8);
    const same = keyNames({ ...seatOf(good), signKey: good.encryptionKey.subarray(0, 32) });
    expect(same[0]).toBe(names[0]);
    expect(same[2]).not.toBe(names[2]);
  });
});

function pick<T, K extends keyof T>(from: T, ...keys: K[]): Pick<T, K> {
  return Object.fromEntries(keys.map((key) => [key, from[key]])) as Pick<T, K>;
}
