/** What a validator's processor takes for its work, in microseconds of virtual time; it does one thing after another. */
export interface CpuCosts {
  readonly frameUs: number;
  readonly messageUs: number;
  readonly byteUs: number;
  /** Verifying a share of a coin: a DLEQ. */
  readonly shareUs: number;
}

/** Measured on one core of the build machine: decoding and merging, counting a vote, SHA-256 in JavaScript, DLEQ. */
export const MEASURED_CPU: CpuCosts = { frameUs: 5, messageUs: 0.3, byteUs: 0.01, shareUs: 4200 };
