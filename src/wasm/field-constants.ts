/** The constants of a prime field as each of the two paths stores elements, and what they are computed from. */

/** Which products a module is built from: fused multiply-adds of relaxed SIMD, or integers. */
export type KernelPath = 'relaxed-simd' | 'scalar';

/** Bytes of a stored element; two lanes take twice as many. */
export const EL = 40;
export const FE = 80;

interface Form {
  /** Bits of a limb; an element is a sum of balanced limbs. */
  readonly bits: bigint;
  readonly limbs: number;
  /** log₂ of the Montgomery radix R. */
  readonly radixBits: bigint;
}
const FORMS: Record<KernelPath, Form> = {
  'relaxed-simd': { bits: 51n, limbs: 5, radixBits: 255n },
  scalar: { bits: 29n, limbs: 9, radixBits: 261n },
};

/** Where constants that both paths have lie behind a field's own, in two lanes each (assembly/field.ts). */
const COMMON = 768;
export const FIELD_BYTES = 1280;

export const radix = (path: KernelPath): bigint => 1n << FORMS[path].radixBits;

/** 1/a mod the prime p, by Euclid. @param a not 0 mod p */
export function inverse(a: bigint, p: bigint): bigint {
  let [x, y, u, v] = [((a % p) + p) % p, p, 1n, 0n];
  while (x > 0n) {
    const quotient = y / x;
    [x, y] = [y - quotient * x, x];
    [u, v] = [v - quotient * u, u];
  }
  return ((v % p) + p) % p;
}

/** Balanced limbs, the last one whatever is left: |limb| ≤ 2^(bits − 1). */
function limbsOf(value: bigint, { bits, limbs }: Form): bigint[] {
  const out: bigint[] = [];
  for (let rest = value; out.length < limbs - 1; ) {
    const limb = BigInt.asIntN(Number(bits), rest);
    out.push(limb);
    rest = (rest - limb) >> bits;
    if (out.length === limbs - 1) out.push(rest);
  }
  return out;
}

/** A stored element: its value as it is, not in Montgomery form. @param value |value| < 2^255 */
export function storedElement(value: bigint, path: KernelPath): Uint8Array {
  const out = new Uint8Array(EL);
  const view = new DataView(out.buffer);
  limbsOf(value, FORMS[path]).forEach((limb, i) => {
    if (path === 'scalar') view.setInt32(4 * i, Number(limb), true);
    else view.setFloat64(8 * i, Number(limb), true);
  });
  return out;
}

/** The value of a stored element, whatever its limbs. */
export function storedValue(bytes: Uint8Array, path: KernelPath): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, EL);
  const { bits, limbs } = FORMS[path];
  let value = 0n;
  for (let i = limbs - 1; i >= 0; i--) {
    const limb = path === 'scalar' ? view.getInt32(4 * i, true) : view.getFloat64(8 * i, true);
    value = (value << bits) + BigInt(limb);
  }
  return value;
}

/** Two equal lanes. */
export function lanes(value: bigint, path: KernelPath): Uint8Array {
  const one = storedElement(value, path);
  const out = new Uint8Array(FE);
  if (path === 'scalar') {
    out.set(one);
    out.set(one, EL);
  } else {
    for (let i = 0; i < 5; i++) {
      const limb = one.subarray(8 * i, 8 * i + 8);
      out.set(limb, 16 * i);
      out.set(limb, 16 * i + 8);
    }
  }
  return out;
}

/** All that a module must know of the field of p elements. */
export function fieldConstants(p: bigint, path: KernelPath): Uint8Array {
  const out = new Uint8Array(FIELD_BYTES);
  if (path === 'scalar') putScalar(out, p);
  else putFma(out, p);
  const R = radix(path) % p;
  const common = [R, (R * R) % p, 1n, (R * R * inverse(1n << 256n, p)) % p];
  for (const [i, value] of common.entries()) out.set(lanes(value, path), COMMON + FE * i);
  out.set(storedElement(p, path), COMMON + FE * 4);
  const view = new DataView(out.buffer);
  for (let word = 0; word < 4; word++) {
    const shift = BigInt(64 * word);
    view.setBigUint64(COMMON + 5 * FE + 8 * word, BigInt.asUintN(64, (p - 2n) >> shift), true);
    view.setBigUint64(COMMON + 5 * FE + 32 + 8 * word, BigInt.asUintN(64, p >> shift), true);
  }
  return out;
}

