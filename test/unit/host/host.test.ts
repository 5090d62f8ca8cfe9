import { describe, expect, test } from 'vitest';
import { FRAME_BYTES, frameRecord, readRecords } from '../../../src/host/log.ts';
import { Death, MemoryStore, type WriteFate } from '../../../src/host/memory-store.ts';
import { decodeRecord, encodeRecord } from '../../../src/host/records.ts';
import type { Store } from '../../../src/host/store.ts';
import { height } from '../../../src/params/ids.ts';
import { MAX_MESSAGE_BYTES } from '../../../src/params/sizes.ts';
import { FORMAT_VERSION } from '../../../src/params/version.ts';
import type { Input } from '../../../src/validator/types.ts';
import { v } from '../validator/fixtures.ts';
import { certifyingMachine, echoMachine, openHost, startHost } from './scripted.ts';

const bytes = (...all: number[]): Uint8Array => Uint8Array.from(all);
/** A store that says when what it was given is durable only when it is told to. */
class SlowStore extends MemoryStore {
  readonly waiting: (() => void)[] = [];
  override append(log: Uint8Array, onDurable: () => void): void {
    super.append(log, () => {});
    this.waiting.push(onDurable);
  }
}
/** The log of a validator that heard two peers, in two commits. */
function aLog(): MemoryStore {
  const store = new MemoryStore();
  const { host } = startHost(store);
  host.receive(v(1), 1, bytes(5));
  host.commit();
  host.receive(v(2), 1, bytes(6));
  host.input({ type: 'ballotDue' });
  host.commit();
  return store;
}
/** A store with other bytes for a log. */
function withLog(log: Uint8Array): MemoryStore {
  const store = new MemoryStore();
  store.append(log, () => {});
  return store;
}
const logOf = (store: Store): Uint8Array => store.load().at(-1)!.log;

