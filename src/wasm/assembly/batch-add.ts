/**
 * Many sums P + Q of affine points at the price of one inversion (Montgomery's trick), four at a time:
 * λ = (y₂ − y₁)/(x₂ − x₁), x₃ = λ² − x₁ − x₂, y₃ = λ(x₁ − x₃) − y₁. Equal x make the common product 0: then these pairs
 * are found, taken out and doubled by an inversion of their own, or give infinity.
 *
 * A reference is the address of a stored affine point; its lowest bit says that −P is meant, and 0 is infinity.
 */
import { need } from './arena.ts';
import {
  add,
  Co,
  differences,
  gather,
  invert,
  mul,
  mul2,
  one,
  reduce,
  scatter,
  signedDifferences,
  signs,
  sqr2,
  sub,
  thirdX,
  zeros,
} from './coordinate.ts';

/** Sums of one inversion. */
const CHUNK: u32 = 2048;
/** Bytes of two lanes of a coordinate, at most. */
const WIDEST: u32 = 160;

/** Pairs that wait, and where their sums go: a point, and a reference that becomes 0 if the sum is infinity. */
let firsts: usize = 0;
let seconds: usize = 0;
let targets: usize = 0;
let references: usize = 0;
/** Of each pair, two lanes a time: the inverse's denominator, and the product of those before. */
let denominators: usize = 0;
let prefixes: usize = 0;
let doubled: usize = 0;
/** Pairs asked for whose sums are not made. */
export let pairsWaiting: u32 = 0;
let doublings: u32 = 0;

class Pair {
  @inline static first(i: u32): u32 {
    return load<u32>(firsts + (i << 2));
  }
  @inline static second(i: u32): u32 {
    return load<u32>(seconds + (i << 2));
  }
  @inline static target(i: u32): u32 {
    return load<u32>(targets + (i << 2));
  }
  /** Puts a pair whose sum nobody reads. */
  static fill(i: u32): void {
    Pair.set(i, <u32>FILL_A, <u32>FILL_B, FILL_SUM);
  }
  static set(i: u32, p: u32, q: u32, target: usize): void {
    store<u32>(firsts + (i << 2), p);
    store<u32>(seconds + (i << 2), q);
    store<u32>(targets + (i << 2), <u32>target);
  }
}

/** Points to double once the chunk is done, and where to. */
class Doubling {
  @inline static point(i: u32): u32 {
    return load<u32>(doubled + (i << 3));
  }
  @inline static target(i: u32): u32 {
    return load<u32>(doubled + (i << 3), 4);
  }
  static set(i: u32, p: u32, target: usize): void {
    store<u32>(doubled + (i << 3), p);
    store<u32>(doubled + (i << 3), <u32>target, 4);
  }
}
/** Two points that differ in x: (1, 1) and (0, 0), which need not lie on the curve. */
const FILL_A: usize = memory.data(160, 16);
const FILL_B: usize = memory.data(160, 16);
const FILL_SUM: usize = memory.data(160, 16);

export function initBatchAdd(): void {
  firsts = need(4 * CHUNK);
  seconds = need(4 * CHUNK);
  targets = need(4 * CHUNK);
  references = need(4 * CHUNK);
  doubled = need(8 * CHUNK + 8);
  denominators = need((CHUNK / 2) * WIDEST);
  prefixes = need((CHUNK / 2 + 2) * WIDEST);
  one<u64>(X1);
  scatter<u64>(FILL_A, FILL_A, X1);
}

/** Asks for P + Q; both are read at the next `flush`, so they must stay. */
export function enqueue<T>(p: u32, q: u32, target: usize, reference: usize): void {
  Pair.set(pairsWaiting, p, q, target);
  store<u32>(references + (pairsWaiting << 2), <u32>reference);
  if (++pairsWaiting === CHUNK) flush<T>();
}

