import type { BallotId, Height, ValidatorIndex } from '../params/ids.ts';
import {
  type Ballot,
  ballotIdOf,
  ballotMessage,
  ballotSignals,
  copyKey,
  decodeBallot,
  encodeBallot,
} from './ballot.ts';
import type { Out } from './out.ts';

/** How a ballot came: broadcast (or pulled), on its stem, or with the request to broadcast it. */
export type Arrival = 'ballot' | 'stem' | 'fluff';

interface Copy {
  readonly id: BallotId;
  readonly ballot: Ballot;
  readonly arrivals: { readonly from: ValidatorIndex; readonly as: Arrival }[];
}

export interface VerifiedBallot {
  readonly id: BallotId;
  readonly ballot: Ballot;
  readonly arrivals: readonly { readonly from: ValidatorIndex; readonly as: Arrival }[];
  /** Whether this was the first valid copy. */
  readonly isNew: boolean;
}

/**
 * The ballots of one height. Keeps every valid ballot that was asked for and at most two of a nullifier unasked (two are
 * evidence enough), at most 2n unasked ones from one sender. VALID is remembered by statement, INVALID by statement and proof.
 */
export class BallotBox {
  readonly height: Height;
  readonly #scope: bigint;
  readonly #committeeRoot: bigint;
  readonly #n: number;
  readonly #valid = new Map<BallotId, Ballot>();
  readonly #public = new Set<BallotId>();
  readonly #pending = new Map<string, Copy>();
  readonly #invalid = new Set<string>();
  readonly #byNullifier = new Map<bigint, BallotId[]>();
  readonly #unasked = new Map<ValidatorIndex, number>();
  readonly #asked = new Map<BallotId, Set<ValidatorIndex>>();
  readonly #waiting = new Map<BallotId, Set<ValidatorIndex>>();
  readonly #waitsOf = new Map<ValidatorIndex, number>();

  constructor(height: Height, scope: bigint, committeeRoot: bigint, n: number) {
    this.height = height;
    this.#scope = scope;
    this.#committeeRoot = committeeRoot;
    this.#n = n;
  }

