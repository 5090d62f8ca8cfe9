/** A source of n uniform bytes a call. In the pure core it is derived from a secret seed; at the edge it is the system's. */
export type RandomBytes = (n: number) => Uint8Array;
