import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { toHex } from '../../src/base/bytes.ts';
import { bridgeSecretOf } from '../../src/committee/dealer.ts';
import { parseGenesisFile } from '../../src/formats/genesis-file.ts';
import { chainHash } from '../../src/ledger/chain-genesis.ts';
import { depositIdOf, signDeposit } from '../../src/ledger/deposits.ts';
import { encodeItem } from '../../src/ledger/items.ts';
import { tlsIdentity } from '../../src/net/identity.ts';
import type { Address } from '../../src/net/transport.ts';
import { encodeWire } from '../../src/net/wire.ts';
import { height } from '../../src/params/ids.ts';
import { encodeMessage } from '../../src/validator/messages.ts';
import { velum } from '../helpers/cli.ts';
import { HostilePeer, type HostileStream } from '../helpers/hostile-peer.ts';
import { noise } from '../helpers/net-peers.ts';
import { isAlive } from '../helpers/processes.ts';
import { asked, everyAnswer } from '../helpers/running-rpc.ts';
import { devnetSecrets, openFiles, SecretFinder } from '../helpers/secret-finder.ts';

/** Hostile peers against a devnet of running processes. Validator 0 is the hostile one once it is stopped: it dials all others. */

const scratch = mkdtempSync(join(tmpdir(), 'velum-hostile-'));
const home = join(scratch, 'net');
/** Frames of the hostile validator that others are to read and blame it for, and so many of them it says at once. */
const FRAMES = 100_000;
const LIES = 8_000;
/** How much more memory a node may take at its peak than before the attack, bytes. */
const MORE_MEMORY = 384 << 20;

/** A node whose event loop is blocked says so, and goes on after 6 s at the earliest, when the others need it no more. */
const BLOCKED = join(scratch, 'blocked');
const NEEDLESS = join(scratch, 'needless');
/** Loaded into each node: lets a test block its event loop, and have a diagnostic report written. */
const INSIDE = `
const fs = require('node:fs');
process.on('SIGUSR2', () => {
  const end = Date.now() + 6000;
  fs.writeFileSync(${JSON.stringify(BLOCKED)}, '');
  while (Date.now() < end || !fs.existsSync(${JSON.stringify(NEEDLESS)}));
});
process.report.excludeNetwork = true;
process.on('SIGWINCH', () => process.report.writeReport());
`;

interface Node {
  readonly index: number;
  readonly pid: number;
  readonly rpc: string;
}
let nodes: readonly Node[];
let addresses: readonly Address[];
let hostile: HostilePeer;
let account = 0;
const figures: Record<string, unknown> = {};
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function devnet(...args: string[]) {
  const { code, stdout, stderr } = await velum('devnet', ...args, '--home', home, '--json');
  expect([args, code, code === 0 ? '' : `${stdout} ${stderr}`]).toEqual([args, 0, '']);
  return JSON.parse(stdout);
}

/** A deposit is settled and certified at each of these nodes: the network goes on. @returns ms */
async function settles(by: readonly Node[]): Promise<number> {
  const begun = performance.now();
  const { seed } = JSON.parse(readFileSync(join(home, 'devnet.json'), 'utf8'));
  const { chain } = parseGenesisFile(readFileSync(join(home, 'node-0/genesis.json'), 'utf8'), 'genesis');
  account += 1;
  const statement = {
    kind: 'deposit',
    nonce: BigInt(account),
    account: BigInt(account),
    amount: 1n,
  } as const;
  const signed = signDeposit(bridgeSecretOf(seed), chainHash(chain), statement);
  const item = toHex(encodeItem(signed));
  const id = depositIdOf(chainHash(chain), statement);
  await until(
    async () => {
      const states = await Promise.all(
        by.map(async ({ rpc }) => {
          const { result } = await asked(rpc, 'itemStatus', { id });
          if (result === undefined) await asked(rpc, 'submit', { item });
          return result?.status;
        }),
      );
      return states.every((status) => status === 'certified');
    },
    'a deposit is certified',
    120_000,
  );
  return Math.round(performance.now() - begun);
}

