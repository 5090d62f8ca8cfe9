import { afterEach, describe, expect, test } from 'vitest';
import { encodeWire } from '../../../src/net/wire.ts';
import { MAX_MESSAGE_BYTES } from '../../../src/params/sizes.ts';
import {
  CHAIN,
  committeeOf,
  EPOCH,
  noise,
  QUICK,
  type TestCommittee,
  until,
} from '../../helpers/net-peers.ts';
import { Severed } from '../../helpers/severed.ts';

let committee: TestCommittee;
let severed: Severed | undefined;
afterEach(async () => {
  await committee.close();
  await severed?.close();
  severed = undefined;
});

const HELLO = encodeWire({ kind: 'hello', version: 1, chain: CHAIN, epoch: EPOCH, durable: 0, received: 0 });
/** A key that no validator has. */
const STRANGER = 99;

/** Two validators whose stream is up. */
async function pair(): Promise<void> {
  committee = await committeeOf(2);
  await committee.open(0);
  await committee.open(1);
  await until(() => committee.owners.every(({ ups }) => ups.length > 0), 'the stream comes up');
}

const numbersAt = (i: number): number[] => committee.owners[i]!.came.map(({ number }) => number);
const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

describe('streams between validators', () => {
  test('carry the frames of both directions in order, and acknowledgements empty both outboxes', async () => {
    await pair();
    for (let k = 0; k < 200; k++) {
      committee.owners[0]!.say(1, noise(1 + k * 7, k + 1));
      committee.owners[1]!.say(0, noise(500, k + 1));
    }
    await until(() => numbersAt(1).length === 200 && numbersAt(0).length === 200, 'all frames arrive');
    expect(numbersAt(1)).toEqual(upTo(200));
    expect(committee.owners[1]!.came.every(({ bytes }, k) => bytes.length === 1 + k * 7)).toBe(true);
    await until(() => committee.owners[0]!.waiting(1 as never, 0).length === 0, 'all is acknowledged');
    expect(committee.owners[0]!.transport.peers()).toMatchObject([
      { isUp: true, connects: 1, violations: 0 },
    ]);
  });

  test('lose nothing and repeat nothing for the owner when connections are cut in the middle of a frame', async () => {
    committee = await committeeOf(2);
    severed = await Severed.before(committee.addresses[1]!, 150_000);
    await committee.open(1);
    await committee.open(0, { at: 1, address: severed.address });
    for (let k = 0; k < 40; k++) {
      committee.owners[0]!.say(1, noise(40_000, k + 1));
      committee.owners[1]!.say(0, noise(9_000, k + 1));
    }
    await until(() => numbersAt(1).length === 40 && numbersAt(0).length === 40, 'all frames arrive', 30_000);
    expect([numbersAt(0), numbersAt(1)]).toEqual([upTo(40), upTo(40)]);
    expect(severed.cuts).toBeGreaterThan(3);
    expect(committee.owners[1]!.transport.peers()[0]!.violations).toBe(0);
  });

  test('begin again after the number that was received, and keep what is not durable', async () => {
    await pair();
    const [sender, receiver] = committee.owners;
    receiver!.lag = 3;
    for (let k = 0; k < 10; k++) sender!.say(1, noise(100, k + 1));
    await until(() => sender!.waiting(1 as never, 0).length === 3, 'seven of ten are durable');
    await committee.stop(receiver!.transport);
    await committee.open(1);
    await until(() => sender!.ups.length === 2, 'the stream comes up again');
    expect(sender!.ups[1]!.numbers).toEqual({ durable: 7, received: 10 });
    sender!.say(1, noise(100, 11));
    await until(() => numbersAt(1).length === 11, 'the next frame arrives');
    // A crash forgets what was received and not durable: it comes again.
    await committee.stop(receiver!.transport);
    receiver!.received.set(0 as never, 8);
    await committee.open(1);
    await until(() => numbersAt(1).length === 14, 'what was forgotten arrives again');
    expect(numbersAt(1)).toEqual([...upTo(11), 9, 10, 11]);
  });

  test('a reader that reads nothing holds back what comes, and gets all of it on the same stream once it reads', async () => {
    committee = await committeeOf(2, { ...QUICK, maxSilentTicks: 10_000 });
    severed = await Severed.before(committee.addresses[1]!);
    await committee.open(1);
    await committee.open(0, { at: 1, address: severed.address });
    await until(() => committee.owners[0]!.ups.length > 0, 'the stream comes up');
    severed.pause();
    const bytes = noise(MAX_MESSAGE_BYTES);
    for (let k = 0; k < 20; k++) committee.owners[0]!.say(1, bytes);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(committee.owners[0]!.transport.peers()[0]!.bytesOut).toBeLessThan(12 * MAX_MESSAGE_BYTES);
    severed.resume();
    await until(() => numbersAt(1).length === 20, 'all frames arrive', 60_000);
    expect([numbersAt(1), committee.owners[0]!.downs]).toEqual([upTo(20), 0]);
  });

  test('half of a connection is noticed by silence, and another one is made', async () => {
    committee = await committeeOf(2);
    severed = await Severed.before(committee.addresses[1]!);
    await committee.open(1);
    await committee.open(0, { at: 1, address: severed.address });
    await until(() => committee.owners[0]!.ups.length > 0, 'the stream comes up');
    severed.pause();
    await until(() => committee.owners.every(({ downs }) => downs > 0), 'both ends notice');
    severed.resume();
    await until(() => committee.owners[0]!.ups.length > 1, 'they meet again');
  });

  test('a program that stood still blames nobody for it', async () => {
    await pair();
    const end = performance.now() + 1_500;
    while (performance.now() < end);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(committee.owners.map(({ downs }) => downs)).toEqual([0, 0]);
  });
});