/** Computes what waits. */
export function flush<T>(): void {
  if (!pairsWaiting) return;
  while (pairsWaiting & 3) Pair.fill(pairsWaiting++);
  const vectors = pairsWaiting >> 1;
  pairsWaiting = 0;
  doublings = 0;
  multiplyUp<T>(vectors);
  while (zeros<T>(I1)) {
    takeOutEqual<T>(vectors);
    multiplyUp<T>(vectors);
  }
  sumDown<T>(vectors);
  if (doublings) double<T>();
}

class At {
  @inline static x(reference: u32): usize {
    return <usize>(reference & ~1);
  }
  @inline static y<T>(reference: u32): usize {
    return <usize>(reference & ~1) + Co.stored<T>();
  }
}

const X1: usize = memory.data(160, 16);
const X2: usize = memory.data(160, 16);
const Y1: usize = memory.data(160, 16);
const Y2: usize = memory.data(160, 16);
const T1: usize = memory.data(160, 16);
const T2: usize = memory.data(160, 16);
const D1: usize = memory.data(160, 16);
const D2: usize = memory.data(160, 16);
const L1: usize = memory.data(160, 16);
const L2: usize = memory.data(160, 16);
const S1: usize = memory.data(160, 16);
const S2: usize = memory.data(160, 16);
const I1: usize = memory.data(160, 16);
const I2: usize = memory.data(160, 16);

/** Denominators, prefixes, and the inverse of the whole product in both lanes' own I1. */
function multiplyUp<T>(vectors: u32): void {
  const bytes = Co.lanes<T>();
  one<T>(prefixes);
  one<T>(prefixes + bytes);
  for (let v: u32 = 0; v < vectors; v += 2) {
    const d = denominators + v * bytes,
      e = prefixes + v * bytes,
      i = 2 * v;
    difference<T>(d, i);
    difference<T>(d + bytes, i + 2);
    mul2<T>(e + 2 * bytes, e, d, e + 3 * bytes, e + bytes, d + bytes);
  }
  const end = prefixes + vectors * bytes;
  mul<T>(I1, end, end + bytes);
  invert<T>(I1, I1);
}

function difference<T>(d: usize, i: u32): void {
  differences<T>(
    d,
    At.x(Pair.first(i)),
    At.x(Pair.first(i + 1)),
    At.x(Pair.second(i)),
    At.x(Pair.second(i + 1)),
  );
  if (Co.isG2<T>()) reduce<T>(d);
}

function gatherY<T>(r: usize, p: u32, q: u32): void {
  gather<T>(r, At.y<T>(p), At.y<T>(q));
  signs<T>(r, p & 1, q & 1);
}

function sumDown<T>(vectors: u32): void {
  const bytes = Co.lanes<T>(),
    end = prefixes + vectors * bytes;
  mul2<T>(I2, I1, end, I1, I1, end + bytes);
  for (let v = <i32>vectors - 2; v >= 0; v -= 2) {
    const d = denominators + v * bytes,
      e = prefixes + v * bytes,
      i = <u32>(2 * v);
    mul2<T>(D1, I1, e, D2, I2, e + bytes);
    mul2<T>(I1, I1, d, I2, I2, d + bytes);
    slope<T>(T1, Y1, i);
    slope<T>(T2, Y2, i + 2);
    mul2<T>(L1, T1, D1, L2, T2, D2);
    sqr2<T>(S1, L1, S2, L2);
    third<T>(T1, S1, d, i);
    third<T>(T2, S2, d + bytes, i + 2);
    mul2<T>(T1, T1, L1, T2, T2, L2);
    putY<T>(Pair.target(i), Pair.target(i + 1), T1, Y1);
    putY<T>(Pair.target(i + 2), Pair.target(i + 3), T2, Y2);
  }
}

/** y = y₁ and t = y₂ − y₁ of two pairs. */
function slope<T>(t: usize, y: usize, i: u32): void {
  signedDifferences<T>(t, y, Pair.first(i), Pair.first(i + 1), Pair.second(i), Pair.second(i + 1));
  if (Co.isG2<T>()) reduce<T>(t);
}