async function until(holds: () => Promise<boolean>, what: string, withinMs: number): Promise<number> {
  const begun = performance.now();
  while (!(await holds().catch(() => false))) {
    if (performance.now() - begun > withinMs) throw new Error(`waited in vain: ${what}`);
    await pause(100);
  }
  return Math.round(performance.now() - begun);
}

const health = async ({ rpc }: Node): Promise<string> => (await asked(rpc, 'health')).result.state;

/** From the system: memory now and at its peak, and open files. */
function used({ pid }: Node) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const bytes = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)![1]) * 1024;
  return { now: bytes('VmRSS'), peak: bytes('VmHWM'), files: readdirSync(`/proc/${pid}/fd`).length };
}

/** How the correct nodes see a validator. */
const seen = (by: readonly Node[], index: number) =>
  Promise.all(
    by
      .filter((node) => node.index !== index)
      .map(async ({ rpc }) =>
        (await asked(rpc, 'peers')).result.find((each: { index: number }) => each.index === index),
      ),
  );

beforeAll(async () => {
  const inside = join(scratch, 'inside.cjs');
  writeFileSync(inside, INSIDE);
  process.env['NODE_OPTIONS'] =
    `--require=${inside} --report-uncaught-exception --report-directory=${scratch}`;
  await devnet('up', '--orders', 'examples/small.csv', '--until-settled');
  nodes = (await devnet('status')).nodes;
  addresses = (await asked(nodes[0]!.rpc, 'peers')).result.map((peer: { address: Address }) => peer.address);
  hostile = await HostilePeer.of(home, 0);
  addresses = [(await asked(nodes[1]!.rpc, 'peers')).result[0].address, ...addresses];
});
afterAll(async () => {
  await devnet('down');
  delete process.env['NODE_OPTIONS'];
  rmSync(scratch, { recursive: true, force: true });
  console.log(JSON.stringify(figures, null, 1));
});

test('a node that stands still for 30 s, and one whose event loop is blocked for 6 s, stop nobody and are blamed by nobody', async () => {
  const [first, second, third, fourth] = nodes as [Node, Node, Node, Node];
  process.kill(fourth.pid, 'SIGSTOP');
  const end = performance.now() + 30_000;
  const taken: number[] = [];
  while (performance.now() < end) taken.push(await settles([first, second, third]));
  process.kill(fourth.pid, 'SIGCONT');
  figures['one stands still for 30 s: heights settled'] = taken.length;
  figures['ms until it takes part again'] = await until(
    async () => (await health(fourth)) === 'ready',
    'it takes part',
    60_000,
  );
  await settles(nodes);
  process.kill(third.pid, 'SIGUSR2');
  await until(async () => existsSync(BLOCKED), 'its loop is blocked', 30_000);
  figures['one loop is blocked for 6 s: ms to settle'] = await settles([first, second, fourth]);
  writeFileSync(NEEDLESS, '');
  await settles(nodes);
  expect(taken.length).toBeGreaterThan(1);
  for (const { index } of nodes)
    for (const peer of await seen(nodes, index))
      expect([index, peer.violations, peer.faults, peer.bannedMs]).toEqual([index, 0, 0, 0]);
});

