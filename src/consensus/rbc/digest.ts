import { equalBytes, toHex } from '../../base/bytes.ts';
import { hashBytes } from '../../crypto/hash.ts';
import { type ValidatorIndex, validatorIndex } from '../../params/ids.ts';
import { type Quorum, quorumOf } from '../../params/quorum.ts';
import { HASH_BYTES, MAX_PAYLOAD_BYTES } from '../../params/sizes.ts';
import { ConsensusError } from '../errors.ts';
import type { ConsensusFault } from '../faults.ts';
import { NOTHING, StepBuffer } from '../step.ts';
import type { Broadcast, BroadcastFactory, BroadcastOptions, RbcOutput, RbcStep } from './broadcast.ts';
import type { RbcKind, RbcMessage } from './messages.ts';
import { DigestTally, type DigestTallyState } from './tally.ts';

const EMPTY = new Uint8Array(0);
// Marks per peer.
const ASKED = 1;
const ANSWERED = 2;
const SERVED = 4;

/** A broadcast as plain data; the fields are those of DigestRbc. */
export type DigestRbcState = {
  readonly echoes: DigestTallyState;
  readonly readies: DigestTallyState;
  readonly peers: Uint8Array;
  readonly proposed: Uint8Array | undefined;
  readonly proposedDigest: Uint8Array | undefined;
  readonly certified: Uint8Array | undefined;
  readonly readiesOfCertified: number;
  readonly pulled: Uint8Array | undefined;
  readonly asks: number;
  readonly lies: number;
  readonly started: boolean;
  readonly sentReady: boolean;
  readonly delivered: boolean;
  readonly closed: boolean;
};

/**
 * Reliable broadcast of one proposer's payload m: Bracha's protocol on d = H(payload; m).   [README.md, Reliable broadcast]
 * If a correct validator delivers m, every correct one delivers m; if the proposer is correct, all deliver its m.
 * n ≥ 3f + 1, no clock.
 * Deviation D1: ECHO and READY carry d; who holds 2f + 1 READY(d) and not m pulls it from validators that sent
 * ECHO(d). Pulls are paced by READY messages, at most f of them, and suffice without a clock (README: Pulling).
 * Deviation D2: no ECHO after delivery: 2f + 1 READY make every other correct validator deliver.
 * @see Bracha, Asynchronous Byzantine agreement protocols, Inf. & Comp. 1987, Fig. 1
 */
export class DigestRbc implements Broadcast {
  private readonly quorum: Quorum;
  private readonly self: ValidatorIndex;
  private readonly proposer: ValidatorIndex;
  private readonly buffer = new StepBuffer<RbcMessage, RbcOutput, never>();
  private echoes: DigestTally;
  private readies: DigestTally;
  private readonly peers: Uint8Array;
  /** First PROPOSE and its digest: what this validator echoed and serves to pullers. */
  private proposed: Uint8Array | undefined;
  private proposedDigest: Uint8Array | undefined;
  /** The only digest that can be delivered: it has f + 1 READY, so a correct validator saw q ECHO of it. */
  private certified: Uint8Array | undefined;
  private readiesOfCertified = 0;
  private pulled: Uint8Array | undefined;
  private asks = 0;
  private lies = 0;
  private started = false;
  private sentReady = false;
  private delivered = false;
  private closed = false;

  constructor({ n, self, proposer }: BroadcastOptions) {
    this.quorum = quorumOf(n);
    this.self = self;
    this.proposer = proposer;
    this.echoes = new DigestTally(n);
    this.readies = new DigestTally(n);
    this.peers = new Uint8Array(n);
  }

  state(): DigestRbcState {
    const { peers, proposed, proposedDigest, certified, readiesOfCertified, pulled, asks, lies } = this;
    const { started, sentReady, delivered, closed } = this;
    const tallies = { echoes: this.echoes.state(), readies: this.readies.state() };
    const payloads = { proposed, proposedDigest, certified, readiesOfCertified, pulled };
    return { ...tallies, ...payloads, peers, asks, lies, started, sentReady, delivered, closed };
  }

  /** The broadcast that gives for every input the step which the one of the state would have given. */
  static restore(options: BroadcastOptions, state: DigestRbcState): DigestRbc {
    const { echoes, readies, peers, ...rest } = state;
    const broadcast = new DigestRbc(options);
    broadcast.echoes = DigestTally.restore(echoes);
    broadcast.readies = DigestTally.restore(readies);
    broadcast.peers.set(peers);
    Object.assign(broadcast, rest);
    return broadcast;
  }

