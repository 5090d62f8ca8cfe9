import { concatBytes } from '../../src/base/bytes.ts';
import { assert } from '../../src/base/errors.ts';
import { Death, type MemoryStore } from '../../src/host/memory-store.ts';
import type { Segment, Store } from '../../src/host/store.ts';
import type { Height } from '../../src/params/ids.ts';
import type { Disk } from '../../src/sim/committee.ts';

/** A call that waits for the disk. */
interface Waiting {
  /** What an append adds, or else what is done. Appends that follow each other are written together. */
  readonly call: Uint8Array | (() => void);
  readonly onDone: () => void;
}

const isLog = (call: Waiting['call'] | undefined): call is Uint8Array => call instanceof Uint8Array;
const nobody = (): void => {};

/** A store whose calls return at once, as those of a node do: the disk does them later in their order, and a host that dies loses the rest. */
export class DelayedStore implements Store, Disk {
  readonly #inner: MemoryStore;
  #waiting: Waiting[] = [];
  #end: Uint8Array | undefined;
  readonly #blocks = new Map<Height, Uint8Array>();
  #losses = 0;

  constructor(inner: MemoryStore) {
    this.#inner = inner;
  }

  get writes(): number {
    return this.#inner.writes;
  }

  get forgotten(): Uint8Array | undefined {
    return this.#inner.forgotten;
  }

  get isBusy(): boolean {
    return this.#waiting.length > 0;
  }

  work(): void {
    const logs = this.#takeLogs();
    const done = logs.length > 0 ? logs : this.#waiting.splice(0, 1);
    try {
      if (logs.length > 0) this.#inner.append(joined(logs), nobody);
      else for (const { call } of done) if (!isLog(call)) call();
    } catch (error) {
      // What comes after it never gets to the disk.
      if (error instanceof Death) this.#waiting = [];
      throw error;
    }
    for (const { onDone } of done) onDone();
  }

  /** Nothing of the log that waits is on the disk, or a first part, or all of it: nobody was told. */
  lose(): void {
    const log = joined(this.#takeLogs());
    const part = log.subarray(0, Math.floor((log.length * (this.#losses++ % 3)) / 2));
    if (part.length > 0) this.#inner.append(part, nobody);
    this.#waiting = [];
    this.#end = undefined;
    this.#blocks.clear();
  }

  /** The appends that come before anything else. */
  #takeLogs(): readonly Waiting[] {
    const other = this.#waiting.findIndex(({ call }) => !isLog(call));
    return this.#waiting.splice(0, other < 0 ? this.#waiting.length : other);
  }

  load(): readonly Segment[] {
    assert(!this.isBusy, 'a store is read before it is written');
    return this.#inner.load();
  }

  cut(length: number): void {
    assert(!this.isBusy, 'a store is read before it is written');
    this.#inner.cut(length);
  }

  append(log: Uint8Array, onDurable: () => void): void {
    this.#waiting.push({ call: log, onDone: onDurable });
  }

  begin(snapshot: Uint8Array): void {
    this.#waiting.push({ call: () => this.#inner.begin(snapshot), onDone: nobody });
  }

  putEnd(bytes: Uint8Array): void {
    this.#end = bytes;
    this.#waiting.push({ call: () => this.#inner.putEnd(bytes), onDone: nobody });
  }

  end(): Uint8Array | undefined {
    return this.#end ?? this.#inner.end();
  }

  putBlock(height: Height, bytes: Uint8Array): void {
    this.#blocks.set(height, bytes);
    this.#waiting.push({
      call: () => this.#inner.putBlock(height, bytes),
      onDone: () => this.#blocks.delete(height),
    });
  }

  block(height: Height): Uint8Array | undefined {
    return this.#blocks.get(height) ?? this.#inner.block(height);
  }
}

const joined = (logs: readonly Waiting[]): Uint8Array =>
  concatBytes(...logs.flatMap(({ call }) => (isLog(call) ? [call] : [])));

/** A host on this store sends before its log is on the disk. */
export class HastyStore extends DelayedStore {
  override append(log: Uint8Array, onDurable: () => void): void {
    super.append(log, nobody);
    onDurable();
  }
}
