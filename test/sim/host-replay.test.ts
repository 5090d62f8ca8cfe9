import { describe, expect, test } from 'vitest';
import { concatBytes, toHex } from '../../src/base/bytes.ts';
import { moved } from '../../src/committee/sample-market.ts';
import { TradingWorld } from '../../src/committee/traders.ts';
import { Host } from '../../src/host/host.ts';
import { validatorOf } from '../../src/host/machine.ts';
import { MemoryStore } from '../../src/host/memory-store.ts';
import type { NumberedSending } from '../../src/host/outbox.ts';
import { readLog } from '../../src/host/read-log.ts';
import type { Segment } from '../../src/host/store.ts';
import { validatorIndex } from '../../src/params/ids.ts';
import { decodeMessage } from '../../src/validator/messages.ts';
import { kernels } from '../helpers/kernels.ts';
import { trade } from './committee-heights.ts';

const HEIGHTS = 5;

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
function run(n: number, dissemination: 'direct' | 'stem') {
  const stores = Array.from({ length: n }, () => new WholeStore());
  const world = new TradingWorld({ kernels, n, seed: 3, dissemination, more: { stores } });
  for (let at = 1; at <= HEIGHTS; at++) {
    if (at % 2 === 1) trade(world, at);
    world.runHeight(at, moved(at));
  }
  return { world, stores };
}

describe.each(['direct', 'stem'] as const)('%s', (dissemination) => {
  const { world, stores } = run(4, dissemination);
  const { chain, epoch, secrets, members } = world.committee;

  /** Replays from the k-th segment on: snapshots after it count for damaged. */
  function replay(i: number, k: number) {
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

  test('a replay from every snapshot sends byte for byte what was sent, and ends in the same state', () => {
    for (let i = 0; i < 4; i++) {
      expect(stores[i]!.all.length).toBeGreaterThan(HEIGHTS);
      const whole = replay(i, 0);
      const heard = world.committee.frames.filter(({ from }) => from === i);
      expect(whole.frames).toEqual(heard.map(({ to, bytes }) => `${to} ${toHex(bytes)}`));
      for (let k = 1; k < stores[i]!.all.length; k++) {
        const { sent, end } = replay(i, k);
        expect(sent).toEqual(whole.sent.slice(whole.sent.length - sent.length));
        expect(end).toBe(whole.end);
      }
    }
  });

  test('a restart replays the inputs of one height, of two if the newest snapshot is damaged', () => {
    const inputsOf = ({ log }: Segment): number =>
      readLog(log, false).committed.filter(({ type }) => type === 'input').length;
    for (const { all } of stores) {
      const counts = all.map(inputsOf);
      const total = counts.reduce((sum, count) => sum + count, 0);
      expect(Math.max(...counts.map((count, k) => count + (counts[k + 1] ?? 0)))).toBeLessThan(total / 2);
    }
    for (const store of members.stores) expect(store.load()).toHaveLength(2);
  });

  test('no secret is in a log, a snapshot with its outbox, or a block', () => {
    for (const [i, store] of stores.entries()) {
      const blocks = Array.from({ length: HEIGHTS }, (_, at) => store.block((at + 1) as never)!);
      const kept = store.all.flatMap(({ snapshot, log }) => [snapshot ?? new Uint8Array(0), log]);
      const dump = Buffer.concat([...kept, ...blocks]);
      expect(dump.length).toBeGreaterThan(100_000);
      for (const [name, value] of Object.entries(secrets[i]!))
        for (const form of formsOf(value)) expect([name, dump.includes(form)]).toEqual([name, false]);
      // What is public is found in the same way.
      const ballots = world.committee.frames.flatMap(({ bytes }) => {
        const message = decodeMessage(bytes);
        return message?.kind === 'ballot' ? [message.ballot] : [];
      });
      expect(formsOf(ballots[0]!.nullifier).some((form) => dump.includes(form))).toBe(true);
    }
  });
});

/** Bytes of either order without leading zeros, hexadecimal and decimal digits. */
function formsOf(value: bigint | Uint8Array): Buffer[] {
  const digits = typeof value === 'bigint' ? value.toString(16) : toHex(value);
  const hex = digits.padStart(digits.length + (digits.length % 2), '0');
  const bytes = Buffer.from(hex, 'hex');
  const texts = [hex, hex.toUpperCase(), ...(typeof value === 'bigint' ? [value.toString()] : [])];
  return [bytes, Buffer.from(bytes).reverse(), ...texts.map((text) => Buffer.from(text))];
}
