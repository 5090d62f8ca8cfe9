import type { WebSocket } from 'ws';
import type { ChainEvent, Topic } from '../chain-events.ts';
import type { Answering } from './answering.ts';
import type { Subscriptions } from './method.ts';
import type { RateLimit } from './rate-limit.ts';

/** Subscriptions of one socket. */
const MAX_SUBSCRIPTIONS = 8;
/** Characters that may wait to be read; more than the longest answer. Who lets more wait is dropped. */
const MAX_UNREAD = 1 << 22;
/** Who has not answered a ping when the next one is due is gone, ms. */
const PING_MS = 10_000;
/** Who is dropped may read why for so long, ms. */
const LINGER_MS = 10_000;

/** Why a server ends a WebSocket: the code of the close frame, whose reason is the name. */
const CLOSE_CODES = { RPC_PARSE: 4_000, RPC_RATE: 4_004, RPC_UNREAD: 4_008 } as const;

/**
 * One caller on a WebSocket: its requests are answered in their order, and it is told what it has subscribed to. What waits for it is
 * bounded: who reads more slowly than it asks or than things happen is dropped.
 */
export class SocketSession implements Subscriptions {
  readonly #socket: WebSocket;
  readonly #answering: Answering;
  readonly #topics = new Map<number, Topic>();
  readonly #timer: NodeJS.Timeout;
  readonly #ended: () => void;
  #last = 0;
  #unread = 0;
  #isOver = false;
  #isThere = true;

  /** @param listen hands on what happens. @returns ends it */
  constructor(
    socket: WebSocket,
    answering: Answering,
    caller: { readonly ip: string; readonly rate: RateLimit },
    listen: (listener: (event: ChainEvent) => void) => () => void,
  ) {
    this.#socket = socket;
    this.#answering = answering;
    this.#ended = listen((event) => this.#tell(event));
    this.#timer = setInterval(() => this.#ping(), PING_MS);
    socket.on('error', () => {});
    // The library answers a ping itself: such answers are not among those that are counted where they are sent.
    socket.on('ping', () => {
      if (this.#isOver) return;
      if (!caller.rate.take(caller.ip, performance.now(), 1)) return this.#drop('RPC_RATE');
      if (socket.bufferedAmount > MAX_UNREAD) this.#drop('RPC_UNREAD');
    });
    socket.on('pong', () => {
      this.#isThere = true;
    });
    socket.on('close', () => {
      this.#isOver = true;
      clearInterval(this.#timer);
      this.#ended();
    });
    socket.on('message', (data, isBinary) => {
      if (this.#isOver) return;
      if (isBinary) return this.#drop('RPC_PARSE');
      if (!caller.rate.take(caller.ip, performance.now(), 1)) return this.#drop('RPC_RATE');
      const from = { ip: caller.ip, subscriptions: this, unread: this.#unread };
      const answer = answering.answer(data.toString(), from);
      if (answer !== undefined) this.#send(answer);
    });
  }

  add(topic: Topic): number | undefined {
    if (this.#topics.size >= MAX_SUBSCRIPTIONS) return undefined;
    this.#last += 1;
    this.#topics.set(this.#last, topic);
    return this.#last;
  }

  remove(subscription: number): boolean {
    return this.#topics.delete(subscription);
  }

  #tell({ topic, event }: ChainEvent): void {
    for (const [subscription, about] of this.#topics) {
      const params = { subscription, topic, event };
      if (about === topic) this.#send(JSON.stringify({ jsonrpc: '2.0', method: 'event', params }));
    }
  }

  #send(text: string): void {
    if (this.#isOver) return;
    if (this.#unread > MAX_UNREAD) return this.#drop('RPC_UNREAD');
    this.#unread += text.length;
    const left = this.#answering.waits(text.length);
    this.#socket.send(text, () => {
      this.#unread -= text.length;
      left();
    });
  }

  #ping(): void {
    if (!this.#isThere) return this.#socket.terminate();
    this.#isThere = false;
    this.#socket.ping();
  }

  #drop(why: keyof typeof CLOSE_CODES): void {
    this.#isOver = true;
    this.#socket.close(CLOSE_CODES[why], why);
    setTimeout(() => this.#socket.terminate(), LINGER_MS).unref();
  }
}
