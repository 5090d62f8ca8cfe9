import { equalBytes, toHex } from '../../base/bytes.ts';
import { assert } from '../../base/errors.ts';
import { hashBytes } from '../../crypto/hash.ts';
import { type ValidatorIndex, validatorIndex } from '../../params/ids.ts';
import { type Quorum, quorumOf } from '../../params/quorum.ts';
import { MAX_PAYLOAD_BYTES } from '../../params/sizes.ts';
import type { AcsEffect, AcsOutput, CommonSubset, TimerEffect } from '../acs/common-subset.ts';
import { ConsensusError } from '../errors.ts';
import type { ConsensusFault } from '../faults.ts';
import { NOTHING, type Step, StepBuffer } from '../step.ts';
import { type Authenticator, Certificates } from './certificates.ts';
import type { GivenUp } from './given-up.ts';
import {
  type Change,
  NO_CERTIFICATE,
  type PbftMessage,
  pbftMessage,
  type Quorate,
  type Signed,
} from './messages.ts';

export type PbftStep = Step<PbftMessage, AcsOutput, AcsEffect | TimerEffect>;

interface Candidate {
  readonly proposer: ValidatorIndex;
  readonly payload: Uint8Array;
}
/** What a view has seen: the leader's digest, signed votes by digest. */
interface View {
  digest: string | undefined;
  prepared: boolean;
  readonly prepares: Map<string, Map<ValidatorIndex, Uint8Array>>;
  readonly changes: Map<ValidatorIndex, Change>;
  announced: boolean;
}

/** Views ahead of the own one that are listened to. */
const VIEW_WINDOW = 32;

/**
 * Practical Byzantine fault tolerance for one height: the leader's proposal, or nothing until a later leader's. A baseline for
 * experiments: safe always, live only while messages are faster than its time-outs.   [README.md, PBFT]
 * Deviation D12: one height a machine, so no checkpoints; who has decided answers a VIEW-CHANGE with q signed COMMITs.
 * @see Castro and Liskov, OSDI '99, §4
 */
export class Pbft implements CommonSubset<PbftMessage, AcsEffect | TimerEffect> {
  private readonly n: number;
  private readonly self: ValidatorIndex;
  private readonly height: number;
  private readonly givenUp: GivenUp | undefined;
  private readonly firstLeader: ValidatorIndex;
  private readonly quorum: Quorum;
  private readonly certificates: Certificates;
  private readonly buffer = new StepBuffer<PbftMessage, AcsOutput, AcsEffect | TimerEffect>();
  private readonly views = new Map<number, View>();
  private readonly candidates = new Map<string, Candidate>();
  private readonly commits = new Map<string, Map<ValidatorIndex, Uint8Array>>();
  private readonly verdicts = new Map<string, boolean>();
  /** Who asks the predicate, and for which digests: the effect names a proposer only. */
  private readonly asked = new Map<ValidatorIndex, string>();
  private own: Uint8Array | undefined;
  private view = 0;
  private isTiming = false;
  private prepared: Quorate = NO_CERTIFICATE;
  private decided: Quorate | undefined;
  private readonly helped = new Set<ValidatorIndex>();

  constructor(options: {
    readonly n: number;
    readonly self: ValidatorIndex;
    readonly height: number;
    readonly authenticator: Authenticator;
    /** Who leads view 0; by default the leaders take turns over the heights. */
    readonly firstLeader?: ValidatorIndex;
    /** Of this validator, over its heights; by default every height waits for its first leader. */
    readonly givenUp?: GivenUp;
  }) {
    this.n = options.n;
    this.self = options.self;
    this.height = options.height;
    this.givenUp = options.givenUp;
    this.firstLeader = options.firstLeader ?? validatorIndex(options.height % options.n);
    this.quorum = quorumOf(options.n);
    this.certificates = new Certificates(options.n, options.height, options.authenticator);
  }

  /** @throws {ConsensusError} CONSENSUS_INPUT on a second call or a payload too long */
  propose(payload: Uint8Array): PbftStep {
    if (this.own !== undefined || payload.length > MAX_PAYLOAD_BYTES) {
      throw new ConsensusError('CONSENSUS_INPUT', 'propose once, at most MAX_PAYLOAD_BYTES', {
        bytes: payload.length,
      });
    }
    this.own = payload;
    this.startTimer();
    if (this.leaderOf(this.view) === this.self) this.lead();
    return this.buffer.take();
  }