  /**
   * Starts the broadcast. Only the proposer calls it, once.
   * @param payload public, at most MAX_PAYLOAD_BYTES
   * @throws {ConsensusError} CONSENSUS_INPUT for another's broadcast, a second call or a payload too long
   */
  propose(payload: Uint8Array): RbcStep {
    if (this.self !== this.proposer || this.started || payload.length > MAX_PAYLOAD_BYTES) {
      throw new ConsensusError(
        'CONSENSUS_INPUT',
        'propose once, in the own broadcast, at most MAX_PAYLOAD_BYTES',
        {
          proposer: this.proposer,
          bytes: payload.length,
        },
      );
    }
    this.started = true;
    this.multicast('propose', payload);
    return this.buffer.take();
  }

  /** A peer's message of this broadcast; hostile. */
  handle(from: ValidatorIndex, message: RbcMessage): RbcStep {
    if (this.closed) return NOTHING;
    switch (message.kind) {
      case 'propose':
        this.onPropose(from, message.bytes);
        break;
      case 'echo':
        this.onEcho(from, message.bytes);
        break;
      case 'ready':
        this.onReady(from, message.bytes);
        break;
      case 'pull':
        this.onPull(from);
        break;
      case 'payload':
        this.onPayload(from, message.bytes);
        break;
      default:
        this.blame(from, 'RBC_MALFORMED', { kind: message.kind });
    }
    return this.buffer.take();
  }

  /** PULL again from those that have not answered, while the payload is missing; each peer may be served once more. */
  resend(): RbcStep {
    const isWaiting = !this.closed && this.certified !== undefined && this.payload() === undefined;
    for (let i = 0; i < this.peers.length; i++) {
      this.peers[i]! &= ~SERVED;
      if (!isWaiting || !(this.peers[i]! & ASKED) || this.peers[i]! & ANSWERED) continue;
      this.buffer.send(validatorIndex(i), { kind: 'pull', proposer: this.proposer, bytes: EMPTY });
    }
    return this.buffer.take();
  }

  /** The payload is not wanted any more (its agreement decided 0): forget it and take no further part. */
  close(): void {
    this.closed = true;
    this.proposed = undefined;
    this.pulled = undefined;
  }

  /** What this broadcast waits for, and its counts. */
  status() {
    return {
      waitsFor: this.waitsFor(),
      echoes: this.echoes.size,
      readies: this.readies.size,
      asks: this.asks,
      holdsPayload: this.proposed !== undefined || this.pulled !== undefined,
    };
  }

  private waitsFor(): 'nothing' | 'propose or echoes' | 'readies' | 'payload' {
    if (this.delivered || this.closed) return 'nothing';
    if (this.readiesOfCertified >= 2 * this.quorum.f + 1) return 'payload';
    return this.sentReady ? 'readies' : 'propose or echoes';
  }

  /** PROPOSE(m): the first one from the designated proposer is echoed. */
  private onPropose(from: ValidatorIndex, payload: Uint8Array): void {
    if (from !== this.proposer) {
      this.blame(from, 'RBC_WRONG_SENDER', {});
    } else if (payload.length > MAX_PAYLOAD_BYTES) {
      this.blame(from, 'RBC_MALFORMED', { kind: 'propose', bytes: payload.length });
    } else if (this.proposed === undefined) {
      this.proposed = payload;
      this.proposedDigest = hashBytes('payload', payload);
      if (this.delivered) return;
      this.multicast('echo', this.proposedDigest);
      this.tryDeliver();
    } else if (!equalBytes(this.proposed, payload)) {
      this.blame(from, 'RBC_PROPOSE_EQUIVOCATION', {
        first: toHex(this.proposedDigest ?? EMPTY),
        second: toHex(hashBytes('payload', payload)),
      });
    }
  }

  /** q ECHO(d) ⇒ READY(d), once. */
  private onEcho(from: ValidatorIndex, digest: Uint8Array): void {
    if (!this.count('echo', this.echoes, from, digest)) return;
    if (this.echoes.supportOf(from) >= this.quorum.q) this.sendReady(this.echoes.of(from)!);
    this.pull();
  }

  /** f + 1 READY(d) ⇒ READY(d), once; 2f + 1 READY(d) and m ⇒ deliver. */
  private onReady(from: ValidatorIndex, digest: Uint8Array): void {
    if (!this.count('ready', this.readies, from, digest)) return;
    const support = this.readies.supportOf(from);
    if (support < this.quorum.f + 1) return;
    this.certified = this.readies.of(from)!;
    this.readiesOfCertified = support;
    this.sendReady(this.certified);
    this.pull();
    this.tryDeliver();
  }

