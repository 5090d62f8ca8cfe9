import { closeSync, fsyncSync, ftruncateSync, mkdirSync, openSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { assert } from '../base/errors.ts';
import { MAX_STATE_BYTES } from '../base/state-codec.ts';
import type { Segment, Store } from '../host/store.ts';
import { MAX_CERTIFIED_BLOCK_BYTES } from '../ledger/certified-block.ts';
import type { Height } from '../params/ids.ts';
import {
  OWN_DIRECTORY,
  OWN_FILE,
  putFile,
  readOwnFile,
  syncDirectory,
  withPath,
  writeDurably,
} from './durable-files.ts';

/** Bytes of one segment's log, at most: a height of a hundred validators is far below. */
const MAX_LOG_BYTES = 2 ** 30;
/** A snapshot is a state in one record. */
const MAX_SNAPSHOT_BYTES = MAX_STATE_BYTES + 64;

const logName = (segment: number): string => `${segment}.log`;
const snapshotName = (segment: number): string => `${segment}.snapshot`;
const blockPath = (dir: string, height: Height): string => join(dir, 'blocks', `${height}`);

/** Numbers of the newest segments in a folder, ascending: at most two. Segment 0 begins at genesis, any other with a snapshot. */
function segmentsIn(dir: string): number[] {
  const numbers = readdirSync(dir).flatMap((name) => {
    const number = /^(0|[1-9]\d{0,14})\.(log|snapshot)$/.exec(name);
    // A log without its snapshot belongs to a segment that was never begun.
    return number !== null && (number[2] === 'snapshot' || number[1] === '0') ? [Number(number[1])] : [];
  });
  const [last = 0, before] = numbers.sort((a, b) => b - a);
  // Between two that are not neighbours something is missing: the one before counts for nothing then.
  return before === last - 1 ? [before, last] : numbers.length > 0 ? [last] : [];
}

/**
 * What a validator's folder holds, for reading alone.
 * @throws {FileError} FILE_UNREADABLE
 */
export function readFolder(dir: string): Pick<Store, 'load' | 'block'> {
  return {
    load: () => {
      const segments = withPath('FILE_UNREADABLE', dir, () => segmentsIn(dir)).map(
        (segment): Segment => ({
          snapshot:
            segment === 0
              ? undefined
              : readOwnFile(join(dir, snapshotName(segment)), MAX_SNAPSHOT_BYTES)?.bytes,
          log: readOwnFile(join(dir, logName(segment)), MAX_LOG_BYTES)?.bytes ?? new Uint8Array(0),
        }),
      );
      return segments.length > 0 ? segments : [{ snapshot: undefined, log: new Uint8Array(0) }];
    },
    block: (height) => readOwnFile(blockPath(dir, height), MAX_CERTIFIED_BLOCK_BYTES)?.bytes,
  };
}

/** The same as the store of a host that is not started: a write would be our bug. */
export function readingStore(dir: string): Store {
  const refuse = (): never => assert(false, 'a folder that is looked at is not written') as never;
  return { ...readFolder(dir), cut: refuse, append: refuse, begin: refuse, putBlock: refuse };
}

/**
 * A validator's store in a folder: `<k>.snapshot` and `<k>.log` of its newest two segments, `blocks/<height>`. Every append is
 * one write and one fsync: a host puts all inputs of its turn into one commit. Snapshots and blocks are renamed into their place,
 * and the folder is synced.
 */
export class FileStore implements Store {
  readonly #dir: string;
  #segment: number;
  #log: number;

  /** Opens a folder, or makes it. @throws {FileError} FILE_UNREADABLE, FILE_UNWRITABLE */
  constructor(dir: string) {
    this.#dir = dir;
    withPath('FILE_UNWRITABLE', dir, () => {
      mkdirSync(join(dir, 'blocks'), { recursive: true, mode: OWN_DIRECTORY });
    });
    this.#segment = segmentsIn(dir).at(-1) ?? 0;
    this.#log = this.#openLog();
  }

  load(): readonly Segment[] {
    return readFolder(this.#dir).load();
  }

  cut(length: number): void {
    withPath('FILE_UNWRITABLE', this.#path(logName(this.#segment)), () => {
      ftruncateSync(this.#log, length);
      fsyncSync(this.#log);
    });
  }

  append(bytes: Uint8Array, onDurable: () => void): void {
    withPath('FILE_UNWRITABLE', this.#path(logName(this.#segment)), () => writeDurably(this.#log, bytes));
    onDurable();
  }

  begin(snapshot: Uint8Array): void {
    const next = this.#segment + 1;
    rmSync(this.#path(logName(next)), { force: true });
    putFile(this.#path(snapshotName(next)), snapshot);
    this.close();
    this.#segment = next;
    this.#log = this.#openLog();
    for (const name of [logName(next - 2), snapshotName(next - 2)]) rmSync(this.#path(name), { force: true });
  }

  putBlock(height: Height, bytes: Uint8Array): void {
    putFile(blockPath(this.#dir, height), bytes);
  }

  block(height: Height): Uint8Array | undefined {
    return readFolder(this.#dir).block(height);
  }

  close(): void {
    closeSync(this.#log);
  }

  #path(name: string): string {
    return join(this.#dir, name);
  }

  #openLog(): number {
    const path = this.#path(logName(this.#segment));
    return withPath('FILE_UNWRITABLE', path, () => {
      const log = openSync(path, 'a', OWN_FILE);
      syncDirectory(this.#dir);
      return log;
    });
  }
}
