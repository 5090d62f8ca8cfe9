import type { Measured } from './define.ts';
import { heightPrice, wholeOf } from './height-price.ts';
import { networkTimes } from './settlement-network.ts';

/** Validators of which all share the cores of one machine, as a benchmark of real processes runs them. */
export interface OneMachine {
  readonly n: number;
  readonly batches: number;
  /** One way, between any two. */
  readonly delayMs: number;
  readonly cores: number;
  /** Timers that a height waits for: quiet before the announcement and before the ballot. */
  readonly waitsMs: number;
  /** Processor time of all protocols together for a height, as it was measured; undefined where the system does not tell. */
  readonly protocolCpuMs: number | undefined;
}

export interface OneMachineModel {
  /** The announcement, and the messages of e7's height. */
  readonly networkMs: number;
  readonly waitsMs: number;
  /** e7's work of a height, of all validators, on the shared cores. */
  readonly workMs: number;
  /** From submission to settlement with e7's lower bound of the work. */
  readonly settledMs: number;
  /** With its upper bound of the proofs, and all that the protocols were measured to work in place of the rest. */
  readonly withProtocolMs: number | undefined;
}

/**
 * e7's model of a height for validators that share cores: everybody does the same at the same time, so what one does takes n times as
 * long, by so many cores. Every batch is handed to all of them.
 */
export function oneMachineModel(
  { n, batches, delayMs, cores, waitsMs, protocolCpuMs }: OneMachine,
  measured: Measured,
): OneMachineModel {
  const links = { delay: { kind: 'const', ms: delayMs } } as const;
  const { settled, coins } = networkTimes({ n, crashed: 0, batches, links }, 1);
  const networkMs = delayMs + settled;
  const price = heightPrice({ n, batches, crashed: 0 }, coins, measured);
  const shared = n / Math.min(n, cores);
  const workMs = shared * wholeOf(price).low;
  return {
    networkMs,
    waitsMs,
    workMs,
    settledMs: networkMs + waitsMs + workMs,
    withProtocolMs:
      protocolCpuMs === undefined
        ? undefined
        : networkMs + waitsMs + shared * price.proofs.high + protocolCpuMs / Math.min(n, cores),
  };
}
