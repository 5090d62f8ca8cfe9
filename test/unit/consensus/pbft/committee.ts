import { type PbftMessage, pbftMessage } from '../../../../src/consensus/pbft/messages.ts';
import { Pbft, type PbftStep } from '../../../../src/consensus/pbft/pbft.ts';
import { validatorIndex as at, type ValidatorIndex } from '../../../../src/params/ids.ts';
import { oracleSignatures } from '../../../../src/sim/oracle-signatures.ts';

export const SEED = 9;
export const payloadOf = (i: number): Uint8Array => Uint8Array.of(i, 77);
/** A payload that the predicate refuses. */
export const REFUSED = Uint8Array.of(0xff);

interface Sent {
  readonly from: ValidatorIndex;
  readonly to: ValidatorIndex;
  readonly message: PbftMessage;
}

/** PBFT machines of height 0, whose leaders are 0, 1, 2 …, and what is on its way between them. */
export class PbftCommittee {
  readonly machines: Pbft[];
  readonly decided: (string | undefined)[];
  readonly faults: { by: number; at: number; fault: string }[] = [];
  /** Views whose clock runs, by validator; only the last matters. */
  readonly timers: (number | undefined)[];
  pending: Sent[] = [];
  /** Message delays of the last decision, with `rounds`. */
  delays = 0;

  constructor(n: number) {
    this.machines = Array.from({ length: n }, (_, i) => open(n, i));
    this.decided = new Array(n).fill(undefined);
    this.timers = new Array(n).fill(undefined);
  }

  propose(...who: readonly number[]): void {
    for (const i of who) this.perform(i, this.machines[i]!.propose(payloadOf(i)));
  }

  /** Delivers all that passes, in order, and what follows from it. What does not pass stays. */
  rounds(passes: (sent: Sent) => boolean = () => true): void {
    for (let delay = 1; this.pending.some(passes); delay++) {
      const now = this.pending.filter(passes);
      this.pending = this.pending.filter((sent) => !passes(sent));
      for (const sent of now) {
        const before = this.decided.filter((each) => each !== undefined).length;
        this.deliver(sent);
        if (this.decided.filter((each) => each !== undefined).length > before) this.delays = delay;
      }
    }
  }

  deliver({ from, to, message }: Sent): void {
    this.perform(to, this.machines[to]!.handle(from, message));
  }

  timeout(...who: readonly number[]): void {
    for (const i of who) this.perform(i, this.machines[i]!.timeout(this.timers[i] ?? 0));
  }

  private perform(i: number, { sends, outputs, effects, faults }: PbftStep): void {
    for (const { to, message } of sends) {
      for (let peer = 0; peer < this.machines.length; peer++) {
        if (to === 'all' || to === peer) this.pending.push({ from: at(i), to: at(peer), message });
      }
    }
    for (const { payloads } of outputs) {
      if (this.decided[i] !== undefined) throw new Error(`${i} decides twice`);
      this.decided[i] = payloads.map(({ proposer, payload }) => `${proposer}:${payload.join()}`).join();
    }
    for (const { by, fault } of faults) this.faults.push({ by, at: i, fault });
    for (const effect of effects) {
      if (effect.type === 'timer') this.timers[i] = effect.view;
      else if (effect.type === 'validate') {
        const isValid = effect.payload[0] !== REFUSED[0];
        this.perform(i, this.machines[i]!.validated(effect.proposer, isValid));
      }
    }
  }
}

export const open = (n: number, self: number): Pbft =>
  new Pbft({ n, self: at(self), height: 0, authenticator: oracleSignatures(SEED, at(self)) });

/** The PRE-PREPARE of a leader for any payload of its. */
export const prePrepare = (leader: number, payload: Uint8Array): PbftMessage =>
  pbftMessage({ kind: 'pre-prepare', view: 0, proposer: leader, payload });
