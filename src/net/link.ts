import type { TLSSocket } from 'node:tls';
import { encodeWire, type WireFrame, WireReader } from './wire.ts';

/** Bytes that a delayed link holds; while there are more, it does not read. */
const MAX_DELAYED_BYTES = 1 << 22;

/** What a link tells its owner. */
export interface LinkEvents {
  /** In the order of the stream. */
  onFrame(frame: WireFrame): void;
  /** The other end sent what no correct program sends; the stream is over. */
  onMalformed(): void;
  /** There is room again. */
  onRoom(): void;
  onClose(): void;
}

/**
 * One authenticated stream as units. What is written in one turn of the event loop leaves in one piece. It keeps nothing that the socket
 * has no room for: who is told that there is no room stops, and goes on at `onRoom`.
 */
export class Link {
  bytesIn = 0;
  bytesOut = 0;
  readonly #socket: TLSSocket;
  readonly #events: LinkEvents;
  readonly #reader = new WireReader();
  #isCorked = false;
  #hasRoom = true;
  #isOver = false;
  /** Ticks since the other end was heard, and whether anything was written since the last tick. */
  #silentTicks = 0;
  #hasWritten = false;
  readonly #delayMs: number;
  #delayedBytes = 0;

  /** @param delayMs what comes is handed on so much later: for trying out how a network behaves whose ends are far apart */
  constructor(socket: TLSSocket, events: LinkEvents, delayMs = 0) {
    this.#socket = socket;
    this.#events = events;
    this.#delayMs = delayMs;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('drain', () => {
      this.#hasRoom = true;
      if (!this.#isOver) events.onRoom();
    });
    socket.on('error', () => {});
    socket.on('end', () => this.destroy());
    socket.on('close', () => this.#end());
  }

  get hasRoom(): boolean {
    return this.#hasRoom && !this.#isOver;
  }

  /** @returns whether there is room for more */
  write(frame: WireFrame): boolean {
    if (this.#isOver) return false;
    if (!this.#isCorked) {
      this.#isCorked = true;
      this.#socket.cork();
      process.nextTick(() => {
        this.#isCorked = false;
        this.#socket.uncork();
      });
    }
    const bytes = encodeWire(frame);
    this.bytesOut += bytes.length;
    this.#hasWritten = true;
    this.#hasRoom = this.#socket.write(bytes);
    return this.#hasRoom;
  }

  /**
   * Time has passed. Says that this end is there, and gives up one that has said nothing for long: half of a connection may be all that
   * is left of it. Time is counted in ticks: if this program itself stood still, the other end is not blamed for it.
   * @param maxSilentTicks ticks that the other end may be silent for
   */
  tick(maxSilentTicks: number): void {
    this.#silentTicks += 1;
    if (this.#silentTicks > maxSilentTicks) return this.destroy();
    if (!this.#hasWritten && this.hasRoom) this.write({ kind: 'alive' });
    this.#hasWritten = false;
  }

  destroy(): void {
    this.#socket.destroy();
    this.#end();
  }

  #read(chunk: Buffer): void {
    if (this.#isOver) return;
    this.#silentTicks = 0;
    this.bytesIn += chunk.length;
    const frames = this.#reader.read(chunk);
    if (frames === undefined) {
      this.#events.onMalformed();
      return this.destroy();
    }
    if (this.#delayMs === 0) return this.#deliver(frames);
    this.#delayedBytes += chunk.length;
    if (this.#delayedBytes > MAX_DELAYED_BYTES) this.#socket.pause();
    setTimeout(() => {
      this.#delayedBytes -= chunk.length;
      if (this.#delayedBytes <= MAX_DELAYED_BYTES) this.#socket.resume();
      this.#deliver(frames);
    }, this.#delayMs);
  }

  #deliver(frames: readonly WireFrame[]): void {
    for (const frame of frames) if (!this.#isOver) this.#events.onFrame(frame);
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#events.onClose();
  }
}
