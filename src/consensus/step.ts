import type { ValidatorIndex } from '../params/ids.ts';
import type { Fault } from './faults.ts';

/** A message and its destination. `'all'` includes oneself: own messages come back through the network. */
export interface Send<M> {
  readonly to: ValidatorIndex | 'all';
  readonly message: M;
}

/**
 * What a machine wants after one input. Equal inputs in equal order give equal steps, so an owner that logs inputs
 * before it handles them, and handles before it sends, can replay after a crash without contradicting itself.
 */
export interface Step<M, O, E> {
  /** Messages to peers. A message is shared by its receivers and is never written to again. */
  readonly sends: readonly Send<M>[];
  /** Results, each once. */
  readonly outputs: readonly O[];
  /** Expensive or secret work for the owner, answered by an input. */
  readonly effects: readonly E[];
  /** What peers did wrong. */
  readonly faults: readonly Fault[];
}

/** The step of most inputs: a vote was counted. Shared, so that counting allocates nothing. */
export const NOTHING: Step<never, never, never> = Object.freeze({
  sends: Object.freeze([]),
  outputs: Object.freeze([]),
  effects: Object.freeze([]),
  faults: Object.freeze([]),
});

/** Collects a step while an input is handled. */
export class StepBuffer<M, O, E> {
  private sends: Send<M>[] = [];
  private outputs: O[] = [];
  private effects: E[] = [];
  private faults: Fault[] = [];
  private touched = false;

  send(to: ValidatorIndex | 'all', message: M): void {
    this.sends.push({ to, message });
    this.touched = true;
  }

  output(output: O): void {
    this.outputs.push(output);
    this.touched = true;
  }

  effect(effect: E): void {
    this.effects.push(effect);
    this.touched = true;
  }

  fault(fault: Fault): void {
    this.faults.push(fault);
    this.touched = true;
  }

  /** The first of a kind in one step: a frame has tens of thousands of votes, and each can be as wrong as the next. */
  faultOnce(fault: Fault): void {
    const isKnown = this.faults.some((known) => known.by === fault.by && known.fault === fault.fault);
    if (!isKnown) this.fault(fault);
  }

  /** @returns what was collected since the last call; NOTHING if that is nothing. */
  take(): Step<M, O, E> {
    if (!this.touched) return NOTHING;
    const step = { sends: this.sends, outputs: this.outputs, effects: this.effects, faults: this.faults };
    this.sends = [];
    this.outputs = [];
    this.effects = [];
    this.faults = [];
    this.touched = false;
    return step;
  }
}