  /** A ballot's bytes from a peer. Emits a `verify` effect for a copy not judged yet; @returns a ballot already known valid. */
  offer(from: ValidatorIndex, as: Arrival, bytes: Uint8Array, out: Out): VerifiedBallot | undefined {
    const ballot = decodeBallot(bytes);
    if (
      ballot === undefined ||
      ballot.height !== this.height ||
      ballotMessage(this.#scope, ballot.items) === 0n
    ) {
      out.fault(from, 'BALLOT_MALFORMED', { height: this.height });
      return undefined;
    }
    const id = ballotIdOf(ballot, this.#scope);
    const arrival = { from, as };
    if (this.#valid.has(id)) {
      if (as === 'ballot') this.#public.add(id);
      return { id, ballot: this.#valid.get(id)!, arrivals: [arrival], isNew: false };
    }
    const key = copyKey(id, ballot.proof);
    if (this.#invalid.has(key)) out.fault(from, 'BALLOT_PROOF_INVALID', { ballot: id });
    else if (this.#asked.has(id) || this.#takesUnasked(from, ballot, out))
      this.#judge(key, { id, ballot, arrivals: [arrival] }, out);
    return undefined;
  }

  #takesUnasked(from: ValidatorIndex, ballot: Ballot, out: Out): boolean {
    if ((this.#byNullifier.get(ballot.nullifier)?.length ?? 0) >= 2) return false;
    const count = (this.#unasked.get(from) ?? 0) + 1;
    this.#unasked.set(from, count);
    if (count === 2 * this.#n + 1) out.fault(from, 'BALLOT_FLOOD', { height: this.height });
    return count <= 2 * this.#n;
  }

  #judge(key: string, copy: Copy, out: Out): void {
    const pending = this.#pending.get(key);
    if (pending !== undefined) {
      pending.arrivals.push(...copy.arrivals);
      return;
    }
    this.#pending.set(key, copy);
    const signals = ballotSignals(copy.ballot, this.#committeeRoot, this.#scope);
    out.effects.push({
      type: 'verify',
      ref: `ballot:${this.height}:${key}`,
      circuit: 'ballot',
      signals,
      proof: copy.ballot.proof,
    });
  }

  /** The answer to a `verify` effect; serves whoever waits for the ballot. @returns undefined if the proof is bad. */
  verified(key: string, ok: boolean, out: Out): VerifiedBallot | undefined {
    const copy = this.#pending.get(key);
    if (copy === undefined) return undefined;
    this.#pending.delete(key);
    if (!ok) {
      this.#invalid.add(key);
      for (const { from } of copy.arrivals) out.fault(from, 'BALLOT_PROOF_INVALID', { ballot: copy.id });
      return undefined;
    }
    const isNew = !this.#valid.has(copy.id);
    if (copy.arrivals.some(({ as }) => as === 'ballot')) this.#public.add(copy.id);
    if (isNew) this.#keep(copy.id, copy.ballot, out);
    return { ...copy, isNew };
  }

  /** One's own ballot, just proved. */
  own(ballot: Ballot, out: Out): BallotId {
    const id = ballotIdOf(ballot, this.#scope);
    this.#keep(id, ballot, out);
    return id;
  }

  #keep(id: BallotId, ballot: Ballot, out: Out): void {
    this.#valid.set(id, ballot);
    const same = this.#byNullifier.get(ballot.nullifier) ?? [];
    this.#byNullifier.set(ballot.nullifier, [...same, id]);
    for (const to of this.#waiting.get(id) ?? [])
      out.send(to, { kind: 'ballot', bytes: encodeBallot(ballot) });
    this.#waiting.delete(id);
  }

  /** A peer wants these ballots: send what is there, remember the rest (2n² a peer: all that n bundles can name). */
  pulled(from: ValidatorIndex, ids: readonly BallotId[], out: Out): void {
    for (const id of ids) {
      const ballot = this.#valid.get(id);
      if (ballot !== undefined) out.send(from, { kind: 'ballot', bytes: encodeBallot(ballot) });
      else if (this.#waits(from) < 2 * this.#n * this.#n) {
        this.#waiting.set(id, (this.#waiting.get(id) ?? new Set()).add(from));
        this.#waitsOf.set(from, this.#waits(from) + 1);
      }
    }
  }

  #waits(from: ValidatorIndex): number {
    return this.#waitsOf.get(from) ?? 0;
  }

  /** Ask validators for ballots one lacks, each validator once an id. */
  ask(ids: readonly BallotId[], to: readonly ValidatorIndex[], out: Out): void {
    for (const peer of to) {
      const missing = ids.filter((id) => !this.#valid.has(id) && !this.#asked.get(id)?.has(peer));
      for (const id of missing) this.#asked.set(id, (this.#asked.get(id) ?? new Set()).add(peer));
      if (missing.length > 0) out.send(peer, { kind: 'pullBallots', height: this.height, ids: missing });
    }
  }

  get(id: BallotId): Ballot | undefined {
    return this.#valid.get(id);
  }

  /** Whether the ballot was seen broadcast; before that, naming it would tell where its stem passed. */
  isPublic(id: BallotId): boolean {
    return this.#public.has(id);
  }

  /** Distinct nullifiers among the valid ballots. */
  get size(): number {
    return this.#byNullifier.size;
  }

  /** Valid broadcast ballots, one a nullifier; nullifiers with two messages are left out. Ascending by id. */
  single(): BallotId[] {
    return [...this.#byNullifier.values()]
      .filter((ids) => ids.length === 1 && this.#public.has(ids[0]!))
      .map((ids) => ids[0]!)
      .sort();
  }

  /** Equivocations seen: pairs of ids, lower first, ascending. */
  pairs(): [BallotId, BallotId][] {
    return [...this.#byNullifier.values()]
      .filter((ids) => ids.length > 1)
      .map((ids): [BallotId, BallotId] => (ids[0]! < ids[1]! ? [ids[0]!, ids[1]!] : [ids[1]!, ids[0]!]))
      .sort((a, b) => (a[0] < b[0] ? -1 : 1));
  }
}
