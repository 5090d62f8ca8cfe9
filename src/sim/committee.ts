import { assert } from '../base/errors.ts';
import { Host, type HostPort, type LocalInput, type OutsideEffect } from '../host/host.ts';
import type { HostConfig, MachineOf } from '../host/machine.ts';
import { Death, MemoryStore } from '../host/memory-store.ts';
import type { Store } from '../host/store.ts';
import { type ValidatorIndex, validatorIndex } from '../params/ids.ts';
import type { PeerFault } from '../validator/faults.ts';
import type { Output, ValidatorConfig } from '../validator/types.ts';
import { EventQueue } from './event-queue.ts';
import { Prng } from './prng.ts';
import { openSchedule, type Schedule, type ScheduleOptions } from './schedule.ts';

/** What does later, in their order, what a store was asked to do. */
export interface Disk {
  /** Whether something waits. */
  readonly isBusy: boolean;
  /** Does what is next; what it led to leaves. */
  work(): void;
  /** Its host died: what waits is lost. */
  lose(): void;
}

/** Whole validators of one committee, and what stands around them. */
export interface CommitteeOptions<C extends HostConfig = ValidatorConfig> {
  /** One a validator. */
  readonly configs: readonly C[];
  /** Orders deliveries. */
  readonly seed: number;
  readonly schedule: ScheduleOptions;
  /** Where validators keep their logs; in memory by default. */
  readonly stores?: readonly Store[];
  /** Disks that some of the stores wait for: they work when the schedule says. */
  readonly disks?: ReadonlyMap<number, Disk>;
  /** Asked for each time that a host comes up: keys may have come or been erased since; those of `configs` by default. */
  readonly secretsOf?: (self: ValidatorIndex) => C['secrets'] | undefined;
  /** Who has not begun: it opens later, by `open`. */
  readonly absent?: ReadonlySet<number>;
  /** A host came up, from its store. */
  readonly onOpen?: (self: ValidatorIndex) => void;
  /** What plays a validator; what its configuration is of by default. */
  readonly machineOf?: MachineOf<C>;
  /** Without time: most inputs of all validators between two commits; 1 by default. With time they are those of one instant. */
  readonly burst?: number;
  /** Proofs to be made and verified: the answer comes back by `input`, or by `answer` when it takes its time. */
  readonly onEffect: (self: ValidatorIndex, effect: OutsideEffect) => void;
  readonly onOutput: (self: ValidatorIndex, output: Output) => void;
  readonly onFault: (self: ValidatorIndex, fault: PeerFault) => void;
  /** Sees every frame as it leaves. */
  readonly onSend?: (from: ValidatorIndex, to: ValidatorIndex, bytes: Uint8Array) => void;
  /** Sees every frame that another validator gets, as the link has it. */
  readonly onArrival?: (from: ValidatorIndex, to: ValidatorIndex, bytes: Uint8Array) => void;
  /** What faulty validators put on a link in place of a frame. */
  readonly twists?: ReadonlyMap<number, (bytes: Uint8Array, to: ValidatorIndex) => readonly Uint8Array[]>;
  /** A host died in a write: others may be killed with it. */
  readonly onDeath?: (committee: Committee<C>, self: ValidatorIndex) => void;
  /** Before each delivery. */
  readonly onDelivery?: () => void;
}

/** The oldest frame of a link arrives. */
interface FrameEvent {
  readonly type: 'frame';
  readonly from: ValidatorIndex;
  readonly to: ValidatorIndex;
}

type Event =
  | FrameEvent
  | { readonly type: 'input'; readonly to: ValidatorIndex; readonly input: LocalInput }
  | { readonly type: 'disk'; readonly to: ValidatorIndex }
  | { readonly type: 'restart'; readonly to: ValidatorIndex };

interface LinkFrame {
  readonly number: number;
  readonly bytes: Uint8Array;
}

/** A link hands over its frames in their order, however long each of them takes. */
interface Link {
  readonly frames: Set<LinkFrame>;
  /** Number of the newest frame that a faulty validator put on it. */
  twisted: number;
}

/** Milliseconds that a host which died stays down. */
const DOWN_MS = 50;
/** Milliseconds that a disk takes. */
const DISK_MS = 5;

/**
 * A committee of hosts: links in virtual time or a scheduler without time between them, a store behind each. A host dies in a
 * write of its store, or when it is told to; it restarts from its store, and links that went down give back what was lost on them.
 * Equal options and inputs give equal runs.
 */
export class Committee<C extends HostConfig = ValidatorConfig> {
  readonly n: number;
  readonly stores: readonly Store[];
  readonly hosts: (Host<C> | undefined)[] = [];
  readonly #options: CommitteeOptions<C>;
  readonly #schedule: Schedule;
  readonly #prng: Prng;
  readonly #queue = new EventQueue();
  readonly #events = new Map<number, Event>();
  readonly #links: Link[];
  readonly #apart = new Set<number>();
  readonly #slow = new Set<number>();
  readonly #held: FrameEvent[] = [];
  readonly #touched = new Set<number>();
  readonly #isDown = new Set<number>();
  /** Those whose disk is about to work. */
  readonly #works = new Set<number>();
  #scheduled = 0;
  #nowMs = 0;
  #restarts = 0;