/** Stores x₃ = s − 2·x₁ − d of two pairs; t = x₁ − x₃. */
function third<T>(t: usize, s: usize, d: usize, i: u32): void {
  const p = At.x(Pair.first(i)),
    q = At.x(Pair.first(i + 1));
  thirdX<T>(Pair.target(i), Pair.target(i + 1), t, s, p, q, d);
}

/** Stores y = t − y₁ of two lanes in the points at p and q. */
function putY<T>(p: usize, q: usize, t: usize, y: usize): void {
  sub<T>(t, t, y);
  reduce<T>(t);
  scatter<T>(p + Co.stored<T>(), q + Co.stored<T>(), t);
}

/** Pairs of equal x leave for the list of doublings, or are infinity. */
function takeOutEqual<T>(vectors: u32): void {
  for (let v: u32 = 0; v < vectors; v++) {
    gather<T>(X1, At.x(Pair.first(2 * v)), At.x(Pair.first(2 * v + 1)));
    gather<T>(X2, At.x(Pair.second(2 * v)), At.x(Pair.second(2 * v + 1)));
    sub<T>(X1, X1, X2);
    reduce<T>(X1);
    const equal = zeros<T>(X1);
    if (equal & 1) takeOut<T>(2 * v);
    if (equal & 2) takeOut<T>(2 * v + 1);
  }
}

function takeOut<T>(i: u32): void {
  const p = Pair.first(i),
    q = Pair.second(i),
    target = Pair.target(i),
    reference = load<u32>(references + (i << 2));
  gatherY<T>(Y1, p, p);
  gatherY<T>(Y2, q, q);
  sub<T>(Y1, Y1, Y2);
  reduce<T>(Y1);
  Pair.fill(i);
  if (zeros<T>(Y1)) {
    Doubling.set(doublings++, p, target);
  } else {
    store<u32>(reference, 0);
  }
}

/** [2]P of the list: λ = 3·x²/(2·y), x₃ = λ² − 2·x, y₃ = λ(x − x₃) − y. No point of odd order has y = 0. */
function double<T>(): void {
  if (doublings & 1) Doubling.set(doublings++, Doubling.point(0), FILL_SUM);
  const bytes = Co.lanes<T>(),
    vectors = doublings >> 1;
  one<T>(prefixes);
  for (let v: u32 = 0; v < vectors; v++) {
    const d = denominators + v * bytes,
      e = prefixes + v * bytes;
    gatherY<T>(d, Doubling.point(2 * v), Doubling.point(2 * v + 1));
    add<T>(d, d, d);
    reduce<T>(d);
    mul<T>(e + bytes, e, d);
  }
  invert<T>(I1, prefixes + vectors * bytes);
  for (let v = <i32>vectors - 1; v >= 0; v--) {
    const p = Doubling.point(2 * v),
      q = Doubling.point(2 * v + 1);
    mul<T>(D1, I1, prefixes + v * bytes);
    mul<T>(I1, I1, denominators + v * bytes);
    gather<T>(X1, At.x(p), At.x(q));
    gatherY<T>(Y1, p, q);
    mul<T>(S1, X1, X1);
    add<T>(L1, S1, S1);
    add<T>(L1, L1, S1);
    reduce<T>(L1);
    mul<T>(L1, L1, D1);
    mul<T>(S1, L1, L1);
    sub<T>(S1, S1, X1);
    sub<T>(S1, S1, X1);
    reduce<T>(S1);
    sub<T>(T1, X1, S1);
    mul<T>(T1, T1, L1);
    scatter<T>(Doubling.target(2 * v), Doubling.target(2 * v + 1), S1);
    putY<T>(Doubling.target(2 * v), Doubling.target(2 * v + 1), T1, Y1);
  }
}
