import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import type { AcsProposal } from '../../consensus/acs/common-subset.ts';
import type { Authenticator } from '../../consensus/pbft/certificates.ts';
import { acsProtocol, hotStuffProtocol, type Protocol, pbftProtocol } from '../../consensus/protocol.ts';
import { tlsIdentity } from '../../net/identity.ts';
import { TlsListener } from '../../net/tls-listener.ts';
import { TlsTransport } from '../../net/tls-transport.ts';
import type { Address } from '../../net/transport.ts';
import { type ValidatorIndex, validatorIndex } from '../../params/ids.ts';
import type { Packet } from '../../sim/packet.ts';
import { PACKET_WINDOW } from '../../sim/peer-windows.ts';
import { Prng } from '../../sim/prng.ts';
import { SubsetHost } from '../../sim/subset-host.ts';
import { DelayedStreams, LinkClock } from './delayed-streams.ts';
import type { HeightSeen } from './measure.ts';
import { decodeTravelling, encodeTravelling } from './packet-codec.ts';
import { heightsAtOnce, type LoadPoint, type LoadProtocol, payloadOf, TRANSACTION_BYTES } from './point.ts';

/** What one validator of a measurement is told. */
export interface ValidatorSpec {
  readonly point: LoadPoint;
  readonly self: number;
  /** Ed25519 seed, 32 bytes; and the public keys of all. */
  readonly seed: Uint8Array;
  readonly keys: readonly Uint8Array[];
  /** One way, from row to column; validator i sits in row i mod their number. */
  readonly ms: readonly (readonly number[])[];
}

/** Nobody is late in a measurement: who leads is given up only if the machine is so busy that nothing is finished for so long. */
const TIMEOUT_MS = 10_000;
/** Outputs of so many heights are kept for validators that lag, beside those of a pipeline. */
const KEPT_HEIGHTS = 16;
const LOOPBACK = '127.0.0.1';
/** Streams are for one measurement, whose keys nobody else has: it needs no name. */
const CHAIN = new Uint8Array(32);
/** A validator that computes for long answers late, and is still there. */
const TIMES = { maxSilentTicks: 60, handshakeMs: 30_000 };

/** What a validator has done since it was asked last. */
export interface ValidatorNews {
  readonly heights: readonly HeightSeen[];
  readonly coins: number;
  readonly timeouts: number;
  readonly problems: readonly string[];
  readonly bytesOut: number;
}

/**
 * One validator of a measurement: the simulator's host of a protocol's machines, real streams, real signatures. Coins are known to all, for a machine that
 * asks for one is told how often that was.
 */
export class LoadValidator {
  readonly #spec: ValidatorSpec;
  readonly #self: ValidatorIndex;
  readonly #protocol: Protocol<unknown>;
  readonly #streams: DelayedStreams;
  #listener: TlsListener | undefined;
  #host: SubsetHost<unknown> | undefined;
  /** Frames of peers that were told to begin before this one. */
  #early: (readonly [ValidatorIndex, Uint8Array])[] = [];
  #isFlushing = false;
  readonly #proposedMs = new Map<number, number>();
  #heights: HeightSeen[] = [];
  #problems: string[] = [];
  #coins = 0;
  #timeouts = 0;

