import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolders } from '../groth16/make-folders.ts';
import type { EpochSecrets, Safe } from '../host/safe.ts';
import { OWN_DIRECTORY, syncDirectory, withPath } from './durable-files.ts';
import { FileStore, readFolder } from './file-store.ts';
import { FolderLock } from './folder-lock.ts';
import {
  eraseLeftovers,
  eraseSecretFile,
  readSecretFile,
  type SecretKind,
  type SecretOwner,
  secretFileName,
  secretFileOf,
  writeSecretFile,
} from './secret-file.ts';

/** Folder of a member's store for an epoch, in the member's own folder. */
export const epochFolder = (dir: string, epoch: number): string => join(dir, `epoch-${epoch}`);

/** The epochs of which a member's folder has a store, ascending. @throws {FileError} FILE_UNREADABLE */
export const epochsIn = (dir: string): number[] =>
  withPath('FILE_UNREADABLE', dir, () => readdirSync(dir))
    .flatMap((name) => /^epoch-(0|[1-9]\d{0,9})$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);

/**
 * A member's safe in a folder: `epoch-<e>.<kind>` for each secret, `epoch-<e>/` for each store. No secret is anywhere else, and what is
 * erased or replaced is overwritten. One process has the folder at a time.
 */
export class FileSafe implements Safe {
  readonly #dir: string;
  readonly #owner: Omit<SecretOwner, 'epoch'>;
  readonly #lock: FolderLock;
  readonly #stores = new Map<number, FileStore>();

  /**
   * Opens a member's folder, or makes it, and erases what a crash left of secrets that never came there or were replaced.
   * @throws {FileError} FILE_UNREADABLE, FILE_UNWRITABLE; {NodeError} NODE_FOLDER_LOCKED
   */
  constructor(dir: string, owner: Omit<SecretOwner, 'epoch'>) {
    this.#dir = dir;
    this.#owner = owner;
    withPath('FILE_UNWRITABLE', dir, () => makeFolders(dir, OWN_DIRECTORY));
    this.#lock = new FolderLock(dir);
    try {
      const names = withPath('FILE_UNREADABLE', dir, () => readdirSync(dir)).flatMap(
        (name) => secretFileOf(name) ?? [],
      );
      for (const name of new Set(names)) eraseLeftovers(join(dir, name));
    } catch (error) {
      this.#lock.release();
      throw error;
    }
  }

  /** @throws {NodeError} NODE_KEYS_EXPOSED, NODE_KEYS_FILE; {FileError} FILE_UNREADABLE */
  read<K extends SecretKind>(kind: K, epoch: number): EpochSecrets[K] | undefined {
    return readSecretFile(this.#path(kind, epoch), { ...this.#owner, epoch }, kind);
  }

  /** @throws {FileError} FILE_UNWRITABLE */
  put<K extends SecretKind>(kind: K, epoch: number, secret: EpochSecrets[K]): void {
    writeSecretFile(this.#path(kind, epoch), { ...this.#owner, epoch }, kind, secret);
  }

  /** @throws {FileError} FILE_UNWRITABLE */
  erase(kind: SecretKind, epoch: number): void {
    eraseSecretFile(this.#path(kind, epoch));
  }

  /**
   * The store of an epoch. Where the keys of the epoch are there and no store, one was lost: it says so (`forgotten`).
   * @throws {FileError} FILE_UNREADABLE, FILE_UNWRITABLE; {HostError} HOST_LOG_DAMAGED; {NodeError} NODE_FOLDER_LOCKED
   */
  store(epoch: number): FileStore {
    const open = this.#stores.get(epoch);
    if (open !== undefined) return open;
    const dir = epochFolder(this.#dir, epoch);
    const isThere = existsSync(dir) && readFolder(dir).names().length > 0;
    // Keys are put there after their store.
    if (!isThere && !existsSync(this.#path('keys', epoch))) {
      FileStore.create(dir);
      withPath('FILE_UNWRITABLE', this.#dir, () => syncDirectory(this.#dir));
    }
    const store = new FileStore(dir);
    this.#stores.set(epoch, store);
    return store;
  }

  /** The newest epoch of which there are keys. @throws {FileError} FILE_UNREADABLE */
  newestKeys(): number | undefined {
    const names = withPath('FILE_UNREADABLE', this.#dir, () => readdirSync(this.#dir));
    const epochs = names.flatMap((name) => /^epoch-([1-9]\d*)\.keys$/.exec(name)?.[1] ?? []).map(Number);
    return epochs.length === 0 ? undefined : Math.max(...epochs);
  }

  /** Closes the stores of epochs before one: nobody answers in those any more. */
  closeBefore(epoch: number): void {
    for (const [number, store] of this.#stores) {
      if (number >= epoch) continue;
      store.close();
      this.#stores.delete(number);
    }
  }

  /**
   * Removes the stores of epochs before one, blocks and all. What a crash leaves of it goes the next time. The generation of the first
   * keys is no such epoch, and one of which there are keys is not over here.
   * @throws {FileError} FILE_UNREADABLE, FILE_UNWRITABLE
   */
  prune(before: number): void {
    this.closeBefore(before);
    for (const epoch of epochsIn(this.#dir)) {
      if (epoch === 0 || epoch >= before || existsSync(this.#path('keys', epoch))) continue;
      const dir = epochFolder(this.#dir, epoch);
      withPath('FILE_UNWRITABLE', dir, () => rmSync(dir, { recursive: true, force: true }));
    }
  }

  /** Gives the folder back. */
  close(): void {
    for (const store of this.#stores.values()) store.close();
    this.#stores.clear();
    this.#lock.release();
  }

  #path(kind: SecretKind, epoch: number): string {
    return join(this.#dir, secretFileName(kind, epoch));
  }
}
