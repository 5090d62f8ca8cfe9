import type { ValidatorIndex } from '../../params/ids.ts';
import type { Bit } from '../aba/votes.ts';
import { type Step, StepBuffer } from '../step.ts';
import { type AcsMessage, FrameBuffer } from './frame.ts';

export interface AcsProposal {
  readonly proposer: ValidatorIndex;
  readonly payload: Uint8Array;
}

/** The common subset: at least q valid proposals, ascending by proposer, the same at every correct validator. */
export interface AcsOutput {
  readonly type: 'acs';
  readonly payloads: readonly AcsProposal[];
}

export type AcsEffect =
  /** Evaluate the validity predicate and answer with `validated`. The answer may take any time. */
  | { readonly type: 'validate'; readonly proposer: ValidatorIndex; readonly payload: Uint8Array }
  /** Release the own share of this coin now, and not before; answer with `coin` once the coin is known. */
  | { readonly type: 'coin'; readonly instance: ValidatorIndex; readonly round: number };

/** Answer with `timeout` after the base time-out doubled `doublings` times. Only the baselines with a leader have a clock. */
export interface TimerEffect {
  readonly type: 'timer';
  readonly view: number;
  /** As often as the number of the view, if it is not given. */
  readonly doublings?: number;
}

/** Release the own share of the lot of this round now, and not before; answer with `elected` once it is known. Only FIN draws lots. */
export interface ElectEffect {
  readonly type: 'elect';
  readonly round: number;
}

/**
 * A common subset at one validator, whichever protocol computes it.
 * @template M its messages  @template E its effects, `validate` and `coin` among them
 */
export interface CommonSubset<M, E> {
  /** Proposes, once. */
  propose(payload: Uint8Array): Step<M, AcsOutput, E>;
  /** A peer's message, hostile; `from` is authenticated by the channel. */
  handle(from: ValidatorIndex, message: M): Step<M, AcsOutput, E>;
  /** The answer to `validate`. */
  validated(proposer: ValidatorIndex, ok: boolean): Step<M, AcsOutput, E>;
  /** The answer to `coin`. */
  coin(instance: ValidatorIndex, round: number, bit: Bit): Step<M, AcsOutput, E>;
  /** The answer to `timer`. */
  timeout?(view: number): Step<M, AcsOutput, E>;
  /** The answer to `elect`: a number below n − round, the same at all validators. */
  elected?(round: number, pick: number): Step<M, AcsOutput, E>;
  /** `done`: it has put out. `closed`: nobody needs this validator's votes any more. Changes nothing. */
  status(): { readonly done: boolean; readonly closed: boolean };
}

export type AcsStep = Step<AcsMessage, AcsOutput, AcsEffect>;

/**
 * One step for many, their frames merged to one a destination. For owners that have handled several inputs before
 * they send: frames that arrived together, verdicts, coins.
 * @param n     validators of the machine that made the steps
 * @param steps in the order in which they were made
 */
export function mergeSteps(n: number, steps: readonly AcsStep[]): AcsStep {
  const frames = new FrameBuffer(n);
  const buffer = new StepBuffer<AcsMessage, AcsOutput, AcsEffect>();
  for (const step of steps) {
    for (const { to, message } of step.sends) frames.frame(to, message);
    for (const output of step.outputs) buffer.output(output);
    for (const effect of step.effects) buffer.effect(effect);
    for (const fault of step.faults) buffer.fault(fault);
  }
  for (const { to, message } of frames.take()) buffer.send(to, message);
  return buffer.take();
}
