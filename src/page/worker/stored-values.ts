/** A few values under names. None has a size of its own but a verified state, which is the largest. What is written outlives a crash once the promise of it is kept. */
export interface Stored {
  get(name: string): Promise<unknown>;
  put(name: string, value: unknown): Promise<void>;
  /** @returns whether there was nothing under the name; else that stays as it is */
  add(name: string, value: unknown): Promise<boolean>;
  remove(name: string): Promise<void>;
}