  handle(from: ValidatorIndex, message: PbftMessage): PbftStep {
    if (message.view > this.view + VIEW_WINDOW) this.blame(from, 'PBFT_MALFORMED', { view: message.view });
    else {
      this.startTimer();
      switch (message.kind) {
        case 'pre-prepare':
        case 'new-view':
          this.onProposal(from, message);
          break;
        case 'prepare':
          this.onPrepare(from, message);
          break;
        case 'commit':
          this.onCommit(from, message);
          break;
        case 'view-change':
          this.onViewChange(from, message);
          break;
        case 'decided':
          this.onDecided(from, message);
      }
    }
    return this.buffer.take();
  }

  validated(proposer: ValidatorIndex, ok: boolean): PbftStep {
    const digest = this.asked.get(proposer);
    assert(digest !== undefined, 'the predicate is evaluated on a proposal');
    this.asked.delete(proposer);
    this.verdicts.set(digest, ok);
    if (ok) this.prepare(digest);
    else this.blame(proposer, 'ACS_PROPOSAL_INVALID', { proposer });
    this.askNext();
    return this.buffer.take();
  }

  /** PBFT tosses no coins. */
  coin(): PbftStep {
    return NOTHING;
  }

  /** No decision in time: on to the next view. */
  timeout(view: number): PbftStep {
    if (this.decided !== undefined || view !== this.view) return NOTHING;
    this.givenUp?.add(this.leaderOf(view), this.height);
    this.changeTo(view + 1);
    return this.buffer.take();
  }

  status() {
    return {
      done: this.decided !== undefined,
      closed: this.decided !== undefined,
      view: this.view,
      leader: this.leaderOf(this.view),
      isPrepared: this.prepared.signatures.length > 0,
    };
  }

  /** The clock of view 0 runs from the first sign that somebody has something to propose; a leader that was given up gets no time. */
  private startTimer(): void {
    if (this.isTiming) return;
    this.isTiming = true;
    if (this.givenUp?.has(this.firstLeader, this.height) === true) this.changeTo(1);
    else this.buffer.effect({ type: 'timer', view: 0 });
  }

  private leaderOf(view: number): ValidatorIndex {
    return validatorIndex((this.firstLeader + view) % this.n);
  }

  /** PRE-PREPARE(v, m); in later views NEW-VIEW with the q VIEW-CHANGEs that leave no other choice. */
  private lead(): void {
    const state = this.viewOf(this.view);
    if (state.announced || this.decided !== undefined) return;
    const changes = [...state.changes.values()];
    if (this.view > 0 && changes.length < this.quorum.q) return;
    const bound = highest(changes);
    const candidate = bound === undefined ? this.ownCandidate() : this.candidates.get(toHex(bound.digest));
    if (candidate === undefined) return;
    state.announced = true;
    const kind = this.view === 0 ? 'pre-prepare' : 'new-view';
    this.buffer.send('all', pbftMessage({ kind, view: this.view, ...candidate, changes }));
  }

  private ownCandidate(): Candidate | undefined {
    return this.own === undefined ? undefined : { proposer: this.self, payload: this.own };
  }

  /** The leader's proposal of a view: bound by prepared certificates, else the leader's own. */
  private onProposal(from: ValidatorIndex, message: PbftMessage): void {
    const { view, proposer, payload, changes } = message;
    const state = this.viewOf(view);
    const digest = digestOf(proposer, payload);
    const isRight = from === this.leaderOf(view) && (message.kind === 'pre-prepare') === (view === 0);
    if (!isRight || proposer >= this.n || payload.length > MAX_PAYLOAD_BYTES) {
      return this.blame(from, 'PBFT_MALFORMED', { kind: message.kind, view });
    }
    if (state.digest !== undefined) {
      if (state.digest !== toHex(digest)) this.blame(from, 'PBFT_EQUIVOCATION', { view });
      return;
    }
    if (view > 0 && !this.certificates.areChanges(view, changes))
      return this.blame(from, 'PBFT_UNJUSTIFIED', { view });
    const bound = highest(changes);
    const isBound = bound === undefined ? proposer === from : equalBytes(bound.digest, digest);
    if (!isBound) return this.blame(from, 'PBFT_UNJUSTIFIED', { view });
    state.digest = toHex(digest);
    this.candidates.set(state.digest, { proposer: validatorIndex(proposer), payload });
    if (view > this.view) this.enter(view);
    if (this.verdicts.has(state.digest)) this.prepare(state.digest);
    else this.askNext();
    this.tryDecide();
  }

