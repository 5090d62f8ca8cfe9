/**
 * The steps of a product by fused multiply-adds: a·b = hi + lo exactly, each the mantissa of an f64 that is read as an
 * integer. `f` is a field's constants (field-constants.ts).
 *
 * Safe while |a·b| < 2^102 and a column's sum stays below 2^60 in magnitude.
 */
export class K {
  /** a·b to a multiple of 2^51, plus 1.5·2^103. */
  @inline static hi(a: v128, b: v128, f: usize): v128 {
    return f64x2.relaxed_madd(a, b, v128.load(f, 256));
  }
  /** What `hi` left of a·b, plus 1.5·2^52. */
  @inline static lo(a: v128, b: v128, h: v128, f: usize): v128 {
    return f64x2.relaxed_madd(a, b, f64x2.sub(v128.load(f, 272), h));
  }
  /** The lowest 51 bits of a column as a balanced limb, −2^50 to 2^50 − 1. */
  @inline static digit(t: v128, f: usize): v128 {
    return f64x2.sub(v128.or(v128.and(t, v128.load(f, 336)), v128.load(f, 320)), v128.load(f, 304));
  }
  /** What a column carries to the next one, plus 512. */
  @inline static up(t: v128): v128 {
    return i64x2.shr_u(t, 51);
  }
  /** The balanced q with t + q·p = 0 mod 2^51. */
  @inline static quotient(t: v128, f: usize): v128 {
    const d = K.digit(t, f),
      inverse = v128.load(f, 80);
    return f64x2.sub(K.lo(d, inverse, K.hi(d, inverse, f), f), v128.load(f, 288));
  }
}
