import { expect, test } from 'vitest';
import {
  type LockedSeed,
  lockSeed,
  openSession,
  SCRYPT_LOG_N,
  sealSession,
  unlockSeed,
} from '../../../src/client/locked-seed.ts';
import { seededRandom } from '../../../src/crypto/random.ts';
import {
  MAX_SCRYPT_LOG_N,
  parseWallet,
  parseWalletKey,
  walletKeyText,
  walletText,
} from '../../../src/formats/wallet-files.ts';

const seed = new Uint8Array(32).fill(7);
const random = seededRandom(new Uint8Array(32).fill(8));
/** Cheap: what is tested is not how long scrypt takes. */
const LOG_N = 4;
const flip = (bytes: Uint8Array, at = 0): Uint8Array => bytes.with(at, bytes.at(at)! ^ 1);

test('a seed opens with its password alone, and not if anything in the file was changed', async () => {
  const locked = await lockSeed(seed, 'pässword', random, LOG_N);
  expect(await unlockSeed(locked, 'pa\u0308ssword')).toEqual(seed);
  expect(await unlockSeed(locked, 'password')).toBeUndefined();
  const changed: readonly Partial<LockedSeed>[] = [
    { logN: LOG_N + 1 },
    { salt: flip(locked.salt) },
    { nonce: flip(locked.nonce) },
    { sealed: flip(locked.sealed) },
    { sealed: flip(locked.sealed, -1) },
  ];
  for (const each of changed) expect(await unlockSeed({ ...locked, ...each }, 'pässword')).toBeUndefined();
});

test('two files of one seed and password have nothing in common, and a short password is refused', async () => {
  const [one, other] = [
    await lockSeed(seed, 'password', random, LOG_N),
    await lockSeed(seed, 'password', random, LOG_N),
  ];
  expect(one.sealed).not.toEqual(other.sealed);
  expect(one.salt).not.toEqual(other.salt);
  await expect(lockSeed(seed, 'short', random, LOG_N)).rejects.toThrow('8 characters');
});

test('a key file says what it is, gives back what was written, and asks for no more memory than its reader has', async () => {
  const locked = await lockSeed(seed, 'password', random, LOG_N);
  const text = walletKeyText(locked);
  expect(parseWalletKey(text, 'wallet.key')).toEqual(locked);
  expect(text).not.toContain('07070707');
  for (const wrong of [
    text.replace('"version": 1', '"version": 2'),
    text.replace('"logN": 4', `"logN": ${MAX_SCRYPT_LOG_N + 1}`),
    text.replace('"r": 8', '"r": 9'),
    text.replace('xchacha20', 'xchacha21'),
    text.replace('"sealed": "', '"sealed": "00'),
    '{}',
    '',
  ])
    expect(() => parseWalletKey(wrong, 'wallet.key')).toThrow(
      expect.objectContaining({ code: 'WALLET_FILE' }),
    );
  expect(SCRYPT_LOG_N).toBeLessThanOrEqual(MAX_SCRYPT_LOG_N);
  expect(parseWallet(walletText(['127.0.0.1:1']), 'wallet.json')).toEqual(['127.0.0.1:1']);
});

test('what is kept beside the key opens for the same seed and chain alone', () => {
  const [chain, bytes] = [new Uint8Array(32).fill(1), new Uint8Array([1, 2, 3])];
  const sealed = sealSession(seed, chain, bytes, random);
  expect(openSession(seed, chain, sealed)).toEqual(bytes);
  for (const [one, other, what] of [
    [flip(seed), chain, sealed],
    [seed, flip(chain), sealed],
    [seed, chain, flip(sealed)],
    [seed, chain, flip(sealed, -1)],
    [seed, chain, new Uint8Array()],
  ] as const)
    expect(openSession(one, other, what)).toBeUndefined();
});
