import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, ftruncateSync, openSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { assert, type VelumError } from '../base/errors.ts';
import { MAX_STATE_BYTES } from '../base/state-codec.ts';
import { makeFolders } from '../groth16/make-folders.ts';
import { HostError, WHEN_DAMAGED } from '../host/errors.ts';
import type { Segment, Store } from '../host/store.ts';
import { MAX_CERTIFIED_BLOCK_BYTES } from '../ledger/certified-block.ts';
import type { Height } from '../params/ids.ts';
import { NONCE_BYTES } from '../params/sizes.ts';
import {
  type DiskWork,
  doNow,
  OWN_DIRECTORY,
  OWN_FILE,
  putFile,
  puttingFile,
  readOwnFile,
  syncDirectory,
  syncingDirectory,
  withPath,
  writing,
  writingTo,
} from './durable-files.ts';
import { NodeError } from './errors.ts';
import { FolderLock } from './folder-lock.ts';

/** Bytes of one segment's log, at most: a height of a hundred validators is far below. */
const MAX_LOG_BYTES = 2 ** 30;
/** A snapshot is a state in one record. */
const MAX_SNAPSHOT_BYTES = MAX_STATE_BYTES + 64;

const logName = (segment: number): string => `${segment}.log`;
const snapshotName = (segment: number): string => `${segment}.snapshot`;
const blockPath = (dir: string, height: Height): string => join(dir, 'blocks', `${height}`);

/**
 * Numbers of the newest segments in a folder, ascending: at most two. Segment 0 begins at genesis, any other with a snapshot. What
 * a crash leaves of a segment that was never begun is an empty log, and of older ones anything; whatever else is missing was there.
 * @throws {HostError} HOST_LOG_DAMAGED
 */
function segmentsIn(dir: string): number[] {
  const names = new Set(readdirSync(dir));
  const begun = [...names].flatMap((name) => {
    const [, number, kind] = SEGMENT_FILE.exec(name) ?? [];
    if (kind === undefined) return [];
    const isBegun = kind === 'snapshot' || number === '0' || statSync(join(dir, name)).size > 0;
    return isBegun ? [Number(number)] : [];
  });
  if (begun.length === 0) return [];
  const last = Math.max(...begun);
  const newest = last === 0 ? [last] : [last - 1, last];
  const missing = newest
    .flatMap((segment) => (segment === 0 ? [logName(0)] : [snapshotName(segment), logName(segment)]))
    .find((name) => !names.has(name));
  if (missing !== undefined) throw fileMissing(dir, missing);
  return newest;
}

const SEGMENT_FILE = /^(0|[1-9]\d{0,14})\.(log|snapshot)$/;

const fileMissing = (dir: string, name: string): VelumError =>
  new HostError(
    'HOST_LOG_DAMAGED',
    `${name} is missing in ${dir}, so a part of what this validator said is forgotten: ${WHEN_DAMAGED}`,
  );

function required(dir: string, name: string, maxBytes: number): Uint8Array {
  const file = readOwnFile(join(dir, name), maxBytes);
  if (file === undefined) throw fileMissing(dir, name);
  return file.bytes;
}

/**
 * What a validator's folder holds, for reading alone.
 * @throws {FileError} FILE_UNREADABLE; {HostError} HOST_LOG_DAMAGED if a file is missing
 */
export function readFolder(
  dir: string,
): Pick<Store, 'load' | 'block' | 'end'> & { names(): readonly string[] } {
  return {
    names: () => withPath('FILE_UNREADABLE', dir, () => segmentsIn(dir)).map(String),
    load: () => {
      const segments = withPath('FILE_UNREADABLE', dir, () => segmentsIn(dir)).map(
        (segment): Segment => ({
          snapshot: segment === 0 ? undefined : required(dir, snapshotName(segment), MAX_SNAPSHOT_BYTES),
          log: required(dir, logName(segment), MAX_LOG_BYTES),
        }),
      );
      return segments.length > 0 ? segments : [{ snapshot: undefined, log: new Uint8Array(0) }];
    },
    end: () => readOwnFile(join(dir, END_FILE), MAX_SNAPSHOT_BYTES)?.bytes,
    block: (height) => readOwnFile(blockPath(dir, height), MAX_CERTIFIED_BLOCK_BYTES)?.bytes,
  };
}

/** The state before an epoch's last height, for those who join the next one. */
const END_FILE = 'end';

/** Where a folder whose store was lost says so: 16 random bytes. */
const FORGOTTEN_FILE = 'forgotten';

const forgottenIn = (dir: string): Uint8Array | undefined =>
  readOwnFile(join(dir, FORGOTTEN_FILE), NONCE_BYTES)?.bytes;

/** The same as the store of a host that is not started: a write would be our bug. */
export function readingStore(dir: string): Store {
  const { load, block, end } = readFolder(dir);
  const refuse = (): never => assert(false, 'a folder that is looked at is not written') as never;
  return {
    load,
    block,
    end,
    forgotten: undefined,
    cut: refuse,
    append: refuse,
    begin: refuse,
    putBlock: refuse,
    putEnd: refuse,
  };
}

