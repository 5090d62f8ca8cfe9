import { assert } from '../../base/errors.ts';
import type { State } from '../../base/state-codec.ts';
import { type ValidatorIndex, validatorIndex } from '../../params/ids.ts';
import { type Quorum, quorumOf } from '../../params/quorum.ts';
import { MAX_VALIDATORS } from '../../params/sizes.ts';
import { type AbaState, type AbaStep, MmrAba } from '../aba/mmr.ts';
import type { AbaRules } from '../aba/rules.ts';
import type { Bit } from '../aba/votes.ts';
import { ConsensusError } from '../errors.ts';
import type { Fault } from '../faults.ts';
import type { Broadcast, BroadcastFactory, RbcStep } from '../rbc/broadcast.ts';
import { digestBroadcast } from '../rbc/digest.ts';
import { NOTHING, StepBuffer } from '../step.ts';
import type { AcsEffect, AcsOutput, AcsProposal, AcsStep, CommonSubset } from './common-subset.ts';
import { type AcsMessage, FrameBuffer, isBitmapOf, type VoteGroup } from './frame.ts';

export interface SubsetOptions {
  /** Validators, 1 … MAX_VALIDATORS. */
  readonly n: number;
  /** The own index. */
  readonly self: ValidatorIndex;
  /** Which broadcast carries the proposals: the digest one if it is not given. */
  readonly broadcast?: BroadcastFactory;
}

/** What the common subsets share, as plain data; lists go by proposer. */
export type SubsetState = {
  readonly broadcasts: readonly State[];
  readonly agreements: readonly AbaState[];
  readonly payloads: readonly (Uint8Array | undefined)[];
  readonly verdicts: readonly (boolean | undefined)[];
  readonly hasInput: readonly boolean[];
  readonly done: boolean;
};

/**
 * What the common subsets share: n reliable broadcasts, n binary agreements, one frame for all they say, the output.
 * When an agreement gets a 0, and when a refused broadcast ends, is the protocol's.   [README.md, Common subset]
 */
export abstract class SubsetMachine implements CommonSubset<AcsMessage, AcsEffect> {
  private readonly n: number;
  private readonly self: ValidatorIndex;
  protected readonly quorum: Quorum;
  private readonly buffer = new StepBuffer<AcsMessage, AcsOutput, AcsEffect>();
  private readonly frames: FrameBuffer;
  private readonly rules: AbaRules;
  private readonly broadcastOf: (j: number, state?: State) => Broadcast;
  private broadcasts: Broadcast[];
  private agreements: MmrAba[];
  private payloads: (Uint8Array | undefined)[];
  /** Answers of the predicate, by proposer. */
  private verdicts: (boolean | undefined)[];
  private hasInput: boolean[];
  /** Agreements that decided 1. */
  protected ones = 0;
  private undecided: number;
  /** Agreements that decided 1 whose broadcast has not delivered. */
  private missing = 0;
  private done = false;

  /** @throws {ConsensusError} CONSENSUS_INPUT if n or self is out of range */
  constructor({ n, self, broadcast = digestBroadcast }: SubsetOptions, rules: AbaRules) {
    if (!Number.isInteger(n) || n < 1 || n > MAX_VALIDATORS || !inRange(self, n)) {
      throw new ConsensusError('CONSENSUS_INPUT', `no validator ${self} in a committee of ${n}`, { n, self });
    }
    this.n = n;
    this.self = self;
    this.quorum = quorumOf(n);
    this.frames = new FrameBuffer(n);
    this.payloads = new Array(n).fill(undefined);
    this.verdicts = new Array(n).fill(undefined);
    this.hasInput = new Array(n).fill(false);
    this.undecided = n;
    this.rules = rules;
    this.broadcastOf = (j, state) => broadcast({ n, self, proposer: validatorIndex(j) }, state);
    this.broadcasts = Array.from({ length: n }, (_, j) => this.broadcastOf(j));
    this.agreements = Array.from({ length: n }, () => new MmrAba({ n, rules }));
  }

  /** May share memory with the machine: encode it before the next input. */
  state(): SubsetState {
    const { payloads, verdicts, hasInput, done } = this;
    return {
      broadcasts: this.broadcasts.map((broadcast) => broadcast.state()),
      agreements: this.agreements.map((agreement) => agreement.state()),
      payloads,
      verdicts,
      hasInput,
      done,
    };
  }

