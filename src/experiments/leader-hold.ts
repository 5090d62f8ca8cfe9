import {
  type AcsName,
  acsProtocol,
  aleaProtocol,
  finProtocol,
  hotStuffProtocol,
  type Protocol,
  pbftProtocol,
  type RbcName,
} from '../consensus/protocol.ts';
import type { ErasureCode } from '../consensus/rbc/erasure.ts';
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
  /** Without leaders: others are held after so long. */
  readonly slotMs?: number;
  /** Holds f validators that do not lead instead: what a leader is spared. */
  readonly sparesLeaders?: true;
  /** Without leaders: these are held all the time, at most f, each message for as long as the bound. */
  readonly holds?: (validator: number) => boolean;
}

/** What somebody who looks on can ask. */
export interface HeldView {
  /** When the adversary lets go of what a validator sends at a time. */
  readonly until: (from: number, atMs: number) => number;
  /** Who leads the first view of a height of PBFT or HotStuff. */
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
  /** With leaders: a validator begins a later view of a height: if it leads it, what it proposes is what it has now. */
  entered?(self: number, height: number, view: number, nowMs: number): void;
  /** With leaders: how long a validator waits in view 0 of a height; the time-out by default. */
  patienceMs?(self: number, height: number, nowMs: number): number;
}

/** Common subsets: they have no leader. */
export const LEADERLESS = ['acs', 'bkr', 'bkr over avid', 'fin', 'alea'] as const;
export type Leaderless = (typeof LEADERLESS)[number];
export const LED = ['pbft', 'hotstuff'] as const;
export type Led = (typeof LED)[number];
const isLeaderless = (protocol: Leaderless | Led): protocol is Leaderless =>
  LEADERLESS.some((name) => name === protocol);
/** The project's own common subsets, `acs` being the one that validators use. */
const OWN: Readonly<Record<Exclude<Leaderless, 'fin' | 'alea'>, readonly [AcsName, RbcName]>> = {
  acs: ['first-hand', 'digest'],
  bkr: ['bkr', 'digest'],
  'bkr over avid': ['bkr', 'avid'],
};

export interface HeldOptions {
  readonly protocol: Leaderless | Led;
  /** For AVID. */
  readonly erasure?: ErasureCode;
  /** With leaders: they take turns over the heights (by default), or whoever proposed what was decided last leads on. */
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
  /** A stable leader: the first one; the last validator by default, which is one of those that may be dead. */
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
 * Orders heights while an adversary of the network holds back the validators that matter most: at any time it holds what at most f send
 * from then on, and what it holds already stays held. Where there are leaders those are the ones of the lowest height that nobody has
 * decided (it reads the views from the messages it carries), each until its view is over; where there are none, f validators for a while,
 * then the next f.
 */
export function runUnderHold(options: HeldOptions): HeldRun {
  const { protocol, erasure } = options;
  if (!isLeaderless(protocol)) return protocol === 'pbft' ? underPbft(options) : underHotStuff(options);
  if (protocol === 'fin') return withoutLeader(options, finProtocol());
  if (protocol === 'alea') return withoutLeader(options, aleaProtocol(signaturesOf(options)));
  return withoutLeader(options, acsProtocol(...OWN[protocol], erasure));
}

const signaturesOf =
  ({ seed }: HeldOptions) =>
  (self: ValidatorIndex) =>
    oracleSignatures(seed, self);

function withoutLeader<M>(options: HeldOptions, protocol: Protocol<M>): HeldRun {
  const { n, attack } = options;
  const { f } = quorumOf(n);
  const { slotMs = SLOT_MS } = attack ?? {};
  return run(options, watched(protocol), undefined, (from, atMs) => {
    if (attack!.holds !== undefined) return attack!.holds(from) ? attack!.toMs : atMs;
    const slot = Math.floor((atMs - attack!.fromMs) / slotMs);
    const isHeld = (from - ((slot * f) % n) + n) % n < f;
    return isHeld ? attack!.fromMs + (slot + 1) * slotMs : atMs;
  });
}

const underPbft = (options: HeldOptions): HeldRun =>
  underLeaders(
    options,
    (leaderOf) =>
      pbftProtocol(
        signaturesOf(options),
        options.leaders === 'stable' ? leaderOf : undefined,
        options.pipeline,
      ),
    (view) => view,
  );

/** HotStuff's usual reign: what its owner is told nothing of. */
const REIGN = 4;
const underHotStuff = (options: HeldOptions): HeldRun =>
  underLeaders(
    options,
    (leaderOf) =>
      hotStuffProtocol(signaturesOf(options), {
        reign: REIGN,
        ...(options.leaders === 'stable' ? { firstLeaderOf: leaderOf } : {}),
      }),
    (view) => Math.floor((view - 1) / REIGN),
  );

/**
 * @param protocolOf  told who leads a height first
 * @param doublingsOf how often the time of a view is doubled
 */
function underLeaders<M>(
  options: HeldOptions,
  protocolOf: (leaderOf: (height: number) => ValidatorIndex) => Protocol<M>,
  doublingsOf: (view: number) => number,
): HeldRun {
  const { n, attack, timeoutMs, firstLeader = n - 1, pipeline = 1 } = options;
  const { f } = quorumOf(n);
  // Who proposed what was decided last when a height begins: the same to all who have decided it.
  const leaderOf = (height: number): ValidatorIndex =>
    options.leaders === 'stable'
      ? (eye.outputs.get(height - pipeline)?.[0]?.proposer ?? validatorIndex(firstLeader))
      : validatorIndex(height % n);
  const eye: Watched<M> = watched(protocolOf(leaderOf));
  return run(options, eye, leaderOf, (from, atMs) => {
    const view = followedMost(eye, f, attack?.spares).get(from);
    if (attack?.sparesLeaders === true) return view === undefined && from < f ? attack.toMs : atMs;
    return view === undefined ? atMs : atMs + 2 * timeoutMs * 2 ** doublingsOf(view);
  });
}

/** What a machine with leaders says of itself. */
interface Leading {
  readonly leader: number;
  readonly view: number;
}

/** At the lowest height that nobody has decided: the f leaders that most validators follow, with the views that they lead. */
function followedMost<M>(
  eye: Watched<M>,
  f: number,
  spares: (validator: number) => boolean = () => false,
): ReadonlyMap<number, number> {
  const [machines] = eye.open.values();
  const followers = new Map<number, number>();
  const views = new Map<number, number>();
  for (const machine of machines?.values() ?? []) {
    const { leader, view } = machine.status() as ReturnType<typeof machine.status> & Leading;
    if (spares(leader)) continue;
    followers.set(leader, (followers.get(leader) ?? 0) + 1);
    views.set(leader, Math.max(views.get(leader) ?? 0, view));
  }
  const most = [...followers].sort(([, a], [, b]) => b - a).slice(0, f);
  return new Map(most.map(([leader]) => [leader, views.get(leader)!]));
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

  protected override patienceMs(
    self: ValidatorIndex,
    height: number,
    view: number,
    doublings?: number,
  ): number {
    const usual = super.patienceMs(self, height, view, doublings);
    if (view === 0) return this.onlooker?.patienceMs?.(self, height, this.now) ?? usual;
    this.onlooker?.entered?.(self, height, view, this.now);
    return usual;
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
