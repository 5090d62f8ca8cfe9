import { toHex } from '../base/bytes.ts';
import { assert } from '../base/errors.ts';
import type { Bit } from '../consensus/aba/votes.ts';
import type { AcsProposal, CommonSubset } from '../consensus/acs/common-subset.ts';
import type { Protocol, SubsetEffect, SubsetStep } from '../consensus/protocol.ts';
import { type ValidatorIndex, validatorIndex } from '../params/ids.ts';
import { type Quorum, quorumOf } from '../params/quorum.ts';
import { HASH_BYTES } from '../params/sizes.ts';
import { Catchup } from './catchup.ts';
import { CoinShares } from './coin-shares.ts';
import { EarlyPackets } from './early-packets.ts';
import { framePacket, outputDigest, type Packet } from './packet.ts';
import { PACKET_WINDOW, PeerWindows } from './peer-windows.ts';

/** Times that a machine may answer its own answers: some for each of 64 rounds. */
const MAX_OWN_TURNS = 1000;

/** What a host asks of the simulation. */
export interface Port<M> {
  send(to: ValidatorIndex | 'all', packet: Packet<M>, depth: number): void;
  output(height: number, payloads: readonly AcsProposal[], depth: number): void;
  fault(by: ValidatorIndex, fault: string, height: number): void;
  /** The own share of a coin goes out now. */
  coin(height: number, instance: number, round: number): void;
  /** Wants `timeout` of this view after the base time-out doubled so often. */
  timer(height: number, view: number, doublings: number): void;
}

/** What a height put out. */
export interface Archive {
  get(height: number): readonly AcsProposal[] | undefined;
  put(height: number, payloads: readonly AcsProposal[]): void;
}

export interface SubsetHostOptions<M> {
  readonly n: number;
  readonly self: ValidatorIndex;
  readonly protocol: Protocol<M>;
  /** What to propose; undefined: nothing, the height waits for others. */
  readonly proposalOf: (height: number) => Uint8Array | undefined;
  readonly isValid: (payload: Uint8Array) => boolean;
  readonly coinOf: (height: number, instance: number, round: number) => Bit;
  /** The lot of a round, below n − round; for protocols that draw lots. */
  readonly electedOf?: (height: number, round: number) => number;
  /** Own messages and the predicate's answers take their time in the network instead of none. */
  readonly selfInNetwork: boolean;
  /** Heights under way at once, from the one in progress on; 1 by default. Whatever they decide first, they are put out in order. */
  readonly pipeline?: number;
  /** Heights ahead of the one in progress that packets are taken of, the same to all; PACKET_WINDOW by default, and not fewer than the pipeline has. */
  readonly window?: number;
  readonly archive: Archive;
  readonly port: Port<M>;
}

interface Live<M> {
  readonly height: number;
  readonly machine: CommonSubset<M, SubsetEffect>;
  /** Steps whose sends have not been looped back to oneself; steps that have, and wait to be sent. */
  steps: SubsetStep<M>[];
  outgoing: SubsetStep<M>[];
  readonly shares: CoinShares;
  /** Verdicts asked for and not answered, by proposer: what the predicate says. */
  readonly verdicts: Map<number, boolean>;
  /** Longest chain of messages that led here. */
  depth: number;
}

/**
 * One validator that goes through heights: a machine for the height in progress and one for the height before, a window
 * in front, outputs behind; with a pipeline of d heights, machines for the d before and the d − 1 after. It is a function of
 * what it is given: equal packets give an equal host.
 */
export class SubsetHost<M> {
  height: number;
  private readonly options: SubsetHostOptions<M>;
  private readonly quorum: Quorum;
  private readonly lives = new Map<number, Live<M>>();
  private readonly early: EarlyPackets<M>;
  private readonly peers: PeerWindows<M>;
  private readonly catchup: Catchup;
  private readonly pipeline: number;
  /** What came out of heights after the one in progress, and waits for it. */
  private readonly ahead = new Map<
    number,
    { readonly payloads: readonly AcsProposal[]; readonly depth: number }
  >();
  private touched = false;
  /** Took an output from others, and nobody may have heard how far it is. */
  private tookOutput = false;

