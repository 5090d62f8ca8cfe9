import { chmodSync, copyFileSync, existsSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { FileError } from '../../base/errors.ts';
import {
  GENESIS_FILE_BYTES,
  type Genesis,
  genesisText,
  parseGenesisFile,
} from '../../formats/genesis-file.ts';
import { parseRegisteredFile, registeredText } from '../../formats/registered-file.ts';
import { makeFolders } from '../../groth16/make-folders.ts';
import type { ChainGenesis } from '../../ledger/chain-genesis.ts';
import type { EpochConfig } from '../../ledger/epoch-config.ts';
import type { RegisteredGenesis } from '../../ledger/rotation/registered-genesis.ts';
import { OWN_DIRECTORY, putFile, readOwnFile, withPath } from '../../node/durable-files.ts';
import { NodeError } from '../../node/errors.ts';
import { epochFolder } from '../../node/file-safe.ts';
import { FileStore } from '../../node/file-store.ts';
import { writeRoot } from '../../node/root-file.ts';
import { secretFileName, secretOwner, writeSecretFile } from '../../node/secret-file.ts';
import type { ValidatorIndex } from '../../params/ids.ts';
import type { ValidatorSecrets } from '../../validator/types.ts';
import { readTextFile } from '../io.ts';
import {
  readSettings,
  type SettingFlags,
  type SettingName,
  type SettingSource,
  type Settings,
} from './settings.ts';

const MAX_CONFIG_BYTES = 1 << 16;

/** The files of a node's home. */
export const homeFiles = (home: string) => ({
  /** Chain and first epoch; where the validators generate its keys it appears when they have. */
  genesis: join(home, 'genesis.json'),
  /** What the keys of the first epoch are generated from, and what strangers check them by. */
  registered: join(home, 'registered.json'),
  generation: join(home, 'generation.json'),
  config: join(home, 'config.json'),
  market: join(home, 'market.json'),
  /** The member's folder: its secrets, a store for each epoch, the borders. */
  validator: join(home, 'validator'),
});

/** A home as a command finds it. */
export interface NodeHome {
  readonly files: ReturnType<typeof homeFiles>;
  readonly chain: ChainGenesis;
  readonly first: EpochConfig | RegisteredGenesis;
  readonly settings: Settings;
  readonly sources: Readonly<Record<SettingName, SettingSource>>;
}

type SettingValues = { readonly [N in SettingName]?: unknown };

/** Makes the folder of a home, which its user alone may read. @throws {FileError} FILE_UNWRITABLE */
export function makeHomeFolder(home: string): ReturnType<typeof homeFiles> {
  const files = homeFiles(home);
  withPath('FILE_UNWRITABLE', home, () => {
    makeFolders(files.validator, OWN_DIRECTORY);
    chmodSync(home, OWN_DIRECTORY);
  });
  return files;
}

/** What every new home gets: the configuration file is the last thing. @returns what was written into it */
function finishHome(
  files: ReturnType<typeof homeFiles>,
  validator: number,
  market: string,
  settings: SettingValues,
): SettingValues {
  withPath('FILE_UNREADABLE', market, () => copyFileSync(market, files.market));
  const values = { ...settings, validator, market: files.market };
  putFile(files.config, Buffer.from(`${JSON.stringify(values, null, 2)}\n`));
  return values;
}

/** What the home of a validator with dealt keys is made of. */
export interface DealtHome {
  readonly genesis: Genesis;
  readonly self: ValidatorIndex;
  readonly secrets: ValidatorSecrets;
  readonly rootSecret: Uint8Array;
  /** The market file whose prices are its feed: it is copied. */
  readonly market: string;
  /** As they are to stand in its configuration file, beside those that follow from the rest. */
  readonly settings: SettingValues;
}

/**
 * Makes the home of a validator whose keys a dealer made.
 * @throws {FileError} FILE_UNREADABLE, FILE_UNWRITABLE; {NodeError} NODE_STORE_EXISTS
 */
export function makeDealtHome(home: string, dealt: DealtHome): void {
  const { genesis, self, secrets, rootSecret, market, settings } = dealt;
  const files = makeHomeFolder(home);
  const { chain, epoch } = genesis;
  putFile(files.genesis, Buffer.from(genesisText(genesis)));
  // The store first: whoever finds keys and no store knows that the store was lost.
  FileStore.create(epochFolder(files.validator, epoch.epoch));
  const owner = secretOwner(chain, epoch, self);
  writeRoot(files.validator, rootSecret);
  writeSecretFile(join(files.validator, secretFileName('keys', epoch.epoch)), owner, 'keys', secrets);
  finishHome(files, owner.member, market, settings);
}

/**
 * Completes the home of a member whose secrets are there: it takes part in generating the first keys, or follows.
 * @returns the configuration that was written
 * @throws {FileError} FILE_UNREADABLE, FILE_UNWRITABLE
 */
export function completeHome(
  home: string,
  genesis: RegisteredGenesis,
  member: number,
  market: string,
  settings: SettingValues,
): SettingValues {
  const files = makeHomeFolder(home);
  putFile(files.registered, Buffer.from(registeredText(genesis)));
  return finishHome(files, member, market, settings);
}

/** @throws {FileError} FILE_UNREADABLE; {NodeError} NODE_CONFIG; whatever is wrong with the genesis */
export async function openHome(dir: string, flags: SettingFlags, cwd: string): Promise<NodeHome> {
  const files = homeFiles(resolve(cwd, dir));
  const { settings, sources } = readSettings(flags, process.env, readConfig(files.config));
  const isGenerated = existsSync(files.registered);
  const genesis = isGenerated
    ? await readRegisteredFile(files.registered, cwd)
    : await readGenesisFile(files.genesis, cwd);
  const { chain } = genesis;
  const members = chain.registry.length;
  const { validator = 0, peers } = settings;
  if (validator >= members)
    throw config('validator', `the registry has ${members} members, 0 to ${members - 1}`);
  if (peers !== undefined && peers.length !== members)
    throw config('peers', `the registry has ${members} members, and ${peers.length} addresses are named`);
  return { files, chain, first: 'epoch' in genesis ? genesis.epoch : genesis, settings, sources };
}

export async function readGenesisFile(path: string, cwd: string): Promise<Genesis> {
  return parseGenesisFile(await readTextFile(path, GENESIS_FILE_BYTES), relative(cwd, path));
}

export async function readRegisteredFile(path: string, cwd: string): Promise<RegisteredGenesis> {
  return parseRegisteredFile(await readTextFile(path, GENESIS_FILE_BYTES), relative(cwd, path));
}

const config = (setting: SettingName, why: string) =>
  new NodeError('NODE_CONFIG', `${setting}: ${why}`, { setting });

/** A setting that a node cannot start without. @throws {NodeError} NODE_CONFIG */
export function required<T>(setting: SettingName, value: T | undefined): T {
  if (value === undefined) throw config(setting, 'it is not set, and there is no default');
  return value;
}

function readConfig(path: string): Readonly<Record<string, unknown>> {
  const file = readOwnFile(path, MAX_CONFIG_BYTES);
  if (file === undefined)
    throw new FileError('FILE_UNREADABLE', `${path} is missing: make a home with velum node init`, { path });
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(file.bytes).toString('utf8'));
  } catch {
    throw new NodeError('NODE_CONFIG', `${path} is not JSON`);
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw new NodeError('NODE_CONFIG', `${path} holds no JSON object`);
  return json as Record<string, unknown>;
}
