import { connect, type TLSSocket } from 'node:tls';
import { equalBytes } from '../base/bytes.ts';
import { type ValidatorIndex, validatorIndex } from '../params/ids.ts';
import { peerKey, type TlsIdentity } from './identity.ts';
import { Link, type LinkEvents } from './link.ts';
import { PeerState } from './peer-state.ts';
import { HANDSHAKE_MS, secureOptions, streamName, type TlsListener } from './tls-listener.ts';
import type { Address, PeerStatus, Transport, TransportOwner } from './transport.ts';
import { type Hello, WIRE_VERSION, type WireFrame } from './wire.ts';

/** Times of a transport, ms. A test may shorten them. */
export interface TransportTimes {
  /** From a connection to its hello. */
  readonly handshakeMs: number;
  readonly tickMs: number;
  /** Ticks that a peer may be silent for. It says that it is there once a tick. */
  readonly maxSilentTicks: number;
  /** Between two streams that are accepted of one peer. */
  readonly acceptMs: number;
}

const TIMES: TransportTimes = { handshakeMs: HANDSHAKE_MS, tickMs: 1_000, maxSilentTicks: 10, acceptMs: 250 };

export interface TlsTransportOptions {
  readonly self: ValidatorIndex;
  readonly identity: TlsIdentity;
  /** Ed25519 keys of all validators, by index: nobody else is heard. */
  readonly keys: readonly Uint8Array[];
  /** Where each validator listens, by index. */
  readonly addresses: readonly Address[];
  /** Where this process answers. Its owner opens and closes it. */
  readonly listener: TlsListener;
  /** 32 bytes each: hash of the chain; of the epoch, or the session in which keys are generated. */
  readonly chain: Uint8Array;
  readonly epoch: Uint8Array;
  readonly owner: TransportOwner;
  readonly times?: Partial<TransportTimes>;
  /** Delay of what comes, ms: a devnet's nodes are all on one machine. */
  readonly delayMs?: number;
}

/**
 * Streams between the validators of one epoch over TLS 1.3, in which both ends show their Ed25519 keys. Of two validators the one with the
 * lower index dials the other. A peer that comes again is a peer that restarted: its new stream takes the place of the old one.
 * Whoever shows no key of the epoch is dropped as the handshake ends, before a byte is read.
 */