  /** @param onConnected its streams to all others are up */
  constructor(spec: ValidatorSpec, onConnected: () => void) {
    const { n } = spec.point;
    this.#spec = spec;
    this.#self = validatorIndex(spec.self);
    this.#protocol = protocolOf(spec);
    this.#streams = new DelayedStreams(
      n,
      this.#self,
      new LinkClock(n, spec.self, spec.ms, new Prng(1 + spec.self)),
      {
        onFrame: (from, bytes) => this.#onFrame(from, bytes),
        onAllUp: onConnected,
        onDown: (peer) => this.#problems.push(`the stream between validators ${spec.self} and ${peer} ended`),
      },
    );
  }

  /** @returns the port at which it answers */
  async listen(): Promise<number> {
    this.#listener = new TlsListener({ host: LOOPBACK, port: 0 }, TIMES.handshakeMs);
    return (await this.#listener.open()).port;
  }

  /** Meets the others. @param ports by validator */
  async meet(ports: readonly number[]): Promise<void> {
    const { keys, seed } = this.#spec;
    const addresses = ports.map((port): Address => ({ host: LOOPBACK, port }));
    const identity = await tlsIdentity(seed);
    const listener = this.#listener!;
    this.#streams.open(
      new TlsTransport({
        self: this.#self,
        identity,
        keys,
        addresses,
        listener,
        chain: CHAIN,
        epoch: CHAIN,
        owner: this.#streams,
        times: TIMES,
      }),
    );
  }

  /** Proposes from now on, height after height. */
  begin(): void {
    const { point } = this.#spec;
    const pipeline = heightsAtOnce(point);
    const outputs = new Map<number, readonly AcsProposal[]>();
    this.#host = new SubsetHost<unknown>({
      n: point.n,
      self: this.#self,
      protocol: this.#protocol,
      proposalOf: (height) => {
        this.#proposedMs.set(height, nowMs());
        return payloadOf(point, height, this.#self);
      },
      isValid: (payload) => payload.length % TRANSACTION_BYTES === 0,
      coinOf: (height, instance, round) => new Prng((height * 101 + instance) * 65_537 + round).bit(),
      selfInNetwork: false,
      pipeline,
      window: PACKET_WINDOW + pipeline,
      archive: {
        get: (height) => outputs.get(height),
        put: (height, payloads) => {
          outputs.set(height, payloads);
          outputs.delete(height - pipeline - KEPT_HEIGHTS);
        },
      },
      port: {
        send: (to, packet) => this.#streams.send(to, encodeTravelling(packet, this.#protocol)),
        output: (height, payloads) => this.#onOutput(height, payloads),
        fault: (by, fault, height) =>
          void this.#problems.push(`${fault} by validator ${by} at height ${height}`),
        coin: () => {
          this.#coins += 1;
        },
        timer: (height, view, doublings) => {
          setTimeout(() => this.#onTimer(height, view), TIMEOUT_MS * 2 ** doublings);
        },
      },
    });
    for (const [from, bytes] of this.#early) this.#onFrame(from, bytes);
    this.#early = [];
  }

  /** Takes out what was done since the last call. */
  done(): ValidatorNews {
    const [heights, problems] = [this.#heights, this.#problems];
    this.#heights = [];
    this.#problems = [];
    return {
      heights,
      problems,
      coins: this.#coins,
      timeouts: this.#timeouts,
      bytesOut: this.#streams.bytesOut,
    };
  }

  #onFrame(from: ValidatorIndex, bytes: Uint8Array): void {
    if (this.#host === undefined) return void this.#early.push([from, bytes]);
    const packet = decodeTravelling(bytes, this.#spec.point.n, this.#protocol);
    if (packet === undefined) return void this.#problems.push(`what validator ${from} sent is no packet`);
    this.#receive(from, packet);
  }

  /** What comes in one turn of the event loop is answered together. */
  #receive(from: ValidatorIndex, packet: Packet<unknown>): void {
    this.#host!.receive(from, packet, 0);
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    setImmediate(() => {
      this.#isFlushing = false;
      this.#host!.flush();
    });
  }

  #onTimer(height: number, view: number): void {
    if (height >= this.#host!.height) this.#timeouts += 1;
    this.#receive(this.#self, { type: 'timeout', height, view });
  }

  #onOutput(height: number, payloads: readonly AcsProposal[]): void {
    const bytes = payloads.reduce((sum, { payload }) => sum + payload.length, 0);
    this.#heights.push({
      height,
      proposedMs: this.#proposedMs.get(height) ?? null,
      outputMs: nowMs(),
      transactions: bytes / TRANSACTION_BYTES,
      digest: digestOf(payloads),
    });
    this.#proposedMs.delete(height);
  }
}

/** A clock that all processes of one machine share. */
export const nowMs = (): number => Number(process.hrtime.bigint() / 1000n) / 1000;

/** What tells two outputs apart. */
function digestOf(payloads: readonly AcsProposal[]): string {
  const hash = createHash('sha256');
  for (const { proposer, payload } of payloads) {
    const head = new Uint8Array(5);
    head[0] = proposer;
    new DataView(head.buffer).setUint32(1, payload.length);
    hash.update(head).update(payload);
  }
  return hash.digest('hex');
}

/** The leader sits in the first place of the table, and stays. */
const LEADER = validatorIndex(0);

function protocolOf(spec: ValidatorSpec): Protocol<unknown> {
  const own = signatures(spec);
  const protocols: Readonly<Record<LoadProtocol, () => unknown>> = {
    'first-hand': () => acsProtocol('first-hand', 'digest'),
    bkr: () => acsProtocol('bkr', 'digest'),
    pbft: () =>
      pbftProtocol(
        () => own,
        () => LEADER,
      ),
    hotstuff: () => hotStuffProtocol(() => own, { firstLeaderOf: () => LEADER }),
  };
  return protocols[spec.point.protocol]() as Protocol<unknown>;
}

/** Ed25519 by the system's library. */
function signatures({ seed, keys }: ValidatorSpec): Authenticator {
  const secret = createPrivateKey({
    key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]),
    format: 'der',
    type: 'pkcs8',
  });
  const publicKeys = keys.map(
    (key): KeyObject =>
      createPublicKey({
        key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(key).toString('base64url') },
        format: 'jwk',
      }),
  );
  return {
    sign: (message) => sign(null, message, secret),
    verify: (by, message, signature) => verify(null, message, publicKeys[by]!, signature),
  };
}
