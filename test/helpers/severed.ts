import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Address } from '../../src/net/transport.ts';

/** A wire between two processes that passes bytes on, stands still when told, and is cut after every so many bytes. */
export class Severed {
  cuts = 0;
  address!: Address;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isPaused = false;

  private constructor(to: Address, cutAfterBytes: number) {
    this.#server = createServer((near) => {
      const far = connect(to);
      let passed = 0;
      for (const [from, into] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(from);
        from.on('error', () => {});
        from.on('close', () => {
          this.#sockets.delete(from);
          into.destroy();
        });
        from.on('data', (chunk) => {
          const isCut = passed + chunk.length > cutAfterBytes;
          into.write(isCut ? chunk.subarray(0, cutAfterBytes - passed) : chunk);
          passed += chunk.length;
          if (!isCut) return;
          this.cuts += 1;
          // What was passed on arrives: the cut is at this byte.
          into.end();
          from.destroy();
        });
        if (this.#isPaused) from.pause();
      }
    });
  }

  static async before(to: Address, cutAfterBytes = Number.POSITIVE_INFINITY): Promise<Severed> {
    const severed = new Severed(to, cutAfterBytes);
    await new Promise<void>((resolve) => severed.#server.listen(0, '127.0.0.1', resolve));
    severed.address = { host: '127.0.0.1', port: (severed.#server.address() as { port: number }).port };
    return severed;
  }

  pause(): void {
    this.#isPaused = true;
    for (const socket of this.#sockets) socket.pause();
  }

  resume(): void {
    this.#isPaused = false;
    for (const socket of this.#sockets) socket.resume();
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
