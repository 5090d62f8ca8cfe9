import type { BallotId, Height, ValidatorIndex } from '../params/ids.ts';
import { MAX_BUNDLE_BALLOTS, MAX_OPEN_BALLOTS } from '../params/sizes.ts';
import { type Ballot, ballotIdOf, ballotMessage, ballotSignals, copyKey } from './ballot.ts';
import type { Out } from './out.ts';
import { copySets } from './written.ts';

/** How a ballot came: broadcast (or pulled), on its stem, or with the request to broadcast it. */
export type Arrival = 'ballot' | 'stem' | 'fluff';

/** A valid ballot that has just come. */
export interface Received {
  readonly id: BallotId;
  /** The copy that is kept and passed on: the first valid one. */
  readonly ballot: Ballot;
  readonly arrivals: readonly Arrival[];
  /** Whether nothing was known of it before. */
  readonly isNew: boolean;
}

/** A copy whose proof is being verified, and how it came. */
interface Pending {
  readonly id: BallotId;
  readonly ballot: Ballot;
  readonly key: string;
  readonly arrivals: Map<string, { readonly from: ValidatorIndex; readonly as: Arrival }>;
  /** On whose account it is being verified; undefined while it waits for that. */
  openFor: ValidatorIndex | undefined;
}

/** The ballots of a height as plain data; the fields are those of BallotBox. */
export type BallotBoxState = {
  readonly valid: ReadonlyMap<BallotId, Ballot>;
  readonly public: ReadonlyMap<BallotId, ReadonlySet<ValidatorIndex>>;
  readonly byNullifier: ReadonlyMap<bigint, readonly BallotId[]>;
  readonly pending: ReadonlyMap<string, Readonly<Pending>>;
  readonly verdicts: ReadonlyMap<string, boolean>;
  readonly unasked: ReadonlyMap<ValidatorIndex, ReadonlySet<string>>;
  readonly flooding: ReadonlySet<ValidatorIndex>;
  readonly asked: ReadonlyMap<ValidatorIndex, ReadonlyMap<BallotId, 'open' | 'answered'>>;
  readonly served: ReadonlySet<string>;
};

export interface BallotBoxOptions {
  readonly height: Height;
  readonly scope: bigint;
  readonly committeeRoot: bigint;
  readonly n: number;
  /** Nullifiers that count for nothing in this height: ballots with them are dropped. */
  readonly voided: ReadonlySet<bigint>;
  /** Peers that were caught sending what no correct one sends; kept by the owner. */
  readonly distrusted: Set<ValidatorIndex>;
}

/**
 * The ballots of one height. VALID is remembered by statement, INVALID by statement and proof.
 * A ballot is PUBLIC once somebody broadcast it, or once its author gave itself away by a second one. Before that it is
 * treated as if it were not here: not named, not served, not counted, or it would tell where its stem passed.
 * Of each sender MAX_OPEN_BALLOTS are verified at a time; those of one that sent a bad ballot only while nothing else is to be
 * verified, so a flood of bad ballots delays nobody but its author.
 * Bounds: 2n copies judged unasked from each sender, one for each pull; two ballots of a nullifier kept unasked (two are
 * evidence enough); each ballot served once to each peer between two firings of the re-send timer.
 */
export class BallotBox {
  readonly #options: BallotBoxOptions;
  #valid = new Map<BallotId, Ballot>();
  /** By public ballot: who broadcast it. */
  #public = new Map<BallotId, Set<ValidatorIndex>>();
  #byNullifier = new Map<bigint, readonly BallotId[]>();
  #pending = new Map<string, Pending>();
  /** Of those, what waits to be verified, in the order in which it came; and how many are open for each sender. */
  readonly #waiting = new Set<string>();
  readonly #open = new Map<ValidatorIndex, number>();
  /** Verified copies, by statement and proof. */
  #verdicts = new Map<string, boolean>();
  /** Copies of each sender that were judged unasked. */
  #unasked = new Map<ValidatorIndex, Set<string>>();
  #flooding = new Set<ValidatorIndex>();
  /** By peer: ballots that it was asked for and has not sent yet; those that it has sent. */
  #asked = new Map<ValidatorIndex, Map<BallotId, 'open' | 'answered'>>();
  /** `peer/id`. */
  #served = new Set<string>();

  constructor(options: BallotBoxOptions) {
    this.#options = options;
  }

  /** May share memory with the box: encode it before the next input. */
  state(): BallotBoxState {
    return {
      valid: this.#valid,
      public: this.#public,
      byNullifier: this.#byNullifier,
      pending: this.#pending,
      verdicts: this.#verdicts,
      unasked: this.#unasked,
      flooding: this.#flooding,
      asked: this.#asked,
      served: this.#served,
    };
  }