  /** PULL: served once a peer between two `resend`, with what was echoed to it. */
  private onPull(from: ValidatorIndex): void {
    if (this.peers[from]! & SERVED) return;
    if (this.proposed === undefined) {
      this.blame(from, 'RBC_PULL_UNFOUNDED', {});
    } else {
      this.peers[from]! |= SERVED;
      this.buffer.send(from, { kind: 'payload', proposer: this.proposer, bytes: this.proposed });
    }
  }

  /** PAYLOAD(m): the answer to a pull counts if it has the certified digest. */
  private onPayload(from: ValidatorIndex, payload: Uint8Array): void {
    const mark = this.peers[from]!;
    if (!(mark & ASKED)) this.blame(from, 'RBC_PAYLOAD_UNASKED', {});
    if (!(mark & ASKED) || mark & ANSWERED) return;
    this.peers[from] = mark | ANSWERED;
    if (this.payload() !== undefined || this.certified === undefined) return;
    if (payload.length <= MAX_PAYLOAD_BYTES && equalBytes(hashBytes('payload', payload), this.certified)) {
      this.pulled = payload;
      this.tryDeliver();
    } else {
      this.blame(from, 'RBC_PAYLOAD_MISMATCH', { bytes: payload.length });
      this.lies += 1;
      this.pull();
    }
  }

  /**
   * Asks one more echoer for each READY beyond f + 1 and for each lie, at most f in all, never the proposer.
   * 2f + 1 READY always come, so f are asked in the end; see README, Pulling, for why that suffices.
   */
  private pull(): void {
    if (this.certified === undefined || this.payload() !== undefined) return;
    const { n, f } = this.quorum;
    const wanted = Math.min(f, this.readiesOfCertified - (f + 1) + this.lies);
    for (let step = 1; step < n && this.asks < wanted; step++) {
      const peer = validatorIndex((this.self + step) % n);
      if (peer === this.proposer || this.peers[peer]! & ASKED) continue;
      if (!this.echoes.has(peer, this.certified)) continue;
      this.peers[peer]! |= ASKED;
      this.asks += 1;
      this.buffer.send(peer, { kind: 'pull', proposer: this.proposer, bytes: EMPTY });
    }
  }

  /** The certified payload, if it is here. */
  private payload(): Uint8Array | undefined {
    if (this.pulled !== undefined || this.certified === undefined) return this.pulled;
    return this.proposedDigest !== undefined && equalBytes(this.proposedDigest, this.certified)
      ? this.proposed
      : undefined;
  }

  private tryDeliver(): void {
    if (this.delivered || this.readiesOfCertified < 2 * this.quorum.f + 1) return;
    const payload = this.payload();
    if (payload === undefined) return;
    this.delivered = true;
    this.buffer.output({ type: 'deliver', payload });
  }

  private sendReady(digest: Uint8Array): void {
    if (this.sentReady) return;
    this.sentReady = true;
    this.multicast('ready', digest);
  }

  /** First digest of a kind per sender counts, a different second one is a fault, a repeated one nothing. */
  private count(
    kind: 'echo' | 'ready',
    tally: DigestTally,
    from: ValidatorIndex,
    digest: Uint8Array,
  ): boolean {
    if (digest.length !== HASH_BYTES) {
      this.blame(from, 'RBC_MALFORMED', { kind, bytes: digest.length });
      return false;
    }
    const result = tally.add(from, digest);
    if (result === 'different') {
      const fault = kind === 'echo' ? 'RBC_ECHO_EQUIVOCATION' : 'RBC_READY_EQUIVOCATION';
      this.blame(from, fault, { first: toHex(tally.of(from)!), second: toHex(digest) });
    }
    return result === 'counted';
  }

  private multicast(kind: RbcKind, bytes: Uint8Array): void {
    this.buffer.send('all', { kind, proposer: this.proposer, bytes });
  }

  private blame(by: ValidatorIndex, fault: ConsensusFault, evidence: Record<string, string | number>): void {
    this.buffer.fault({ by, fault, evidence: { proposer: this.proposer, ...evidence } });
  }
}

export const digestBroadcast: BroadcastFactory = (options, state) =>
  state === undefined ? new DigestRbc(options) : DigestRbc.restore(options, state as DigestRbcState);
