import { createPrivateKey, createPublicKey } from 'node:crypto';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import type { NumberedFrame } from '../../src/host/outbox.ts';
import { type TlsIdentity, tlsIdentity } from '../../src/net/identity.ts';
import { streamName, TlsListener } from '../../src/net/tls-listener.ts';
import { TlsTransport, type TransportTimes } from '../../src/net/tls-transport.ts';
import type { Address, TransportOwner } from '../../src/net/transport.ts';
import type { LinkNumbers } from '../../src/net/wire.ts';
import { type ValidatorIndex, validatorIndex } from '../../src/params/ids.ts';

const seedOf = (i: number): Uint8Array => new Uint8Array(32).fill(i + 1);
export const CHAIN = new Uint8Array(32).fill(0xc1);
export const EPOCH = new Uint8Array(32).fill(0xe1);
const LOOPBACK = '127.0.0.1';

/** Certificate of a key nobody knows, or of a validator's. */
export const identityOf = (i: number): Promise<TlsIdentity> => tlsIdentity(seedOf(i));

/** The public key in a PEM of the private one. */
export function publicKeyOf({ privateKey }: TlsIdentity): Uint8Array {
  const { x } = createPublicKey(createPrivateKey(privateKey)).export({ format: 'jwk' });
  return Uint8Array.from(Buffer.from(x!, 'base64url'));
}

/** An owner with an outbox to one peer and the list of what came, which an acknowledgement follows at once. */
export class TestOwner implements TransportOwner {
  readonly outbox = new Map<ValidatorIndex, NumberedFrame[]>();
  readonly came: { readonly from: number; readonly number: number; readonly bytes: Uint8Array }[] = [];
  readonly ups: { readonly peer: number; readonly numbers: LinkNumbers }[] = [];
  downs = 0;
  transport!: TlsTransport;
  /** What is durable lags behind what was received by this. */
  lag = 0;
  /** A crash forgets what was not durable. */
  received = new Map<ValidatorIndex, number>();
  #last = 0;

  numbersOf(peer: ValidatorIndex): LinkNumbers {
    const received = this.received.get(peer) ?? 0;
    return { durable: Math.max(0, received - this.lag), received };
  }

  onUp(peer: ValidatorIndex, numbers: LinkNumbers): void {
    this.ups.push({ peer, numbers });
    this.onAcknowledged(peer, numbers.durable);
  }

  onDown(): void {
    this.downs += 1;
  }

  onFrame(from: ValidatorIndex, number: number, bytes: Uint8Array): void {
    if (number <= (this.received.get(from) ?? 0)) return;
    this.received.set(from, number);
    this.came.push({ from, number, bytes });
    this.transport.acknowledge(from, Math.max(0, number - this.lag));
  }

  onAcknowledged(peer: ValidatorIndex, number: number): void {
    const waiting = this.outbox.get(peer) ?? [];
    this.outbox.set(
      peer,
      waiting.filter((frame) => frame.number > number),
    );
  }

  waiting(peer: ValidatorIndex, above: number): readonly NumberedFrame[] {
    return (this.outbox.get(peer) ?? []).filter(({ number }) => number > above);
  }

  /** Puts a frame into the outbox and tells the transport. */
  say(to: number, bytes: Uint8Array): void {
    const peer = validatorIndex(to);
    const frame = { number: ++this.#last, bytes };
    this.outbox.set(peer, [...(this.outbox.get(peer) ?? []), frame]);
    this.transport.send(peer, frame.number, frame.bytes);
  }
}

/** Times in which a test sees what happens. */
export const QUICK: Partial<TransportTimes> = {
  handshakeMs: 1_000,
  tickMs: 50,
  maxSilentTicks: 6,
  acceptMs: 0,
};

export interface TestCommittee {
  readonly owners: readonly TestOwner[];
  readonly addresses: readonly Address[];
  /** Opens a transport at a validator's address; the owner keeps what it had. */
  open(
    i: number,
    change?: { chain?: Uint8Array; seed?: number; address?: Address; at?: number; delayMs?: number },
  ): Promise<TlsTransport>;
  /** A socket that shows any key to a validator, and how many bytes it was sent. */
  dial(
    to: number,
    as: number,
    options?: ConnectionOptions,
  ): Promise<{ readonly socket: TLSSocket; heardBytes: () => number }>;
  /** Ends one transport, with its address. */
  stop(transport: TlsTransport): Promise<void>;
  close(): Promise<void>;
}

/** Validators' transports on loopback, none of them open yet. */
export async function committeeOf(n: number, times: Partial<TransportTimes> = QUICK): Promise<TestCommittee> {
  const identities = await Promise.all(Array.from({ length: n }, (_, i) => identityOf(i)));
  const keys = identities.map(publicKeyOf);
  const addresses: Address[] = await freeAddresses(n);
  const owners = identities.map(() => new TestOwner());
  const open = new Map<TlsTransport, TlsListener>();
  const closeOne = async (transport: TlsTransport): Promise<void> => {
    transport.close();
    await open.get(transport)?.close();
    open.delete(transport);
  };
  const sockets: TLSSocket[] = [];
  return {
    owners,
    addresses,
    async open(i, { chain = CHAIN, seed = i, address, at, delayMs = 0 } = {}) {
      const others = addresses.map((each, j) => (j === at && address !== undefined ? address : each));
      const listener = new TlsListener(addresses[i]!, times.handshakeMs);
      const transport = new TlsTransport({
        self: validatorIndex(i),
        identity: seed === i ? identities[i]! : await identityOf(seed),
        keys,
        addresses: others,
        listener,
        chain,
        epoch: EPOCH,
        owner: owners[i]!,
        times,
        delayMs,
      });
      owners[i]!.transport = transport;
      open.set(transport, listener);
      await listener.open();
      transport.open();
      return transport;
    },
    async dial(to, as, options = {}) {
      const { certificate, privateKey } = await identityOf(as);
      const socket = connect({
        ...addresses[to]!,
        servername: streamName(EPOCH),
        cert: certificate,
        key: privateKey,
        rejectUnauthorized: false,
        ...options,
      });
      sockets.push(socket);
      let heard = 0;
      socket.on('error', () => {});
      socket.on('data', (chunk) => {
        heard += chunk.length;
      });
      await new Promise<void>((resolve) => {
        socket.once('secureConnect', resolve);
        socket.once('close', () => resolve());
      });
      return { socket, heardBytes: () => heard };
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await Promise.all([...open.keys()].map(closeOne));
    },
    stop: closeOne,
  };
}

/** Ports that were free a moment ago. */
async function freeAddresses(n: number): Promise<Address[]> {
  const { createServer } = await import('node:net');
  const servers = await Promise.all(
    Array.from(
      { length: n },
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve) => {
          const server = createServer().listen(0, LOOPBACK, () => resolve(server));
        }),
    ),
  );
  const addresses = servers.map((server) => ({
    host: LOOPBACK,
    port: (server.address() as { port: number }).port,
  }));
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return addresses;
}

/** Waits until something holds. @throws if it does not within the time */
export async function until(holds: () => boolean, what: string, withinMs = 10_000): Promise<void> {
  const end = performance.now() + withinMs;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** A deterministic stream of bytes that no compressor and no cipher would make smaller. */
export function noise(length: number, seed = 1): Uint8Array {
  let x = seed >>> 0 || 1;
  return Uint8Array.from({ length }, () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return x & 0xff;
  });
}
