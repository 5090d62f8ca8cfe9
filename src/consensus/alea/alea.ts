import { equalBytes } from '../../base/bytes.ts';
import { assert } from '../../base/errors.ts';
import { type ValidatorIndex, validatorIndex } from '../../params/ids.ts';
import { type Quorum, quorumOf } from '../../params/quorum.ts';
import { MAX_ABA_ROUND } from '../../params/sizes.ts';
import { HeldAba } from '../aba/held.ts';
import type { AbaStep } from '../aba/mmr.ts';
import type { Bit } from '../aba/votes.ts';
import type { AcsEffect, AcsOutput, CommonSubset } from '../acs/common-subset.ts';
import { bitmapOf, isBitmapOf, membersOf, type VoteGroup } from '../acs/frame.ts';
import { type Authenticator, Certificates } from '../pbft/certificates.ts';
import { NOTHING, type Step, StepBuffer } from '../step.ts';
import { AleaBuffer, type AleaMessage, aleaMessage } from './messages.ts';
import { Vcbc, type VcbcStep } from './vcbc.ts';

export type AleaStep = Step<AleaMessage, AcsOutput, AcsEffect>;

export interface AleaOptions {
  readonly n: number;
  readonly self: ValidatorIndex;
  readonly height: number;
  readonly authenticator: Authenticator;
  /** Proposals that a height puts out, of different validators: 1 to q = n − f, by default q. */
  readonly proposals?: number;
}

/** Turns over the queues that a height takes at most. */
const TURNS = 2;

/**
 * Alea-BFT for one height: every validator's proposal gets a certificate by a consistent broadcast, and one binary agreement after another
 * decides, queue by queue in turn, whether the proposal at its head is delivered.   [README.md, Alea]
 * Deviation D20: one height a machine: every queue has one place, and the height ends with its first `proposals` deliveries.
 * Deviation D21: 0 is said only when the heads of q other queues are here; a second turn begins when q validators have shown what they hold.
 * Deviation D22: the agreement is first-hand's, and who said 0 fetches the certificate from those who said FIRST.
 * @see Antunes, Oliveira, Breda, Franco, Moniz, Rodrigues, Alea-BFT, NSDI '24 (and arXiv 2202.02071, 2407.14538)
 */
export class AleaBft implements CommonSubset<AleaMessage, AcsEffect> {
  private readonly n: number;
  private readonly self: ValidatorIndex;
  private readonly first: number;
  private readonly wanted: number;
  private readonly quorum: Quorum;
  private readonly buffer = new StepBuffer<AleaMessage, AcsOutput, AcsEffect>();
  private readonly said: AleaBuffer;
  private readonly queues: readonly Vcbc[];
  /** ABA_k of each turn. */
  private readonly agreements: readonly (readonly HeldAba[])[];
  /** Agreements that are over, those that need not be held included. */
  private position = 0;
  /** Queues whose head is delivered, in this order. */
  private readonly chosen: number[] = [];
  private readonly certified = new Set<number>();
  /** LIST of each validator; those of which every certificate is here. */
  private readonly lists: (Uint8Array | undefined)[];
  private readonly complete = new Set<ValidatorIndex>();
  private hasListed = false;
  private done = false;

  constructor({ n, self, height, authenticator, proposals }: AleaOptions) {
    this.n = n;
    this.self = self;
    this.quorum = quorumOf(n);
    this.wanted = proposals ?? this.quorum.q;
    assert(this.wanted >= 1 && this.wanted <= this.quorum.q, 'a height has 1 to n − f proposals');
    this.first = height % n;
    this.said = new AleaBuffer(n);
    const certificates = new Certificates(n, height, authenticator);
    const all = Array.from({ length: n }, (_, k) => validatorIndex(k));
    this.queues = all.map((proposer) => new Vcbc({ n, self, proposer, certificates }));
    this.agreements = Array.from({ length: TURNS }, () => all.map(() => new HeldAba(n)));
    this.lists = new Array(n).fill(undefined);
  }

  /** @throws {ConsensusError} CONSENSUS_INPUT on a second call or a payload too long */
  propose(payload: Uint8Array): AleaStep {
    this.absorb(this.self, this.queues[this.self]!.propose(payload));
    return this.flush();
  }

