import type { Dealing } from '../crypto/dealing/deal.ts';
import type { DealingSession } from '../crypto/dealing/session.ts';
import { type Crossed, type CrossingStep, crossBorder, ERASED } from '../host/cross-border.ts';
import { decodeEnd } from '../host/epoch-start.ts';
import { MemorySafe } from '../host/memory-safe.ts';
import { Death } from '../host/memory-store.ts';
import type { EpochConfig } from '../ledger/epoch-config.ts';
import { replayRules } from '../ledger/replay.ts';
import { height, type ValidatorIndex, validatorIndex } from '../params/ids.ts';
import { type Border, type ShownBorder, takeBorder } from '../validator/border.ts';
import type { ValidatorSecrets } from '../validator/types.ts';
import { TradingWorld } from './traders.ts';
import { CommitteeWorld, type Faulty } from './world.ts';

/** The epoch after one, and the dealings that made its keys. */
export interface PlannedEpoch {
  readonly next: EpochConfig;
  readonly session: DealingSession;
  readonly made: ReadonlyMap<ValidatorIndex, Dealing>;
}

export interface RotatingOptions {
  readonly n: number;
  readonly registry: number;
  readonly seed: number;
  /** The last height of each epoch but the last one. */
  readonly lastHeights: readonly number[];
  /** Makes the next epoch, and gives its members what they register with. */
  readonly plan: (world: RotatingWorld) => PlannedEpoch;
  /** By registry index; a member's safe in memory by default. */
  readonly safes?: readonly MemorySafe[];
  /** Members that die whenever another one does. */
  readonly dieTogether?: readonly number[];
  /** Of the committee of each epoch, by validator index. */
  readonly faulty?: readonly (ReadonlyMap<number, Faulty> | undefined)[];
  /** What another says the border is; what it has by default. */
  readonly shows?: (by: number, shown: ShownBorder) => ShownBorder;
  readonly burst?: number;
}

/**
 * Members of a registry that take over from each other: a committee of hosts for each epoch, of which those of the epoch before answer
 * those that lag. A member crosses the border as soon as its own host is over; one that joins takes the border that another
 * one shows. A member that dies loses everything but its safe, in all epochs at once.
 */
export class RotatingWorld {
  readonly trading: TradingWorld;
  readonly safes: readonly MemorySafe[];
  /** By epoch, from 1; none while the first one is made. */
  readonly committees: CommitteeWorld[];
  /** By epoch, from 2, and member: how it crossed. */
  readonly crossed: Map<number, Crossed>[] = [];
  readonly steps: { readonly member: number; readonly epoch: number; readonly step: CrossingStep }[] = [];
  /** Members that refused what another one showed, and why. */
  readonly refusals: { readonly member: number; readonly by: number; readonly problem: string }[] = [];
  readonly plans: PlannedEpoch[] = [];
  readonly #options: RotatingOptions;
  /** Members that are to cross into the newest epoch. */
  readonly #pending = new Set<number>();
  #isDealt = false;

  constructor(options: RotatingOptions) {
    const { n, registry, seed, lastHeights } = options;
    this.#options = options;
    this.safes = options.safes ?? Array.from({ length: registry }, () => new MemorySafe());
    this.trading = new TradingWorld({
      n,
      seed,
      registry,
      notesEach: 8,
      lastHeight: height(lastHeights[0]!),
      ...this.#committeeOptions(1, n, (i) => i),
    });
    const { committee } = this.trading;
    committee.onDrain = () => this.drain();
    this.committees = [committee];
    for (const [i, secrets] of committee.secrets.entries()) this.safes[i]!.put('keys', 1, secrets);
    this.#isDealt = true;
  }

  /** Number of the newest epoch. */
  get epoch(): number {
    return this.committees.length;
  }

  get newest(): CommitteeWorld {
    return this.committees.at(-1)!;
  }

  /** The seat that a member has in an epoch. */
  seatOf(epoch: number, member: number): ValidatorIndex | undefined {
    const { validators } = this.committees[epoch - 1]!.epoch;
    const seat = validators.findIndex(({ registryIndex }) => registryIndex === member);
    return seat < 0 ? undefined : validatorIndex(seat);
  }

  memberAt(epoch: number, seat: number): number {
    return this.committees[epoch - 1]!.epoch.validators[seat]!.registryIndex;
  }

