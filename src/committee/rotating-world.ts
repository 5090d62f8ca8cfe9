import type { BatchKernels } from '../crypto/batch-kernels.ts';
import type { ProvedDealing } from '../crypto/dealing/encoding.ts';
import {
  type Crossed,
  type Crossing,
  type CrossingStep,
  crossBorder,
  ERASED,
  eraseOver,
} from '../host/cross-border.ts';
import { decodeEnd } from '../host/epoch-start.ts';
import { MemorySafe } from '../host/memory-safe.ts';
import { Death } from '../host/memory-store.ts';
import type { Safe } from '../host/safe.ts';
import type { EpochConfig } from '../ledger/epoch-config.ts';
import { decodeItem } from '../ledger/items.ts';
import { replayRules } from '../ledger/replay.ts';
import type { Rotation } from '../ledger/rotation/rotation.ts';
import { height, type ValidatorIndex, validatorIndex } from '../params/ids.ts';
import { PROOF_BYTES } from '../params/sizes.ts';
import type { ScheduleOptions } from '../sim/schedule.ts';
import {
  type Border,
  type Dealings,
  dealingsIn,
  epochAt,
  type ShownBorder,
  takeBorder,
} from '../validator/border.ts';
import type { PeerFault } from '../validator/faults.ts';
import type { ValidatorSecrets } from '../validator/types.ts';
import type { DealingAttack } from './dealing-attacks.ts';
import { type DutyMeans, dutyOf } from './duties.ts';
import { type Misdealing, misdealingOf } from './misdealing.ts';
import { TradingWorld } from './traders.ts';
import { CommitteeWorld, type Faulty } from './world.ts';

export interface RotatingOptions {
  readonly n: number;
  readonly registry: number;
  readonly seed: number;
  /** L and D. */
  readonly epochHeights: number;
  readonly dealingHeights: number;
  /** Byzantine dealers, by registry index. */
  readonly dealers?: ReadonlyMap<number, DealingAttack>;
  /** By registry index; a member's safe in memory by default. */
  readonly safes?: readonly Safe[];
  /** Members that die whenever another one does. */
  readonly dieTogether?: readonly number[];
  /** Of the committee of each epoch, by validator index. */
  readonly faulty?: readonly (ReadonlyMap<number, Faulty> | undefined)[];
  /** What another says the border is; what it has by default. */
  readonly shows?: (by: number, shown: ShownBorder) => ShownBorder;
  readonly burst?: number;
  readonly kernels?: BatchKernels;
  /** Orders deliveries; at random by default. */
  readonly schedule?: ScheduleOptions;
}

/**
 * Members of a registry that take over from each other: a committee of hosts for each epoch, of which those of the epoch before answer
 * those that lag. A member crosses the border as soon as its own host is over; one that joins takes the border that another
 * one shows. A member that dies loses everything but its safe, in all epochs at once.
 */
export class RotatingWorld {
  readonly trading: TradingWorld;
  readonly safes: readonly Safe[];
  /** By epoch, from 1; none while the first one is made. */
  readonly committees: CommitteeWorld[];
  /** By epoch, from 2, and member: how it crossed. */
  readonly crossed: Map<number, Crossed>[] = [];
  readonly steps: { readonly member: number; readonly epoch: number; readonly step: CrossingStep }[] = [];
  /** Members that refused what another one showed, and why. */
  readonly refusals: { readonly member: number; readonly by: number; readonly problem: string }[] = [];
  /** By epoch, from 2: how its keys were dealt. */
  readonly dealt: Dealings[] = [];
  readonly #options: RotatingOptions;
  /** Members that are to cross, and the epoch that is over. */
  readonly #pending = new Map<number, number>();
  #isDealt = false;
  /** Dealings of correct members to the committee that is drafted. */
  #offered: ProvedDealing[] = [];
  /** By epoch and member. */
  readonly #misdealt = new Map<string, Misdealing>();