describe('a host', () => {
  test('lets nothing out before what led to it is durable, and all of it then, in order', () => {
    const store = new SlowStore();
    const { host, said } = startHost(store);
    host.receive(v(1), 1, bytes(5));
    host.input({ type: 'item', bytes: bytes(7) });
    expect(said).toEqual([]);
    host.commit();
    expect(said).toEqual([]);
    host.receive(v(2), 4, bytes(6));
    host.commit();
    store.waiting.shift()!();
    const echoed = [1, 2, 3].map((to) => `send ${to} #1: 0,5`);
    expect(said).toEqual([...echoed, 'acknowledge 1 #1', 'effect verify']);
    expect(host.receivedFrom(v(2))).toBe(0);
    store.waiting.shift()!();
    expect(said.slice(5)).toEqual(['acknowledge 2 #4']);
    expect(host.receivedFrom(v(2))).toBe(4);
  });

  test('takes a number of a link once, and acknowledges again what is durable', () => {
    const { host, said } = startHost();
    host.receive(v(3), 2, bytes(5));
    host.receive(v(3), 2, bytes(6));
    host.commit();
    said.length = 0;
    host.receive(v(3), 1, bytes(7));
    host.receive(v(3), 2, bytes(7));
    host.commit();
    expect(said).toEqual(['acknowledge 3 #2', 'acknowledge 3 #2']);
  });

  test('passes over a frame whose number is none', () => {
    const store = new MemoryStore();
    const { host, said } = startHost(store);
    for (const number of [2 ** 53, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 0, -1])
      host.receive(v(3), number, bytes(5));
    host.commit();
    expect([said.length, logOf(store).length]).toEqual([2, 0]);
    expect(new Set(said)).toEqual(new Set(['acknowledge 3 #0']));
  });

  test('sends again what a peer has not acknowledged when its link comes up, and on the re-send timer what is overdue', () => {
    const { host, said } = startHost();
    for (let i = 0; i < 3; i++) {
      host.input({ type: 'ballotDue' });
      host.commit();
    }
    said.length = 0;
    host.connected(v(2), 1);
    expect(said).toEqual(['send 2 #2: 9,2', 'send 2 #3: 9,3']);
    said.length = 0;
    host.input({ type: 'resend' });
    host.input({ type: 'ballotDue' });
    host.commit();
    const toTwo = (): string[] => said.filter((each) => each.startsWith('send 2'));
    expect(toTwo(), 'only the new one: the timer counts from now on').toEqual(['send 2 #4: 9,4']);
    host.acknowledged(v(2), 2);
    said.length = 0;
    host.input({ type: 'resend' });
    expect(toTwo()).toEqual(['send 2 #3: 9,3']);
  });

  test('keeps one of what it says again and again to a peer that is down, under its newest number', () => {
    const store = new MemoryStore();
    const { host, said } = startHost(store);
    for (let i = 0; i < 1000; i++) {
      host.input({ type: 'resend' });
      host.commit();
    }
    said.length = 0;
    host.connected(v(3), 0);
    expect(said).toEqual(['send 3 #1000: 7']);
    const again = startHost(store);
    again.host.connected(v(3), 0);
    expect(again.said.at(-1)).toBe('send 3 #1000: 7');
  });

  test('keeps the certificates of a height for who has not acknowledged them until two more heights are certified', () => {
    const store = new MemoryStore();
    const { host, said } = startHost(store, certifyingMachine(store));
    const again = (): string[] => {
      said.length = 0;
      host.connected(v(2), 0);
      return said.map((line) => line.split(': ')[1]!);
    };
    const certify = (): void => {
      host.input({ type: 'ballotDue' });
      host.commit();
    };
    certify();
    certify();
    expect(again()).toEqual(['1', '2']);
    certify();
    expect(again()).toEqual(['2', '3']);
  });

  test('begins a segment when what peers said has made its log long, though no height ends', () => {
    const store = new MemoryStore();
    const machine = certifyingMachine(store);
    const { host } = startHost(store, machine);
    for (let number = 1; number <= 70; number++) {
      host.receive(v(1), number, new Uint8Array(MAX_MESSAGE_BYTES));
      host.commit();
    }
    const logs = store.load().map(({ log }) => log.length);
    expect(logs.length).toBe(2);
    for (const length of logs) expect(length).toBeLessThan((1 << 26) + 2 * MAX_MESSAGE_BYTES);
    expect(startHost(store, machine).host.receivedFrom(v(1))).toBe(70);
  });

  test('logs nothing of what is longer than any message, and its validator sees that it is malformed', () => {
    const store = new MemoryStore();
    const seen: Input[] = [];
    const machine = echoMachine();
    const handle = machine.handle;
    machine.handle = (input) => {
      seen.push(input);
      return handle(input);
    };
    const { host } = startHost(store, machine);
    const long = new Uint8Array(MAX_MESSAGE_BYTES + 1);
    machine.handle({ type: 'message', from: v(1), bytes: new Uint8Array(0) });
    seen.length = 0;
    host.receive(v(1), 1, long);
    host.input({ type: 'item', bytes: long });
    host.input({ type: 'block', bytes: long });
    host.commit();
    expect(seen.map((input) => 'bytes' in input && input.bytes!.length)).toEqual([0, 0, 0]);
    expect(logOf(store).length).toBeLessThan(1000);
  });

  test('begins a segment only when what led to it is let out, also if its store takes its time, and commits behind it what came meanwhile', () => {
    const store = new SlowStore();
    const { host, said } = startHost(store, certifyingMachine(store));
    host.input({ type: 'ballotDue' });
    host.commit();
    expect(store.load()).toHaveLength(1);
    const before = logOf(store).length;
    host.input({ type: 'ballotDue' });
    host.commit();
    expect(logOf(store).length, 'nothing goes into a log that is closed').toBe(before);
    expect(host.undurableBytes).toBeGreaterThan(before);
    const certified = (): number => said.filter((each) => each === 'output certified').length;
    store.waiting.shift()!();
    expect([certified(), store.load().length, logOf(store).length > 0]).toEqual([1, 2, true]);
    store.waiting.shift()!();
    expect([certified(), logOf(store).length, host.undurableBytes]).toEqual([2, 0, 0]);
  });

  test('that is asked what its epoch left says nothing while something is not durable', () => {
    const store = new SlowStore();
    const { host } = startHost(store, certifyingMachine(store));
    host.input({ type: 'ballotDue' });
    host.commit();
    expect(host.legacy()).toBeUndefined();
    expect(store.load()).toHaveLength(1);
  });

  test('does not send again what is not durable yet', () => {
    const store = new SlowStore();
    const { host, said } = startHost(store);
    host.input({ type: 'ballotDue' });
    host.commit();
    host.connected(v(2), 0);
    expect(said).toEqual([]);
  });
});

