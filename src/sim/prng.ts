/**
 * A small fast generator for schedules and test data: sfc32, 128 bits of state, period about 2^127.
 * Not for keys, nonces or anything secret.
 * @see Doty-Humphrey, PractRand, sfc32
 */
export class Prng {
  private a: number;
  private b: number;
  private c: number;
  private counter = 1;

  /** @param seed an integer; its low 53 bits count */
  constructor(seed: number) {
    this.a = 0x9e3779b9;
    this.b = Math.floor(seed / 2 ** 32) | 0;
    this.c = seed | 0;
    for (let i = 0; i < 15; i++) this.uint32();
  }

  /** @returns a uniform integer, 0 … 2^32 − 1. */
  uint32(): number {
    const out = (this.a + this.b + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + out) | 0;
    return out >>> 0;
  }

  /** @returns an integer, 0 … n − 1, for 1 ≤ n ≤ 2^32; the bias is below n/2^32. */
  below(n: number): number {
    return Math.floor((this.uint32() / 2 ** 32) * n);
  }

  bit(): 0 | 1 {
    return (this.uint32() >>> 31) as 0 | 1;
  }

  /** @returns true with this probability. */
  chance(probability: number): boolean {
    return this.uint32() < probability * 2 ** 32;
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.below(256));
  }
}
