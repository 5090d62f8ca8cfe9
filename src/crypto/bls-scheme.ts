/**
 * The arithmetic of BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_: what a library of the curve has to do. Each function refuses by throwing
 * what is no compressed encoding, no point of its subgroup, or the point at infinity; certificate.ts says what that means.
 * @see draft-irtf-cfrg-bls-signature-05
 */
export interface BlsScheme {
  /** KeyGen of the draft. @param seed 32 bytes, secret. @returns 32 bytes, and the point of G1, 48 bytes */
  keyFromSeed(seed: Uint8Array): { readonly secret: Uint8Array; readonly publicKey: Uint8Array };
  /** @param secret 32 bytes. @returns 96 bytes */
  sign(secret: Uint8Array, message: Uint8Array): Uint8Array;
  /** e(publicKey, H(message)) = e(G, signature). */
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
  /** e(Σ publicKeyᵢ, H(message)) = e(G, signature), of one key at least. */
  verifyOfAll(publicKeys: readonly Uint8Array[], message: Uint8Array, signature: Uint8Array): boolean;
  /** The sum of signatures, of one at least. */
  aggregate(signatures: readonly Uint8Array[]): Uint8Array;
}