describe('a host that starts again', () => {
  test('says what it said, under the same numbers, and asks again what was not answered', () => {
    const store = new MemoryStore();
    const before = startHost(store);
    before.host.receive(v(1), 1, bytes(5));
    before.host.input({ type: 'item', bytes: bytes(7) });
    before.host.input({ type: 'item', bytes: bytes(8) });
    before.host.commit();
    before.host.input({ type: 'verified', verdicts: [{ ref: { type: 'item', copy: '7' }, ok: true }] });
    before.host.commit();
    const after = startHost(store);
    expect(after.said).toEqual(['effect verify', 'output refused']);
    after.host.connected(v(1), 0);
    expect(after.said.at(-1)).toBe('send 1 #1: 0,5');
    after.host.receive(v(1), 1, bytes(99));
    after.host.receive(v(1), 2, bytes(99));
    after.host.commit();
    expect(after.said.filter((each) => each.startsWith('send')).length).toBe(1);
  });

  test.each<[WriteFate, boolean]>([
    ['nothing', false],
    ['torn', false],
    ['whole', true],
  ])('after a death inside a write that left %s of it: nothing had gone out', (fate, isKept) => {
    const store = new MemoryStore(new Map([[1, fate]]));
    const dying = startHost(store);
    dying.host.receive(v(1), 1, bytes(5));
    expect(() => dying.host.commit()).toThrow(Death);
    expect(dying.said).toEqual([]);
    const after = startHost(store);
    expect(after.host.receivedFrom(v(1))).toBe(isKept ? 1 : 0);
    after.host.receive(v(1), 1, bytes(6));
    after.host.commit();
    after.host.connected(v(3), 0);
    expect(after.said.filter((each) => each === `send 3 #1: 0,${isKept ? 5 : 6}`)).not.toEqual([]);
    const third = startHost(store);
    third.host.connected(v(3), 0);
    expect(third.said.at(-1), 'and the log that was cut and went on is whole').toBe(
      `send 3 #1: 0,${isKept ? 5 : 6}`,
    );
  });

  test('takes whole inputs behind the last commit for new ones', () => {
    const log = logOf(aLog());
    const input = encodeRecord({
      type: 'input',
      number: 7,
      input: { type: 'message', from: v(3), bytes: bytes(1) },
    });
    const store = withLog(Uint8Array.from([...log, ...frameRecord(input), 1, 2, 3]));
    const { host, said } = startHost(store);
    expect(host.receivedFrom(v(3))).toBe(7);
    expect(said).toContain('acknowledge 3 #7');
    expect(startHost(store).host.receivedFrom(v(3))).toBe(7);
  });

  test('stops when the replay would send something else, and has sent nothing', () => {
    const store = aLog();
    expect(() => openHost(store, echoMachine(1))).toThrow(expect.objectContaining({ code: 'HOST_DIVERGED' }));
  });

  test('refuses the log of another validator', () => {
    expect(() => openHost(aLog(), echoMachine(), 1)).toThrow(
      expect.objectContaining({ code: 'HOST_LOG_OTHER', data: { what: 'self' } }),
    );
  });

  test.each<Input>([
    { type: 'message', from: v(4), bytes: bytes(1) },
    { type: 'connected', peer: v(9) },
    { type: 'stored', ref: { type: 'block', to: v(4), height: height(1) }, bytes: undefined },
  ])('refuses a log in which a stranger speaks: %j', (input) => {
    const log = logOf(aLog());
    const record = frameRecord(encodeRecord({ type: 'input', number: 1, input }));
    const header = FRAME_BYTES + readRecords(log)[0]!.length;
    const inside = [...log.subarray(0, header), ...record, ...log.subarray(header)];
    for (const all of [inside, [...log, ...record]])
      expect(() => openHost(withLog(Uint8Array.from(all)))).toThrow(
        expect.objectContaining({ code: 'HOST_LOG_DAMAGED' }),
      );
  });

  test('refuses a log of another version, whatever else its header holds', () => {
    const header = { type: 'header', version: FORMAT_VERSION + 1, more: 1 } as never;
    expect(() => openHost(withLog(frameRecord(encodeRecord(header))))).toThrow(
      expect.objectContaining({ code: 'HOST_LOG_VERSION' }),
    );
  });

  test('with any byte of its log changed, is refused or loses at most the last commit', () => {
    const log = logOf(aLog());
    let refused = 0;
    for (let at = 0; at < log.length; at += 3) {
      const damagedLog = log.map((byte, i) => (i === at ? byte ^ 0x10 : byte));
      try {
        const { host } = openHost(withLog(damagedLog));
        expect(host.receivedFrom(v(1)), `byte ${at}`).toBe(1);
      } catch (error) {
        expect(error).toMatchObject({ code: 'HOST_LOG_DAMAGED' });
        refused += 1;
      }
    }
    expect(refused).toBeGreaterThan(log.length / 6);
  });

  test('is not stopped by a peer that put what looks like commits into a frame of which a crash left the beginning', () => {
    const store = aLog();
    const commit = frameRecord(encodeRecord({ type: 'commit', hash: new Uint8Array(32) }));
    const trap = Uint8Array.from([...commit, ...commit, ...new Uint8Array(100)]);
    const input = { type: 'message', from: v(3), bytes: trap } as const;
    const record = frameRecord(encodeRecord({ type: 'input', number: 1, input }));
    const log = logOf(store);
    for (let left = 1; left < record.length; left++) {
      const torn = withLog(Uint8Array.from([...log, ...record.subarray(0, left)]));
      const { host } = startHost(torn);
      expect([host.receivedFrom(v(2)), host.receivedFrom(v(3))]).toEqual([1, 0]);
      expect(logOf(torn)).toEqual(log);
    }
  });

  test('refuses a log with any bit of a length changed before its last commit', () => {
    const log = logOf(aLog());
    const lengths: number[] = [];
    for (let at = 0; at < log.length; at += FRAME_BYTES + readRecords(log)[lengths.length - 1]!.length)
      lengths.push(at);
    const commits = readRecords(log).filter((record) => decodeRecord(record)?.type === 'commit');
    expect(commits).toHaveLength(2);
    for (const at of lengths.slice(0, -1))
      for (let bit = 0; bit < 32; bit++) {
        const damagedLog = log.slice();
        damagedLog[at + (bit >> 3)]! ^= 1 << (bit & 7);
        expect(() => openHost(withLog(damagedLog)), `byte ${at}, bit ${bit}`).toThrow(
          expect.objectContaining({ code: 'HOST_LOG_DAMAGED' }),
        );
      }
  });

  test('whose validator fails on an input keeps nothing of it, and goes on from its log', () => {
    const store = aLog();
    const failing = { ...echoMachine(), height: 1 as never };
    const { host } = startHost(store, failing);
    failing.handle = () => {
      throw new Error('a bug');
    };
    expect(() => host.input({ type: 'ballotDue' })).toThrow('a bug');
    expect(() => host.input({ type: 'ballotDue' })).toThrow('restarted from its log');
    expect(() => host.commit()).toThrow('restarted from its log');
    expect(startHost(store).host.receivedFrom(v(2))).toBe(1);
  });
});
