/** Whose secrets a test puts into a safe. */
export const OWNER = { chainHash: new Uint8Array(32).fill(5), member: 3 };

export const filled = (value: number): Uint8Array => new Uint8Array(32).fill(value);

/** Keys of an epoch that no other bytes on the disk are like. */
export const keys = (value: number) => ({
  identitySecret: 77n,
  blsSecret: filled(value),
  signSecret: filled(value),
  decryptionShare: 79n,
  coinShare: 80n,
  seed: filled(value),
});
