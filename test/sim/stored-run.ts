import { expect } from 'vitest';
import { concatBytes, toHex } from '../../src/base/bytes.ts';
import { moved } from '../../src/committee/sample-market.ts';
import { TradingWorld } from '../../src/committee/traders.ts';
import { Host } from '../../src/host/host.ts';
import { validatorOf } from '../../src/host/machine.ts';
import { MemoryStore } from '../../src/host/memory-store.ts';
import type { NumberedSending } from '../../src/host/outbox.ts';
import type { Segment } from '../../src/host/store.ts';
import { validatorIndex } from '../../src/params/ids.ts';
import { kernels } from '../helpers/kernels.ts';
import { trade } from './committee-heights.ts';

export const HEIGHTS = 5;

/** A store that forgets no segment, and counts what each append of a host would replay after a crash. */
class WholeStore extends MemoryStore {
  readonly all: { readonly snapshot: Uint8Array | undefined; log: Uint8Array }[] = [
    { snapshot: undefined, log: new Uint8Array(0) },
  ];

  override append(bytes: Uint8Array, onDurable: () => void): void {
    const last = this.all.at(-1)!;
    last.log = concatBytes(last.log, bytes);
    super.append(bytes, onDurable);
  }

  override begin(snapshot: Uint8Array): void {
    this.all.push({ snapshot, log: new Uint8Array(0) });
    super.begin(snapshot);
  }
}

/** A store from which a host can only read. */
const reading = (segments: readonly Segment[], from: MemoryStore) =>
  Object.assign(new MemoryStore(), {
    load: () => segments,
    block: (height: Parameters<MemoryStore['block']>[0]) => from.block(height),
  });

/** Some heights, half of them with trades; every validator keeps all its segments. */
export function storedRun(n: number, dissemination: 'direct' | 'stem') {
  const stores = Array.from({ length: n }, () => new WholeStore());
  const world = new TradingWorld({ kernels, n, seed: 3, dissemination, more: { stores } });
  for (let at = 1; at <= HEIGHTS; at++) {
    if (at % 2 === 1) trade(world, at);
    world.runHeight(at, moved(at));
  }
  return { world, stores, dissemination };
}
export type StoredRun = ReturnType<typeof storedRun>;

/** Replays what a validator kept from the k-th segment on: snapshots after it count for damaged. */
function replay({ world, stores, dissemination }: StoredRun, i: number, k: number) {
  const { chain, epoch, secrets } = world.committee;
  const segments = stores[i]!.all.slice(k).map((segment, at) =>
    at === 0 ? segment : { ...segment, snapshot: new Uint8Array(3) },
  );
  const sent: string[] = [];
  const frames: string[] = [];
  const onReplayed = (_: unknown, sends: readonly NumberedSending[]): void => {
    for (const { to, numbers, bytes } of sends) {
      const frame = toHex(bytes);
      sent.push(`${to} ${numbers} ${frame}`);
      const peers = to === 'all' ? numbers.keys() : [to];
      for (const peer of peers) if (peer !== i) frames.push(`${peer} ${frame}`);
    }
  };
  const config = { chain, epoch, self: validatorIndex(i), secrets: secrets[i]!, dissemination };
  let machine: ReturnType<typeof validatorOf> | undefined;
  const store = reading(segments, stores[i]!);
  const machineOf: typeof validatorOf = (own, snapshot) => (machine = validatorOf(own, snapshot));
  const port = { send() {}, acknowledge() {}, effect() {}, output() {}, fault() {} };
  new Host({ config, store, port, onReplayed, machineOf });
  return { sent, frames, end: toHex(machine!.snapshot()) };
}

/** Demands that a replay from each snapshot of a validator sends byte for byte what was sent, and ends in the same state. */
export function replaysAlike(run: StoredRun, i: number): void {
  const { world, stores } = run;
  expect(stores[i]!.all.length).toBeGreaterThan(HEIGHTS);
  const whole = replay(run, i, 0);
  const heard = world.committee.frames.filter(({ from }) => from === i);
  expect(whole.frames).toEqual(heard.map(({ to, bytes }) => `${to} ${toHex(bytes)}`));
  for (let k = 1; k < stores[i]!.all.length; k++) {
    const { sent, end } = replay(run, i, k);
    expect(sent).toEqual(whole.sent.slice(whole.sent.length - sent.length));
    expect(end).toBe(whole.end);
  }
}