  handle(from: ValidatorIndex, message: AleaMessage): AleaStep {
    const { kind, proposer } = message;
    if (kind === 'votes') {
      for (const group of message.frame.votes) this.onVotes(from, group);
    } else if (kind === 'list') this.onList(from, message.bytes);
    else if (proposer < this.n) this.absorb(proposer, this.queues[proposer]!.handle(from, message));
    else this.outOfRange(from, proposer);
    return this.flush();
  }

  /** @throws {BaseError} ASSERTION without an effect, or for a second answer */
  validated(proposer: ValidatorIndex, ok: boolean): AleaStep {
    this.absorb(proposer, this.queues[proposer]!.validated(ok));
    return this.flush();
  }

  /** The coin of a vote's round: 2r + t for round r of the agreement of turn t. */
  coin(instance: ValidatorIndex, round: number, bit: Bit): AleaStep {
    const turn = round % TURNS;
    this.absorbVotes(instance, turn, this.agreements[turn]![instance]!.coin((round - turn) / TURNS, bit));
    this.advance();
    return this.flush();
  }

  status() {
    return {
      done: this.done,
      closed: this.done && this.agreements.flat().every(({ input, closed }) => input === undefined || closed),
      agreements: this.position,
      chosen: this.chosen.length,
      certified: this.certified.size,
    };
  }

  /** A step of a broadcast. With a new certificate a refused agreement hears 1, and lists may be complete. */
  private absorb(k: number, step: VcbcStep): void {
    for (const { to, message } of step.sends) this.said.send(to, message);
    for (const effect of step.effects) this.buffer.effect(effect);
    for (const fault of step.faults) this.buffer.faultOnce(fault);
    const queue = this.queues[k]!;
    if (queue.isCertified && !this.certified.has(k)) {
      this.certified.add(k);
      for (let turn = 0; turn < TURNS; turn++) {
        const agreement = this.agreements[turn]![k]!;
        if (agreement.input === 0) this.absorbVotes(k, turn, agreement.propose(1));
      }
      if (this.chosen.includes(k)) this.bringIn(k);
      this.completeLists();
      this.advance();
    }
    this.tryOutput();
  }

  /** Goes through the agreements, one after the other, as far as they are decided. */
  private advance(): void {
    while (!this.done && this.chosen.length < this.wanted && this.position < TURNS * this.n) {
      const turn = Math.floor(this.position / this.n);
      const k = (this.first + this.position) % this.n;
      const agreement = this.agreements[turn]![k]!;
      if (!this.chosen.includes(k)) {
        if (agreement.input === undefined && !this.enter(turn, k)) return;
        if (agreement.decided === undefined) return;
        if (agreement.decided === 1) this.deliver(k);
      }
      this.position += 1;
    }
  }

  /** Gives an agreement its input, if there is one to give: 1 with the certificate, 0 when it is slower than q others. */
  private enter(turn: number, k: number): boolean {
    if (turn > 0 && !this.mayTurn()) return false;
    const isHere = this.certified.has(k);
    if (!isHere && this.certified.size < this.quorum.q) return false;
    const agreement = this.agreements[turn]![k]!;
    this.absorbVotes(k, turn, agreement.propose(isHere ? 1 : 0));
    for (const { from, vote } of agreement.take()) this.receive(from, k, turn, vote);
    return true;
  }

  /** Before the second turn LIST is said, once, and q complete ones are waited for: then there is enough that f + 1 correct validators hold. */
  private mayTurn(): boolean {
    if (!this.hasListed) {
      this.hasListed = true;
      this.said.send('all', aleaMessage({ kind: 'list', bytes: bitmapOf(this.n, this.certified) }));
    }
    return this.complete.size >= this.quorum.q;
  }

  private onList(from: ValidatorIndex, bytes: Uint8Array): void {
    if (this.done) return;
    const before = this.lists[from];
    if (before !== undefined) {
      if (!equalBytes(before, bytes))
        this.buffer.faultOnce({ by: from, fault: 'ALEA_EQUIVOCATION', evidence: { proposer: from } });
      return;
    }
    if (!isBitmapOf(this.n, bytes) || membersOf(bytes).length < this.quorum.q) {
      this.buffer.faultOnce({
        by: from,
        fault: 'ALEA_MALFORMED',
        evidence: { kind: 'list', proposer: from },
      });
      return;
    }
    this.lists[from] = bytes;
    for (const k of membersOf(bytes)) this.absorb(k, this.queues[k]!.seek([from]));
    this.completeLists();
    this.advance();
  }