  /** Starts at height 1. */
  constructor(options: SubsetHostOptions<M>) {
    const { n, self, window = PACKET_WINDOW } = options;
    this.options = options;
    this.quorum = quorumOf(n);
    this.early = new EarlyPackets(window);
    this.peers = new PeerWindows(n, self, window);
    this.catchup = new Catchup(this.quorum, window);
    this.height = 1;
    this.pipeline = options.pipeline ?? 1;
    for (let height = 1; height <= this.pipeline; height++) this.enter(height);
    this.settle();
  }

  /** A packet from a peer, from oneself, or a timer. */
  receive(from: ValidatorIndex, packet: Packet<M>, depth: number): void {
    this.apply(from, packet, depth);
    this.touched = true;
  }

  /** Sends what the packets since the last call led to. */
  flush(): void {
    if (!this.touched) return;
    this.touched = false;
    this.settle();
  }

  /** Bytes that wait for heights to come, and messages kept back for peers that lag. */
  status() {
    return {
      height: this.height,
      earlyBytes: this.early.bytesBy(this.quorum.n),
      withheld: this.peers.withheld,
      machines: [...this.lives.values()].map(({ height, machine }) => ({ height, ...machine.status() })),
    };
  }

  private apply(from: ValidatorIndex, packet: Packet<M>, depth: number): void {
    const { self, port } = this.options;
    const { type, height } = packet;
    this.heard(from, packet);
    if (type === 'done') return this.onDone(from, height, packet.digest);
    if (type === 'ask') return this.onAsk(from, height);
    if (type === 'chain') return this.onChain(from, height, packet.payloads);
    if (type === 'here') return;
    if ((type === 'verdict' || type === 'timeout') && from !== self) {
      return port.fault(from, 'PACKET_NOT_OWN', height);
    }
    const live = this.lives.get(height);
    if (live !== undefined) return this.feed(live, from, packet, depth);
    if (height < this.height + this.pipeline) return;
    const isKept = this.early.keep(from, packet, depth, this.height);
    if (!isKept && from !== self) port.fault(from, 'HEIGHT_BEYOND_WINDOW', height);
  }

  /** A peer spoke of a height: it may be sent what waited for that. */
  private heard(from: ValidatorIndex, packet: Packet<M>): void {
    if (from === this.options.self) return;
    if (!this.peers.reached(from, this.reachedBy(packet))) return;
    for (const { packet: waiting, depth } of this.peers.due(from)) {
      this.options.port.send(from, waiting, depth);
    }
    this.tellDone(from);
  }

  /** The least height in progress at the sender. */
  private reachedBy({ type, height }: Packet<M>): number {
    if (type === 'done') return height + this.pipeline + 1;
    if (type === 'chain') return height + 1;
    return type === 'frame' || type === 'share' ? height - this.pipeline + 1 : height;
  }

  private feed(live: Live<M>, from: ValidatorIndex, packet: Packet<M>, depth: number): void {
    live.depth = Math.max(live.depth, depth);
    if (packet.type === 'frame') this.absorb(live, live.machine.handle(from, packet.message));
    else if (packet.type === 'share') this.onShare(live, from, packet.instance, packet.round, packet.good);
    else if (packet.type === 'verdict') this.onVerdict(live, packet.proposer);
    else if (packet.type === 'timeout') this.absorb(live, live.machine.timeout!(packet.view));
  }

  /** An answer of the predicate. */
  private onVerdict(live: Live<M>, proposer: number): void {
    const ok = live.verdicts.get(proposer);
    if (ok === undefined) return;
    live.verdicts.delete(proposer);
    this.absorb(live, live.machine.validated(validatorIndex(proposer), ok));
  }

