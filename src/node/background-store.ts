import { concatBytes } from '../base/bytes.ts';
import { assert } from '../base/errors.ts';
import type { Segment, Store } from '../host/store.ts';
import type { Height } from '../params/ids.ts';
import { type DiskWork, doNow, type Sync, stopOf, syncLater } from './durable-files.ts';
import type { FileStore } from './file-store.ts';

/** What hears of the store's work, at a later time than that of the call. */
export interface StoreOwner {
  /** Runs what a host does when something is durable. */
  run(work: () => void): void;
  /** The disk failed: nothing more is written. */
  failed(error: unknown): void;
}

/** A call that waits for its turn. */
interface Waiting {
  /** Of an append: those that follow it are written with it. */
  readonly bytes?: Uint8Array;
  readonly work: () => DiskWork;
  readonly onDone: () => void;
}

/** What is being written, and the sync that it waits for. */
interface Running {
  readonly work: DiskWork;
  readonly onDone: () => void;
  sync: Sync | undefined;
}

/**
 * A store in a folder whose calls return at once: the disk is waited for in the background, one call after the other, so that they take
 * effect in their order also for a crash. Appends that wait become durable together. What was given is read back also before it is written.
 */
export class BackgroundStore implements Store {
  readonly #files: FileStore;
  readonly #owner: StoreOwner;
  readonly #waiting: Waiting[] = [];
  #running: Running | undefined;
  readonly #blocks = new Map<Height, Uint8Array>();
  #end: Uint8Array | undefined;
  #hasFailed = false;

  constructor(files: FileStore, owner: StoreOwner) {
    this.#files = files;
    this.#owner = owner;
  }

  get forgotten(): Uint8Array | undefined {
    return this.#files.forgotten;
  }

  /** Whether something is not written yet. Its owner hears when it is. */
  get isBusy(): boolean {
    return this.#running !== undefined || this.#waiting.length > 0;
  }

  load(): readonly Segment[] {
    this.#requireIdle();
    return this.#files.load();
  }

  cut(length: number): void {
    this.#requireIdle();
    this.#files.cut(length);
  }

  append(bytes: Uint8Array, onDurable: () => void): void {
    this.#push({ bytes, work: () => this.#files.appending(bytes), onDone: onDurable });
  }

  begin(snapshot: Uint8Array): void {
    this.#push({ work: () => this.#files.beginning(snapshot), onDone: () => {} });
  }

  putEnd(bytes: Uint8Array): void {
    this.#end = bytes;
    this.#push({ work: () => this.#files.puttingEnd(bytes), onDone: () => {} });
  }

  end(): Uint8Array | undefined {
    return this.#end ?? this.#files.end();
  }

  putBlock(height: Height, bytes: Uint8Array): void {
    this.#blocks.set(height, bytes);
    this.#push({
      work: () => this.#files.puttingBlock(height, bytes),
      onDone: () => this.#blocks.delete(height),
    });
  }

  block(height: Height): Uint8Array | undefined {
    return this.#blocks.get(height) ?? this.#files.block(height);
  }

  /** Waits for the disk: when it returns, all that was given is durable, and so is what that led to. @throws {FileError} as the disk fails */
  flush(): void {
    for (let running = this.#take(); running !== undefined; running = this.#take()) {
      // What the system was asked to do in the background it is asked again.
      doNow(running.work, running.sync);
      running.onDone();
    }
  }

  #requireIdle(): void {
    assert(!this.isBusy, 'a store is read before it is written');
  }

  #push(call: Waiting): void {
    if (this.#hasFailed) return;
    this.#waiting.push(call);
    if (this.#running === undefined) this.#next();
  }

  #next(): void {
    const running = this.#take();
    this.#running = running;
    if (running !== undefined) this.#step(running);
  }

  /** What is being written, or else what is next; nobody else goes on with it. */
  #take(): Running | undefined {
    const running = this.#running;
    this.#running = undefined;
    if (running !== undefined) return running;
    const call = this.#waiting.shift();
    if (call?.bytes === undefined) return call && { work: call.work(), onDone: call.onDone, sync: undefined };
    const appends = [call];
    while (this.#waiting[0]?.bytes !== undefined) appends.push(this.#waiting.shift()!);
    return {
      work: this.#files.appending(concatBytes(...appends.map(({ bytes }) => bytes!))),
      onDone: () => {
        for (const { onDone } of appends) onDone();
      },
      sync: undefined,
    };
  }

  /** @param failure of the sync that it waited for: it names what failed, and fails */
  #step(running: Running, failure?: Error): void {
    const { work } = running;
    try {
      running.sync = stopOf(failure === undefined ? work.next() : work.throw(failure));
    } catch (error) {
      return this.#fail(error);
    }
    if (running.sync !== undefined)
      return syncLater(running.sync, (error) => {
        if (this.#running === running) this.#step(running, error ?? undefined);
      });
    this.#running = undefined;
    this.#owner.run(running.onDone);
    if (this.#running === undefined) this.#next();
  }

  #fail(error: unknown): void {
    this.#hasFailed = true;
    this.#running = undefined;
    this.#waiting.length = 0;
    this.#owner.failed(error);
  }
}
