import type { PbftMessage } from '../consensus/pbft/messages.ts';
import type { Pbft } from '../consensus/pbft/pbft.ts';
import { acsProtocol, pbftProtocol } from '../consensus/protocol.ts';
import { type ValidatorIndex, validatorIndex } from '../params/ids.ts';
import { quorumOf } from '../params/quorum.ts';
import type { LinkDelay, Partition } from '../sim/links.ts';
import { oracleSignatures } from '../sim/oracle-signatures.ts';
import { Simulation, type SimulationReport } from '../sim/simulation.ts';
import type { Port } from '../sim/subset-host.ts';
import type { Adversary } from '../sim/world.ts';
import { type Watched, watched } from './watched.ts';

/** From when to when the network's adversary holds messages back; it lets go of all at the end. */
export interface Attack {
  readonly fromMs: number;
  readonly toMs: number;
  /** Validators it never holds: those in its pay. */
  readonly spares?: (validator: number) => boolean;
  /** The longest that it holds a message; until the end of the attack by default. */
  readonly boundMs?: number;
  /** With the common subset: others are held after so long. */
  readonly slotMs?: number;
  /** Holds f validators that do not lead instead: what a leader is spared. */
  readonly sparesLeaders?: true;
}

export interface HeldOptions {
  readonly protocol: 'acs' | 'pbft';
  /** PBFT: leaders take turns over the heights (by default), or whoever proposed what was decided last leads on. */
  readonly leaders?: 'in turn' | 'stable';
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
  /** When n − f correct validators had put out a height, ms, height by height as far as they came. */
  readonly quorumMs: readonly number[];
}

const SLOT_MS = 2000;

/**
 * Orders heights while an adversary of the network holds back the validators that matter most, at most f at a time. With PBFT the
 * leader, whoever it is (it reads the views from the messages it carries), until its view is over; with the common subset, which
 * has no leader, f validators for a while, then the next f.
 */
export function runUnderHold(options: HeldOptions): HeldRun {
  const { n, protocol, attack, timeoutMs } = options;
  const { f } = quorumOf(n);
  if (protocol === 'pbft') {
    const eye: Watched<PbftMessage> = watched(
      pbftProtocol(
        (self) => oracleSignatures(options.seed, self),
        options.leaders === 'stable' ? (height) => lastProposer(eye, n, height) : undefined,
      ),
    );
    return run(options, eye, (from, atMs) => {
      const view = viewLedBy(eye, from);
      if (attack?.sparesLeaders === true) return view === undefined && from < f ? attack.toMs : atMs;
      return view === undefined ? atMs : atMs + 2 * timeoutMs * 2 ** view;
    });
  }
  const eye = watched(acsProtocol('first-hand', 'digest'));
  const { slotMs = SLOT_MS } = attack ?? {};
  return run(options, eye, (from, atMs) => {
    const slot = Math.floor((atMs - attack!.fromMs) / slotMs);
    const isHeld = (from - ((slot * f) % n) + n) % n < f;
    return isHeld ? attack!.fromMs + (slot + 1) * slotMs : atMs;
  });
}

/** Who proposed what was decided last: the same to all who have decided it. The first leader is one of those that may be dead. */
function lastProposer(eye: Watched<PbftMessage>, n: number, height: number): ValidatorIndex {
  return eye.outputs.get(height - 1)?.[0]?.proposer ?? validatorIndex(n - 1);
}

/** The highest view in which somebody undecided takes this validator for the leader. */
function viewLedBy(eye: Watched<PbftMessage>, validator: number): number | undefined {
  let highest: number | undefined;
  for (const { machine } of eye.newest.values()) {
    const { done, leader, view } = machine.status() as ReturnType<Pbft['status']>;
    if (!done && leader === validator) highest = Math.max(highest ?? 0, view);
  }
  return highest;
}

/** Notes when the n − f-th correct validator has a height: those whose messages are held are the last, and none of them need be waited for. */
class TimedSimulation<M> extends Simulation<M> {
  readonly quorumMs: number[] = [];
  private readonly had = new Map<number, number>();

  override portOf(self: ValidatorIndex): Port<M> {
    const port = super.portOf(self);
    if (!this.isCorrect(self)) return port;
    return {
      ...port,
      output: (height, payloads, depth) => {
        const count = (this.had.get(height) ?? 0) + 1;
        this.had.set(height, count);
        if (count === this.quorum.q) this.quorumMs[height - 1] = this.now;
        port.output(height, payloads, depth);
      },
    };
  }
}

/** @param until when the adversary lets go of what this validator sends now */
function run<M>(
  options: HeldOptions,
  eye: Watched<M>,
  until: (from: number, atMs: number) => number,
): HeldRun {
  const { delay, partitions = [], attack, adversary, protocol: _, leaders: __, ...shared } = options;
  const holdsUntil = (from: number, _to: number, atMs: number): number => {
    if (attack === undefined || atMs < attack.fromMs || atMs >= attack.toMs) return atMs;
    if (attack.spares?.(from) === true) return atMs;
    const { boundMs = Number.POSITIVE_INFINITY } = attack;
    return Math.min(attack.toMs, atMs + boundMs, until(from, atMs));
  };
  const simulation = new TimedSimulation<M>({
    ...shared,
    protocol: eye.protocol,
    schedule: { kind: 'links', delay, partitions, holdsUntil },
    adversary: adversary<M>(),
  });
  const report = simulation.run();
  return {
    report,
    outputs: eye.outputs,
    quorumMs: simulation.quorumMs,
  };
}