  /** sharesRequired good shares open the oracle's coin; a bad one is its sender's fault and counts for nothing. */
  private onShare(live: Live<M>, from: ValidatorIndex, instance: number, round: number, good: boolean): void {
    const { port, coinOf, electedOf, n } = this.options;
    if (!good) return port.fault(from, 'COIN_SHARE_INVALID', live.height);
    const result = live.shares.add(from, instance, round);
    if (result === 'beyond') return port.fault(from, 'COIN_OUT_OF_RANGE', live.height);
    if (result !== 'open') return;
    if (instance === n) {
      const pick = electedOf?.(live.height, round);
      if (pick !== undefined && live.machine.elected !== undefined)
        this.absorb(live, live.machine.elected(round, pick));
      return;
    }
    const bit = coinOf(live.height, instance, round);
    this.absorb(live, live.machine.coin(validatorIndex(instance), round, bit));
  }

  private absorb(live: Live<M>, step: SubsetStep<M>): void {
    const { port, n, self, isValid, selfInNetwork } = this.options;
    const { height } = live;
    if (step.sends.length > 0) live.steps.push(step);
    for (const { by, fault } of step.faults) port.fault(by, fault, height);
    for (const { payloads } of step.outputs) this.putOut(height, payloads, live.depth);
    for (const effect of step.effects) {
      if (effect.type === 'timer') port.timer(height, effect.view, effect.doublings ?? effect.view);
      else if (effect.type === 'coin' || effect.type === 'elect') {
        const { round } = effect;
        // The lots are the coins of an instance behind all agreements.
        const instance = effect.type === 'coin' ? effect.instance : n;
        live.shares.release(instance, round);
        port.coin(height, instance, round);
        this.post('all', { type: 'share', height, instance, round, good: true }, live.depth + 1);
        if (!selfInNetwork) this.onShare(live, self, instance, round, true);
      } else {
        live.verdicts.set(effect.proposer, isValid(effect.payload));
        if (!selfInNetwork) this.onVerdict(live, effect.proposer);
        else port.send(self, { type: 'verdict', height, proposer: effect.proposer }, live.depth);
      }
    }
  }

  private putOut(height: number, payloads: readonly AcsProposal[], depth: number): void {
    const { archive, port } = this.options;
    if (height > this.height) {
      this.ahead.set(height, { payloads, depth });
      return;
    }
    if (archive.get(height) === undefined) archive.put(height, payloads);
    port.output(height, payloads, depth);
  }

  /** Loops own messages back, goes on to the next height when one is out, then sends. */
  private settle(): void {
    do {
      for (const live of this.lives.values()) this.loopBack(live);
    } while (this.advance());
    for (const live of this.lives.values()) this.send(live);
    if (this.tookOutput && !this.catchup.isDone(this.height)) {
      this.tookOutput = false;
      this.options.port.send('all', { type: 'here', height: this.height }, 0);
    }
    for (const { to, height } of this.catchup.asks(this.height)) {
      this.options.port.send(to, { type: 'ask', height }, 0);
    }
  }

  private loopBack(live: Live<M>): void {
    const { self, n, protocol, selfInNetwork } = this.options;
    for (let turn = 0; live.steps.length > 0; turn++) {
      assert(turn < MAX_OWN_TURNS, 'a machine comes to an end with its own messages');
      const step = live.steps.length === 1 ? live.steps[0]! : protocol.merge(n, live.steps);
      live.steps = [];
      live.outgoing.push(step);
      if (selfInNetwork) continue;
      for (const { to, message } of step.sends) {
        if (to === 'all' || to === self) this.absorb(live, live.machine.handle(self, message));
      }
    }
  }

  private advance(): boolean {
    if (this.options.archive.get(this.height) === undefined) return false;
    this.height += 1;
    for (const height of this.lives.keys()) if (height < this.height - this.pipeline) this.drop(height);
    this.enter(this.height + this.pipeline - 1);
    const ready = this.ahead.get(this.height);
    if (ready !== undefined) {
      this.ahead.delete(this.height);
      this.putOut(this.height, ready.payloads, ready.depth);
    }
    return true;
  }

