import type { Pbft } from '../consensus/pbft/pbft.ts';
import { acsProtocol, pbftProtocol } from '../consensus/protocol.ts';
import { quorumOf } from '../params/quorum.ts';
import type { LinkDelay, Partition } from '../sim/links.ts';
import { oracleSignatures } from '../sim/oracle-signatures.ts';
import { Simulation, type SimulationReport } from '../sim/simulation.ts';
import type { Adversary } from '../sim/world.ts';
import { type Watched, watched } from './watched.ts';

/** From when to when the network's adversary holds messages back; it lets go of all at the end. */
export interface Attack {
  readonly fromMs: number;
  readonly toMs: number;
  /** Validators it never holds: those in its pay. */
  readonly spares?: (validator: number) => boolean;
}

export interface HeldOptions {
  readonly protocol: 'acs' | 'pbft';
  readonly n: number;
  readonly seed: number;
  readonly heights: number;
  readonly untilMs: number;
  readonly timeoutMs: number;
  readonly payloadBytes: number;
  readonly delay: LinkDelay;
  readonly partitions?: readonly Partition[];
  readonly attack?: Attack | undefined;
  readonly faulty: number;
  readonly adversary: <M>() => Adversary<M>;
}

export interface HeldRun {
  readonly report: SimulationReport;
  readonly outputs: Watched<unknown>['outputs'];
  /** Heights that every correct validator has put out. */
  readonly finished: number;
}

/** With the common subset: others are held after so long. */
const HOLD_MS = 2000;

/**
 * Orders heights while an adversary of the network holds back the validators that matter most, at most f at a time. With PBFT the
 * leader, whoever it is (it reads the views from the messages it carries), until its view is over; with the common subset, which
 * has no leader, f validators for HOLD_MS, then the next f.
 */
export function runUnderHold(options: HeldOptions): HeldRun {
  const { n, protocol, attack, timeoutMs } = options;
  if (protocol === 'pbft') {
    const eye = watched(pbftProtocol((self) => oracleSignatures(options.seed, self)));
    return run(options, eye, (from, atMs) => {
      const view = viewLedBy(eye, from);
      return view === undefined ? atMs : atMs + 2 * timeoutMs * 2 ** view;
    });
  }
  const eye = watched(acsProtocol('first-hand', 'digest'));
  const { f } = quorumOf(n);
  return run(options, eye, (from, atMs) => {
    const slot = Math.floor((atMs - attack!.fromMs) / HOLD_MS);
    const isHeld = (from - ((slot * f) % n) + n) % n < f;
    return isHeld ? attack!.fromMs + (slot + 1) * HOLD_MS : atMs;
  });
}

/** The highest view in which somebody undecided takes this validator for the leader. */
function viewLedBy(eye: Watched<unknown>, validator: number): number | undefined {
  let highest: number | undefined;
  for (const { machine } of eye.newest.values()) {
    const { done, leader, view } = machine.status() as ReturnType<Pbft['status']>;
    if (!done && leader === validator) highest = Math.max(highest ?? 0, view);
  }
  return highest;
}

/** @param until when the adversary lets go of what this validator sends now */
function run<M>(
  options: HeldOptions,
  eye: Watched<M>,
  until: (from: number, atMs: number) => number,
): HeldRun {
  const { delay, partitions = [], attack, adversary, protocol: _, ...shared } = options;
  const holdsUntil = (from: number, _to: number, atMs: number): number => {
    if (attack === undefined || atMs < attack.fromMs || atMs >= attack.toMs) return atMs;
    return attack.spares?.(from) === true ? atMs : Math.min(attack.toMs, until(from, atMs));
  };
  const simulation = new Simulation<M>({
    ...shared,
    protocol: eye.protocol,
    schedule: { kind: 'links', delay, partitions, holdsUntil },
    adversary: adversary<M>(),
  });
  const report = simulation.run();
  return {
    report,
    outputs: eye.outputs,
    finished: report.checkpoints.filter((hash) => hash !== undefined).length,
  };
}
