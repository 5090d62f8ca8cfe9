import { Death, MemoryStore, type WriteFate } from '../../src/host/memory-store.ts';

/** A host on this store sends, and says that it has what it was sent, before the log is written: handled before it is logged. */
export class LateStore extends MemoryStore {
  override append(bytes: Uint8Array, onDurable: () => void): void {
    onDurable();
    super.append(bytes, () => {});
  }
}

/** A host on this store sends before the fsync: when it dies, up to 40 of its last commits were still in a cache and are lost. */
export class CachedStore extends MemoryStore {
  readonly #deaths: ReadonlyMap<number, WriteFate>;
  readonly #commits: Uint8Array[] = [];

  constructor(deaths: ReadonlyMap<number, WriteFate>) {
    super();
    this.#deaths = deaths;
  }

  override append(bytes: Uint8Array, onDurable: () => void): void {
    super.append(bytes, onDurable);
    this.#commits.push(bytes);
    if (!this.#deaths.has(this.writes)) return;
    this.#commits.length = Math.max(0, this.#commits.length - 1 - ((7 * this.writes) % 40));
    super.cut(this.#commits.reduce((sum, { length }) => sum + length, 0));
    throw new Death('the cache is lost');
  }
}
