import { assert } from '../base/errors.ts';
import type { Bit } from '../consensus/aba/votes.ts';
import type { AcsProposal } from '../consensus/acs/common-subset.ts';
import type { Protocol } from '../consensus/protocol.ts';
import { type ValidatorIndex, validatorIndex } from '../params/ids.ts';
import { type Quorum, quorumOf } from '../params/quorum.ts';
import type { CpuCosts } from './cpu.ts';
import { SimError } from './errors.ts';
import { InFlight, type Parcel } from './in-flight.ts';
import { OutputChecks } from './output-checks.ts';
import { encodePacket, framePacket, type Packet, packetBytes, packetMessages } from './packet.ts';
import { Prng } from './prng.ts';
import { eventBudget, HeightCounts, type HeightReport, messageBudget, type Violation } from './report.ts';
import { openSchedule, type Schedule, type ScheduleOptions } from './schedule.ts';
import { type Archive, type Port, SubsetHost, type SubsetHostOptions } from './subset-host.ts';
import { TraceHash } from './trace.ts';
import { type Actor, type Adversary, INVALID_MARK, type World } from './world.ts';

export interface SimulationOptions<M> {
  readonly n: number;
  readonly seed: number;
  readonly heights: number;
  readonly protocol: Protocol<M>;
  readonly schedule: ScheduleOptions;
  readonly payloadBytes: number;
  /** What the last `faulty` validators do; all others are correct. */
  readonly faulty?: number;
  readonly adversary?: Adversary<M>;
  /** Validators with nothing to propose; they take part in what others do. */
  readonly idle?: readonly number[];
  /** Heights that a validator has under way at once; 1 by default. */
  readonly pipeline?: number;
  readonly cpu?: CpuCosts;
  /** Milliseconds after which the first view of a protocol with a leader gives up. */
  readonly timeoutMs?: number;
  /** Stops, unfinished, at this virtual time. */
  readonly untilMs?: number;
}

export interface SimulationReport {
  readonly heights: readonly HeightReport[];
  readonly violations: readonly Violation[];
  readonly traceHash: string;
  /** Hash after each height's last correct output: where two runs part. */
  readonly checkpoints: readonly string[];
  /** Protocol messages delivered, votes counted singly; events handled. */
  readonly messages: number;
  readonly events: number;
  readonly endMs: number;
}

const CORRECT_MARK = 0x01;
/** Outputs of so many heights that all have are kept, for who asks late. */
const KEPT_HEIGHTS = 8;

/**
 * n validators, links or a scheduler, an adversary, and the checks of what must hold. One seed drives all of it: equal
 * options give equal runs.
 */
export class Simulation<M> implements World<M> {
  readonly n: number;
  readonly options: SimulationOptions<M>;
  readonly quorum: Quorum;
  readonly prng: Prng;
  readonly hosts: (SubsetHost<M> | undefined)[] = [];
  readonly violations: Violation[] = [];
  /** What each validator has received from others, in all heights. */
  readonly receivedBytes: Float64Array;
  private readonly actors: (Actor<M> | undefined)[] = [];
  private readonly inFlight: InFlight<M>;
  private readonly schedule: Schedule;
  private readonly counts = new HeightCounts();
  private readonly trace = new TraceHash();
  private readonly checkpoints: string[] = [];
  private readonly checks: OutputChecks;
  private readonly archives: Map<number, readonly AcsProposal[]>[] = [];
  private readonly busyMs: Float64Array;
  private readonly dirty: number[] = [];
  private readonly isDirty: Uint8Array;
  private readonly correct: number;
  private readonly mostEvents: number;
  private nowMs = 0;
  private messages = 0;
  private events = 0;

  constructor(options: SimulationOptions<M>) {
    const { n, seed, faulty = 0, adversary } = options;
    this.options = options;
    this.n = n;
    this.quorum = quorumOf(n);
    assert(faulty <= this.quorum.f, 'at most f validators are faulty');
    this.prng = new Prng(seed);
    this.inFlight = new InFlight(n);
    this.schedule = openSchedule(n, options.schedule, new Prng(seed + 2 ** 33));
    this.correct = n - faulty;
    this.mostEvents = adversary?.floods === true ? Number.POSITIVE_INFINITY : eventBudget(n, options.heights);
    this.checks = new OutputChecks(
      {
        correct: this.correct,
        leastOutputs: options.protocol.leastOutputs(n),
        proposalOf: (height, proposer) => this.proposalOf(height, proposer),
        isRefused: () => adversary?.proposesInvalid === true,
      },
      (property, height, node, detail) => this.violate(property, height, node, detail),
    );
    this.busyMs = new Float64Array(n);
    this.receivedBytes = new Float64Array(n);
    this.isDirty = new Uint8Array(n);
  }

  isCorrect(i: number): boolean {
    return i < this.correct;
  }

  get heights(): number {
    return this.options.heights;
  }

  get now(): number {
    return this.nowMs;
  }

  /** The common coin: known to the oracle and, with some adversaries, to the adversary. */
  coinOf(height: number, instance: number, round: number): Bit {
    const seed = (this.options.seed * 1009 + height) * 101 + instance;
    return new Prng(seed * 65_537 + round).bit();
  }

