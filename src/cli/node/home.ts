import { chmodSync, copyFileSync, mkdirSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { FileError } from '../../base/errors.ts';
import {
  GENESIS_FILE_BYTES,
  type Genesis,
  genesisText,
  parseGenesisFile,
} from '../../formats/genesis-file.ts';
import { OWN_DIRECTORY, putFile, readOwnFile, withPath } from '../../node/durable-files.ts';
import { NodeError } from '../../node/errors.ts';
import { FileStore } from '../../node/file-store.ts';
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
  genesis: join(home, 'genesis.json'),
  config: join(home, 'config.json'),
  market: join(home, 'market.json'),
  /** Log, snapshots, blocks and keys: what a host and its key file need. */
  validator: join(home, 'validator'),
});

/** A home as a command finds it. */
export interface NodeHome {
  readonly files: ReturnType<typeof homeFiles>;
  readonly genesis: Genesis;
  readonly settings: Settings;
  readonly sources: Readonly<Record<SettingName, SettingSource>>;
}

/** What a new home is made of. */
export interface NewHome {
  readonly genesis: Genesis;
  readonly self: ValidatorIndex;
  readonly secrets: ValidatorSecrets;
  /** The market file whose prices are its feed: it is copied. */
  readonly market: string;
  /** As they are to stand in its configuration file, beside those that follow from the rest. */
  readonly settings: { readonly [N in SettingName]?: unknown };
}

/**
 * Makes a home that its user alone may read.
 * @returns the configuration that was written
 * @throws {FileError} FILE_UNREADABLE, FILE_UNWRITABLE; {NodeError} NODE_STORE_EXISTS
 */
export function makeNodeHome(home: string, { genesis, self, secrets, market, settings }: NewHome) {
  withPath('FILE_UNWRITABLE', home, () => {
    mkdirSync(home, { recursive: true, mode: OWN_DIRECTORY });
    chmodSync(home, OWN_DIRECTORY);
  });
  const files = homeFiles(home);
  const { chain, epoch } = genesis;
  withPath('FILE_UNREADABLE', market, () => copyFileSync(market, files.market));
  putFile(files.genesis, Buffer.from(genesisText(genesis)));
  // The store first: whoever finds keys and no store knows that the store was lost.
  FileStore.create(files.validator);
  const keys = join(files.validator, secretFileName('keys', epoch.epoch));
  writeSecretFile(keys, secretOwner(chain, epoch, self), 'keys', secrets);
  const values = { ...settings, validator: self, market: files.market };
  putFile(files.config, Buffer.from(`${JSON.stringify(values, null, 2)}\n`));
  return values;
}

/** @throws {FileError} FILE_UNREADABLE; {NodeError} NODE_CONFIG; whatever is wrong with the genesis */
export async function openHome(dir: string, flags: SettingFlags, cwd: string): Promise<NodeHome> {
  const files = homeFiles(resolve(cwd, dir));
  const genesis = await readGenesisFile(files.genesis, cwd);
  const { settings, sources } = readSettings(flags, process.env, readConfig(files.config));
  const n = genesis.epoch.validators.length;
  const { validator = 0, peers = [] } = settings;
  if (validator >= n) throw config('validator', `the genesis has ${n} validators, 0 to ${n - 1}`);
  if (settings.peers !== undefined && peers.length !== n)
    throw config('peers', `the genesis has ${n} validators, and ${peers.length} addresses are named`);
  return { files, genesis, settings, sources };
}

export async function readGenesisFile(path: string, cwd: string): Promise<Genesis> {
  return parseGenesisFile(await readTextFile(path, GENESIS_FILE_BYTES), relative(cwd, path));
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
