import type { Certificate } from '../../crypto/certificate.ts';
import type { PerKey } from '../../crypto/dealing/session.ts';
import type { DealingFlaw } from '../../crypto/dealing/signed.ts';
import type { EpochConfig } from '../../ledger/epoch-config.ts';
import type { ValidatorIndex } from '../../params/ids.ts';

/** What a generation ends with at one member. */
export interface GeneratedKeys {
  readonly epoch: EpochConfig;
  /** By at least q members over `epochAgreement`. Members may end with different signers. */
  readonly certificate: Certificate;
  /** The signed dealings in the keys, by dealer, ascending: everybody computes the epoch's keys from them. */
  readonly dealings: ReadonlyMap<ValidatorIndex, Uint8Array>;
  /** Whose dealing is not in the keys, and why as far as this member saw it. */
  readonly excluded: readonly {
    readonly dealer: ValidatorIndex;
    readonly why: DealingFlaw | 'late' | 'silent' | 'repeated';
  }[];
  /** One's own. Secret. */
  readonly shares: PerKey<bigint>;
}

/** Shows everybody that statement S4r was proved falsely. */
export interface KeyAlarm {
  readonly dealer: ValidatorIndex;
  readonly recipient: ValidatorIndex;
  /** With its signature. */
  readonly dealing: Uint8Array;
  /** What `isMismatch` takes. */
  readonly mismatch: Uint8Array;
}