export class TlsTransport implements Transport {
  readonly #options: TlsTransportOptions;
  readonly #times: TransportTimes;
  readonly #name: string;
  readonly #peers: ReadonlyMap<ValidatorIndex, PeerState>;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: TlsTransportOptions) {
    this.#options = options;
    this.#times = { ...TIMES, ...options.times };
    const indices = options.keys.map((_, i) => validatorIndex(i));
    this.#peers = new Map(
      indices
        .filter((i) => i !== options.self)
        .map((i) => [i, new PeerState(i, options.addresses[i]!)] as const),
    );
    this.#name = streamName(options.epoch);
  }

  open(): void {
    const { listener, identity } = this.#options;
    listener.add(this.#name, { identity, accept: (key, socket) => this.#accept(key, socket) });
    this.#timer = setInterval(() => this.#tick(), this.#times.tickMs);
    for (const peer of this.#peers.values()) this.#dial(peer);
  }

  send(to: ValidatorIndex, number: number, bytes: Uint8Array): void {
    const peer = this.#peers.get(to)!;
    if (peer.link === undefined || number <= peer.sent || !peer.link.hasRoom) return;
    peer.sent = number;
    peer.link.write({ kind: 'frame', number, bytes });
  }

  acknowledge(to: ValidatorIndex, number: number): void {
    const peer = this.#peers.get(to)!;
    if (peer.link === undefined) return;
    if (peer.link.hasRoom) peer.link.write({ kind: 'ack', number });
    else peer.ackDue = number;
  }

  blame(peer: ValidatorIndex): void {
    const state = this.#peers.get(peer);
    // What was under way when its stream ended is told once more, and is no reason to leave it alone longer.
    if (state?.link !== undefined && state.blamed(performance.now())) state.link.destroy();
  }

  peers(): readonly PeerStatus[] {
    return [...this.#peers.values()].map((peer) => peer.status(performance.now()));
  }

  close(): void {
    this.#isClosed = true;
    this.#options.listener.remove(this.#name);
    clearInterval(this.#timer);
    for (const { dialling, redial, greeting, link } of this.#peers.values()) {
      clearTimeout(redial);
      dialling?.destroy();
      greeting?.destroy();
      link?.destroy();
    }
  }

  #accept(key: Uint8Array, socket: TLSSocket): void {
    const peer = this.#peerWith(key);
    const nowMs = performance.now();
    const isDue =
      peer !== undefined && !this.#isDialled(peer) && nowMs - peer.acceptedMs >= this.#times.acceptMs;
    if (this.#isClosed || !isDue || peer.isBanned(nowMs)) return void socket.destroy();
    peer.acceptedMs = nowMs;
    peer.link?.destroy();
    peer.greeting?.destroy();
    this.#greet(peer, socket);
  }

  #peerWith(key: Uint8Array): PeerState | undefined {
    const at = this.#options.keys.findIndex((known) => equalBytes(known, key));
    return at < 0 ? undefined : this.#peers.get(validatorIndex(at));
  }

  #isDialled(peer: PeerState): boolean {
    return this.#options.self < peer.index;
  }

  #dial(peer: PeerState): void {
    if (this.#isClosed || !this.#isDialled(peer)) return;
    const { host, port } = peer.address;
    const socket = connect({ host, port, servername: this.#name, ...secureOptions(this.#options.identity) });
    peer.dialling = socket;
    const timer = setTimeout(() => socket.destroy(), this.#times.handshakeMs);
    socket.on('error', () => {});
    socket.once('secureConnect', () => {
      clearTimeout(timer);
      const key = peerKey(socket);
      if (key === undefined || !equalBytes(key, this.#options.keys[peer.index]!)) socket.destroy();
      else this.#greet(peer, socket);
    });
    socket.once('close', () => {
      clearTimeout(timer);
      peer.dialling = undefined;
      if (this.#isClosed) return;
      peer.redial = setTimeout(() => this.#dial(peer), peer.nextDialMs(performance.now()));
    });
  }

  /** The other end is this peer: each says hello. */
  #greet(peer: PeerState, socket: TLSSocket): void {
    const events: LinkEvents = {
      onFrame: (frame) => this.#onFrame(peer, link, frame),
      onMalformed: () => peer.violated(performance.now()),
      onRoom: () => this.#pump(peer, link),
      onClose: () => {
        clearTimeout(timer);
        peer.closed(link);
        if (peer.greeting === link) peer.greeting = undefined;
        if (peer.link !== link) return;
        peer.link = undefined;
        this.#options.owner.onDown(peer.index);
      },
    };
    const link = new Link(socket, events, this.#options.delayMs);
    const timer = setTimeout(() => {
      if (peer.link !== link) link.destroy();
    }, this.#times.handshakeMs);
    peer.greeting = link;
    const { chain, epoch, owner } = this.#options;
    link.write({ kind: 'hello', version: WIRE_VERSION, chain, epoch, ...owner.numbersOf(peer.index) });
  }

  #onFrame(peer: PeerState, link: Link, frame: WireFrame): void {
    const { owner } = this.#options;
    if (frame.kind === 'hello') this.#onHello(peer, link, frame);
    else if (frame.kind === 'frame') owner.onFrame(peer.index, frame.number, frame.bytes);
    else if (frame.kind === 'ack') owner.onAcknowledged(peer.index, frame.number);
  }

  #onHello(peer: PeerState, link: Link, { version, chain, epoch, durable, received }: Hello): void {
    const { owner, ...own } = this.#options;
    peer.isOtherVersion = version !== WIRE_VERSION;
    // One of the two is to be upgraded: it is no lie, and the peer is looked for as often as one that is down.
    if (peer.isOtherVersion) return link.destroy();
    const isSame = equalBytes(chain, own.chain) && equalBytes(epoch, own.epoch);
    if (!isSame) {
      peer.violated(performance.now());
      return link.destroy();
    }
    peer.greeting = undefined;
    peer.reached(link);
    peer.sent = received;
    peer.ackDue = undefined;
    owner.onUp(peer.index, { durable, received });
    this.#pump(peer, link);
  }

  /** Takes from the owner's outbox what the stream has room for. */
  #pump(peer: PeerState, link: Link): void {
    if (peer.link !== link || !link.hasRoom) return;
    const { ackDue } = peer;
    peer.ackDue = undefined;
    if (ackDue !== undefined) link.write({ kind: 'ack', number: ackDue });
    for (const { number, bytes } of this.#options.owner.waiting(peer.index, peer.sent)) {
      if (!link.hasRoom) return;
      peer.sent = number;
      link.write({ kind: 'frame', number, bytes });
    }
  }

  #tick(): void {
    for (const { link } of this.#peers.values()) link?.tick(this.#times.maxSilentTicks);
  }
}
