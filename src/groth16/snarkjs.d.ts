/**
 * The part of snarkjs 0.7.6 that this project calls, typed once. snarkjs ships no types; its BigInts leave as
 * decimal strings. `Logger` methods are optional work for the caller: nothing here logs by default.
 */
declare module 'snarkjs' {
  /** A path, the bytes themselves, or a file in memory that the call fills (`data`). */
  export type FastFile = string | Uint8Array | { type: 'mem'; data?: Uint8Array };

  export interface Logger {
    debug(message: string): void;
    info(message: string): void;
    warn(message: string): void;
    error(message: string): void;
  }

  /** Projective coordinates as decimal strings; the last one is "1", or "0" for the point at infinity. */
  export interface Groth16Proof {
    pi_a: string[];
    pi_b: string[][];
    pi_c: string[];
    protocol: string;
    curve: string;
  }

  /** A signal's value: a number or nested arrays of numbers, row-major. */
  export type SignalInput = bigint | string | number | readonly SignalInput[];

  export const groth16: {
    /** One proof of a witness (.wtns) under a proving key (.zkey). @throws Error if their sizes differ */
    prove(
      zkey: FastFile,
      wtns: FastFile,
      logger?: Logger,
    ): Promise<{ proof: Groth16Proof; publicSignals: string[] }>;
    /** Arguments of the contract's `verifyProof`, as text: four arrays of hexadecimal numbers. */
    exportSolidityCallData(proof: Groth16Proof, publicSignals: readonly string[]): Promise<string>;
    /** Accepts too much: see verifier.ts. Kept as the outside oracle of the tests. */
    verify(
      vkey: unknown,
      publicSignals: readonly string[],
      proof: Groth16Proof,
      logger?: Logger,
    ): Promise<boolean>;
  };

  export const wtns: {
    calculate(input: Record<string, SignalInput>, wasm: FastFile, wtns: FastFile): Promise<void>;
    check(r1cs: FastFile, wtns: FastFile, logger?: Logger): Promise<boolean>;
    exportJson(wtns: FastFile): Promise<bigint[]>;
  };

  export const zKey: {
    /** Phase-2 key without a contribution: γ = δ, so it proves anything. @returns the circuit hash, or -1 */
    newZKey(r1cs: FastFile, ptau: FastFile, zkey: FastFile, logger?: Logger): Promise<Uint8Array | number>;
    contribute(
      old: FastFile,
      next: FastFile,
      name: string,
      entropy: string,
      logger?: Logger,
    ): Promise<Uint8Array>;
    beacon(
      old: FastFile,
      next: FastFile,
      name: string,
      beaconHash: string,
      iterationsExponent: number,
      logger?: Logger,
    ): Promise<Uint8Array>;
    verifyFromR1cs(r1cs: FastFile, ptau: FastFile, zkey: FastFile, logger?: Logger): Promise<boolean>;
    exportVerificationKey(zkey: FastFile, logger?: Logger): Promise<Record<string, unknown>>;
    /** Source of a contract, from the EJS templates of the package's folder `templates`. */
    exportSolidityVerifier(
      zkey: FastFile,
      templates: Readonly<Record<string, string>>,
      logger?: Logger,
    ): Promise<string>;
  };

  /** Points as in Groth16, evaluations as decimal strings. */
  export type PlonkProof = Record<string, string | string[]> & { protocol: 'plonk'; curve: string };

  export const plonk: {
    /** A key for an r1cs, a function of it and the phase-1 file. @returns -1 if the file is too small */
    setup(r1cs: FastFile, ptau: FastFile, zkey: FastFile, logger?: Logger): Promise<number | undefined>;
    prove(
      zkey: FastFile,
      wtns: FastFile,
      logger?: Logger,
    ): Promise<{ proof: PlonkProof; publicSignals: string[] }>;
    /** Throws where a point is off its curve and no logger is given. */
    verify(
      vkey: unknown,
      publicSignals: readonly string[],
      proof: PlonkProof,
      logger?: Logger,
    ): Promise<boolean>;
  };

  export const powersOfTau: {
    newAccumulator(curve: unknown, power: number, ptau: FastFile, logger?: Logger): Promise<Uint8Array>;
    contribute(
      old: FastFile,
      next: FastFile,
      name: string,
      entropy: string,
      logger?: Logger,
    ): Promise<Uint8Array>;
    preparePhase2(old: FastFile, next: FastFile, logger?: Logger): Promise<void>;
    verify(ptau: FastFile, logger?: Logger): Promise<boolean>;
  };

  export const curves: {
    getCurveFromName(name: string): Promise<import('./curve-types.ts').Curve>;
  };
}