  /** Makes a new machine the one that gives for every input the step which the one of the state would have given. */
  protected load(state: SubsetState): void {
    const { n, rules } = this;
    this.broadcasts = state.broadcasts.map((each, j) => this.broadcastOf(j, each));
    this.agreements = state.agreements.map((each) => MmrAba.restore({ n, rules }, each));
    this.payloads = [...state.payloads];
    this.verdicts = [...state.verdicts];
    this.hasInput = [...state.hasInput];
    this.done = state.done;
    const isOne = this.agreements.map(({ decided }) => decided === 1);
    this.ones = isOne.filter((is) => is).length;
    this.missing = isOne.filter((is, j) => is && this.payloads[j] === undefined).length;
    this.undecided = this.agreements.filter(({ decided }) => decided === undefined).length;
  }

  /**
   * Proposes, once. Before it, and without it, the machine takes part in what others propose.
   * @param payload public, at most MAX_PAYLOAD_BYTES; the predicate must hold for it
   * @throws {ConsensusError} CONSENSUS_INPUT on a second call or a payload too long
   */
  propose(payload: Uint8Array): AcsStep {
    this.absorbBroadcast(this.self, this.broadcasts[this.self]!.propose(payload));
    return this.flush();
  }

  /**
   * A peer's frame.
   * @param from    who sent it, authenticated by the channel
   * @param message hostile; the result of `decodeAcsMessage`
   */
  handle(from: ValidatorIndex, message: AcsMessage): AcsStep {
    assert(inRange(from, this.n), 'the channel names a validator of this committee');
    for (const part of message.rbc) {
      const broadcast = this.broadcasts[part.proposer];
      if (broadcast === undefined)
        this.buffer.faultOnce({
          by: from,
          fault: 'ACS_INDEX_OUT_OF_RANGE',
          evidence: { index: part.proposer },
        });
      else this.absorbBroadcast(part.proposer, broadcast.handle(from, part));
    }
    for (const group of message.votes) {
      // One that is not is one fault, whatever it names.
      if (isBitmapOf(this.n, group.instances)) this.receiveVotes(from, group);
      else
        this.buffer.faultOnce({
          by: from,
          fault: 'ACS_INDEX_OUT_OF_RANGE',
          evidence: { bytes: group.instances.length },
        });
    }
    return this.flush();
  }

  /**
   * The predicate's answer for a payload of a `validate` effect: ABA_j gets input 1 only now, and only if it holds.
   * @throws {BaseError} ASSERTION without an effect, or for a second answer
   */
  validated(proposer: ValidatorIndex, ok: boolean): AcsStep {
    assert(this.payloads[proposer] !== undefined, 'the predicate is evaluated on a delivered payload');
    assert(this.verdicts[proposer] === undefined, 'the predicate is answered once');
    this.verdicts[proposer] = ok;
    if (ok) this.input(proposer, 1);
    else this.buffer.faultOnce({ by: proposer, fault: 'ACS_PROPOSAL_INVALID', evidence: { proposer } });
    return this.flush();
  }

  /**
   * The coin of one round of one agreement, as soon as the owner knows it; also before its effect.
   * @throws {BaseError} ASSERTION if it contradicts an earlier answer
   */
  coin(instance: ValidatorIndex, round: number, bit: Bit): AcsStep {
    const agreement = this.agreements[instance];
    assert(agreement !== undefined, 'a coin belongs to an agreement of this committee');
    this.absorbVotes(instance, agreement.coin(round, bit));
    return this.flush();
  }

  /** The round that an agreement is in; undefined if it is closed, or none of this committee. */
  roundOf(instance: ValidatorIndex): number | undefined {
    const agreement = this.agreements[instance];
    return agreement === undefined || agreement.closed ? undefined : agreement.currentRound;
  }

  /** Asks again for payloads that were pulled and did not come. */
  resend(): AcsStep {
    this.broadcasts.forEach((broadcast, j) => {
      this.absorbBroadcast(validatorIndex(j), broadcast.resend());
    });
    return this.flush();
  }

  /** What the subset waits for, by instance. `closed`: nothing this validator could still send is needed by votes. */
  status() {
    return {
      done: this.done,
      closed: this.done && this.agreements.every((agreement) => agreement.closed),
      undecided: this.undecided,
      ones: this.ones,
      missingPayloads: this.missing,
      instances: this.agreements.map((agreement, j) => ({
        broadcast: this.broadcasts[j]!.status(),
        verdict: this.verdicts[j],
        agreement: agreement.status(),
      })),
    };
  }

