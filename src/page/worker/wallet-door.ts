import { ClientError } from '../../client/errors.ts';
import { lockSeed, unlockSeed } from '../../client/locked-seed.ts';
import { parseWalletKey, WALLET_FILE_BYTES, walletKeyText } from '../../formats/wallet-files.ts';
import type { Stored } from './stored-values.ts';

/** The file of `velum wallet` with the seed under a password, as this browser keeps it. */
const KEY = 'wallet key';
const SEED_BYTES = 32;

export const randomBytes = (length: number): Uint8Array =>
  globalThis.crypto.getRandomValues(new Uint8Array(length));

/** @returns undefined if this browser keeps no wallet */
export async function keptKey(stored: Stored): Promise<string | undefined> {
  const kept = await stored.get(KEY);
  return typeof kept === 'string' ? kept : undefined;
}

/** A new seed, kept under a password. @throws {ClientError} WALLET_EXISTS, WALLET_PASSWORD. @returns secret */
export async function createSeed(password: string, stored: Stored): Promise<Uint8Array> {
  await requireNone(stored);
  const seed = randomBytes(SEED_BYTES);
  await keepFirst(walletKeyText(await lockSeed(seed, password, randomBytes)), stored);
  return seed;
}

/** Takes a key file, which stays under its password. @throws {ClientError} WALLET_EXISTS, WALLET_PASSWORD; {FormatError} WALLET_FILE. @returns secret */
export async function importSeed(file: string, password: string, stored: Stored): Promise<Uint8Array> {
  await requireNone(stored);
  if (file.length > WALLET_FILE_BYTES)
    throw new ClientError('WALLET_INPUT', `a key file has at most ${WALLET_FILE_BYTES} bytes`);
  const seed = await opened(file, password);
  await keepFirst(file, stored);
  return seed;
}

/** @throws {ClientError} WALLET_MISSING, WALLET_PASSWORD. @returns secret */
export async function unlockKept(password: string, stored: Stored): Promise<Uint8Array> {
  const file = await keptKey(stored);
  if (file === undefined)
    throw new ClientError('WALLET_MISSING', 'this browser keeps no wallet: make one first');
  return opened(file, password);
}

export const removeKey = (stored: Stored): Promise<void> => stored.remove(KEY);

async function requireNone(stored: Stored): Promise<void> {
  if ((await keptKey(stored)) !== undefined) throw kept();
}

/** While a password was stretched another tab may have kept a key: nothing is written over it. */
async function keepFirst(file: string, stored: Stored): Promise<void> {
  if (!(await stored.add(KEY, file))) throw kept();
}

const kept = (): Error =>
  new ClientError(
    'WALLET_EXISTS',
    'this browser keeps a wallet already: save its key file and remove it first',
  );

async function opened(file: string, password: string): Promise<Uint8Array> {
  const seed = await unlockSeed(parseWalletKey(file, 'the key file'), password);
  if (seed !== undefined) return seed;
  throw new ClientError('WALLET_PASSWORD', 'the key does not open with this password');
}
