/** A few values under names. None has a size of its own but a verified state, which is the largest. */
export interface Stored {
  get(name: string): Promise<unknown>;
  put(name: string, value: unknown): Promise<void>;
  remove(name: string): Promise<void>;
}
