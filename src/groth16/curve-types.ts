/** The part of ffjavascript 0.3.1 (BN254 in WebAssembly) that this project calls, typed once: the package ships no types. */

/** A field element in Montgomery form, or a point: affine x ‖ y, or Jacobian x ‖ y ‖ z. */
export type Bytes = Uint8Array;

export interface Field {
  readonly n8: number;
  e(value: bigint | string): Bytes;
  toObject(a: Bytes): bigint;
  fromObject(a: bigint): Bytes;
}

/** G1 over F_q or G2 over F_q²: `Coordinate` is bigint or [c0, c1] of c0 + c1·u. */
export interface CurveGroup<Coordinate> {
  /** The generator, Jacobian. */
  readonly g: Bytes;
  /** Bytes of one coordinate are `F.n8`: 32 in G1, 64 in G2. */
  readonly F: { readonly n8: number };
  add(a: Bytes, b: Bytes): Bytes;
  neg(a: Bytes): Bytes;
  eq(a: Bytes, b: Bytes): boolean;
  isZero(a: Bytes): boolean;
  /** On the curve, or infinity. Not: in the prime-order subgroup. */
  isValid(a: Bytes): boolean;
  /** s ≥ 0, not reduced. */
  timesScalar(a: Bytes, s: bigint): Bytes;
  toAffine(a: Bytes): Bytes;
  /** Writes x ‖ y big-endian (of F_q²: c1 ‖ c0) at an offset. */
  toRprUncompressed(out: Bytes, offset: number, a: Bytes): void;
  toJacobian(a: Bytes): Bytes;
  toObject(a: Bytes): [Coordinate, Coordinate, Coordinate];
  /** Coordinates are taken mod q; the point is not checked. */
  fromObject(a: readonly Coordinate[]): Bytes;
  /** Σ sᵢ·Pᵢ of affine points and 32-byte little-endian scalars, both concatenated. */
  multiExpAffine(bases: Bytes, scalars: Bytes): Promise<Bytes>;
}

export interface Curve {
  readonly name: string;
  readonly q: bigint;
  readonly r: bigint;
  readonly Fr: Field;
  /** F_q², c0 ‖ c1. `exp` takes a plain exponent. */
  readonly F2: {
    readonly n8: number;
    readonly F: { neg(a: Bytes): Bytes };
    add(a: Bytes, b: Bytes): Bytes;
    sub(a: Bytes, b: Bytes): Bytes;
    mul(a: Bytes, b: Bytes): Bytes;
    exp(a: Bytes, exponent: bigint): Bytes;
    isZero(a: Bytes): boolean;
  };
  readonly G1: CurveGroup<bigint>;
  readonly G2: CurveGroup<[bigint, bigint]>;
  readonly Gt: {
    readonly one: Bytes;
    mul(a: Bytes, b: Bytes): Bytes;
    inv(a: Bytes): Bytes;
    eq(a: Bytes, b: Bytes): boolean;
  };
  /** Jacobian points in, the precomputed form of a Miller loop out. */
  prepareG1(p: Bytes): Bytes;
  prepareG2(q: Bytes): Bytes;
  millerLoop(preparedG1: Bytes, preparedG2: Bytes): Bytes;
  finalExponentiation(a: Bytes): Bytes;
  pairing(a: Bytes, b: Bytes): Bytes;
  /** ∏ e(aᵢ, bᵢ) = 1, or = a last argument in Gt. */
  pairingEq(...pairsThenTarget: Bytes[]): Promise<boolean>;
  terminate(): Promise<void>;
  /** The WebAssembly beneath: addresses in, addresses out. Only on a single-threaded curve may it be called directly. */
  readonly tm: {
    readonly instance: {
      readonly exports: {
        ftm_one(out: number): void;
        ftm_square(a: number, out: number): void;
        /** In Jacobian coordinates, `addMixed` of an affine point. */
        g1m_zero(out: number): void;
        g1m_double(a: number, out: number): void;
        g1m_addMixed(a: number, affine: number, out: number): void;
        g1m_batchToAffine(points: number, count: number, out: number): void;
        /** Of F_q² by F_q. */
        f2m_mul1(a: number, b: number, out: number): void;
        /** In F_q¹² by a line. */
        bn128__mulBy024(constant: number, byY: number, byX: number, inOut: number): void;
      };
    };
    /** Memory allocated in between is free again at the end. */
    startSyncOp(): void;
    endSyncOp(): void;
    alloc(length: number): number;
    allocBuff(bytes: Bytes): number;
    getBuff(at: number, length: number): Bytes;
  };
}