  constructor(options: RotatingOptions) {
    const { n, registry, seed, epochHeights, dealingHeights } = options;
    this.#options = options;
    this.safes = options.safes ?? Array.from({ length: registry }, () => new MemorySafe());
    this.trading = new TradingWorld({
      n,
      seed,
      registry,
      notesEach: 8,
      heights: { epochHeights, dealingHeights },
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
    const { burst = 1, faulty, kernels, schedule = { kind: 'random' } } = this.#options;
    const own = faulty?.[epoch - 1];
    const stores = Array.from({ length: n }, (_, seat) => this.safes[memberOf(seat)]!.store(epoch));
    return {
      ...(own === undefined ? {} : { faulty: own }),
      ...(kernels === undefined ? {} : { kernels }),
      onOver: (seat: ValidatorIndex) => this.#over(epoch, memberOf(seat)),
      more: {
        stores,
        burst,
        schedule,
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

  /** Members register and deal, as the state of the chain says, and hand that to every validator. */
  doDuties(): void {
    const { newest, trading, safes } = this;
    const { rotation } = trading.replica.claims;
    if (rotation.epoch.epoch !== this.epoch) return;
    for (const [member, safe] of safes.entries()) {
      const attack = this.#options.dealers?.get(member);
      if (rotation.drafted !== undefined && attack !== undefined) this.#misdeal(member, attack, rotation);
      else {
        const means: DutyMeans = {
          chain: newest.chain,
          member,
          rootSecret: this.committees[0]!.rootSecrets[member]!,
          safe,
          forgottenUntil: 0,
          random: (n) => newest.prng.bytes(n),
          proveBallot: (witness) => newest.prove(witness),
          proveDealing: (statements) => this.#proveDealing(statements),
        };
        const bytes = this.#mortal(member, () => dutyOf(rotation, means));
        if (bytes !== undefined) this.#handOn(bytes);
      }
    }
    newest.drain();
  }

  /** Proofs of what a dealer knows to hold. */
  #proveDealing(statements: readonly (readonly bigint[])[]): Uint8Array[] {
    const { newest } = this;
    return statements.map((signals) => {
      const proof = newest.prng.bytes(PROOF_BYTES);
      newest.accept(signals, proof);
      return proof;
    });
  }

  #handOn(bytes: Uint8Array): void {
    const item = decodeItem(bytes);
    if (item?.kind === 'dealing') this.#offered.push(item.dealing);
    this.newest.toAll({ type: 'item', bytes });
  }

  /** A Byzantine member of the committee in office deals once an epoch, as it likes. */
  #misdeal(member: number, attack: DealingAttack, rotation: Rotation): void {
    const { newest, epoch } = this;
    const keys = this.safes[member]!.read('keys', epoch);
    const self = this.seatOf(epoch, member);
    const said = `${epoch} ${member}`;
    if (self === undefined || keys === undefined) return;
    const misdealt =
      this.#misdealt.get(said) ??
      misdealingOf(rotation, {
        attack,
        self,
        shares: { decryption: keys.decryptionShare, coin: keys.coinShare },
        signSecret: keys.signSecret,
        random: (n) => newest.prng.bytes(n),
        others: this.#offered,
        proveDealing: (statements) => this.#proveDealing(statements),
      });
    if (misdealt === undefined) return;
    this.#misdealt.set(said, misdealt);
    const { toAll, toFirst = toAll } = misdealt;
    for (const seat of newest.secrets.keys())
      newest.input(seat, { type: 'item', bytes: seat === 0 ? toFirst : toAll });
  }

  /** The next epoch's committee, of which nobody has begun. */
  #prepare(next: EpochConfig, dealt: Dealings): void {
    const before = this.newest;
    const { epoch } = next;
    const memberOf = (seat: number): number => next.validators[seat]!.registryIndex;
    const { more, ...options } = this.#committeeOptions(epoch, next.validators.length, memberOf);
    const secrets = next.validators.map(() => ERASED);
    const { chain, bridgeSecret, rootSecrets } = before;
    const committee = new CommitteeWorld({
      n: secrets.length,
      seed: this.#options.seed + epoch,
      dealt: { chain, epoch: next, secrets, bridgeSecret, rootSecrets },
      before,
      ...options,
      more: { ...more, absent: new Set(next.validators.keys()) },
    });
    committee.onDrain = () => this.drain();
    this.committees.push(committee);
    this.#offered = [];
    this.dealt.push(dealt);
    this.crossed.push(new Map());
  }

  /** Faults that members recorded against others that deal as they should and are not made to misbehave. */
  get slander(): PeerFault[] {
    const { dealers } = this.#options;
    return this.committees.flatMap((committee, i) => {
      const honest = committee.correct.filter((seat) => !dealers?.has(this.memberAt(i + 1, seat)));
      return committee.faultsOf(honest);
    });
  }

  /** Orders go to the newest committee from now on. */
  enter(): void {
    this.trading.committee = this.newest;
  }

  /** Delivers in all epochs, and lets members cross, until nothing is on its way. */
  drain(): void {
    for (;;) {
      for (const [member, from] of [...this.#pending]) this.#cross(member, from);
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
    this.#pending.set(member, epoch);
  }

  #opened(epoch: number, seat: ValidatorIndex, member: number): void {
    const next = this.committees?.[epoch];
    const host = this.committees?.[epoch - 1]?.members.hosts[seat];
    if (next !== undefined && host !== undefined && host.height >= next.epoch.firstHeight)
      this.#over(epoch, member);
  }

  #cross(member: number, from: number): void {
    this.#pending.delete(member);
    const seat = this.seatOf(from, member);
    const host = seat === undefined ? undefined : this.committees[from - 1]!.members.hosts[seat];
    // Who is down crosses when it is up again.
    if (seat !== undefined && host === undefined) return;
    const isDone = this.#mortal(member, () => {
      const legacy = host?.legacy();
      if (this.epoch === from && legacy !== undefined) {
        const end = this.safes[member]!.store(from).end()!;
        this.#prepare(epochAt(legacy.border), dealingsIn(decodeEnd(end)!));
      }
      const isIdle = seat === undefined && this.seatOf(from + 1, member) === undefined;
      if (isIdle) {
        eraseOver(this.safes[member]!, from);
        this.crossed[from - 1]!.set(member, { type: 'unseated' });
        return true;
      }
      const border = seat === undefined ? this.#shownTo(member, from) : legacy?.border;
      if (border === undefined) return true;
      this.#take(member, from, border, legacy?.items ?? []);
      if (seat !== undefined) this.#callJoiners(from);
      return true;
    });
    if (isDone !== true && seat === undefined) this.#pending.set(member, from);
  }