  private completeLists(): void {
    for (const [from, list] of this.lists.entries()) {
      if (list !== undefined && membersOf(list).every((k) => this.certified.has(k)))
        this.complete.add(validatorIndex(from));
    }
  }

  private onVotes(from: ValidatorIndex, group: VoteGroup): void {
    const { kind, values, instances } = group;
    if (!isBitmapOf(this.n, instances)) return this.outOfRange(from, instances.length);
    const turn = group.round % TURNS;
    const vote = { kind, values, round: (group.round - turn) / TURNS };
    for (const k of membersOf(instances)) this.receive(from, k, turn, vote);
    this.advance();
  }

  /** A vote. Who says FIRST holds the certificate: f + 1 of them are asked for it by one that said 0. */
  private receive(from: ValidatorIndex, k: number, turn: number, vote: Omit<VoteGroup, 'instances'>): void {
    const agreement = this.agreements[turn]![k]!;
    const step = agreement.handle(from, vote);
    if (step === undefined) return;
    this.absorbVotes(k, turn, step);
    const queue = this.queues[k]!;
    const isLacking = vote.kind === 'first' && !queue.isCertified && !agreement.closed;
    if (isLacking && queue.seeks <= this.quorum.f) this.absorb(k, queue.seek([from]));
  }

  private absorbVotes(k: number, turn: number, step: AbaStep): void {
    if (step === NOTHING) return;
    const instance = validatorIndex(k);
    for (const { message } of step.sends) {
      const round = TURNS * message.round + turn;
      // No correct validator gets there: each real coin ends an agreement with probability ½.
      if (round <= MAX_ABA_ROUND) this.said.votes.vote(instance, { ...message, round });
    }
    for (const fault of step.faults)
      this.buffer.faultOnce({ ...fault, evidence: { instance, turn, ...fault.evidence } });
    for (const { round } of step.effects)
      this.buffer.effect({ type: 'coin', instance, round: TURNS * round + turn });
  }

  /** ABA_k decided 1. */
  private deliver(k: number): void {
    this.chosen.push(k);
    this.bringIn(k);
    this.tryOutput();
  }

  /** A correct validator held the certificate before 1 was decided, and f + 1 of those that signed it hold the proposal. */
  private bringIn(k: number): void {
    const queue = this.queues[k]!;
    const all = this.queues.map((_, peer) => validatorIndex(peer));
    this.absorb(k, queue.isCertified ? queue.fillGap() : queue.seek(all));
  }

  private tryOutput(): void {
    if (this.done || this.chosen.length < this.wanted) return;
    const payloads = [...this.chosen]
      .sort((a, b) => a - b)
      .map((k) => ({ proposer: validatorIndex(k), payload: this.queues[k]!.payload }));
    if (!payloads.every(isWhole)) return;
    this.done = true;
    this.buffer.output({ type: 'acs', payloads });
  }

  private flush(): AleaStep {
    for (const { to, message } of this.said.take()) this.buffer.send(to, message);
    return this.buffer.take();
  }

  private outOfRange(by: ValidatorIndex, index: number): void {
    this.buffer.faultOnce({ by, fault: 'ACS_INDEX_OUT_OF_RANGE', evidence: { index } });
  }
}

const isWhole = (proposal: {
  readonly proposer: ValidatorIndex;
  readonly payload: Uint8Array | undefined;
}): proposal is { readonly proposer: ValidatorIndex; readonly payload: Uint8Array } =>
  proposal.payload !== undefined;

/** One step for many, their votes merged to one message a destination. */
export function mergeAlea(n: number, steps: readonly AleaStep[]): AleaStep {
  const said = new AleaBuffer(n);
  const buffer = new StepBuffer<AleaMessage, AcsOutput, AcsEffect>();
  for (const step of steps) {
    for (const { to, message } of step.sends) said.send(to, message);
    for (const output of step.outputs) buffer.output(output);
    for (const effect of step.effects) buffer.effect(effect);
    for (const fault of step.faults) buffer.fault(fault);
  }
  for (const { to, message } of said.take()) buffer.send(to, message);
  return buffer.take();
}