test('a validator that lies in 100,000 frames, and what it does to streams, changes nothing for the others', async () => {
  const [zero, ...correct] = nodes as [Node, ...Node[]];
  process.kill(-zero.pid, 'SIGKILL');
  await until(async () => !isAlive(zero.pid), 'it is dead', 10_000);
  await settles(correct);
  const before = correct.map(used);
  const settling: number[] = [];
  let judged = 0;
  const isDone = (): boolean => judged >= FRAMES && settling.length >= 3;
  const begun = performance.now();
  const others = (async () => {
    while (!isDone()) settling.push(await settles(correct));
  })();
  await Promise.all([
    others,
    ...[1, 2, 3].map(async (i) => {
      for (let round = 1; !isDone(); round++) {
        const stream = await hostile.stream(addresses[i]!);
        if (stream !== undefined) await lies(stream, round * LIES + i);
        else await pause(200);
        judged = (await seen(correct, 0)).reduce((sum, { faults }) => sum + faults, 0);
      }
    }),
  ]);
  figures['lying frames that were read and blamed'] = judged;
  figures['s for them'] = Math.round((performance.now() - begun) / 1000);
  figures['ms to settle meanwhile'] = settling;
  expect(settling.length).toBeGreaterThan(1);

  // One that reads nothing while others go on, and one that says nothing.
  const streams = await Promise.all([1, 2, 3].map((i) => allowed(addresses[i]!)));
  for (const { socket } of streams) socket.pause();
  for (let k = 0; k < 5; k++) await settles(correct);
  for (const { socket } of streams) socket.destroy();
  await pause(500);
  const mute = await Promise.all([1, 2, 3].map((i) => hostile.handshake(addresses[i]!)));
  for (const socket of mute) socket?.resume();
  await until(async () => mute.every((socket) => socket?.destroyed === true), 'they are given up', 15_000);

  // What breaks the rules of the stream.
  const tooLong = Uint8Array.of(0, 0x20, 0, 0, 1);
  for (let k = 0; k < 3; k++) {
    await Promise.all(
      [1, 2, 3].map(async (i) => {
        const stream = await allowed(addresses[i]!);
        const end = new Promise((resolve) => stream.socket.once('close', resolve));
        stream.socket.write([tooLong, noise(64, k), encodeWire({ ...REPEATED })][k]!);
        await end;
      }),
    );
  }
  await until(async () => !(await banned(correct)), 'the bans are over', 40_000);
  for (const i of [1, 2, 3])
    expect(await hostile.stream(addresses[i]!, { chain: new Uint8Array(32) })).toBe(undefined);
  const views = await seen(correct, 0);
  figures['how the others see it'] = views.map(({ violations, faults, bannedMs }) => ({
    violations,
    faults,
    bannedMs,
  }));
  for (const view of views) {
    expect([view.violations >= 4, view.faults > FRAMES / 10, view.bannedMs > 0]).toEqual([true, true, true]);
    expect(await hostile.stream(addresses[1]!)).toBe(undefined);
  }
  await settles(correct);
  const after = correct.map(used);
  figures['memory, MB: before, now, peak'] = after.map(({ now, peak }, k) =>
    [before[k]!.now, now, peak].map((bytes) => Math.round(bytes / 2 ** 20)),
  );
  figures['logs, MB'] = correct.map(({ index }) =>
    Number((statSync(join(home, `node-${index}.log`)).size / 2 ** 20).toFixed(2)),
  );
  for (const [k, { peak }] of after.entries()) expect(peak - before[k]!.now).toBeLessThan(MORE_MEMORY);
  for (const { index } of correct)
    for (const peer of await seen(correct, index)) expect([peer.violations, peer.faults]).toEqual([0, 0]);
});

test('a flood of connections from the same address, half of them half-open, keeps no validator out that restarts meanwhile', async () => {
  const [, one, , three] = nodes as [Node, Node, Node, Node];
  figures['the same without a flood'] = await restarted(2);
  const before = used(one);
  const stranger = await tlsIdentity(noise(32, 77));
  const idle = new Set<Socket>();
  let made = 0;
  const flood = setInterval(() => {
    for (let k = 0; k < 6; k++, made++) {
      const socket = connect(addresses[1 + (made % 3)]!);
      idle.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => idle.delete(socket));
      // Some greet as TLS does and stop, some send what is none of it, some nothing.
      if (made % 3 === 0) socket.write(noise(200, made + 1));
      if (made % 3 === 1) socket.write(Buffer.from('16030100c8010000c40303', 'hex'));
    }
    if (made % 60 === 0) void hostile.handshake(addresses[1]!, stranger);
  }, 20);
  try {
    await pause(3_000);
    const flooded = await restarted(2);
    figures['flood: connections made'] = made;
    figures['ms from its start until its streams are up in the flood, and from when it listened'] = flooded;
    expect(flooded[1]).toBeLessThan(10_000);
    const back = nodes[2]!;
    figures['ms to settle in the flood'] = await settles([one, back, three]);
  } finally {
    clearInterval(flood);
    for (const socket of idle) socket.destroy();
  }
  await until(async () => used(one).files < before.files + 20, 'their files are closed', 30_000);
  for (const peer of await seen(nodes.slice(1), 2)) expect([peer.violations, peer.faults]).toEqual([0, 0]);
});