  /** The common lot of a round, known as the coin is. */
  electedOf(height: number, round: number): number {
    const seed = (this.options.seed * 1009 + height) * 101 + this.n;
    return new Prng(seed * 65_537 + round).below(this.n - round);
  }

  /** A correct validator's proposal: its own and of this height, whatever its contents. */
  proposalOf(height: number, proposer: number): Uint8Array {
    const length = Math.max(10, this.options.payloadBytes);
    const payload = new Uint8Array(length);
    const view = new DataView(payload.buffer);
    view.setUint8(0, CORRECT_MARK);
    view.setUint32(1, height);
    view.setUint8(5, proposer);
    view.setUint32(6, this.options.seed >>> 0);
    for (let i = 10; i < length; i++) payload[i] = (i * 31 + height * 7 + proposer) & 0xff;
    return payload;
  }

  /**
   * Runs until nothing is on its way, or all is done that was asked for.
   * @throws {SimError} SIM_ADVERSARY if the adversary throws
   */
  run(): SimulationReport {
    this.start();
    while (this.step());
    return this.report();
  }

  start(): void {
    const { n, adversary } = this.options;
    for (let i = 0; i < n; i++) this.archives.push(new Map());
    for (let i = 0; i < n; i++) {
      if (this.isCorrect(i)) this.boot(i);
      else {
        try {
          this.actors[i] = adversary?.open(this, validatorIndex(i));
        } catch (error) {
          this.panicked(i, error);
        }
      }
    }
  }

  /** Handles all that happens at the next instant. @returns whether there is more */
  step(): boolean {
    const { inFlight } = this;
    if (inFlight.size === 0) return false;
    const key = inFlight.nextKey;
    if (key === Number.POSITIVE_INFINITY) {
      this.violate('convergence', 0, -1, 'time-outs doubled until there was no later time');
      return false;
    }
    if (this.schedule.timed) {
      if (key > (this.options.untilMs ?? Number.POSITIVE_INFINITY)) return false;
      this.nowMs = key;
    }
    do this.dispatch(inFlight.next());
    while (inFlight.size > 0 && inFlight.nextKey === key);
    for (const i of this.dirty) {
      this.isDirty[i] = 0;
      try {
        this.actors[i]?.flush();
      } catch (error) {
        this.panicked(i, error);
      }
    }
    this.dirty.length = 0;
    if (this.events > this.mostEvents) {
      this.violate('convergence', 0, -1, `no end after ${this.events} deliveries`);
      return false;
    }
    return inFlight.size > 0;
  }

  frame(height: number, message: M): Packet<M> {
    return framePacket(this.options.protocol, height, message);
  }

  /** Puts a packet on its way; `'all'` is everybody, oneself only if own messages travel. */
  send(from: ValidatorIndex, to: ValidatorIndex | 'all', packet: Packet<M>, depth: number): void {
    const { n, protocol } = this.options;
    const { inFlight, schedule } = this;
    const bytes = packetBytes(packet);
    const leavesMs = Math.max(this.nowMs, this.busyMs[from]!);
    if (packet.type === 'frame') this.trace.addBytes(protocol.encode(packet.message));
    else this.trace.addBytes(encodePacket(packet, protocol));
    const slot = inFlight.open(packet, from, depth);
    for (let peer = 0; peer < n; peer++) {
      if (to !== 'all' && to !== peer) continue;
      if (to === 'all' && peer === from && schedule.timed) continue;
      inFlight.push(schedule.key(from, peer, bytes, leavesMs), slot, peer);
    }
    inFlight.close(slot);
  }

  /** A host with the simulation's oracles. @param port where it speaks to; the adversary's is its own */
  openHost(self: ValidatorIndex, port: Port<M>, more: Partial<SubsetHostOptions<M>> = {}): SubsetHost<M> {
    const { n, protocol, heights, idle = [], pipeline = 1 } = this.options;
    const last = idle.includes(self) ? 0 : heights;
    return new SubsetHost({
      n,
      self,
      protocol,
      proposalOf: (height) => (height <= last ? this.proposalOf(height, self) : undefined),
      isValid: (payload) => payload[0] !== INVALID_MARK,
      coinOf: (height, instance, round) => this.coinOf(height, instance, round),
      electedOf: (height, round) => this.electedOf(height, round),
      selfInNetwork: !this.schedule.timed,
      pipeline,
      archive: this.archiveOf(self),
      port,
      ...more,
    });
  }

  /** What a validator says and finds, for the simulation. */
  portOf(self: ValidatorIndex): Port<M> {
    return {
      send: (to, packet, depth) => this.send(self, to, packet, depth),
      output: (height, payloads, depth) => this.onOutput(self, height, payloads, depth),
      fault: (by, fault, height) => this.onFault(self, by, fault, height),
      coin: (height, instance, round) => this.counts.coin(height, instance, round),
      timer: (height, view, doublings) => this.onTimer(self, height, view, doublings),
    };
  }