  #committeeOptions(epoch: number, n: number, memberOf: (seat: number) => number) {
    const { burst = 1, faulty } = this.#options;
    const own = faulty?.[epoch - 1];
    const stores = Array.from({ length: n }, (_, seat) => this.safes[memberOf(seat)]!.store(epoch));
    return {
      ...(own === undefined ? {} : { faulty: own }),
      onOver: (seat: ValidatorIndex) => this.#over(epoch, memberOf(seat)),
      more: {
        stores,
        burst,
        secretsOf: (seat: ValidatorIndex) => this.#secretsOf(epoch, memberOf(seat)),
        onOpen: (seat: ValidatorIndex) => this.#opened(epoch, seat, memberOf(seat)),
        onDeath: (_: unknown, seat: ValidatorIndex) => this.#died(memberOf(seat)),
      },
    };
  }

  /** What is in the safe; in the first epoch the dealer's keys come there when they are dealt. */
  #secretsOf(epoch: number, member: number): ValidatorSecrets | undefined {
    return this.safes[member]!.read('keys', epoch) ?? (this.#isDealt ? ERASED : undefined);
  }

  /** The next epoch is made: whose seats it has, and with which keys. Nobody runs it before it has crossed the border. */
  prepare(): PlannedEpoch {
    const plan = this.#options.plan(this);
    const before = this.newest;
    const { next } = plan;
    const epoch = next.epoch;
    const memberOf = (seat: number): number => next.validators[seat]!.registryIndex;
    const { more, ...options } = this.#committeeOptions(epoch, next.validators.length, memberOf);
    const last = this.#options.lastHeights[epoch - 1];
    const committee = new CommitteeWorld({
      n: next.validators.length,
      seed: this.#options.seed + epoch,
      dealt: {
        chain: before.chain,
        epoch: next,
        secrets: next.validators.map(() => ERASED),
        bridgeSecret: before.bridgeSecret,
        rootSecrets: [],
      },
      before,
      lastHeight: last === undefined ? undefined : height(last),
      ...options,
      more: {
        ...more,
        absent: new Set(next.validators.keys()),
      },
    });
    committee.onDrain = () => this.drain();
    this.committees.push(committee);
    this.plans.push(plan);
    this.crossed.push(new Map());
    return plan;
  }

  /** Orders go to the newest committee from now on. */
  enter(): void {
    this.trading.enter(this.newest);
  }

  /** Delivers in all epochs, and lets members cross, until nothing is on its way. */
  drain(): void {
    for (;;) {
      for (const member of [...this.#pending]) this.#cross(member);
      const busy = this.committees.filter(({ members }) => members.isBusy);
      if (busy.length === 0 && this.#pending.size === 0) return;
      if (busy.length > 0) busy[this.newest.prng.below(busy.length)]!.members.step();
    }
  }

  /** Takes everything from a member but its safe. */
  kill(member: number): void {
    for (const [i, { members }] of this.committees.entries()) {
      const seat = this.seatOf(i + 1, member);
      if (seat !== undefined && members.hosts[seat] !== undefined) members.kill(seat);
    }
  }

  #died(member: number): void {
    for (const each of new Set([member, ...(this.#options.dieTogether ?? [])])) this.kill(each);
  }

  #over(epoch: number, member: number): void {
    if (epoch !== this.epoch - 1) return;
    this.#pending.add(member);
    // Who joins asks again whenever there is one more that can show the border.
    for (const seat of this.newest.epoch.validators.keys()) {
      const joiner = this.memberAt(this.epoch, seat);
      if (this.seatOf(epoch, joiner) === undefined && !this.crossed.at(-1)!.has(joiner))
        this.#pending.add(joiner);
    }
  }

  #opened(epoch: number, seat: ValidatorIndex, member: number): void {
    const lastHeight = this.#options.lastHeights[epoch - 1];
    const host = this.committees?.[epoch - 1]?.members.hosts[seat];
    if (lastHeight !== undefined && host !== undefined && host.height > lastHeight) this.#over(epoch, member);
  }

  #cross(member: number): void {
    this.#pending.delete(member);
    const { epoch } = this;
    const [before, after] = [this.committees[epoch - 2]!, this.newest];
    const seat = this.seatOf(epoch - 1, member);
    const host = seat === undefined ? undefined : before.members.hosts[seat];
    // Who is down crosses when it is up again.
    if (seat !== undefined && host === undefined) return;
    const known = this.crossed.at(-1)!;
    const next = this.seatOf(epoch, member);
    const crossedBefore = known.get(member);
    if (
      crossedBefore !== undefined &&
      (crossedBefore.type !== 'seated' || after.members.hosts[next!] !== undefined)
    )
      return;
    try {
      const legacy = host?.legacy;
      const border = seat === undefined ? this.#shownTo(member) : legacy?.border;
      if (border === undefined) return;
      const plan = this.plans.at(-1)!;
      const crossed = crossBorder(
        this.safes[member]!,
        { ...plan, chain: after.chain, over: epoch - 1, border, member, dissemination: 'direct' },
        (step) => this.steps.push({ member, epoch, step }),
      );
      known.set(member, crossed);
      if (seat !== undefined) before.members.open(seat);
      if (crossed.type !== 'seated' || next === undefined) return;
      after.members.open(next);
      for (const bytes of legacy?.items ?? []) after.input(next, { type: 'item', bytes });
    } catch (error) {
      if (!(error instanceof Death)) throw error;
      this.#died(member);
      if (seat === undefined) this.#pending.add(member);
    }
  }

  /** What a joiner takes from the first member whose word holds. */
  #shownTo(member: number): Border | undefined {
    const { committees, epoch } = this;
    const { chain, epoch: config, members } = committees[epoch - 2]!;
    const last = height(this.newest.epoch.firstHeight - 1);
    for (const [seat, store] of members.stores.entries()) {
      const [end, block] = [store.end(), store.block(last)];
      const state = end && decodeEnd(end);
      if (state === undefined || block === undefined) continue;
      const by = this.memberAt(epoch - 1, seat);
      const shown = this.#options.shows?.(by, { ...state, block }) ?? { ...state, block };
      const taken = takeBorder(replayRules(chain, config), last, shown);
      if (typeof taken !== 'string') return taken;
      this.refusals.push({ member, by, problem: taken });
    }
    return undefined;
  }
}
