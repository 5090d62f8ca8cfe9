import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { Address } from '../../../net/transport.ts';

/** How a link between two nodes is. */
export type LinkState =
  | { readonly kind: 'open' }
  /** Connections end, and none is made. */
  | { readonly kind: 'cut' }
  /** Who dialled keeps its end, and nothing comes of it. */
  | { readonly kind: 'half-open' }
  /** Both ways take so much longer. */
  | { readonly kind: 'slow'; readonly delayMs: number };

const LOOPBACK = '127.0.0.1';
const OPEN: LinkState = { kind: 'open' };
/** Bytes that a slow link holds; while there are more, it does not read. */
const MAX_HELD_BYTES = 1 << 22;

/** One way from a node to another, as it dials. */
interface Way {
  readonly server: Server;
  readonly sockets: Set<Socket>;
  state: LinkState;
}

/**
 * Stands between all nodes of a devnet: each dials the others here, and is led on or not. It reads nothing of what it carries, which is
 * encrypted between its ends.
 */
export class LinkMesh {
  readonly #n: number;
  readonly #ways: readonly Way[];
  /** Where each node listens. */
  targets: readonly Address[] = [];

  constructor(n: number) {
    this.#n = n;
    this.#ways = Array.from({ length: n * n }, (_, at) => {
      const way: Way = {
        server: createServer((socket) => this.#carry(way, at % n, socket)),
        sockets: new Set(),
        state: OPEN,
      };
      return way;
    });
  }

  async open(): Promise<void> {
    await Promise.all(
      this.#ways.map(
        ({ server }) =>
          new Promise<void>((resolve, reject) => {
            server.once('error', reject);
            server.listen(0, LOOPBACK, resolve);
          }),
      ),
    );
  }

  /** Where a node dials each of the others, by index. */
  peersOf(from: number): Address[] {
    return this.#ways
      .slice(from * this.#n, (from + 1) * this.#n)
      .map(({ server }) => ({ host: LOOPBACK, port: (server.address() as AddressInfo).port }));
  }

  /** Sets the link between two nodes, whoever of them dials. What was carried over it in another way ends. */
  set(one: number, other: number, state: LinkState): void {
    for (const at of [one * this.#n + other, other * this.#n + one]) {
      const way = this.#ways[at]!;
      const wasCarrying = way.state.kind === 'open' || way.state.kind === 'slow';
      const carries = state.kind === 'open' || state.kind === 'slow';
      way.state = state;
      if (wasCarrying && carries) continue;
      const dialled = state.kind === 'half-open';
      for (const socket of way.sockets) if (!dialled || !isDialler.has(socket)) socket.destroy();
    }
  }

  async close(): Promise<void> {
    for (const { sockets } of this.#ways) for (const socket of sockets) socket.destroy();
    await Promise.all(this.#ways.map(({ server }) => new Promise((resolve) => server.close(resolve))));
  }

  #carry(way: Way, to: number, dialler: Socket): void {
    keep(way, dialler);
    isDialler.add(dialler);
    if (way.state.kind === 'cut') return void dialler.destroy();
    if (way.state.kind === 'half-open') return void dialler.resume();
    const { host, port } = this.targets[to]!;
    const target = connect({ host, port });
    keep(way, target);
    lead(way, dialler, target);
    lead(way, target, dialler);
  }
}

/** Sockets of those who dialled, in difference to those to whom they are led. */
const isDialler = new WeakSet<Socket>();

function keep({ sockets }: Way, socket: Socket): void {
  sockets.add(socket);
  socket.setNoDelay(true);
  socket.on('error', () => {});
  socket.on('close', () => sockets.delete(socket));
}

/** Hands on what comes from one end to the other, later where the link is slow, always in its order. */
function lead(way: Way, from: Socket, to: Socket): void {
  const held: Buffer[] = [];
  let heldBytes = 0;
  let readyMs = 0;
  const write = (chunk: Buffer): void => {
    if (to.destroyed || to.writableEnded) return;
    if (!to.write(chunk)) {
      from.pause();
      to.once('drain', () => from.resume());
    }
  };
  from.on('data', (chunk: Buffer) => {
    const { state } = way;
    const now = performance.now();
    readyMs = Math.max(readyMs, now + (state.kind === 'slow' ? state.delayMs : 0));
    if (held.length === 0 && readyMs <= now) return write(chunk);
    held.push(chunk);
    heldBytes += chunk.length;
    if (heldBytes > MAX_HELD_BYTES) from.pause();
    // Whichever timer fires, the oldest goes first.
    setTimeout(() => {
      const oldest = held.shift()!;
      heldBytes -= oldest.length;
      if (heldBytes <= MAX_HELD_BYTES) from.resume();
      write(oldest);
    }, readyMs - now);
  });
  from.on('close', () => {
    // Half of a connection stays as it is.
    if (way.state.kind !== 'half-open') to.destroy();
  });
}
