import type { PbftMessage } from '../consensus/pbft/messages.ts';
import type { Pbft } from '../consensus/pbft/pbft.ts';
import { acsProtocol, pbftProtocol } from '../consensus/protocol.ts';
import { type ValidatorIndex, validatorIndex } from '../params/ids.ts';
import { quorumOf } from '../params/quorum.ts';
import type { LinkDelay, Partition } from '../sim/links.ts';
import { oracleSignatures } from '../sim/oracle-signatures.ts';
import { Simulation, type SimulationOptions, type SimulationReport } from '../sim/simulation.ts';
import type { Port, SubsetHost, SubsetHostOptions } from '../sim/subset-host.ts';
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
  /** With the common subset: these are held all the time, at most f, each message for as long as the bound. */
  readonly holds?: (validator: number) => boolean;
  /**
   * Of PBFT's leaders it holds those of the lowest height that nobody has decided, and of them the f that most follow; by default
   * whoever anybody takes for one.
   */
  readonly atMostF?: true;
}

/** What somebody who looks on can ask. */
export interface HeldView {
  /** When the adversary lets go of what a validator sends at a time. */
  readonly until: (from: number, atMs: number) => number;
  /** Who leads view 0 of a height of PBFT. */
  readonly leaderOf: (height: number) => number;
  /** Whose proposals a height put out, once it has put out any. */
  readonly proposersOf: (height: number) => readonly number[];
}

/** Looks on at a run, and may end it. */
export interface Onlooker {
  /** A validator, correct or not, begins a height: what it proposes is what it has now. */
  began(self: number, height: number, nowMs: number): void;
  /** f + 1 correct validators have a height, so that anybody can believe it. @returns whether the run may end */
  ordered(height: number, nowMs: number): boolean;
  /** PBFT: how long a validator waits in view 0 of a height; the time-out by default. */
  patienceMs?(self: number, height: number, nowMs: number): number;
}

export interface HeldOptions {
  readonly protocol: 'acs' | 'pbft';
  /** PBFT: leaders take turns over the heights (by default), or whoever proposed what was decided last leads on. */
  readonly leaders?: 'in turn' | 'stable';
  /** Heights under way at once: a stable leader is then whoever proposed what was decided so many heights ago. One by default. */
  readonly pipeline?: number;
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
  /** PBFT with a stable leader: the first one; the last validator by default, which is one of those that may be dead. */
  readonly firstLeader?: number;
  readonly onlooker?: (view: HeldView) => Onlooker;
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
  const { n, protocol, attack, timeoutMs, firstLeader = n - 1, pipeline = 1 } = options;
  const { f } = quorumOf(n);
  if (protocol === 'pbft') {
    // Who proposed what was decided last when a height begins: the same to all who have decided it.
    const leaderOf = (height: number): ValidatorIndex =>
      options.leaders === 'stable'
        ? (eye.outputs.get(height - pipeline)?.[0]?.proposer ?? validatorIndex(firstLeader))
        : validatorIndex(height % n);
    const eye: Watched<PbftMessage> = watched(
      pbftProtocol(
        (self) => oracleSignatures(options.seed, self),
        options.leaders === 'stable' ? leaderOf : undefined,
        options.pipeline,
      ),
    );
    return run(options, eye, leaderOf, (from, atMs) => {
      const view = attack?.atMostF === true ? followedMost(eye, f).get(from) : viewLedBy(eye, from);
      if (attack?.sparesLeaders === true) return view === undefined && from < f ? attack.toMs : atMs;
      return view === undefined ? atMs : atMs + 2 * timeoutMs * 2 ** view;
    });
  }
  const eye = watched(acsProtocol('first-hand', 'digest'));
  const { slotMs = SLOT_MS } = attack ?? {};
  return run(options, eye, undefined, (from, atMs) => {
    if (attack!.holds !== undefined) return attack!.holds(from) ? attack!.toMs : atMs;
    const slot = Math.floor((atMs - attack!.fromMs) / slotMs);
    const isHeld = (from - ((slot * f) % n) + n) % n < f;
    return isHeld ? attack!.fromMs + (slot + 1) * slotMs : atMs;
  });
}

