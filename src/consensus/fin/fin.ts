import { equalBytes } from '../../base/bytes.ts';
import { assert } from '../../base/errors.ts';
import { type ValidatorIndex, validatorIndex } from '../../params/ids.ts';
import { type Quorum, quorumOf } from '../../params/quorum.ts';
import { HeldAba } from '../aba/held.ts';
import type { AbaStep } from '../aba/mmr.ts';
import type { Bit } from '../aba/votes.ts';
import type { AcsEffect, AcsOutput, CommonSubset, ElectEffect } from '../acs/common-subset.ts';
import { bitmapOf, isBitmapOf, membersOf, type VoteGroup } from '../acs/frame.ts';
import type { Broadcast, RbcStep } from '../rbc/broadcast.ts';
import { digestBroadcast } from '../rbc/digest.ts';
import type { RbcMessage } from '../rbc/messages.ts';
import { NOTHING, type Step, StepBuffer } from '../step.ts';
import { FinBuffer, type FinMessage } from './messages.ts';

export type FinEffect = AcsEffect | ElectEffect;
export type FinStep = Step<FinMessage, AcsOutput, FinEffect>;

/**
 * FIN: a common subset in a constant number of rounds, whatever n: the proposals are broadcast, then what each validator has got of
 * them, and one agreement after another decides about the set of a validator that is drawn by lot.   [README.md, FIN]
 * Deviation D16: sets are broadcast reliably, so that nobody sends the value of the chosen one again.
 * Deviation D17: a validator is drawn once at most; so n draws are always enough, and the agreement is named by who was drawn.
 * Deviation D18: the repropose-able agreement is the one of first-hand.
 * @see Duan, Wang, Zhang, FIN, CCS '23 (eprint 2023/154)
 */
export class FinAcs implements CommonSubset<FinMessage, FinEffect> {
  private readonly n: number;
  private readonly self: ValidatorIndex;
  private readonly quorum: Quorum;
  private readonly buffer = new StepBuffer<FinMessage, AcsOutput, FinEffect>();
  private readonly said: FinBuffer;
  private readonly values: readonly Broadcast[];
  private readonly sets: readonly Broadcast[];
  /** RABA_k: whether the index set of k, once it is drawn, is taken. */
  private readonly rabas: readonly HeldAba[];
  private readonly payloads: (Uint8Array | undefined)[];
  private readonly verdicts: (boolean | undefined)[];
  /** PROPOSE of a set that waits until all that it names is here. */
  private readonly offered: (RbcMessage | undefined)[];
  private readonly delivered: (Uint8Array | undefined)[];
  private readonly picks = new Map<number, number>();
  /** Who has been drawn, in order. */
  private readonly drawn: ValidatorIndex[] = [];
  private hasOffered = false;
  private asksFor = -1;
  private chosen: ValidatorIndex | undefined;
  private done = false;

  constructor({ n, self }: { readonly n: number; readonly self: ValidatorIndex }) {
    const all = Array.from({ length: n }, (_, j) => validatorIndex(j));
    this.n = n;
    this.self = self;
    this.quorum = quorumOf(n);
    this.said = new FinBuffer(n);
    this.values = all.map((proposer) => digestBroadcast({ n, self, proposer }));
    this.sets = all.map((proposer) => digestBroadcast({ n, self, proposer }));
    this.rabas = all.map(() => new HeldAba(n));
    this.payloads = new Array(n).fill(undefined);
    this.verdicts = new Array(n).fill(undefined);
    this.offered = new Array(n).fill(undefined);
    this.delivered = new Array(n).fill(undefined);
  }

  /** @throws {ConsensusError} CONSENSUS_INPUT on a second call or a payload too long */
  propose(payload: Uint8Array): FinStep {
    this.absorbValue(this.self, this.values[this.self]!.propose(payload));
    return this.flush();
  }

