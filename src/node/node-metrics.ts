import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { PeerStatus } from '../net/transport.ts';
import type { Height } from '../params/ids.ts';
import type { Output } from '../validator/types.ts';
import { HeightClock } from './height-clock.ts';

/** What is read of a node when it is asked for its metrics. */
export interface MeasuredNode {
  readonly height: Height;
  readonly isReady: boolean;
  readonly waitingProofs: number;
  peers(): readonly (PeerStatus & { readonly faults: number })[];
}

/** What a turn of the event loop took. */
export interface TurnWork {
  readonly ms: number;
  /** Of all threads of the process. */
  readonly cpuMs: number;
}

/** Upper ends of the classes in which turns and parts of heights are counted, seconds. */
const PART_S = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const WORK_S = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1];

/** Figures of a node in the text format of Prometheus. Counts and times only: nothing here says what anybody ordered. */
export class NodeMetrics {
  readonly #registry = new Registry();
  readonly #items: Counter<'answer'>;
  readonly #heights: Counter<'step'>;
  readonly #work: Histogram;
  readonly #workCpu: Histogram;
  readonly #parts: Histogram<'part'>;
  readonly #clock = new HeightClock((part, ms) => this.#parts.observe({ part }, ms / 1000));

  constructor(node: MeasuredNode) {
    const registers = [this.#registry];
    this.#items = new Counter({
      name: 'velum_items_total',
      help: 'Items that were admitted, and refused by code.',
      labelNames: ['answer'],
      registers,
    });
    this.#heights = new Counter({
      name: 'velum_heights_total',
      help: 'Heights that were ordered, settled and certified here since the start.',
      labelNames: ['step'],
      registers,
    });
    this.#work = new Histogram({
      name: 'velum_work_seconds',
      help: 'Time that one turn of the event loop was held by work of the protocol.',
      buckets: WORK_S,
      registers,
    });
    this.#workCpu = new Histogram({
      name: 'velum_work_cpu_seconds',
      help: 'Processor time of the process in one such turn, its threads included: on a busy machine a turn lasts longer than it works.',
      buckets: WORK_S,
      registers,
    });
    this.#parts = new Histogram({
      name: 'velum_height_seconds',
      help: 'From the first item to the settlement of a height, by its parts, which add up.',
      labelNames: ['part'],
      buckets: PART_S,
      registers,
    });
    const gauge = (name: string, help: string, read: () => number): void => {
      const made: Gauge = new Gauge({ name, help, registers, collect: () => made.set(read()) });
    };
    gauge('velum_height', 'The height in progress.', () => node.height);
    gauge('velum_ready', '1 if it takes part.', () => Number(node.isReady));
    gauge('velum_waiting_proofs', 'Proofs that wait for a verdict.', () => node.waitingProofs);
    const peers = [
      ['velum_peer_up', 'Whether the stream to a peer is up.', 'isUp'],
      ['velum_peer_connects', 'Times that the stream to a peer came up.', 'connects'],
      ['velum_peer_violations', 'Times that a peer broke the rules of the stream.', 'violations'],
      ['velum_peer_banned_ms', 'For how long a peer is left alone from now on, ms.', 'bannedMs'],
      ['velum_peer_faults', 'Faults of a peer.', 'faults'],
      ['velum_peer_bytes_in', 'Bytes from a peer.', 'bytesIn'],
      ['velum_peer_bytes_out', 'Bytes to a peer.', 'bytesOut'],
    ] as const;
    for (const [name, help, field] of peers) {
      const made: Gauge<'peer'> = new Gauge({
        name,
        help,
        labelNames: ['peer'],
        registers,
        collect: () => {
          for (const peer of node.peers()) made.set({ peer: peer.index }, Number(peer[field]));
        },
      });
    }
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }

  said(output: Output): void {
    if (output.type === 'admitted') this.#items.inc({ answer: 'admitted' });
    else if (output.type === 'refused') this.#items.inc({ answer: output.code });
    else if (output.type === 'ordered' || output.type === 'settled' || output.type === 'certified')
      this.#heights.inc({ step: output.type });
    if (output.type === 'began') this.#clock.began();
    else if (isMoment(output.type)) this.#clock.mark(output.type);
  }

  /** A height got so far, apart from what the validator says. */
  reached(moment: 'item' | 'cast' | 'proved'): void {
    this.#clock.mark(moment);
  }

  /** One turn of the event loop was held by work of the protocol. */
  worked({ ms, cpuMs }: TurnWork): void {
    this.#work.observe(ms / 1000);
    this.#workCpu.observe(Math.min(ms, cpuMs) / 1000);
  }
}

const isMoment = (type: Output['type']): type is 'votable' | 'proposed' | 'ordered' | 'settled' =>
  type === 'votable' || type === 'proposed' || type === 'ordered' || type === 'settled';