  report(): SimulationReport {
    const { heights } = this.options;
    if (this.options.untilMs === undefined) this.checks.converged(heights);
    const reports = Array.from({ length: heights }, (_, h) => this.counts.report(h + 1, this.correct));
    for (const { height, messagesPerNode } of reports) {
      if (messagesPerNode > messageBudget(this.options.n) && this.options.adversary?.floods !== true) {
        this.violate('budget', height, -1, `${messagesPerNode} messages a validator`);
      }
    }
    return {
      heights: reports,
      violations: this.violations,
      traceHash: this.trace.hex,
      checkpoints: this.checkpoints,
      messages: this.messages,
      events: this.events,
      endMs: this.nowMs,
    };
  }

  private boot(i: number): void {
    const self = validatorIndex(i);
    try {
      const host = this.openHost(self, this.portOf(self));
      this.hosts[i] = host;
      this.actors[i] = host;
    } catch (error) {
      this.panicked(i, error);
    }
  }

  private archiveOf(i: number): Archive {
    const archive = this.archives[i]!;
    return {
      get: (height) => archive.get(height),
      put: (height, payloads) => {
        archive.set(height, payloads);
        if (!this.isCorrect(i)) archive.delete(height - KEPT_HEIGHTS);
      },
    };
  }

  private dispatch(event: number): void {
    const to = this.inFlight.receiverOf(event);
    const parcel = this.inFlight.parcelOf(event);
    const actor = this.actors[to];
    if (actor !== undefined) {
      try {
        actor.receive(parcel.from, parcel.packet, parcel.depth);
      } catch (error) {
        this.panicked(to, error);
      }
      if (this.isDirty[to] === 0) {
        this.isDirty[to] = 1;
        this.dirty.push(to);
      }
    }
    this.count(parcel, to);
    this.inFlight.arrived(event);
  }

  private count({ packet, from, number }: Parcel<M>, to: number): void {
    this.events += 1;
    this.trace.add(this.nowMs);
    this.trace.add(number * 256 + to);
    if (from === to) return;
    const bytes = packetBytes(packet);
    const messages = packetMessages(packet);
    this.messages += messages;
    this.receivedBytes[to]! += bytes;
    if (this.isCorrect(to)) this.counts.received(packet.height, messages, bytes);
    const { cpu } = this.options;
    if (cpu === undefined) return;
    const us =
      packet.type === 'share' ? cpu.shareUs : cpu.frameUs + messages * cpu.messageUs + bytes * cpu.byteUs;
    this.busyMs[to] = Math.max(this.nowMs, this.busyMs[to]!) + us / 1000;
  }

  /** A machine threw: nothing that arrives may lead to that. It is dead; a liar's machine may. */
  /** A validator throws. An adversary that does ends the run: it would go on beside a dead validator, which is another question. */
  private panicked(i: number, error: unknown): void {
    const detail = error instanceof Error ? error.message : String(error);
    if (!this.isCorrect(i)) {
      const who = `the adversary ${this.options.adversary?.name}, as validator ${i}`;
      throw new SimError('SIM_ADVERSARY', `${who}: ${detail}`, {}, error);
    }
    this.actors[i] = undefined;
    this.hosts[i] = undefined;
    this.violate('panic', 0, i, detail);
  }

  /** How long a validator waits in a view of a protocol with a leader before it gives it up, from now on. */
  protected patienceMs(
    _self: ValidatorIndex,
    _height: number,
    view: number,
    doublings: number = view,
  ): number {
    const { timeoutMs = 1000 } = this.options;
    return timeoutMs * 2 ** doublings;
  }

  private onTimer(self: ValidatorIndex, height: number, view: number, doublings: number): void {
    const slot = this.inFlight.open({ type: 'timeout', height, view }, self, 0);
    const key = this.schedule.timed
      ? this.nowMs + this.patienceMs(self, height, view, doublings)
      : this.events + 2 ** 34 * 2 ** doublings;
    this.inFlight.push(key, slot, self);
  }

  private onOutput(
    self: ValidatorIndex,
    height: number,
    payloads: readonly AcsProposal[],
    depth: number,
  ): void {
    if (!this.checks.take(self, height, payloads)) return;
    this.counts.finish(height, payloads.length, depth, Math.max(this.nowMs, this.busyMs[self]!));
    this.trace.add(self);
    for (const { proposer } of payloads) this.trace.add(proposer);
    if (!this.checks.isComplete(height)) return;
    this.checkpoints[height - 1] = this.trace.hex;
    this.counts.close(height);
    this.checks.forget(height - KEPT_HEIGHTS);
    for (let i = 0; i < this.correct; i++) this.archives[i]!.delete(height - KEPT_HEIGHTS);
  }

  private onFault(self: ValidatorIndex, by: ValidatorIndex, fault: string, height: number): void {
    this.counts.fault(height);
    if (this.isCorrect(by)) this.violate('fault against correct', height, self, `${fault} by ${by}`);
  }

  private violate(property: Violation['property'], height: number, node: number, detail: string): void {
    this.violations.push({ property, height, node, detail });
  }
}
