import { readdirSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { HEIGHT_PARTS, type HeightPart } from '../../node/height-clock.ts';
import type { DevnetHome, DevnetNode } from '../devnet/devnet-home.ts';
import { addressText } from '../node/settings.ts';

/** What the system counts processor time in: on Linux always hundredths of a second. */
const TICKS_PER_S = 100;

/** The processes of a node. */
export const NODE_PROCESSES = ['protocol', 'verifier', 'prover'] as const;
export type NodeProcess = (typeof NODE_PROCESSES)[number];

/** What a node has used and sent so far. */
export interface NodeSample {
  /** Processor milliseconds of each of its processes; undefined where the system does not tell. */
  readonly cpuMs: Readonly<Record<NodeProcess, number>> | undefined;
  readonly bytesOut: number;
  /** Milliseconds of the parts of heights, and how many heights told them. */
  readonly partMs: Readonly<Record<HeightPart, number>>;
  readonly heights: number;
  /** Turns of the event loop that worked for the protocol. */
  readonly turns: number;
  /** Those that lasted at most so many milliseconds, and those that took at most so many of the processor. */
  readonly turnsWithin: ReadonlyMap<number, number>;
  readonly turnsWithinCpu: ReadonlyMap<number, number>;
}

export async function sampleNode(devnet: DevnetHome, node: DevnetNode): Promise<NodeSample> {
  const text = await (await fetch(`http://${addressText(node.rpc)}/metrics`)).text();
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const sum = (start: string): number =>
    lines.filter((line) => line.startsWith(start)).reduce((all, line) => all + numberAtEnd(line), 0);
  const within = (name: string): ReadonlyMap<number, number> =>
    new Map(
      lines.flatMap((line) => {
        const le = line.startsWith(`${name}_bucket{le="`) ? /"([0-9.]+)"/.exec(line)?.[1] : undefined;
        return le === undefined ? [] : [[Math.round(1000 * Number(le)), numberAtEnd(line)] as const];
      }),
    );
  return {
    cpuMs: cpuOf(devnet.pidOf(node)),
    bytesOut: sum('velum_peer_bytes_out'),
    partMs: byPart((part) => 1000 * sum(`velum_height_seconds_sum{part="${part}"}`)),
    heights: sum('velum_height_seconds_count{part="settle"}'),
    turns: sum('velum_work_seconds_count'),
    turnsWithin: within('velum_work_seconds'),
    turnsWithinCpu: within('velum_work_cpu_seconds'),
  };
}

export const byPart = (value: (part: HeightPart) => number): Record<HeightPart, number> =>
  Object.fromEntries(HEIGHT_PARTS.map((part) => [part, value(part)])) as Record<HeightPart, number>;

const numberAtEnd = (line: string): number => Number(line.slice(line.lastIndexOf(' ') + 1));

/** Of all processes of the group that a node leads. */
function cpuOf(leader: number | undefined): NodeSample['cpuMs'] {
  if (process.platform !== 'linux' || leader === undefined) return undefined;
  const used = { protocol: 0, verifier: 0, prover: 0 };
  for (const name of readdirSync('/proc')) {
    if (!/^[0-9]+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (Number(fields[2]) !== leader) continue;
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8');
      const isVerifier = command.includes('verify-process');
      const what = Number(name) === leader ? 'protocol' : isVerifier ? 'verifier' : 'prover';
      used[what] += (1000 * (Number(fields[11]) + Number(fields[12]))) / TICKS_PER_S;
    } catch {
      // It ended meanwhile.
    }
  }
  return used;
}

const settledLine = z.object({
  time: z.string(),
  height: z.int(),
  accepted: z.int(),
  msg: z.literal('settled'),
});
const certifiedLine = z.object({ time: z.string(), height: z.int(), msg: z.literal('certified') });

/** Reads what a node's log says of heights from here on. */
export class HeightLog {
  readonly #path: string;
  #read: number;
  /** By height: when it was settled, unix ms, and how many items it had. */
  readonly settled = new Map<number, { readonly atMs: number; readonly accepted: number }>();
  certified = 0;
  /** When the log said something of heights last, unix ms. */
  saidMs = 0;

  constructor(path: string) {
    this.#path = path;
    this.#read = readFileSync(path).length;
  }

  read(): void {
    const bytes = readFileSync(this.#path);
    const end = bytes.lastIndexOf(10) + 1;
    if (end <= this.#read) return;
    for (const line of bytes.subarray(this.#read, end).toString('utf8').split('\n')) this.#line(line);
    this.#read = end;
  }

  #line(line: string): void {
    let said: unknown;
    try {
      said = JSON.parse(line);
    } catch {
      return;
    }
    const settled = settledLine.safeParse(said);
    if (settled.success) {
      const { time, height, accepted } = settled.data;
      this.saidMs = Date.parse(time);
      this.settled.set(height, { atMs: this.saidMs, accepted });
    }
    const certified = certifiedLine.safeParse(said);
    if (!certified.success) return;
    this.certified = certified.data.height;
    this.saidMs = Date.parse(certified.data.time);
  }
}
