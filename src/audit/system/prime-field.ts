import { invert, pow } from '@noble/curves/abstract/modular.js';

/** Inverses that a field remembers, and as many square roots. */
const MAX_REMEMBERED = 4096;
/** Witnesses of compositeness that are tried: the first primes. A composite that passes all of them was made to. */
const WITNESSES = [2n, 3n, 5n, 7n, 11n, 13n, 17n, 19n, 23n, 29n, 31n, 37n, 41n, 43n, 47n, 53n];

/**
 * Miller–Rabin with fixed bases: what a file calls its prime is one, unless somebody built a number to pass.
 * @see Rabin, "Probabilistic algorithm for testing primality", J. Number Theory 12, 1980
 */
export function isProbablePrime(n: bigint): boolean {
  if (n < 2n) return false;
  for (const w of WITNESSES) if (n % w === 0n) return n === w;
  let odd = n - 1n;
  let twos = 0;
  for (; odd % 2n === 0n; odd /= 2n) twos++;
  return WITNESSES.every((w) => {
    let x = pow(w, odd, n);
    if (x === 1n || x === n - 1n) return true;
    for (let i = 1; i < twos; i++) {
      x = (x * x) % n;
      if (x === n - 1n) return true;
    }
    return false;
  });
}

/** Arithmetic modulo an odd prime below 2^256; elements are 0 ≤ x < p. */
export class PrimeField {
  readonly p: bigint;
  private readonly half: bigint;
  /** The same few coefficients are inverted over and over. */
  private readonly inverses = new Map<bigint, bigint>();
  /** And the same few discriminants are asked for: those of bits. */
  private readonly squares = new Map<bigint, boolean>();
  private readonly roots = new Map<bigint, bigint>();

  constructor(p: bigint) {
    this.p = p;
    this.half = p / 2n;
  }
  mod(x: bigint): bigint {
    const y = x % this.p;
    return y < 0n ? y + this.p : y;
  }
  /** @throws if x is 0: a caller divides only by what it knows not to be */
  inv(x: bigint): bigint {
    if (x === 1n || x === this.p - 1n) return x;
    const known = this.inverses.get(x);
    if (known !== undefined) return known;
    const inverse = invert(x, this.p);
    if (this.inverses.size < MAX_REMEMBERED) this.inverses.set(x, inverse);
    return inverse;
  }
  /** The representative between −p/2 and p/2. */
  centred(x: bigint): bigint {
    return x > this.half ? x - this.p : x;
  }
  pow(x: bigint, e: bigint): bigint {
    return pow(x, e, this.p);
  }
  /** Euler's criterion; 0 is a square. */
  isSquare(x: bigint): boolean {
    if (x === 0n || x === 1n) return true;
    const known = this.squares.get(x);
    if (known !== undefined) return known;
    const isOne = this.pow(x, this.half) === 1n;
    if (this.squares.size < MAX_REMEMBERED) this.squares.set(x, isOne);
    return isOne;
  }
  /** A square root, by Tonelli and Shanks. @returns undefined if there is none */
  sqrt(x: bigint): bigint | undefined {
    if (x === 0n || x === 1n) return x;
    const known = this.roots.get(x);
    if (known !== undefined) return known;
    if (!this.isSquare(x)) return undefined;
    const root = this.rootOf(x);
    if (this.roots.size < MAX_REMEMBERED) this.roots.set(x, root);
    return root;
  }
  private rootOf(x: bigint): bigint {
    const { p } = this;
    let odd = p - 1n;
    let twos = 0;
    for (; odd % 2n === 0n; odd /= 2n) twos++;
    let z = 2n;
    while (this.isSquare(z)) z++;
    let c = this.pow(z, odd);
    let t = this.pow(x, odd);
    let root = this.pow(x, (odd + 1n) / 2n);
    while (t !== 1n) {
      let i = 0;
      for (let u = t; u !== 1n; u = (u * u) % p) i++;
      let b = c;
      for (let k = 0; k < twos - i - 1; k++) b = (b * b) % p;
      twos = i;
      c = (b * b) % p;
      t = (t * c) % p;
      root = (root * b) % p;
    }
    return root;
  }
}
