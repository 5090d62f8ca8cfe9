import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Dealt } from '../../committee/dealer.ts';
import { atExit } from '../../groth16/at-exit.ts';
import { FileStore } from '../../node/file-store.ts';
import { LOCK_FILE } from '../../node/folder-lock.ts';
import {
  eraseSecretFile,
  readKeyFile,
  type SecretOwner,
  secretFileName,
  secretOwner,
  writeSecretFile,
} from '../../node/secret-file.ts';
import { validatorIndex } from '../../params/ids.ts';
import type { ValidatorSecrets } from '../../validator/types.ts';
import type { OutFile } from './types.ts';

/**
 * The folders of a run's validators, each with its store and its keys. They are in a directory of their own while the run lasts,
 * and become `logs/validator-<i>/` of its output.
 */
export class RunFolders {
  readonly stores: readonly FileStore[];
  readonly #dir = mkdtempSync(join(tmpdir(), 'velum-'));
  readonly #forget = atExit(() => this.#erase());
  readonly #owners: readonly SecretOwner[];
  readonly #keys: readonly string[];

  constructor({ chain, epoch, secrets }: Dealt) {
    for (const i of secrets.keys()) FileStore.create(this.#folder(i));
    this.#owners = secrets.map((_, i) => secretOwner(chain, epoch, validatorIndex(i)));
    this.#keys = secrets.map((_, i) => join(this.#folder(i), secretFileName('keys', epoch.epoch)));
    for (const [i, own] of secrets.entries()) writeSecretFile(this.#keys[i]!, this.#owners[i]!, 'keys', own);
    this.stores = secrets.map((_, i) => new FileStore(this.#folder(i)));
  }

  /** A validator's secrets, from the only place where they are kept. */
  secretsOf(i: number): ValidatorSecrets {
    return readKeyFile(this.#keys[i]!, this.#owners[i]!);
  }

  /** The folders as files of the output. */
  files(): OutFile[] {
    return this.stores.flatMap((_, i) =>
      filesBelow(this.#folder(i))
        .filter((path) => path !== LOCK_FILE)
        .map((path) => ({
          path: `logs/validator-${i}/${path}`,
          text: readFileSync(join(this.#folder(i), path)),
          isPrivate: true,
        })),
    );
  }

  close(): void {
    for (const store of this.stores) store.close();
    this.#erase();
    this.#forget();
  }

  #folder(i: number): string {
    return join(this.#dir, `validator-${i}`);
  }

  /** The output's copy of the keys is the one that stays. */
  #erase(): void {
    for (const path of this.#keys ?? []) eraseSecretFile(path);
    rmSync(this.#dir, { recursive: true, force: true });
  }
}

const filesBelow = (dir: string): string[] =>
  readdirSync(dir, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory()
      ? filesBelow(join(dir, entry.name)).map((path) => `${entry.name}/${path}`)
      : [entry.name],
  );