/** At the lowest height that nobody has decided: the f leaders that most validators follow, with the views that they lead. */
function followedMost(eye: Watched<PbftMessage>, f: number): ReadonlyMap<number, number> {
  const [machines] = eye.open.values();
  const followers = new Map<number, number>();
  const views = new Map<number, number>();
  for (const machine of machines?.values() ?? []) {
    const { leader, view } = machine.status() as ReturnType<Pbft['status']>;
    followers.set(leader, (followers.get(leader) ?? 0) + 1);
    views.set(leader, Math.max(views.get(leader) ?? 0, view));
  }
  const most = [...followers].sort(([, a], [, b]) => b - a).slice(0, f);
  return new Map(most.map(([leader]) => [leader, views.get(leader)!]));
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

/**
 * Notes when the n − f-th correct validator has a height: those whose messages are held are the last, and none of them need be waited for.
 * Shows it all to an onlooker.
 */
class TimedSimulation<M> extends Simulation<M> {
  readonly quorumMs: number[] = [];
  private readonly onlooker: Onlooker | undefined;
  private readonly had = new Map<number, number>();
  private isOver = false;

  constructor(options: SimulationOptions<M>, onlooker: Onlooker | undefined) {
    super(options);
    this.onlooker = onlooker;
  }

  override step(): boolean {
    return !this.isOver && super.step();
  }

  override openHost(
    self: ValidatorIndex,
    port: Port<M>,
    more: Partial<SubsetHostOptions<M>> = {},
  ): SubsetHost<M> {
    const { onlooker } = this;
    if (onlooker === undefined) return super.openHost(self, port, more);
    return super.openHost(self, port, {
      ...more,
      proposalOf: (height) => {
        onlooker.began(self, height, this.now);
        return height <= this.options.heights ? this.proposalOf(height, self) : undefined;
      },
    });
  }

  override portOf(self: ValidatorIndex): Port<M> {
    const port = super.portOf(self);
    if (!this.isCorrect(self)) return port;
    return {
      ...port,
      output: (height, payloads, depth) => {
        const count = (this.had.get(height) ?? 0) + 1;
        this.had.set(height, count);
        if (count === this.quorum.q) this.quorumMs[height - 1] = this.now;
        if (count === this.quorum.f + 1 && this.onlooker?.ordered(height, this.now) === true)
          this.isOver = true;
        port.output(height, payloads, depth);
      },
    };
  }

  protected override patienceMs(self: ValidatorIndex, height: number, view: number): number {
    const usual = super.patienceMs(self, height, view);
    return view > 0 ? usual : (this.onlooker?.patienceMs?.(self, height, this.now) ?? usual);
  }
}

/**
 * @param leaderOf who leads view 0 of a height, if anybody does
 * @param until    when the adversary lets go of what this validator sends now
 */
function run<M>(
  options: HeldOptions,
  eye: Watched<M>,
  leaderOf: ((height: number) => number) | undefined,
  until: (from: number, atMs: number) => number,
): HeldRun {
  const { delay, partitions = [], attack, adversary, onlooker } = options;
  const { n, seed, heights, untilMs, timeoutMs, payloadBytes, faulty, pipeline = 1 } = options;
  const holdsUntil = (from: number, atMs: number): number => {
    if (attack === undefined || atMs < attack.fromMs || atMs >= attack.toMs) return atMs;
    if (attack.spares?.(from) === true) return atMs;
    const { boundMs = Number.POSITIVE_INFINITY } = attack;
    return Math.min(attack.toMs, atMs + boundMs, until(from, atMs));
  };
  const simulation = new TimedSimulation<M>(
    {
      n,
      seed,
      heights,
      untilMs,
      timeoutMs,
      payloadBytes,
      faulty,
      pipeline,
      protocol: eye.protocol,
      schedule: {
        kind: 'links',
        delay,
        partitions,
        holdsUntil: (from, _to, atMs) => holdsUntil(from, atMs),
      },
      adversary: adversary<M>(),
    },
    onlooker?.({
      until: holdsUntil,
      leaderOf: leaderOf ?? (() => -1),
      proposersOf: (height) => (eye.outputs.get(height) ?? []).map(({ proposer }) => Number(proposer)),
    }),
  );
  const report = simulation.run();
  return {
    report,
    outputs: eye.outputs,
    quorumMs: simulation.quorumMs,
  };
}