  /** Asks the predicate for the current view's proposal; one question a proposer at a time. */
  private askNext(): void {
    const digest = this.viewOf(this.view).digest;
    if (digest === undefined || this.verdicts.has(digest)) return;
    const { proposer, payload } = this.candidates.get(digest)!;
    if (this.asked.has(proposer)) return;
    this.asked.set(proposer, digest);
    this.buffer.effect({ type: 'validate', proposer, payload });
  }

  /** PREPARE(v, d), signed: once, for the current view's valid proposal. */
  private prepare(digest: string): void {
    const state = this.viewOf(this.view);
    if (state.digest !== digest || state.prepared || !this.verdicts.get(digest)) return;
    state.prepared = true;
    this.vote('prepare', this.view, digest);
  }

  /** q PREPARE(v, d) in the current view ⇒ prepared, COMMIT(v, d). */
  private onPrepare(from: ValidatorIndex, { view, digest, signature }: PbftMessage): void {
    if (!this.certificates.isSigned(from, 'prepare', view, digest, signature))
      return this.blame(from, 'PBFT_MALFORMED', { view });
    const votes = this.viewOf(view).prepares;
    if (![...votes].every(([other, by]) => other === toHex(digest) || !by.has(from))) {
      return this.blame(from, 'PBFT_EQUIVOCATION', { view });
    }
    add(votes, toHex(digest), from, signature);
    this.tryCommit();
  }

  private tryCommit(): void {
    const state = this.viewOf(this.view);
    const votes = state.digest === undefined ? undefined : state.prepares.get(state.digest);
    if (!state.prepared || votes === undefined || votes.size < this.quorum.q) return;
    const digest = this.candidateBytes(state.digest!);
    if (this.prepared.signatures.length > 0 && this.prepared.view === this.view) return;
    this.prepared = { view: this.view, digest, signatures: signedBy(votes, this.quorum.q) };
    this.vote('commit', this.view, state.digest!);
  }

  /** q COMMIT(v, d) of any one view ⇒ decided. */
  private onCommit(from: ValidatorIndex, { view, digest, signature }: PbftMessage): void {
    if (!this.certificates.isSigned(from, 'commit', view, digest, signature))
      return this.blame(from, 'PBFT_MALFORMED', { view });
    add(this.commits, `${view}/${toHex(digest)}`, from, signature);
    this.tryDecide();
  }

  private tryDecide(): void {
    if (this.decided !== undefined) return;
    for (const [key, votes] of this.commits) {
      const [view, digest] = key.split('/') as [string, string];
      const candidate = this.candidates.get(digest);
      if (votes.size < this.quorum.q || candidate === undefined) continue;
      this.decided = {
        view: Number(view),
        digest: this.candidateBytes(digest),
        signatures: signedBy(votes, this.quorum.q),
      };
      this.buffer.output({ type: 'acs', payloads: [candidate] });
      return;
    }
  }

  /** VIEW-CHANGE(v, prepared certificate), signed. f + 1 of later views take along; q let the leader begin. */
  private onViewChange(from: ValidatorIndex, message: PbftMessage): void {
    const { view, certificate, signature, proposer, payload } = message;
    const change: Change = { by: from, signature, prepared: certificate };
    if (view === 0 || !this.certificates.isChange(view, change))
      return this.blame(from, 'PBFT_MALFORMED', { view });
    if (this.decided !== undefined) return this.helpDecide(from);
    this.viewOf(view).changes.set(from, change);
    const digest = digestOf(proposer, payload);
    if (certificate.signatures.length > 0 && equalBytes(digest, certificate.digest)) {
      this.candidates.set(toHex(digest), { proposer: validatorIndex(proposer), payload });
    }
    const ahead = [...this.views].filter(([v, { changes }]) => v > this.view && changes.size > 0);
    const who = new Set(ahead.flatMap(([, { changes }]) => [...changes.keys()]));
    if (who.size >= this.quorum.f + 1) {
      this.givenUp?.add(this.leaderOf(this.view), this.height);
      this.changeTo(Math.min(...ahead.map(([v]) => v)));
    }
    if (this.leaderOf(this.view) === this.self) this.lead();
  }