describe('distance', () => {
  test('a delay hands on everything so much later, in its order', async () => {
    committee = await committeeOf(2, { ...QUICK, maxSilentTicks: 100 });
    await committee.open(1, { delayMs: 150 });
    await committee.open(0);
    await until(() => committee.owners.every(({ ups }) => ups.length > 0), 'the stream comes up');
    const sent = performance.now();
    for (let k = 0; k < 50; k++) committee.owners[0]!.say(1, noise(3_000, k + 1));
    await until(() => numbersAt(1).length > 0, 'the first frame arrives');
    expect(performance.now() - sent).toBeGreaterThanOrEqual(145);
    await until(() => numbersAt(1).length === 50, 'all frames arrive');
    expect(numbersAt(1)).toEqual(upTo(50));
  });
});

describe('who is not heard', () => {
  test('a key that is not the epoch’s, or of the wrong direction, or no key at all, is dropped before it is read', async () => {
    await pair();
    for (const [to, as] of [
      [1, STRANGER],
      [0, 1],
      [1, 1],
    ] as const) {
      const { socket, heardBytes } = await committee.dial(to, as);
      socket.write(HELLO);
      await until(() => socket.destroyed, 'it is dropped');
      expect(heardBytes()).toBe(0);
    }
    const { socket: bare } = await committee.dial(1, STRANGER, {
      cert: undefined as never,
      key: undefined as never,
    });
    await until(() => bare.destroyed, 'it is dropped');
    const { socket: old } = await committee.dial(1, 0, { maxVersion: 'TLSv1.2' });
    await until(() => old.destroyed, 'it is dropped');
    expect(committee.owners[1]!.ups.length).toBe(1);
    expect(committee.owners[1]!.transport.peers()).toMatchObject([
      { isUp: true, connects: 1, violations: 0 },
    ]);
  });

  test('a server with another key than the epoch’s is told nothing', async () => {
    committee = await committeeOf(2);
    await committee.open(1, { seed: STRANGER });
    await committee.open(0);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(committee.owners.map(({ ups }) => ups.length)).toEqual([0, 0]);
    expect(committee.owners[0]!.transport.peers()).toMatchObject([{ isUp: false, connects: 0, bytesOut: 0 }]);
  });

  test('another chain is a violation, and the peer is left alone for longer each time', async () => {
    committee = await committeeOf(2);
    await committee.open(0, { chain: new Uint8Array(32) });
    await committee.open(1);
    await until(() => committee.owners[1]!.transport.peers()[0]!.violations >= 2, 'it is noticed');
    expect(committee.owners.map(({ ups }) => ups.length)).toEqual([0, 0]);
  });

  test('another version is no violation: the peer is not left alone, and is shown', async () => {
    committee = await committeeOf(2);
    await committee.open(1);
    const hello = { kind: 'hello', chain: CHAIN, epoch: EPOCH, durable: 0, received: 0 } as const;
    for (let k = 0; k < 3; k++) {
      const { socket } = await committee.dial(1, 0);
      socket.write(encodeWire({ ...hello, version: 2 }));
      await until(() => socket.destroyed, 'it is cut off');
    }
    const shown = { isUp: false, isOtherVersion: true, violations: 0, bannedMs: 0 };
    expect(committee.owners[1]!.transport.peers()).toMatchObject([shown]);
    await committee.open(0);
    await until(
      () => committee.owners[1]!.ups.length > 0,
      'it is heard in the version that both speak',
      2_000,
    );
    expect(committee.owners[1]!.transport.peers()).toMatchObject([{ isUp: true, isOtherVersion: false }]);
  });

  test('a validator that sends what is too long, malformed, or no hello is cut off', async () => {
    committee = await committeeOf(2);
    await committee.open(1);
    const tooLong = Uint8Array.of(0, 0x20, 0, 0);
    const lies = [[Buffer.from('GET / HTTP/1.1\r\n\r\n')], [HELLO, tooLong], [HELLO, HELLO]];
    for (const [k, units] of lies.entries()) {
      const { socket } = await committee.dial(1, 0);
      for (const unit of units) socket.write(unit);
      await until(() => socket.destroyed, 'it is cut off');
      const { violations } = committee.owners[1]!.transport.peers()[0]!;
      // While it is left alone it is not even heard.
      expect(violations).toBe(1 + k);
      await new Promise((resolve) => setTimeout(resolve, 550 * 2 ** k));
    }
    expect(committee.owners[1]!.came).toEqual([]);
  });

  test('a validator that is blamed too often is left alone, for a few faults it is not', async () => {
    await pair();
    const { transport } = committee.owners[1]!;
    for (let k = 0; k < 64; k++) transport.blame(0 as never);
    expect(transport.peers()).toMatchObject([{ isUp: true, violations: 0 }]);
    for (let k = 0; k < 200; k++) transport.blame(0 as never);
    expect(transport.peers()).toMatchObject([{ isUp: false, violations: 1 }]);
    expect(transport.peers()[0]!.bannedMs).toBeGreaterThan(0);
    await until(() => transport.peers()[0]!.isUp, 'it is heard again');
  });

  test('a validator that says nothing after the handshake is given up', async () => {
    committee = await committeeOf(2);
    await committee.open(1);
    const { socket } = await committee.dial(1, 0);
    await until(() => socket.destroyed, 'it is given up', 3_000);
  });

  test('a flood from the same address does not keep out a validator that comes back', async () => {
    committee = await committeeOf(2, { ...QUICK, handshakeMs: 60_000 });
    await committee.open(1);
    const { Socket } = await import('node:net');
    let made = 0;
    const idle = new Set<InstanceType<typeof Socket>>();
    const flood = setInterval(() => {
      for (let k = 0; k < 15; k++) {
        const socket = new Socket();
        idle.add(socket);
        socket.on('error', () => {});
        socket.on('close', () => idle.delete(socket));
        socket.connect(committee.addresses[1]!);
        made += 1;
      }
    }, 20);
    try {
      await until(() => made > 200, 'the flood has begun');
      await committee.open(0);
      await until(() => committee.owners[1]!.ups.length > 0, 'the validator is back');
      clearInterval(flood);
      // Strangers have a minute to show a key here: what is fewer was pushed out.
      await until(() => idle.size <= 64, 'the strangers are as many as they may be');
    } finally {
      clearInterval(flood);
      for (const socket of idle) socket.destroy();
    }
  });
});
