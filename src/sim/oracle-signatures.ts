import { equalBytes } from '../base/bytes.ts';
import type { Authenticator } from '../consensus/pbft/certificates.ts';
import { hashBytes } from '../crypto/hash.ts';
import type { ValidatorIndex } from '../params/ids.ts';

/**
 * Signatures of a simulation: H(run; seed ‖ signer ‖ message), unforgeable because its adversaries do not compute it for
 * others. They take no time; 32 bytes instead of 64.
 */
export function oracleSignatures(seed: number, self: ValidatorIndex): Authenticator {
  const of = (by: ValidatorIndex, message: Uint8Array): Uint8Array => {
    const head = new Uint8Array(9);
    new DataView(head.buffer).setFloat64(0, seed);
    head[8] = by;
    return hashBytes('run', head, message);
  };
  return {
    sign: (message) => of(self, message),
    verify: (by, message, signature) => equalBytes(of(by, message), signature),
  };
}
