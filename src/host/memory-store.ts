import { concatBytes } from '../base/bytes.ts';
import type { Height } from '../params/ids.ts';
import type { Segment, Store } from './store.ts';

/** How much of what is being written when a host dies reaches the disk; of a log, `torn` leaves a part. */
export type WriteFate = 'nothing' | 'torn' | 'whole';

/** A host died while it wrote. */
export class Death extends Error {
  override readonly name = 'Death';
}

/** A store in memory that survives its host, which may die at any write. */
export class MemoryStore implements Store {
  /** Writes so far, over all lives. */
  writes = 0;
  #segments: { readonly snapshot: Uint8Array | undefined; log: Uint8Array[] }[] = [
    { snapshot: undefined, log: [] },
  ];
  #end: Uint8Array | undefined;
  readonly #blocks = new Map<Height, Uint8Array>();
  readonly #deaths: ReadonlyMap<number, WriteFate>;

  readonly forgotten: Uint8Array | undefined;

  /**
   * @param deaths    at which writes, counted from 1, the host dies, and what is left of them
   * @param forgotten a nonce if an earlier store was lost
   */
  constructor(deaths: ReadonlyMap<number, WriteFate> = new Map(), forgotten?: Uint8Array) {
    this.#deaths = deaths;
    this.forgotten = forgotten;
  }

  load(): readonly Segment[] {
    return this.#segments.map(({ snapshot, log }) => ({ snapshot, log: concatBytes(...log) }));
  }

  cut(length: number): void {
    this.#write(() => {
      this.#last.log = [concatBytes(...this.#last.log).slice(0, length)];
    });
  }

  append(bytes: Uint8Array, onDurable: () => void): void {
    this.#write(
      () => this.#last.log.push(bytes),
      () => this.#last.log.push(bytes.slice(0, Math.floor(bytes.length / 2))),
    );
    onDurable();
  }

  begin(snapshot: Uint8Array): void {
    this.#write(() => {
      this.#segments = [this.#last, { snapshot, log: [] }];
    });
  }

  putEnd(bytes: Uint8Array): void {
    this.#write(() => {
      this.#end = bytes;
    });
  }

  end(): Uint8Array | undefined {
    return this.#end;
  }

  putBlock(height: Height, bytes: Uint8Array): void {
    this.#write(() => this.#blocks.set(height, bytes));
  }

  block(height: Height): Uint8Array | undefined {
    return this.#blocks.get(height);
  }

  get #last() {
    return this.#segments.at(-1)!;
  }

  #write(whole: () => void, torn: () => void = () => {}): void {
    this.writes += 1;
    const fate = this.#deaths.get(this.writes);
    if (fate === undefined || fate === 'whole') whole();
    else if (fate === 'torn') torn();
    if (fate !== undefined) throw new Death(`died in write ${this.writes}`);
  }
}
