import { randomBytes } from 'node:crypto';
import { chmodSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ClientError } from '../../client/errors.ts';
import { lockSeed, unlockSeed } from '../../client/locked-seed.ts';
import { Trader } from '../../client/trader.ts';
import { type Genesis, genesisText } from '../../formats/genesis-file.ts';
import {
  parseWallet,
  parseWalletKey,
  WALLET_FILE_BYTES,
  walletKeyText,
  walletText,
} from '../../formats/wallet-files.ts';
import { makeFolders } from '../../groth16/make-folders.ts';
import type { Address } from '../../net/transport.ts';
import { OWN_DIRECTORY, putFile, readOwnFile, withPath } from '../../node/durable-files.ts';
import { FolderLock } from '../../node/folder-lock.ts';
import { CliError } from '../errors.ts';
import { readTextFile, type Terminal } from '../io.ts';
import { readGenesisFile } from '../node/home.ts';
import { addressText, parseAddress } from '../node/settings.ts';
import { readPassword } from './password.ts';

/** Of what a wallet keeps beside its key. */
const MAX_SESSION_BYTES = 1 << 30;
const SEED_BYTES = 32;

export interface WalletFlags {
  readonly home: string;
  readonly rpc?: readonly string[];
  readonly passwordFile?: string;
  readonly json: boolean;
}

const filesOf = (dir: string) => ({
  genesis: join(dir, 'genesis.json'),
  settings: join(dir, 'wallet.json'),
  key: join(dir, 'wallet.key'),
  session: join(dir, 'session'),
});

/** A wallet that a command has opened: it alone, until it is closed. */
export interface OpenWallet {
  readonly trader: Trader;
  readonly nodes: readonly Address[];
  /** Whether it begins from genesis: nothing was kept, or what was kept is of another version. */
  readonly isFresh: boolean;
  /** What is known now outlives a crash. */
  readonly save: () => void;
  readonly close: () => void;
}

/** "127.0.0.1:26700" or "http://127.0.0.1:26700/". @throws {CliError} USAGE */
export function nodeAddress(text: string): Address {
  const address = parseAddress(text.replace(/^http:\/\//, '').replace(/\/$/, ''));
  if (address !== undefined) return address;
  throw new CliError('USAGE', `--rpc ${text}: HOST:PORT or http://HOST:PORT of a validator is expected`);
}

/**
 * Makes a wallet's folder: a new key, or that of a key file.
 * @throws {ClientError} WALLET_EXISTS, WALLET_PASSWORD; {FormatError} WALLET_FILE and what may be wrong with a genesis
 */
export async function makeWallet(
  terminal: Terminal,
  flags: WalletFlags & { readonly genesis: string; readonly key?: string },
): Promise<OpenWallet> {
  const dir = resolve(terminal.cwd, flags.home);
  const files = filesOf(dir);
  if (readOwnFile(files.key, WALLET_FILE_BYTES) !== undefined)
    throw new ClientError('WALLET_EXISTS', `${flags.home} holds a wallet: name another --home`);
  const nodes = (flags.rpc ?? []).map(nodeAddress);
  const genesis = await readGenesisFile(resolve(terminal.cwd, flags.genesis), terminal.cwd);
  const password = await readPassword(terminal, flags, flags.key === undefined);
  const known = flags.key === undefined ? undefined : resolve(terminal.cwd, flags.key);
  const keyText =
    known === undefined
      ? walletKeyText(await lockSeed(randomBytes(SEED_BYTES), password, randomBytes))
      : await readTextFile(known, WALLET_FILE_BYTES);
  const seed = await seedOf(keyText, flags.key ?? files.key, password);
  withPath('FILE_UNWRITABLE', dir, () => {
    makeFolders(dir, OWN_DIRECTORY);
    chmodSync(dir, OWN_DIRECTORY);
  });
  putFile(files.genesis, Buffer.from(genesisText(genesis)));
  putFile(files.settings, Buffer.from(walletText(nodes.map(addressText))));
  // The key last: a folder with one is a whole wallet.
  putFile(files.key, Buffer.from(keyText));
  return opened(dir, genesis, seed, nodes);
}

/** @throws {ClientError} WALLET_MISSING, WALLET_PASSWORD; {FormatError} WALLET_FILE; {NodeError} NODE_FOLDER_LOCKED */
export async function openWallet(terminal: Terminal, flags: WalletFlags): Promise<OpenWallet> {
  const dir = resolve(terminal.cwd, flags.home);
  const files = filesOf(dir);
  const key = readOwnFile(files.key, WALLET_FILE_BYTES);
  if (key === undefined)
    throw new ClientError(
      'WALLET_MISSING',
      `${flags.home} holds no wallet: make one with velum wallet init --genesis FILE --home DIR`,
    );
  if ((key.mode & 0o077) !== 0)
    throw new ClientError('WALLET_EXPOSED', `other users can read ${files.key}: chmod 600 ${files.key}`);
  const named = parseWallet(await readTextFile(files.settings, WALLET_FILE_BYTES), files.settings);
  const nodes = (flags.rpc ?? named).map(nodeAddress);
  const genesis = await readGenesisFile(files.genesis, terminal.cwd);
  const seed = await seedOf(
    Buffer.from(key.bytes).toString('utf8'),
    files.key,
    await readPassword(terminal, flags, false),
  );
  return opened(dir, genesis, seed, nodes);
}

async function seedOf(text: string, file: string, password: string): Promise<Uint8Array> {
  const seed = await unlockSeed(parseWalletKey(text, file), password);
  if (seed !== undefined) return seed;
  throw new ClientError(
    'WALLET_PASSWORD',
    `${file} does not open with this password: it is another one, or the file was changed`,
  );
}

function opened(
  dir: string,
  { chain, epoch }: Genesis,
  seed: Uint8Array,
  nodes: readonly Address[],
): OpenWallet {
  const lock = new FolderLock(dir);
  try {
    const { session } = filesOf(dir);
    const kept = readOwnFile(session, MAX_SESSION_BYTES);
    const resumed = kept && Trader.resume(chain, seed, kept.bytes);
    const trader = resumed ?? Trader.begin(chain, epoch, seed);
    const save = (): void => putFile(session, trader.save(randomBytes));
    return { trader, nodes, isFresh: resumed === undefined, save, close: () => lock.release() };
  } catch (error) {
    lock.release();
    throw error;
  }
}