  handle(from: ValidatorIndex, { proposals, sets }: FinMessage): FinStep {
    for (const part of proposals.rbc) {
      const broadcast = this.values[part.proposer];
      if (broadcast === undefined) this.outOfRange(from, part.proposer);
      else this.absorbValue(part.proposer, broadcast.handle(from, part));
    }
    for (const part of sets.rbc) {
      if (this.sets[part.proposer] === undefined) this.outOfRange(from, part.proposer);
      else if (part.kind === 'propose' && from === part.proposer) this.onOffer(from, part);
      else this.absorbSet(part.proposer, this.sets[part.proposer]!.handle(from, part));
    }
    for (const group of proposals.votes) {
      if (isBitmapOf(this.n, group.instances)) this.onVotes(from, group);
      else this.outOfRange(from, group.instances.length);
    }
    return this.flush();
  }

  validated(proposer: ValidatorIndex, ok: boolean): FinStep {
    assert(this.payloads[proposer] !== undefined, 'the predicate is evaluated on a delivered payload');
    assert(this.verdicts[proposer] === undefined, 'the predicate is answered once');
    this.verdicts[proposer] = ok;
    if (ok) this.onValid();
    else this.buffer.faultOnce({ by: proposer, fault: 'ACS_PROPOSAL_INVALID', evidence: { proposer } });
    return this.flush();
  }

  coin(instance: ValidatorIndex, round: number, bit: Bit): FinStep {
    this.absorbVotes(instance, this.rabas[instance]!.coin(round, bit));
    return this.flush();
  }

  /** The lot of a round, as soon as the owner knows it: a number below n - round. */
  elected(round: number, pick: number): FinStep {
    assert((this.picks.get(round) ?? pick) === pick, 'a lot has one value');
    this.picks.set(round, pick);
    this.draw();
    return this.flush();
  }

  status() {
    return {
      done: this.done,
      closed: this.done && this.drawn.every((k) => this.rabas[k]!.closed),
      drawn: this.drawn.length,
      chosen: this.chosen,
      sets: this.delivered.filter((set) => set !== undefined).length,
    };
  }

  /** Something became valid: with q of them the own set is broadcast, once; sets of others may be complete now. */
  private onValid(): void {
    const valid = this.verdicts.flatMap((ok, j) => (ok === true ? [j] : []));
    if (!this.hasOffered && valid.length >= this.quorum.q) {
      this.hasOffered = true;
      this.absorbSet(this.self, this.sets[this.self]!.propose(bitmapOf(this.n, valid)));
    }
    for (let j = 0; j < this.n; j++) this.tryEcho(validatorIndex(j));
    this.tryOutput();
  }

  /** PROPOSE(S) of a set: q proposals of this committee at least; the first one counts. */
  private onOffer(from: ValidatorIndex, part: RbcMessage): void {
    const before = this.offered[from];
    if (!isBitmapOf(this.n, part.bytes) || membersOf(part.bytes).length < this.quorum.q) {
      this.buffer.faultOnce({ by: from, fault: 'FIN_SET_MALFORMED', evidence: { bytes: part.bytes.length } });
    } else if (before === undefined) {
      this.offered[from] = part;
      this.tryEcho(from);
    } else if (!equalBytes(before.bytes, part.bytes)) {
      this.buffer.faultOnce({ by: from, fault: 'RBC_PROPOSE_EQUIVOCATION', evidence: { proposer: from } });
    }
  }

  /** A set is echoed when all that it names was delivered here and is valid: so it is at everybody in the end. */
  private tryEcho(j: ValidatorIndex): void {
    const part = this.offered[j];
    if (part === undefined || !membersOf(part.bytes).every((i) => this.verdicts[i] === true)) return;
    this.absorbSet(j, this.sets[j]!.handle(j, part));
  }

  private absorbValue(j: ValidatorIndex, step: RbcStep): void {
    if (step === NOTHING) return;
    for (const { to, message } of step.sends) this.said.proposals.part(to, message);
    for (const fault of step.faults) this.buffer.faultOnce(fault);
    for (const output of step.outputs) {
      if (output.type !== 'deliver') continue;
      this.payloads[j] = output.payload;
      this.buffer.effect({ type: 'validate', proposer: j, payload: output.payload });
    }
  }