/**
 * A validator's store in a folder: `<k>.snapshot` and `<k>.log` of its newest two segments, `blocks/<height>`. Every append is
 * one write and one fsync: a host puts all inputs of its turn into one commit. Snapshots and blocks are renamed into their place,
 * and the folder is synced. One process has the folder at a time. What a call of the store does at once, its twin gives as work to be done in
 * the background (`background-store.ts`).
 */
export class FileStore implements Store {
  readonly forgotten: Uint8Array | undefined;
  readonly #dir: string;
  readonly #lock: FolderLock;
  #segment: number;
  #log: number;
  /** What was read, until something is written: a start asks for it more than once. */
  #loaded: readonly Segment[] | undefined;

  /**
   * Makes the store of a validator that has never run. It is made before its keys are written: whoever finds keys and no store knows
   * that the store was lost.
   * @throws {FileError} FILE_UNREADABLE, FILE_UNWRITABLE; {NodeError} NODE_STORE_EXISTS
   */
  static create(dir: string): void {
    makeFolder(dir);
    if (withPath('FILE_UNREADABLE', dir, () => segmentsIn(dir)).length > 0)
      throw new NodeError(
        'NODE_STORE_EXISTS',
        `${dir} holds the store of a validator already: name another folder`,
        {
          path: dir,
        },
      );
    closeSync(openDurableLog(dir, 0));
  }

  /**
   * Opens a validator's folder. Where it holds no store, one was lost: that is written down before anything else, and the host
   * of this store keeps to it.
   * @throws {FileError} FILE_UNREADABLE, FILE_UNWRITABLE; {HostError} HOST_LOG_DAMAGED if a file is missing;
   *   {NodeError} NODE_FOLDER_LOCKED
   */
  constructor(dir: string) {
    this.#dir = dir;
    makeFolder(dir);
    this.#lock = new FolderLock(dir);
    try {
      const last = withPath('FILE_UNREADABLE', dir, () => segmentsIn(dir)).at(-1);
      if (last === undefined) putFile(join(dir, FORGOTTEN_FILE), randomBytes(NONCE_BYTES));
      this.forgotten = forgottenIn(dir);
      this.#segment = last ?? 0;
      this.#log = openDurableLog(dir, this.#segment);
    } catch (error) {
      this.#lock.release();
      throw error;
    }
  }

  load(): readonly Segment[] {
    this.#loaded ??= readFolder(this.#dir).load();
    return this.#loaded;
  }

  cut(length: number): void {
    this.#loaded = undefined;
    withPath('FILE_UNWRITABLE', this.#path(logName(this.#segment)), () => {
      ftruncateSync(this.#log, length);
      fsyncSync(this.#log);
    });
  }

  append(bytes: Uint8Array, onDurable: () => void): void {
    doNow(this.appending(bytes));
    onDurable();
  }

  *appending(bytes: Uint8Array): DiskWork {
    this.#loaded = undefined;
    yield* writingTo(this.#path(logName(this.#segment)), writing(this.#log, bytes));
  }

  begin(snapshot: Uint8Array): void {
    doNow(this.beginning(snapshot));
  }

  *beginning(snapshot: Uint8Array): DiskWork {
    this.#loaded = undefined;
    const next = this.#segment + 1;
    // The log first: a snapshot without one is then no work of a crash.
    removed(this.#path(logName(next)));
    const log = openLog(this.#dir, next);
    yield* writingTo(this.#path(logName(next)), syncingDirectory(this.#dir));
    yield* puttingFile(this.#path(snapshotName(next)), snapshot);
    closeSync(this.#log);
    this.#segment = next;
    this.#log = log;
    for (const name of [logName(next - 2), snapshotName(next - 2)]) removed(this.#path(name));
  }

  putEnd(bytes: Uint8Array): void {
    doNow(this.puttingEnd(bytes));
  }

  puttingEnd(bytes: Uint8Array): DiskWork {
    return puttingFile(join(this.#dir, END_FILE), bytes);
  }

  end(): Uint8Array | undefined {
    return readFolder(this.#dir).end();
  }

  putBlock(height: Height, bytes: Uint8Array): void {
    doNow(this.puttingBlock(height, bytes));
  }

  puttingBlock(height: Height, bytes: Uint8Array): DiskWork {
    return puttingFile(blockPath(this.#dir, height), bytes);
  }

  block(height: Height): Uint8Array | undefined {
    return readFolder(this.#dir).block(height);
  }

  close(): void {
    closeSync(this.#log);
    this.#lock.release();
  }

  #path(name: string): string {
    return join(this.#dir, name);
  }
}

const makeFolder = (dir: string): void =>
  withPath('FILE_UNWRITABLE', dir, () => {
    makeFolders(join(dir, 'blocks'), OWN_DIRECTORY);
  });

const removed = (path: string): void =>
  withPath('FILE_UNWRITABLE', path, () => rmSync(path, { force: true }));

/** Opens a segment's log, or makes it: its name is durable once the folder is synced. */
const openLog = (dir: string, segment: number): number => {
  const path = join(dir, logName(segment));
  return withPath('FILE_UNWRITABLE', path, () => openSync(path, 'a', OWN_FILE));
};

/** The same, and its name survives a crash. */
function openDurableLog(dir: string, segment: number): number {
  const log = openLog(dir, segment);
  withPath('FILE_UNWRITABLE', join(dir, logName(segment)), () => syncDirectory(dir));
  return log;
}