  constructor(options: CommitteeOptions<C>) {
    const n = options.configs.length;
    this.n = n;
    this.#options = options;
    this.stores = options.stores ?? options.configs.map(() => new MemoryStore());
    this.#prng = new Prng(options.seed);
    this.#schedule = openSchedule(n, options.schedule, new Prng(options.seed + 2 ** 34));
    this.#links = Array.from({ length: n * n }, () => ({ frames: new Set(), twisted: 0 }));
    for (let i = 0; i < n; i++) if (options.absent?.has(i) !== true) this.#open(validatorIndex(i));
  }

  /** Virtual milliseconds; 0 without time. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** Virtual milliseconds of what happens next; endless if nothing is on its way. */
  get nextMs(): number {
    return this.#queue.size === 0 ? Number.POSITIVE_INFINITY : this.#queue.nextKey;
  }

  /** Whether anything is on its way. */
  get isBusy(): boolean {
    return this.#queue.size > 0;
  }

  /** Times that a host came back from its store. */
  get restarts(): number {
    return this.#restarts;
  }

  /** Gives a validator an input and makes it durable. One that is down does not hear it. */
  input(to: number, input: LocalInput): void {
    this.#give(validatorIndex(to), input);
    this.#commit();
  }

  toAll(input: LocalInput): void {
    for (let to = 0; to < this.n; to++) this.input(to, input);
  }

  /** An input that comes after a while: an answer that takes its time. @param ms without time it comes whenever the schedule says */
  answer(to: ValidatorIndex, input: LocalInput, ms = 0): void {
    this.#push({ type: 'input', to, input }, this.#keyOwn(to, ms));
  }