test('nothing of it gives away a secret: files, reports, answers, figures, and what a validator is told', async () => {
  const secrets = devnetSecrets(home);
  const finder = new SecretFinder(secrets);
  for (const { pid } of nodes) process.kill(pid, 'SIGWINCH');
  const reports = () => readdirSync(scratch).filter((name) => name.startsWith('report.'));
  await until(async () => reports().length >= nodes.length, 'reports are written', 30_000);
  await pause(1_000);
  const files = new Map(openFiles(home));
  for (const name of reports()) files.set(name, readFileSync(join(scratch, name)));
  figures['files looked through'] = files.size;
  for (const [path, bytes] of files) expect([path, finder.find(bytes)]).toEqual([path, []]);
  for (const { rpc } of nodes) {
    const metrics = await (await fetch(`http://${rpc}/metrics`)).text();
    expect(finder.find(Buffer.from(metrics + JSON.stringify([...(await everyAnswer(rpc))])))).toEqual([]);
  }
  expect(hostile.heard.length).toBeGreaterThan(10);
  expect(finder.find(Buffer.concat(hostile.heard))).toEqual([]);
});

/** Kills a validator and starts it again. @returns ms from its start until streams to a quorum are up, and of these from when it listened */
async function restarted(index: number): Promise<[number, number]> {
  const { pid } = nodes[index]!;
  process.kill(-pid, 'SIGKILL');
  await until(async () => !isAlive(pid), 'it is dead', 10_000);
  const log = join(home, `node-${index}.log`);
  const { size } = statSync(log);
  const begun = Date.now();
  await devnet('up');
  nodes = (await devnet('status')).nodes;
  await until(async () => (await health(nodes[index]!)) === 'ready', 'it takes part', 60_000);
  const lines = readFileSync(log).subarray(size).toString('utf8').trim().split('\n');
  const at = (what: string): number[] =>
    lines
      .map((line) => JSON.parse(line))
      .filter(({ msg }) => msg === what)
      .map(({ time }) => Date.parse(time));
  const listens = at('ready')[0]!;
  const quorum = at('peer up').sort((a, b) => a - b)[1]!;
  return [quorum - begun, Math.max(0, quorum - listens)];
}

/** A second hello. */
const REPEATED = {
  kind: 'hello',
  version: 1,
  chain: new Uint8Array(32),
  epoch: new Uint8Array(32),
  durable: 0,
  received: 0,
} as const;

/** A stream as soon as the other end will have one. */
async function allowed(to: Address): Promise<HostileStream> {
  for (;;) {
    const stream = await hostile.stream(to);
    if (stream !== undefined) return stream;
    await pause(300);
  }
}

const banned = async (by: readonly Node[]): Promise<boolean> =>
  (await seen(by, 0)).some(({ bannedMs }) => bannedMs > 0);

/** Says many lies in one piece, short ones for the most part: all that comes at once is read before anybody can be left alone for it. */
async function lies(stream: HostileStream, from: number): Promise<void> {
  const units = Array.from({ length: LIES }, (_, k) => {
    const bytes = k % 20 === 0 ? lie(stream, from + k) : noise(1 + (k % 6), from + k);
    return encodeWire({ kind: 'frame', number: stream.next++, bytes });
  });
  stream.socket.write(Buffer.concat(units));
  for (let k = 0; k < 50 && !stream.isOver(); k++) await pause(100);
  stream.socket.destroy();
}

/** A frame that no correct validator sends: noise, what others said with a bit turned or as it was, and what is of a height far ahead. */
function lie(stream: HostileStream, k: number): Uint8Array {
  const said = stream.came[k % Math.max(1, stream.came.length)];
  switch (k % 5) {
    case 0:
      return noise(1 + (k % 400), k + 1);
    case 1:
      return encodeMessage({ kind: 'acs', height: height(1 + (k % 100_000)), bytes: noise(20, k + 1) });
    case 2:
      return said ?? noise(40, k + 1);
    case 3: {
      const kinds = [noise(1, k)[0]! % 20, ...noise(60, k + 1)];
      return Uint8Array.from(kinds);
    }
    default: {
      if (said === undefined) return noise(30, k + 1);
      const turned = said.slice();
      turned[(k * 7) % turned.length]! ^= 1 << (k % 8);
      return turned;
    }
  }
}