  /** Lets a member work on its safe, which may die of it. */
  #mortal<T>(member: number, work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof Death)) throw error;
      this.#died(member);
      return undefined;
    }
  }

  /** Who joins asks whenever there is one more that can show the border; who has no seat at all hears that it may erase. */
  #callJoiners(from: number): void {
    for (const member of this.safes.keys())
      if (this.seatOf(from, member) === undefined && !this.crossed.at(-1)!.has(member))
        this.#pending.set(member, from);
  }

  #take(member: number, from: number, border: Border, items: readonly Uint8Array[]): void {
    const [before, after] = [this.committees[from - 1]!, this.committees[from]!];
    const known = this.crossed[from - 1]!;
    const next = this.seatOf(from + 1, member);
    const was = known.get(member);
    if (was !== undefined && (was.type !== 'seated' || after.members.hosts[next!] !== undefined)) return;
    const crossing: Crossing = {
      chain: after.chain,
      over: from,
      next: after.epoch,
      dealt: this.dealt[from - 1]!,
      border,
      member,
      dissemination: 'direct',
    };
    const onStep = (step: CrossingStep): void => void this.steps.push({ member, epoch: from + 1, step });
    const crossed = crossBorder(this.safes[member]!, crossing, onStep);
    known.set(member, crossed);
    const seat = this.seatOf(from, member);
    if (seat !== undefined) before.members.open(seat);
    if (crossed.type !== 'seated') return;
    after.members.open(next!);
    for (const bytes of items) after.input(next!, { type: 'item', bytes });
  }

  /** What a joiner takes from the first member whose word holds. */
  #shownTo(member: number, from: number): Border | undefined {
    const { chain, epoch: config, members } = this.committees[from - 1]!;
    const last = height(this.committees[from]!.epoch.firstHeight - 1);
    for (const [seat, store] of members.stores.entries()) {
      const [end, block] = [store.end(), store.block(last)];
      const state = end && decodeEnd(end);
      if (state === undefined || block === undefined) continue;
      const by = this.memberAt(from, seat);
      const shown = this.#options.shows?.(by, { ...state, block }) ?? { ...state, block };
      const taken = takeBorder(replayRules(chain, config), last, shown);
      if (typeof taken !== 'string') return taken;
      this.refusals.push({ member, by, problem: taken });
    }
    return undefined;
  }
}
