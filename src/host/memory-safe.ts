import { Death, MemoryStore, type WriteFate } from './memory-store.ts';
import type { EpochSecrets, Safe } from './safe.ts';
import type { Store } from './store.ts';

type Kind = keyof EpochSecrets;

/** A safe in memory that survives its member, which may die at any write to it. */
export class MemorySafe implements Safe {
  /** Writes so far, over all lives. */
  writes = 0;
  readonly #deaths: ReadonlyMap<number, WriteFate>;
  readonly #secrets = new Map<string, EpochSecrets[Kind]>();
  readonly #stores = new Map<number, Store>();
  readonly #storeOf: (epoch: number) => Store;

  /**
   * @param deaths  at which writes, counted from 1, the member dies; what is written is there if its fate is `whole`
   * @param storeOf makes the store of an epoch
   */
  constructor(
    deaths: ReadonlyMap<number, WriteFate> = new Map(),
    storeOf: (epoch: number) => Store = () => new MemoryStore(),
  ) {
    this.#deaths = deaths;
    this.#storeOf = storeOf;
  }

  read<K extends Kind>(kind: K, epoch: number): EpochSecrets[K] | undefined {
    return this.#secrets.get(`${kind} ${epoch}`) as EpochSecrets[K] | undefined;
  }

  put<K extends Kind>(kind: K, epoch: number, secrets: EpochSecrets[K]): void {
    this.#write(() => this.#secrets.set(`${kind} ${epoch}`, secrets));
  }

  erase(kind: Kind, epoch: number): void {
    this.#write(() => this.#secrets.delete(`${kind} ${epoch}`));
  }

  store(epoch: number): Store {
    const store = this.#stores.get(epoch) ?? this.#storeOf(epoch);
    this.#stores.set(epoch, store);
    return store;
  }

  /** All secrets that are there. */
  get secrets(): readonly EpochSecrets[Kind][] {
    return [...this.#secrets.values()];
  }

  #write(whole: () => void): void {
    this.writes += 1;
    const fate = this.#deaths.get(this.writes);
    if (fate === undefined || fate === 'whole') whole();
    if (fate !== undefined) throw new Death(`died in write ${this.writes} to the safe`);
  }
}