  private receiveVotes(from: ValidatorIndex, group: VoteGroup): void {
    const { instances } = group;
    for (let i = 0; i < instances.length; i++) {
      for (let byte = instances[i]!; byte !== 0; byte &= byte - 1) {
        const j = validatorIndex(8 * i + 31 - Math.clz32(byte & -byte));
        this.receiveVote(j, this.agreements[j]!, from, group);
      }
    }
  }

  private receiveVote(j: ValidatorIndex, agreement: MmrAba, from: ValidatorIndex, vote: VoteGroup): void {
    this.absorbVotes(j, agreement.handle(from, vote));
    if (vote.kind === 'term' && agreement.closed && agreement.decided === 0) this.endBroadcast(j);
  }

  private absorbBroadcast(j: ValidatorIndex, step: RbcStep): void {
    if (step === NOTHING) return;
    for (const { to, message } of step.sends) this.frames.part(to, message);
    for (const fault of step.faults) this.buffer.faultOnce(fault);
    for (const output of step.outputs) if (output.type === 'deliver') this.onDelivered(j, output.payload);
  }

  private absorbVotes(j: ValidatorIndex, step: AbaStep): void {
    if (step === NOTHING) return;
    for (const { message } of step.sends) this.frames.vote(j, message);
    for (const fault of step.faults) this.buffer.faultOnce(withInstance(fault, j));
    for (const { round } of step.effects) this.buffer.effect({ type: 'coin', instance: j, round });
    for (const output of step.outputs) {
      if (output.type === 'decide') this.onDecided(j, output.bit);
      else this.onSure(j);
    }
  }

  /** RBC_j delivered: the predicate is asked, also when the vote is over, for the owner will need what it checks. */
  private onDelivered(j: ValidatorIndex, payload: Uint8Array): void {
    this.payloads[j] = payload;
    this.buffer.effect({ type: 'validate', proposer: j, payload });
    if (this.agreements[j]!.decided === 1) {
      this.missing -= 1;
      this.tryOutput();
    }
  }

  private onDecided(j: ValidatorIndex, bit: Bit): void {
    this.undecided -= 1;
    if (bit === 1) {
      this.ones += 1;
      if (this.payloads[j] === undefined) this.missing += 1;
    }
    this.afterDecision(j, bit);
    this.tryOutput();
  }

  /** ABA_j decided: the protocol may give zeros now, and end a broadcast. */
  protected abstract afterDecision(j: ValidatorIndex, bit: Bit): void;

  /** ABA_j holds 2f + 1 FIRST. */
  protected abstract onSure(j: ValidatorIndex): void;

  /** RBC_j is not needed any more: ABA_j decided 0, and whoever still needs a part in it has it. */
  protected endBroadcast(j: ValidatorIndex): void {
    this.broadcasts[j]!.close();
  }

  /** Input 0 to every agreement that has none. */
  protected refuseTheRest(): void {
    for (let k = 0; k < this.n; k++) {
      if (!this.hasInput[k]) this.input(validatorIndex(k), 0);
    }
  }

  private input(j: ValidatorIndex, bit: Bit): void {
    this.hasInput[j] = true;
    this.absorbVotes(j, this.agreements[j]!.input(bit));
  }

  /**
   * All n decided and the payloads of the ones are here. Fewer than q ones show that more than f validators are Byzantine: then nothing
   * is put out.
   */
  private tryOutput(): void {
    if (this.done || this.undecided > 0 || this.missing > 0 || this.ones < this.quorum.q) return;
    this.done = true;
    const payloads: AcsProposal[] = [];
    this.agreements.forEach((agreement, j) => {
      if (agreement.decided === 1) payloads.push({ proposer: validatorIndex(j), payload: this.payloads[j]! });
    });
    this.buffer.output({ type: 'acs', payloads });
  }

  private flush(): AcsStep {
    for (const { to, message } of this.frames.take()) this.buffer.send(to, message);
    return this.buffer.take();
  }
}

const inRange = (index: number, n: number): boolean => Number.isInteger(index) && index >= 0 && index < n;
const withInstance = (fault: Fault, instance: ValidatorIndex): Fault => ({
  ...fault,
  evidence: { instance, ...fault.evidence },
});