  /** Once a peer: links lose nothing. */
  private helpDecide(to: ValidatorIndex): void {
    if (this.helped.has(to)) return;
    this.helped.add(to);
    const certificate = this.decided!;
    const candidate = this.candidates.get(toHex(certificate.digest))!;
    this.buffer.send(to, pbftMessage({ kind: 'decided', view: certificate.view, ...candidate, certificate }));
  }

  private onDecided(from: ValidatorIndex, { proposer, payload, certificate }: PbftMessage): void {
    const digest = digestOf(proposer, payload);
    const isGood =
      proposer < this.n &&
      equalBytes(digest, certificate.digest) &&
      this.certificates.isQuorate('commit', certificate);
    if (!isGood) return this.blame(from, 'PBFT_MALFORMED', { kind: 'decided' });
    this.candidates.set(toHex(digest), { proposer: validatorIndex(proposer), payload });
    for (const { by, signature } of certificate.signatures) {
      add(this.commits, `${certificate.view}/${toHex(digest)}`, validatorIndex(by), signature);
    }
    this.tryDecide();
  }

  private changeTo(view: number): void {
    this.enter(view);
    const signature = this.certificates.signChange(view, this.prepared);
    const certificate = this.prepared;
    this.buffer.send('all', pbftMessage({ kind: 'view-change', view, certificate, signature }));
    const candidate = this.candidates.get(toHex(certificate.digest));
    // The next leader may lack what is prepared: it gets the payload with the certificate.
    if (candidate !== undefined) {
      this.buffer.send(
        this.leaderOf(view),
        pbftMessage({ kind: 'view-change', view, certificate, signature, ...candidate }),
      );
    }
  }

  private enter(view: number): void {
    this.view = view;
    this.buffer.effect({ type: 'timer', view });
    this.askNext();
    this.tryCommit();
    if (this.leaderOf(view) === this.self) this.lead();
  }

  private vote(kind: 'prepare' | 'commit', view: number, hex: string): void {
    const digest = this.candidateBytes(hex);
    const signature = this.certificates.signVote(kind, view, digest);
    this.buffer.send('all', pbftMessage({ kind, view, digest, signature }));
  }

  private candidateBytes(hex: string): Uint8Array {
    const { proposer, payload } = this.candidates.get(hex)!;
    return digestOf(proposer, payload);
  }

  private viewOf(view: number): View {
    const known = this.views.get(view);
    if (known !== undefined) return known;
    const state: View = {
      digest: undefined,
      prepared: false,
      prepares: new Map(),
      changes: new Map(),
      announced: false,
    };
    this.views.set(view, state);
    return state;
  }

  private blame(by: ValidatorIndex, fault: ConsensusFault, evidence: Record<string, string | number>): void {
    this.buffer.fault({ by, fault, evidence });
  }
}

const digestOf = (proposer: number, payload: Uint8Array): Uint8Array =>
  hashBytes('subset', Uint8Array.of(proposer), payload);

/** The prepared certificate of the highest view among the changes. */
function highest(changes: readonly Change[]): Quorate | undefined {
  let best: Quorate | undefined;
  for (const { prepared } of changes) {
    if (prepared.signatures.length > 0 && (best === undefined || prepared.view > best.view)) best = prepared;
  }
  return best;
}

function add<K>(votes: Map<string, Map<K, Uint8Array>>, key: string, by: K, signature: Uint8Array): void {
  const before = votes.get(key) ?? new Map<K, Uint8Array>();
  before.set(by, signature);
  votes.set(key, before);
}

const signedBy = (votes: ReadonlyMap<ValidatorIndex, Uint8Array>, q: number): Signed[] =>
  [...votes].slice(0, q).map(([by, signature]) => ({ by, signature }));
