import { Death } from '../host/memory-store.ts';
import type { Segment, Store } from '../host/store.ts';
import type { Height } from '../params/ids.ts';

/** A store whose host can be made to die in its next append, of which a part is left. */
export class MortalStore implements Store {
  readonly #inner: Store;
  #torn: number | undefined;

  constructor(inner: Store) {
    this.#inner = inner;
  }

  /** @param torn the part that the next append leaves, 0 up to 1; undefined: it goes well after all */
  dieAt(torn: number | undefined): void {
    this.#torn = torn;
  }

  get forgotten(): Uint8Array | undefined {
    return this.#inner.forgotten;
  }

  load(): readonly Segment[] {
    return this.#inner.load();
  }

  cut(length: number): void {
    this.#inner.cut(length);
  }

  append(bytes: Uint8Array, onDurable: () => void): void {
    const torn = this.#torn;
    if (torn === undefined) return this.#inner.append(bytes, onDurable);
    this.#torn = undefined;
    this.#inner.append(bytes.subarray(0, Math.floor(torn * bytes.length)), () => {});
    throw new Death('died in an append');
  }

  begin(snapshot: Uint8Array): void {
    this.#inner.begin(snapshot);
  }

  putEnd(bytes: Uint8Array): void {
    this.#inner.putEnd(bytes);
  }

  end(): Uint8Array | undefined {
    return this.#inner.end();
  }

  putBlock(height: Height, bytes: Uint8Array): void {
    this.#inner.putBlock(height, bytes);
  }

  block(height: Height): Uint8Array | undefined {
    return this.#inner.block(height);
  }
}
