import { toHex, utf8 } from '../base/bytes.ts';
import { hashBytes } from '../crypto/hash.ts';

/** Stands for the verifier of proofs: it holds the pairs of signals and proof that are valid, and takes nothing else. */
export class ProofOracle {
  readonly #valid = new Set<string>();

  /** This pair is valid from now on. */
  accept(signals: readonly bigint[], proof: Uint8Array): void {
    this.#valid.add(pairKey(signals, proof));
  }

  holds(signals: readonly bigint[], proof: Uint8Array): boolean {
    return this.#valid.has(pairKey(signals, proof));
  }
}

const pairKey = (signals: readonly bigint[], proof: Uint8Array): string =>
  toHex(hashBytes('run', utf8(`${signals.join()}/${toHex(proof)}`)));
