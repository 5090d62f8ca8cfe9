/**
 * Splits a scalar k < 2^256 into parts kⱼ of half of its length with k = Σ kⱼ·λ^j mod r: the nearest point
 * of the lattice of relations, by Babai's rounding. A lattice, written by the loader, is its dimension m, then m
 * reciprocals gᵢ = |Nᵢ|·2^256/r of seven words with the sign of Nᵢ in an eighth, then m·m entries |b| of four words
 * with their sign in a fifth: k − Σᵢ cᵢ·bᵢ₀ and −Σᵢ cᵢ·bᵢⱼ, cᵢ = k·gᵢ/2^256 to the nearest integer. The
 * reciprocals' rounding adds less than a half to its error, so a part is shorter than the sum of the basis' entries of
 * its column: in magnitude below 0.88·2^127.
 * @see Galbraith, Lin, Scott, "Endomorphisms for faster elliptic curve cryptography on a large class of curves",
 *      EUROCRYPT 2009; Gallant, Lambert, Vanstone, CRYPTO 2001, for dimension 2
 */
const PART: usize = 20;
/** Words of a reciprocal and of an entry, each followed by its sign. */
const RECIPROCAL: usize = 32;
const ENTRY: usize = 20;

/** @param to n times m parts of 160 bits in two's complement; `scalars` are n times 32 bytes little-endian */
export function split(to: usize, scalars: usize, n: u32, lattice: usize): void {
  const m = load<u32>(lattice),
    reciprocals = lattice + 8,
    entries = reciprocals + m * RECIPROCAL;
  for (let i: u32 = 0; i < n; i++, scalars += 32, to += m * PART) {
    memory.fill(to, 0, m * PART);
    const isShort = (load<u64>(scalars, 8) | load<u64>(scalars, 16) | load<u64>(scalars, 24)) === 0;
    if (isShort) {
      store<u64>(to, load<u64>(scalars));
      continue;
    }
    for (let k: usize = 0; k < PART; k += 4) store<u32>(to + k, load<u32>(scalars + k));
    for (let b: u32 = 0; b < m; b++) {
      const reciprocal = reciprocals + b * RECIPROCAL;
      highProduct(scalars, reciprocal);
      for (let j: u32 = 0; j < m; j++) {
        const entry = entries + (b * m + j) * ENTRY;
        subtractProduct(to + j * PART, entry, load<u32>(reciprocal, 28) ^ load<u32>(entry, 16));
      }
    }
  }
}

/** The five lowest words of k·g/2^256 to the nearest integer. Columns below the sixth are left out: they carry less than one. */
const HIGH: usize = memory.data(64, 16);
function highProduct(k: usize, g: usize): void {
  // Half of 2^256 is 2^31 in column 7, which is 2^63 in column 6.
  let low: u64 = 0x8000000000000000,
    high: u64 = 0;
  for (let column: i32 = 6; column < 13; column++) {
    for (let i = max(0, column - 6); i <= min(7, column); i++) {
      const x = <u64>load<u32>(k + 4 * i) * <u64>load<u32>(g + 4 * (column - i));
      low += x & 0xffffffff;
      high += x >> 32;
    }
    if (column >= 8) store<u32>(HIGH + 4 * (column - 8), <u32>low);
    low = (low >> 32) + high;
    high = 0;
  }
}

/** part −= HIGH·entry, or += if the sign is 1; mod 2^160. */
function subtractProduct(part: usize, entry: usize, sign: u32): void {
  let low: u64 = 0,
    high: u64 = 0,
    borrow: i64 = 0;
  for (let column: i32 = 0; column < 5; column++) {
    for (let i = max(0, column - 3); i <= column; i++) {
      const x = <u64>load<u32>(HIGH + 4 * i) * <u64>load<u32>(entry + 4 * (column - i));
      low += x & 0xffffffff;
      high += x >> 32;
    }
    const word = <i64>(low & 0xffffffff);
    borrow += <i64>load<u32>(part + 4 * column) + (sign ? word : -word);
    store<u32>(part + 4 * column, <u32>borrow);
    borrow >>= 32;
    low = (low >> 32) + high;
    high = 0;
  }
}