  private absorbSet(j: ValidatorIndex, step: RbcStep): void {
    if (step === NOTHING) return;
    for (const { to, message } of step.sends) this.said.sets.part(to, message);
    for (const fault of step.faults) this.buffer.faultOnce(fault);
    for (const output of step.outputs) if (output.type === 'deliver') this.onSet(j, output.payload);
  }

  /** A set was delivered: raba-repropose(1) if it was refused; with n − f of them the first lot is drawn. */
  private onSet(j: ValidatorIndex, set: Uint8Array): void {
    this.delivered[j] = set;
    const raba = this.rabas[j]!;
    if (raba.input === 0) this.absorbVotes(j, raba.propose(1));
    if (this.delivered.filter((each) => each !== undefined).length === this.quorum.q) this.ask();
    this.tryOutput();
  }

  /** Election(r): the own share of the lot is released now. Nobody is left after n of them only if more than f are Byzantine. */
  private ask(): void {
    if (this.drawn.length === this.n) return;
    this.asksFor = this.drawn.length;
    this.buffer.effect({ type: 'elect', round: this.asksFor });
    this.draw();
  }

  /** The lot of the round that was asked for: raba-propose(1) for a set that is here, else raba-propose(0). */
  private draw(): void {
    const pick = this.picks.get(this.drawn.length);
    if (pick === undefined || this.asksFor !== this.drawn.length) return;
    const left = this.values.flatMap((_, j) =>
      this.drawn.includes(validatorIndex(j)) ? [] : [validatorIndex(j)],
    );
    const k = left[pick]!;
    this.drawn.push(k);
    const raba = this.rabas[k]!;
    this.absorbVotes(k, raba.propose(this.delivered[k] === undefined ? 0 : 1));
    for (const { from, vote } of raba.take()) this.absorbVotes(k, raba.handle(from, vote)!);
  }

  private onVotes(from: ValidatorIndex, group: VoteGroup): void {
    for (const k of membersOf(group.instances)) {
      const step = this.rabas[k]!.handle(from, group);
      if (step !== undefined) this.absorbVotes(k, step);
    }
  }

  private absorbVotes(k: ValidatorIndex, step: AbaStep): void {
    if (step === NOTHING) return;
    for (const { message } of step.sends) this.said.proposals.vote(k, message);
    for (const fault of step.faults)
      this.buffer.faultOnce({ ...fault, evidence: { instance: k, ...fault.evidence } });
    for (const { round } of step.effects) this.buffer.effect({ type: 'coin', instance: k, round });
    for (const output of step.outputs) {
      if (output.type !== 'decide') continue;
      if (output.bit === 1) this.chosen = k;
      else this.ask();
    }
    this.tryOutput();
  }

  /** The chosen set is here, and all that it names. */
  private tryOutput(): void {
    const set = this.chosen === undefined ? undefined : this.delivered[this.chosen];
    if (this.done || set === undefined) return;
    const members = membersOf(set);
    if (!members.every((j) => this.payloads[j] !== undefined)) return;
    this.done = true;
    const payloads = members.map((proposer) => ({ proposer, payload: this.payloads[proposer]! }));
    this.buffer.output({ type: 'acs', payloads });
  }

  private flush(): FinStep {
    for (const { to, message } of this.said.take()) this.buffer.send(to, message);
    return this.buffer.take();
  }

  private outOfRange(by: ValidatorIndex, index: number): void {
    this.buffer.faultOnce({ by, fault: 'ACS_INDEX_OUT_OF_RANGE', evidence: { index } });
  }
}

/** One step for many, their messages merged to one a destination. */
export function mergeFin(n: number, steps: readonly FinStep[]): FinStep {
  const said = new FinBuffer(n);
  const buffer = new StepBuffer<FinMessage, AcsOutput, FinEffect>();
  for (const step of steps) {
    for (const { to, message } of step.sends) said.message(to, message);
    for (const output of step.outputs) buffer.output(output);
    for (const effect of step.effects) buffer.effect(effect);
    for (const fault of step.faults) buffer.fault(fault);
  }
  for (const { to, message } of said.take()) buffer.send(to, message);
  return buffer.take();
}
