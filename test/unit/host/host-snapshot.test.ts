import { describe, expect, test } from 'vitest';
import { encodeState } from '../../../src/base/state-codec.ts';
import { Host } from '../../../src/host/host.ts';
import { openHost, sealHost } from '../../../src/host/host-snapshot.ts';
import { frameRecord } from '../../../src/host/log.ts';
import type { Machine, MachineOf } from '../../../src/host/machine.ts';
import { MemoryStore, type WriteFate } from '../../../src/host/memory-store.ts';
import type { Segment } from '../../../src/host/store.ts';
import { height } from '../../../src/params/ids.ts';
import type { Effect, Input } from '../../../src/validator/types.ts';
import { dealt, v } from '../validator/fixtures.ts';

const ITEM = Uint8Array.of(7);

/** Begins a height whenever its timer fires, tells validator 2 which one, and wants its own ballot proved. */
const counting: MachineOf = (_, snapshot): Machine => {
  let current = snapshot?.[0] ?? 1;
  return {
    get height() {
      return height(current);
    },
    snapshot: () => Uint8Array.of(current),
    handle({ type }: Input) {
      const effects: Effect[] = [];
      if (type === 'item') effects.push({ type: 'prove', ref: OWN, statement: {} as never });
      if (type !== 'ballotDue') return { sends: [], effects, outputs: [], faults: [] };
      current += 1;
      return {
        sends: [{ to: v(2), at: undefined, bytes: Uint8Array.of(current) }],
        effects,
        outputs: [],
        faults: [],
      };
    },
  };
};
const OWN = { type: 'own', height: height(1), items: [] } as const;

function start(store: MemoryStore) {
  const said: string[] = [];
  const { chain, epoch, secrets } = dealt(4);
  const config = { chain, epoch, self: v(0), secrets: secrets[0]!, dissemination: 'direct' as const };
  const port = {
    send: (to: number, number: number, bytes: Uint8Array) =>
      void said.push(`send ${to} #${number}: ${bytes}`),
    acknowledge() {},
    effect: (effect: Effect) =>
      void said.push(
        effect.type === 'prove' ? `prove ${typeof effect.statement.identitySecret}` : effect.type,
      ),
    output() {},
    fault() {},
  };
  const host = new Host({ config, machineOf: counting, store, port });
  host.start();
  return { host, said };
}

/** A validator that began some heights. */
function lived(store: MemoryStore, heights: number) {
  const { host } = start(store);
  host.input({ type: 'item', bytes: ITEM });
  host.receive(v(1), 5, ITEM);
  for (let i = 0; i < heights; i++) {
    host.input({ type: 'ballotDue' });
    host.commit();
  }
  return host;
}

const withSegments = (segments: readonly Segment[]): MemoryStore =>
  Object.assign(new MemoryStore(), { load: () => segments });
const damaged = ({ snapshot, log }: Segment): Segment => ({ snapshot: snapshot!.with(20, 1), log });

describe('a host that restarts from a snapshot', () => {
  test('knows its height, what it received, what waits to be sent, and what it asked for', () => {
    const store = new MemoryStore();
    lived(store, 3);
    expect(store.load()).toHaveLength(2);
    const { host, said } = start(store);
    expect([host.height, host.receivedFrom(v(1))]).toEqual([4, 5]);
    host.connected(v(2), 1);
    expect(said, 'the statement of the proof is made anew').toEqual([
      'prove bigint',
      'send 2 #2: 3',
      'send 2 #3: 4',
    ]);
  });

  test('takes the snapshot before, and the inputs since then, when the newest one is damaged', () => {
    const store = new MemoryStore();
    lived(store, 4);
    const [before, newest] = store.load();
    const { host, said } = start(withSegments([before!, damaged(newest!)]));
    expect(host.height).toBe(5);
    host.connected(v(2), 0);
    expect(said.at(-1)).toBe('send 2 #4: 5');
  });

  test('refuses to go on when no snapshot is whole, or a segment is missing between two', () => {
    const store = new MemoryStore();
    lived(store, 2);
    const older = store.load()[0]!;
    const host = lived(store, 3);
    host.receive(v(3), 1, ITEM);
    host.commit();
    const [before, newest] = store.load();
    const fails = (...segments: Segment[]) =>
      expect(() => start(withSegments(segments))).toThrow(
        expect.objectContaining({ code: 'HOST_LOG_DAMAGED' }),
      );
    fails(damaged(before!), damaged(newest!));
    fails(older, damaged(newest!));
  });

  test.each<WriteFate>(['nothing', 'torn', 'whole'])(
    'after a death in the write of a snapshot: %s is left',
    (fate) => {
      const store = new MemoryStore(new Map([[2, fate]]));
      expect(() => lived(store, 1)).toThrow('died in write 2');
      const { host, said } = start(store);
      expect(host.height).toBe(2);
      host.connected(v(2), 0);
      expect(said).toContain('send 2 #1: 2');
      host.commit();
      expect(start(store).host.height).toBe(2);
    },
  );

  test('refuses a snapshot of another version, and takes no bytes for a snapshot', () => {
    const store = new MemoryStore();
    lived(store, 2);
    const state = openHost(store.load()[1]!.snapshot!)!;
    expect(openHost(sealHost(state))).toEqual(state);
    const other = sealHost({ ...state, header: { ...state.header, version: 999 } });
    expect(() => openHost(other)).toThrow(expect.objectContaining({ code: 'HOST_LOG_VERSION' }));
    for (const value of [1, 'x', {}, { ...state, more: 1 }, { ...state, received: ['x'] }])
      expect(openHost(frameRecord(encodeState(value)))).toBeUndefined();
  });
});
