import { concatBytes } from '../../base/bytes.ts';
import { type ValidatorIndex, validatorIndex } from '../../params/ids.ts';
import { type Quorum, quorumOf } from '../../params/quorum.ts';
import type { Change, Quorate } from './messages.ts';

/** Signs for oneself and verifies for others. The simulator's is an oracle; anything unforgeable serves. */
export interface Authenticator {
  sign(message: Uint8Array): Uint8Array;
  verify(by: ValidatorIndex, message: Uint8Array, signature: Uint8Array): boolean;
}

/** What a certificate certifies: PBFT's two steps, the one vote of HotStuff, a proposal in Alea (whose view is its proposer). */
const VOTES = { prepare: 1, commit: 2, generic: 4, ready: 5 } as const;
export type VoteName = keyof typeof VOTES;

/** What is signed in PBFT, HotStuff and Alea, and the certificates that signatures make. */
export class Certificates {
  private readonly n: number;
  private readonly height: number;
  private readonly quorum: Quorum;
  private readonly authenticator: Authenticator;

  constructor(n: number, height: number, authenticator: Authenticator) {
    this.n = n;
    this.height = height;
    this.quorum = quorumOf(n);
    this.authenticator = authenticator;
  }

  signVote(kind: VoteName, view: number, digest: Uint8Array): Uint8Array {
    return this.authenticator.sign(this.voteBytes(kind, view, digest));
  }

  signChange(view: number, prepared: Quorate): Uint8Array {
    return this.authenticator.sign(this.changeBytes(view, prepared));
  }

  /** A vote's signature. */
  isSigned(
    by: ValidatorIndex,
    kind: VoteName,
    view: number,
    digest: Uint8Array,
    signature: Uint8Array,
  ): boolean {
    return (
      digest.length === 32 && this.authenticator.verify(by, this.voteBytes(kind, view, digest), signature)
    );
  }

  /** q signed votes of one view and digest. */
  isQuorate(kind: VoteName, { view, digest, signatures }: Quorate): boolean {
    const by = new Set(signatures.map((each) => each.by));
    return (
      by.size >= this.quorum.q &&
      signatures.every(
        (each) =>
          each.by < this.n && this.isSigned(validatorIndex(each.by), kind, view, digest, each.signature),
      )
    );
  }

  /** A signed VIEW-CHANGE whose certificate, if there is one, is of an earlier view. */
  isChange(view: number, { by, signature, prepared }: Change): boolean {
    return (
      by < this.n &&
      (prepared.signatures.length === 0 || (prepared.view < view && this.isQuorate('prepare', prepared))) &&
      this.authenticator.verify(validatorIndex(by), this.changeBytes(view, prepared), signature)
    );
  }

  /** q of them. */
  areChanges(view: number, changes: readonly Change[]): boolean {
    const by = new Set(changes.map((each) => each.by));
    return by.size >= this.quorum.q && changes.every((change) => this.isChange(view, change));
  }

  private voteBytes(kind: VoteName, view: number, digest: Uint8Array): Uint8Array {
    return concatBytes(numbers(VOTES[kind], this.height, view), digest);
  }

  private changeBytes(view: number, { view: at, digest, signatures }: Quorate): Uint8Array {
    return concatBytes(numbers(3, this.height, view, at, signatures.length > 0 ? 1 : 0), digest);
  }
}

function numbers(...values: readonly number[]): Uint8Array {
  const out = new Uint8Array(4 * values.length);
  const view = new DataView(out.buffer);
  for (const [i, value] of values.entries()) view.setUint32(4 * i, value);
  return out;
}