  /** Proposes, unless the height is known to be over elsewhere. */
  private enter(height: number): void {
    const { n, self, protocol, proposalOf } = this.options;
    const payload = this.catchup.isDone(height) ? undefined : proposalOf(height);
    const machine = protocol.create({ n, self, height });
    const live: Live<M> = {
      height,
      machine,
      steps: [],
      outgoing: [],
      shares: new CoinShares(this.quorum, n + 1),
      verdicts: new Map(),
      depth: 0,
    };
    this.lives.set(height, live);
    if (payload !== undefined) this.absorb(live, machine.propose(payload));
    for (const { from, packet, depth } of this.early.take(height)) this.feed(live, from, packet, depth);
  }

  /** Forgets a machine: q validators were in a height that begins after it, so f + 1 correct ones can vouch for what came out. */
  private drop(height: number): void {
    const { self, n } = this.options;
    this.lives.delete(height);
    this.peers.forget(height);
    this.catchup.forget(height);
    for (let peer = 0; peer < n; peer++) if (peer !== self) this.tellDone(validatorIndex(peer));
  }

  /** Heights whose machine is gone, for a peer that has not got so far: what came out, by its digest. */
  private tellDone(to: ValidatorIndex): void {
    for (const height of this.peers.dones(to, this.height - this.pipeline - 1)) {
      const payloads = this.options.archive.get(height);
      if (payloads === undefined) continue;
      this.options.port.send(to, { type: 'done', height, digest: outputDigest(payloads) }, 0);
    }
  }

  private onDone(from: ValidatorIndex, height: number, digest: Uint8Array): void {
    if (height < this.height) return;
    const { port } = this.options;
    if (digest.length !== HASH_BYTES) return port.fault(from, 'DONE_MALFORMED', height);
    if (!this.catchup.claim(from, height, toHex(digest), this.height)) {
      port.fault(from, 'HEIGHT_BEYOND_WINDOW', height);
    }
  }

  /** Serves an output once a peer and height. */
  private onAsk(from: ValidatorIndex, height: number): void {
    const payloads = this.options.archive.get(height);
    if (payloads === undefined || !this.peers.serves(from, height)) return;
    this.options.port.send(from, { type: 'chain', height, payloads }, 0);
  }

  private onChain(from: ValidatorIndex, height: number, payloads: readonly AcsProposal[]): void {
    const { archive, port } = this.options;
    if (height !== this.height || archive.get(height) !== undefined) return;
    if (!this.catchup.awaits(from, height)) return port.fault(from, 'CHAIN_UNASKED', height);
    if (!this.catchup.answer(from, height, toHex(outputDigest(payloads)))) {
      return port.fault(from, 'CHAIN_MISMATCH', height);
    }
    this.tookOutput = true;
    this.putOut(height, payloads, 0);
  }

  private send(live: Live<M>): void {
    if (live.outgoing.length === 0) return;
    const { n, protocol, selfInNetwork, self } = this.options;
    const { height } = live;
    const step = live.outgoing.length === 1 ? live.outgoing[0]! : protocol.merge(n, live.outgoing);
    live.outgoing = [];
    for (const { to, message } of step.sends) {
      if (to === self && !selfInNetwork) continue;
      this.post(to, framePacket(protocol, height, message), live.depth + 1);
    }
  }

  /** Sends what a machine says: to each peer when it is known to be ready for it. Oneself hears it from the network or not at all. */
  private post(to: ValidatorIndex | 'all', packet: Packet<M>, depth: number): void {
    const { n, port, selfInNetwork, self } = this.options;
    if (to === 'all' && this.peers.allWithin(packet.height)) return port.send('all', packet, depth);
    for (let peer = 0; peer < n; peer++) {
      const each = validatorIndex(peer);
      if ((to !== 'all' && to !== each) || (to === 'all' && each === self && !selfInNetwork)) continue;
      if (this.peers.passes(each, packet, depth)) port.send(each, packet, depth);
    }
  }
}
