import type { Measured } from './define.ts';
import { heightWork, networkTimes } from './e7-settlement.ts';

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
  /** e7's work of a height and the batches' proofs, of all validators, on the shared cores. */
  readonly workMs: number;
  /** From submission to settlement by these alone. */
  readonly settledMs: number;
  /** The same with the protocols' measured work in place of e7's cryptography after the order: e7 charges no messages, logs, streams or state. */
  readonly withProtocolMs: number | undefined;
}

/**
 * e7's model of a height for validators that share cores: everybody does the same at the same time, so what one does takes n times as
 * long, by so many cores. A proof of orders is charged like one of a ballot: the same pairings, and some more signals.
 */
export function oneMachineModel(
  { n, batches, delayMs, cores, waitsMs, protocolCpuMs }: OneMachine,
  measured: Measured,
): OneMachineModel {
  const delay = { kind: 'const', ms: delayMs } as const;
  const networkMs = delayMs + networkTimes({ n, batches, delay }, 1).settled;
  const { ballotProofs, perBatch, dleq, other, verify } = heightWork({ n, batches }, measured);
  const shared = n / Math.min(n, cores);
  const proofsMs = shared * (ballotProofs + verify(batches));
  const workMs = proofsMs + shared * (batches * perBatch + dleq + other);
  return {
    networkMs,
    waitsMs,
    workMs,
    settledMs: networkMs + waitsMs + workMs,
    withProtocolMs:
      protocolCpuMs === undefined
        ? undefined
        : networkMs + waitsMs + proofsMs + protocolCpuMs / Math.min(n, cores),
  };
}
