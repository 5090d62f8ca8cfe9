import { expect, test } from 'vitest';
import type { Host } from '../../../src/host/host.ts';
import { readRecords } from '../../../src/host/log.ts';
import type { Machine } from '../../../src/host/machine.ts';
import { MemoryStore } from '../../../src/host/memory-store.ts';
import { decodeRecord } from '../../../src/host/records.ts';
import type { Store } from '../../../src/host/store.ts';
import { height } from '../../../src/params/ids.ts';
import type { Destination, Sending } from '../../../src/validator/out.ts';
import { refKey } from '../../../src/validator/refs.ts';
import { v } from '../validator/fixtures.ts';
import { openHost, startHost } from './scripted.ts';

const bytes = (...all: number[]): Uint8Array => Uint8Array.from(all);
const logOf = (store: Store): Uint8Array => store.load().at(-1)!.log;

test('hands over what its validator says to itself at once and in order, and logs nothing of it', () => {
  const heard = (store: Store): string[] => {
    const handled: string[] = [];
    const say = (to: Destination, byte: number): Sending => ({ to, at: height(1), bytes: bytes(byte) });
    const machine: Machine = {
      height: height(1),
      snapshot: () => bytes(),
      handle(input) {
        const what = input.type === 'message' ? `${input.from}: ${input.bytes}` : input.type;
        handled.push(what);
        const sends = {
          resend: [say('all', 1), say(v(0), 2)],
          '0: 1': [say(v(2), 3), say('all', 4)],
          announceDue: [say(v(3), 5)],
        }[what];
        return { sends: sends ?? [], effects: [], outputs: [], faults: [] };
      },
    };
    const { host, said } = startHost(store, machine);
    if (handled.length === 0) {
      host.input({ type: 'resend' });
      host.input({ type: 'announceDue' });
      host.commit();
      const all = (number: number, byte: number) => [1, 2, 3].map((to) => `send ${to} #${number}: ${byte}`);
      const later = ['send 1 #2: 4', 'send 2 #3: 4', 'send 3 #2: 4', 'send 3 #3: 5'];
      expect(said).toEqual([...all(1, 1), 'send 2 #2: 3', ...later]);
    }
    return handled;
  };
  const store = new MemoryStore();
  const once = heard(store);
  expect(once).toEqual(['resend', '0: 1', '0: 2', '0: 4', 'announceDue']);
  const logged = readRecords(logOf(store)).map((record) => decodeRecord(record)!);
  expect(logged.map((record) => (record.type === 'input' ? record.input.type : record.type))).toEqual([
    'header',
    'resend',
    'announceDue',
    'commit',
  ]);
  expect(heard(store)).toEqual(once);
});

test('has verified at once what the inputs of one commit asked for, and again after a restart what has no verdict', () => {
  const store = new MemoryStore();
  const asked: string[][] = [];
  const record = (opened: ReturnType<typeof openHost>): Host => {
    opened.port.effect = (effect) =>
      asked.push(effect.type === 'verify' ? effect.requests.map(({ ref }) => refKey(ref)) : []);
    opened.host.start();
    return opened.host;
  };
  const host = record(openHost(store));
  for (const item of [5, 6, 7]) host.input({ type: 'item', bytes: bytes(item) });
  host.commit();
  host.input({ type: 'verified', verdicts: [{ ref: { type: 'item', copy: '6' }, ok: true }] });
  host.commit();
  record(openHost(store));
  expect(asked).toEqual([
    ['item/5', 'item/6', 'item/7'],
    ['item/5', 'item/7'],
  ]);
});