function putScalar(out: Uint8Array, p: bigint): void {
  const view = new DataView(out.buffer);
  const limbs = limbsOf(p, FORMS.scalar);
  limbs.forEach((limb, i) => {
    view.setBigInt64(8 * i, limb, true);
  });
  view.setBigInt64(72, BigInt.asIntN(29, -inverse(p, 1n << 29n)), true);
  view.setFloat64(80, 1 / Number(limbs[8]), true);
}

/** 1.5·2^103 and 1.5·2^52: adding them leaves an integer in the mantissa; and their bits. */
const [HIGH, LOW] = [1.5 * 2 ** 103, 1.5 * 2 ** 52];
const [HIGH_BITS, LOW_BITS] = [0x4668_0000_0000_0000n, 0x4338_0000_0000_0000n];

function putFma(out: Uint8Array, p: bigint): void {
  const view = new DataView(out.buffer);
  const put = (at: number, value: number): void => {
    view.setFloat64(at, value, true);
    view.setFloat64(at + 8, value, true);
  };
  const putBits = (at: number, value: bigint): void => {
    view.setBigUint64(at, BigInt.asUintN(64, value), true);
    view.setBigUint64(at + 8, BigInt.asUintN(64, value), true);
  };
  const limbs = limbsOf(p, FORMS['relaxed-simd']);
  limbs.forEach((limb, i) => {
    put(16 * i, Number(limb));
  });
  put(80, Number(BigInt.asIntN(51, -inverse(p, 1n << 51n))));
  for (let k = 0; k < 10; k++) {
    putBits(96 + 16 * k, columnStart(k, terms(k), terms(k - 1)));
    putBits(384 + 16 * k, columnStart(k, squareTerms(k), squareTerms(k - 1)));
    putBits(544 + 16 * k, columnStart(k, 2 * terms(k), 2 * terms(k - 1)));
  }
  put(256, HIGH);
  put(272, HIGH + LOW);
  put(288, LOW);
  put(304, 2 ** 52 + 2 ** 50);
  put(320, 2 ** 52);
  putBits(336, (1n << 51n) - 1n);
  put(352, 1 / Number(limbs[4]));
  put(368, 2 ** -51);
}

/** Products aᵢ·bⱼ with i + j = k, and those of a square, in which a pair counts once. */
const terms = (k: number): number => (k < 0 || k > 8 ? 0 : k <= 4 ? k + 1 : 9 - k);
const squareTerms = (k: number): number => Math.ceil(terms(k) / 2);

/** What the columns of a sum of n products start at: two lanes of ten numbers (nothing on the other path). */
export function sumStart(n: number): Uint8Array {
  const out = new Uint8Array(160);
  const view = new DataView(out.buffer);
  for (let k = 0; k < 10; k++) {
    const start = BigInt.asUintN(64, columnStart(k, n * terms(k), n * terms(k - 1)));
    view.setBigUint64(16 * k, start, true);
    view.setBigUint64(16 * k + 8, start, true);
  }
  return out;
}

/**
 * What a column starts at. Each low part added brings the bits of 1.5·2^52, each high part those of 1.5·2^103, of the
 * product and of the reduction (whose low parts with limb 0 are left out); all are taken back. 2^50 rounds to balanced
 * digits, 2^60 keeps the column positive for its shift, which then brings 512 too many to the next column.
 */
function columnStart(k: number, lowParts: number, highParts: number): bigint {
  const low = BigInt(lowParts + terms(k) - (k <= 4 ? 1 : 0));
  const high = BigInt(highParts + terms(k - 1));
  const rounding = k <= 8 ? (1n << 50n) + (1n << 60n) : LOW_BITS;
  return rounding - (low * LOW_BITS + high * HIGH_BITS) - (k >= 1 ? 512n : 0n);
}