  /** Puts a frame on a link that its sender never sent: one of the faulty validators that have a twist. */
  inject(from: number, to: number, bytes: Uint8Array): void {
    assert(this.#options.twists?.has(from) === true, 'only a faulty validator says what it did not say');
    if (!this.#isUp(from, to) || this.hosts[to] === undefined) return;
    const number = ++this.#link(from, to).twisted;
    this.#carry(validatorIndex(from), validatorIndex(to), { number, bytes });
  }

  /** Handles what happens at the next instant, then commits. @returns false if nothing is on its way */
  step(): boolean {
    const queue = this.#queue;
    if (queue.size === 0) return false;
    const key = queue.nextKey;
    if (this.#schedule.timed) this.#nowMs = key;
    let left = this.#schedule.timed
      ? Number.POSITIVE_INFINITY
      : 1 + this.#prng.below(this.#options.burst ?? 1);
    while (left-- > 0 && queue.size > 0 && (!this.#schedule.timed || queue.nextKey === key)) {
      const number = queue.pop();
      const event = this.#events.get(number)!;
      this.#events.delete(number);
      this.#dispatch(event);
    }
    this.#commit();
    return queue.size > 0;
  }

  /** Until nothing is on its way. */
  drain(): void {
    while (this.step());
  }

  /** A validator that was absent begins, or one goes on with other keys, from its store. */
  open(self: ValidatorIndex): void {
    if (this.#isDown.has(self)) return;
    this.hosts[self] = undefined;
    this.#touched.delete(self);
    for (let from = 0; from < this.n; from++) this.#link(from, self).frames.clear();
    this.#open(self);
  }

  /** Takes everything from a validator but its store, with what was on its way to it. It restarts when the schedule says. */
  kill(i: number): void {
    if (this.#isDown.has(i)) return;
    this.#isDown.add(i);
    this.hosts[i] = undefined;
    this.#options.disks?.get(i)?.lose();
    this.#touched.delete(i);
    for (let from = 0; from < this.n; from++) this.#link(from, i).frames.clear();
    const to = validatorIndex(i);
    this.#push({ type: 'restart', to }, this.#keyOwn(to, DOWN_MS));
  }

  /** A validator's links go down: what is on them is lost. */
  disconnect(i: number): void {
    this.#apart.add(i);
    for (let peer = 0; peer < this.n; peer++) {
      if (peer === i) continue;
      this.#link(peer, i).frames.clear();
      this.#link(i, peer).frames.clear();
    }
  }

  /** They are up again. */
  reconnect(i: number): void {
    this.#apart.delete(i);
    for (let peer = 0; peer < this.n; peer++) if (peer !== i) this.#connect(i, peer);
    this.#commit();
  }

  /** A validator's links become slow: what is on them and what comes stays there until `release`. */
  hold(i: number): void {
    this.#slow.add(i);
  }

  /** All that was held goes on its way. */
  release(): void {
    this.#slow.clear();
    for (const event of this.#held.splice(0))
      this.#push(event, this.#schedule.key(event.from, event.to, 0, this.#nowMs));
  }

  #isHeld({ from, to }: FrameEvent): boolean {
    return from !== to && (this.#slow.has(from) || this.#slow.has(to));
  }

  #open(self: ValidatorIndex): void {
    const { configs, machineOf, secretsOf } = this.#options;
    const given = configs[self]!;
    const config = { ...given, secrets: secretsOf?.(self) ?? given.secrets };
    this.#mortal(self, () => {
      const port = this.#portOf(self);
      const host = new Host<C>({
        config,
        store: this.stores[self]!,
        port,
        ...(machineOf === undefined ? {} : { machineOf }),
      });
      this.hosts[self] = host;
      host.start();
    });
    for (let peer = 0; peer < this.n; peer++) if (peer !== self) this.#connect(self, peer);
    this.#commit();
    if (this.hosts[self] !== undefined) this.#options.onOpen?.(self);
  }

  /** A link comes up: each side tells the other what it has for good, and gets the rest. */
  #connect(a: number, b: number): void {
    if (this.hosts[a] === undefined || this.hosts[b] === undefined || !this.#isUp(a, b)) return;
    // It is a new one: what was still on the one before is sent again if it is needed.
    for (const link of [this.#link(a, b), this.#link(b, a)]) link.frames.clear();
    for (const [one, other] of [
      [validatorIndex(a), validatorIndex(b)],
      [validatorIndex(b), validatorIndex(a)],
    ] as const) {
      // The first side may die of what it is told.
      const number = this.hosts[other]?.receivedFrom(one);
      if (number !== undefined) this.#living(one, (host) => host.connected(other, number));
    }
  }

  #portOf(self: ValidatorIndex): HostPort {
    const { onEffect, onOutput, onFault } = this.#options;
    return {
      send: (to, number, bytes) => this.#send(self, to, number, bytes),
      acknowledge: (to, number) => {
        if (this.#isUp(self, to)) this.hosts[to]?.acknowledged(self, number);
      },
      effect: (effect) => onEffect(self, effect),
      output: (output) => onOutput(self, output),
      fault: (fault) => onFault(self, fault),
    };
  }

  #send(from: ValidatorIndex, to: ValidatorIndex, number: number, bytes: Uint8Array): void {
    this.#options.onSend?.(from, to, bytes);
    if (!this.#isUp(from, to) || this.hosts[to] === undefined) return;
    const link = this.#link(from, to);
    const twist = from === to ? undefined : this.#options.twists?.get(from);
    const frames = twist?.(bytes, to).map((each) => ({ number: ++link.twisted, bytes: each }));
    for (const frame of frames ?? [{ number, bytes }]) this.#carry(from, to, frame);
  }

  #carry(from: ValidatorIndex, to: ValidatorIndex, frame: LinkFrame): void {
    this.#link(from, to).frames.add(frame);
    this.#push({ type: 'frame', from, to }, this.#schedule.key(from, to, frame.bytes.length, this.#nowMs));
  }

  #dispatch(event: Event): void {
    const { to } = event;
    if (event.type === 'restart') {
      this.#restarts += 1;
      this.#isDown.delete(to);
      return this.#open(to);
    }
    if (event.type === 'frame' && this.#isHeld(event)) {
      this.#held.push(event);
      return;
    }
    if (event.type === 'disk') {
      this.#works.delete(to);
      return this.#living(to, () => this.#options.disks?.get(to)?.work());
    }
    this.#options.onDelivery?.();
    if (event.type === 'input') return this.#give(to, event.input);
    const { frames } = this.#link(event.from, to);
    const [frame] = frames;
    if (frame === undefined) return;
    frames.delete(frame);
    if (event.from !== to) this.#options.onArrival?.(event.from, to, frame.bytes);
    this.#living(to, (host) => host.receive(event.from, frame.number, frame.bytes));
  }

  #give(to: ValidatorIndex, input: LocalInput): void {
    this.#living(to, (host) => host.input(input));
  }

  #commit(): void {
    for (const i of [...this.#touched]) this.#living(validatorIndex(i), (host) => host.commit());
    this.#touched.clear();
    for (const [i, disk] of this.#options.disks ?? []) {
      if (!disk.isBusy || this.#works.has(i)) continue;
      this.#works.add(i);
      this.#push({ type: 'disk', to: validatorIndex(i) }, this.#keyOwn(validatorIndex(i), DISK_MS));
    }
  }

  /** Lets a host work, which may die of it. */
  #living(i: ValidatorIndex, work: (host: Host<C>) => void): void {
    const host = this.hosts[i];
    if (host === undefined) return;
    this.#touched.add(i);
    this.#mortal(i, () => work(host));
  }

  #mortal(i: ValidatorIndex, work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof Death)) throw error;
      this.kill(i);
      this.#options.onDeath?.(this, i);
    }
  }

  #link(from: number, to: number): Link {
    return this.#links[from * this.n + to]!;
  }

  #isUp(a: number, b: number): boolean {
    return a === b || !(this.#apart.has(a) || this.#apart.has(b));
  }

  #keyOwn(self: ValidatorIndex, ms: number): number {
    return this.#schedule.timed ? this.#nowMs + ms : this.#schedule.key(self, self, 0, 0);
  }

  #push(event: Event, key: number): void {
    this.#events.set(this.#scheduled, event);
    this.#queue.push(key, this.#scheduled++);
  }
}
