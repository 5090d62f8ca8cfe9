/**
 * A systematic erasure code over bytes, given from outside: any `data` of the shards give all of them.
 * Shards have equal length and stand one after the other, the data first.
 */
export interface ErasureCode {
  /** Fills in the parity shards behind the data shards. @returns whether the code could */
  encode(shards: Uint8Array, data: number, parity: number): boolean;
  /** Fills in the data shards that are not available. @returns whether the code could */
  reconstruct(shards: Uint8Array, data: number, parity: number, available: boolean[]): boolean;
}