  /** The box that goes on from there. */
  static restore(options: BallotBoxOptions, state: BallotBoxState): BallotBox {
    const box = new BallotBox(options);
    box.#valid = new Map(state.valid);
    box.#public = copySets(state.public);
    box.#byNullifier = new Map(state.byNullifier);
    box.#pending = new Map(
      [...state.pending].map(([key, each]) => [key, { ...each, arrivals: new Map(each.arrivals) }]),
    );
    for (const [key, { openFor }] of box.#pending) {
      if (openFor === undefined) box.#waiting.add(key);
      else box.#open.set(openFor, box.#openOf(openFor) + 1);
    }
    box.#verdicts = new Map(state.verdicts);
    box.#unasked = copySets(state.unasked);
    box.#flooding = new Set(state.flooding);
    box.#asked = new Map([...state.asked].map(([peer, ids]) => [peer, new Map(ids)]));
    box.#served = new Set(state.served);
    return box;
  }

  /**
   * A peer's ballot, its form checked and of this height. Asks for a copy not judged yet to be verified.
   * @returns a ballot already known to be valid
   */
  offer(from: ValidatorIndex, as: Arrival, ballot: Ballot, out: Out): Received | undefined {
    const { height, scope, voided } = this.#options;
    if (voided.has(ballot.nullifier)) return undefined;
    if (ballotMessage(scope, ballot.items) === 0n) {
      out.fault(from, 'BALLOT_MALFORMED', { height });
      return undefined;
    }
    const id = ballotIdOf(ballot, scope);
    const key = copyKey(id, ballot.proof);
    const verdict = this.#verdicts.get(key);
    if (verdict === true) return this.#received(id, [{ from, as }], false);
    if (verdict === false) {
      out.fault(from, 'BALLOT_PROOF_INVALID', { ballot: id });
      return undefined;
    }
    let pending = this.#pending.get(key);
    if (pending === undefined) {
      if (!this.#takes(from, id, key, ballot.nullifier, out)) return undefined;
      pending = { id, ballot, key, arrivals: new Map(), openFor: undefined };
      this.#pending.set(key, pending);
      this.#waiting.add(key);
    }
    pending.arrivals.set(`${from}/${as}`, { from, as });
    this.#verifyNext(out);
    return undefined;
  }

  #openOf(peer: ValidatorIndex): number {
    return this.#open.get(peer) ?? 0;
  }

  /** Has verified what may be verified now. */
  #verifyNext(out: Out): void {
    const { distrusted } = this.#options;
    for (const key of [...this.#waiting]) {
      const pending = this.#pending.get(key)!;
      const senders = [...pending.arrivals.values()].map(({ from }) => from);
      const sender = senders.find((each) => !distrusted.has(each) && this.#openOf(each) < MAX_OPEN_BALLOTS);
      if (sender !== undefined) this.#verify(pending, sender, out);
    }
    if (this.#pending.size > this.#waiting.size) return;
    const [last] = this.#waiting;
    const pending = last === undefined ? undefined : this.#pending.get(last)!;
    if (pending !== undefined) this.#verify(pending, [...pending.arrivals.values()][0]!.from, out);
  }

  #verify(pending: Pending, sender: ValidatorIndex, out: Out): void {
    const { height, scope, committeeRoot } = this.#options;
    const { key, ballot } = pending;
    pending.openFor = sender;
    this.#waiting.delete(key);
    this.#open.set(sender, this.#openOf(sender) + 1);
    const signals = ballotSignals(ballot, committeeRoot, scope);
    const ref = { type: 'ballot', height, copy: key } as const;
    out.verify({ ref, circuit: 'ballot', proofs: [{ signals, proof: ballot.proof }] });
  }

  /** Whether a new copy from this sender is worth a verification. */
  #takes(from: ValidatorIndex, id: BallotId, key: string, nullifier: bigint, out: Out): boolean {
    if (this.#asked.get(from)?.get(id) === 'open') {
      this.#asked.get(from)!.set(id, 'answered');
      return true;
    }
    const same = this.#byNullifier.get(nullifier) ?? [];
    if (same.length >= 2 && !same.includes(id)) return false;
    const copies = this.#unasked.get(from) ?? new Set();
    this.#unasked.set(from, copies);
    if (copies.size < 2 * this.#options.n) {
      copies.add(key);
      return true;
    }
    if (!this.#flooding.has(from)) out.fault(from, 'BALLOT_FLOOD', { height: this.#options.height });
    this.#flooding.add(from);
    return false;
  }

  /** The verdict on a copy. @returns undefined if its proof is bad or it is not being verified. */
  verified(key: string, ok: boolean, out: Out): Received | undefined {
    const pending = this.#pending.get(key);
    if (pending?.openFor === undefined) return undefined;
    this.#pending.delete(key);
    this.#open.set(pending.openFor, this.#openOf(pending.openFor) - 1);
    this.#verdicts.set(key, ok);
    const arrivals = [...pending.arrivals.values()];
    if (!ok) {
      for (const from of new Set(arrivals.map((arrival) => arrival.from))) {
        this.#options.distrusted.add(from);
        out.fault(from, 'BALLOT_PROOF_INVALID', { ballot: pending.id });
      }
    }
    this.#verifyNext(out);
    if (!ok) return undefined;
    const isNew = !this.#valid.has(pending.id);
    if (isNew) this.#keep(pending.id, pending.ballot);
    return this.#received(pending.id, arrivals, isNew);
  }

  #received(
    id: BallotId,
    arrivals: readonly { readonly from: ValidatorIndex; readonly as: Arrival }[],
    isNew: boolean,
  ): Received {
    for (const { from, as } of arrivals) if (as === 'ballot') this.#publish(id).add(from);
    return { id, ballot: this.#valid.get(id)!, arrivals: arrivals.map(({ as }) => as), isNew };
  }

  #publish(id: BallotId): Set<ValidatorIndex> {
    const by = this.#public.get(id) ?? new Set();
    this.#public.set(id, by);
    return by;
  }

  /** One's own ballot, just proved. */
  own(ballot: Ballot): BallotId {
    const id = ballotIdOf(ballot, this.#options.scope);
    this.#verdicts.set(copyKey(id, ballot.proof), true);
    this.#keep(id, ballot);
    return id;
  }

  #keep(id: BallotId, ballot: Ballot): void {
    this.#valid.set(id, ballot);
    const same = [...(this.#byNullifier.get(ballot.nullifier) ?? []), id];
    this.#byNullifier.set(ballot.nullifier, same);
    if (same.length === 2) for (const each of same) this.#publish(each);
  }

  /** A peer wants these ballots. Who names a ballot holds it in public, so what is not here is another's to send. */
  serve(from: ValidatorIndex, ids: readonly BallotId[], out: Out): void {
    for (const id of ids) {
      const ballot = this.get(id);
      if (ballot === undefined || this.#served.has(`${from}/${id}`)) continue;
      this.#served.add(`${from}/${id}`);
      out.send(from, { kind: 'ballot', ballot });
    }
  }

  /** The re-send timer fired: ask again those that have not answered; who asks again is served again. */
  resend(out: Out): void {
    this.#served.clear();
    for (const [peer, ids] of this.#asked) {
      const open = [...ids].filter(([id, state]) => state === 'open' && !this.#public.has(id));
      this.#pull(
        peer,
        open.map(([id]) => id),
        out,
      );
    }
  }

  /** Ask validators for ballots that are not public here, each validator once an id; `resend` repeats it. */
  ask(ids: readonly BallotId[], peers: readonly ValidatorIndex[], out: Out): void {
    for (const peer of peers) {
      const asked = this.#asked.get(peer) ?? new Map();
      this.#asked.set(peer, asked);
      const missing = ids.filter((id) => !this.#public.has(id) && !asked.has(id));
      for (const id of missing) asked.set(id, 'open');
      this.#pull(peer, missing, out);
    }
  }

  #pull(peer: ValidatorIndex, ids: readonly BallotId[], out: Out): void {
    for (let at = 0; at < ids.length; at += MAX_BUNDLE_BALLOTS) {
      const some = ids.slice(at, at + MAX_BUNDLE_BALLOTS);
      out.send(peer, { kind: 'pullBallots', height: this.#options.height, ids: some });
    }
  }

  /** A public ballot. */
  get(id: BallotId): Ballot | undefined {
    return this.#public.has(id) ? this.#valid.get(id) : undefined;
  }

  /** Who broadcast a ballot, as far as one knows. */
  broadcasters(id: BallotId): ReadonlySet<ValidatorIndex> {
    return this.#public.get(id) ?? NOBODY;
  }

  /** Whether a ballot is one of the two of its nullifier that are passed on. */
  isRelayed(id: BallotId): boolean {
    const ballot = this.#valid.get(id);
    return ballot !== undefined && this.#byNullifier.get(ballot.nullifier)!.indexOf(id) < 2;
  }

  /** Public ballots that are the only one of their nullifier, ascending by id. */
  single(): BallotId[] {
    return [...this.#byNullifier.values()]
      .filter((ids) => ids.length === 1 && this.#public.has(ids[0]!))
      .map((ids) => ids[0]!)
      .sort();
  }

  /** The first two ballots of a nullifier that has two, lower id first. */
  equivocation(nullifier: bigint): readonly [BallotId, BallotId] | undefined {
    const [a, b] = this.#byNullifier.get(nullifier) ?? [];
    if (a === undefined || b === undefined) return undefined;
    return a < b ? [a, b] : [b, a];
  }

  /** Every equivocation seen, ascending. */
  pairs(): (readonly [BallotId, BallotId])[] {
    return [...this.#byNullifier.keys()]
      .map((nullifier) => this.equivocation(nullifier))
      .filter((pair) => pair !== undefined)
      .sort((a, b) => (a[0] < b[0] ? -1 : 1));
  }
}

const NOBODY: ReadonlySet<ValidatorIndex> = new Set();
