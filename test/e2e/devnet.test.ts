import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bigintToBytes, toHex } from '../../src/base/bytes.ts';
import { parseGenesisFile } from '../../src/formats/genesis-file.ts';
import { readKeyFile, secretFileName, secretOwner } from '../../src/node/secret-file.ts';
import { validatorIndex } from '../../src/params/ids.ts';
import { type Ended, velum } from '../helpers/cli.ts';
import { isAlive } from '../helpers/processes.ts';

const scratch = mkdtempSync(join(tmpdir(), 'velum-devnet-'));
const home = join(scratch, 'net');
const devnet = (...args: string[]): Promise<Ended> => velum('devnet', ...args, '--home', home, '--json');
interface Node {
  readonly index: number;
  readonly pid: number | null;
  readonly rpc: string;
  readonly stateRoot: string | null;
}
let up: Ended;
let nodes: readonly Node[];

beforeAll(async () => {
  up = await devnet('up', '--orders', 'examples/small.csv', '--until-settled');
  nodes = up.code === 0 ? JSON.parse(up.stdout).nodes : [];
});
afterAll(async () => {
  await devnet('down');
  rmSync(scratch, { recursive: true, force: true });
});

const filesBelow = (dir: string): string[] =>
  readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .map((name) => join(dir, name))
    .filter((path) => statSync(path).isFile());

const post = (rpc: string, body: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`http://${rpc}/`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });

test('four processes settle the orders of a file, handed in over RPC, with one state root', async () => {
  expect([up.code, up.code === 0 ? '' : up.stderr]).toEqual([0, '']);
  const { heights } = JSON.parse(up.stdout);
  const accepted = heights.reduce((sum: number, each: { accepted: number }) => sum + each.accepted, 0);
  expect(accepted).toBeGreaterThanOrEqual(5);
  expect(nodes.map(({ index, stateRoot }) => [index, stateRoot])).toEqual(
    [0, 1, 2, 3].map((index) => [index, nodes[0]!.stateRoot]),
  );
  expect(nodes[0]!.stateRoot).toMatch(/^[0-9a-f]{64}$/);
  expect(new Set(nodes.map(({ pid }) => pid)).size).toBe(4);
});

test('a node answers status, and no page of a browser and no rebound name', async () => {
  const { rpc } = nodes[1]!;
  const { code, stdout } = await velum('node', 'status', '--rpc', rpc, '--json');
  expect([code, JSON.parse(stdout)]).toMatchObject([0, { validator: 1, isReady: true, peersUp: 3 }]);
  const ask = '{"jsonrpc":"2.0","id":1,"method":"health"}';
  expect(await (await post(rpc, ask)).json()).toEqual({ jsonrpc: '2.0', id: 1, result: { ok: true } });
  expect((await post(rpc, ask, { origin: 'http://evil.example' })).status).toBe(403);
});

test('no secret of a validator is in a log, a store or a configuration', async () => {
  const { chain, epoch } = parseGenesisFile(
    readFileSync(join(home, 'node-0/genesis.json'), 'utf8'),
    'genesis',
  );
  const secrets = nodes.flatMap(({ index }) => {
    const path = join(home, `node-${index}/validator`, secretFileName('keys', 1));
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const owner = secretOwner(chain, epoch, validatorIndex(index));
    return Object.values(readKeyFile(path, owner)).flatMap((secret) => {
      const bytes = typeof secret === 'bigint' ? bigintToBytes(secret, 32) : secret;
      return [
        Buffer.from(bytes),
        Buffer.from(bytes).reverse(),
        Buffer.from(toHex(bytes)),
        Buffer.from(String(secret)),
      ];
    });
  });
  const open = filesBelow(home).filter((path) => !path.endsWith('.keys'));
  expect(open.length).toBeGreaterThan(30);
  for (const path of open) {
    const bytes = readFileSync(path);
    expect([path, secrets.filter((secret) => bytes.includes(secret)).length]).toEqual([path, 0]);
  }
});

test('down leaves no process and no port, and the log of each node replays to what it sent', async () => {
  const pids = nodes.map(({ pid }) => pid!);
  const { code, stdout } = await devnet('down');
  expect([code, JSON.parse(stdout)]).toEqual([0, { stopped: [0, 1, 2, 3] }]);
  expect(pids.filter(isAlive)).toEqual([]);
  for (const { rpc } of nodes) {
    const [host, port] = rpc.split(':');
    const socket = connect(Number(port), host!);
    expect(
      await new Promise((resolve) => socket.on('connect', resolve).on('error', () => resolve('refused'))),
    ).toBe('refused');
  }
  expect(JSON.parse((await devnet('down')).stdout)).toEqual({ stopped: [] });
  const folder = join(home, 'node-2/validator');
  const replay = await velum('node', 'replay', folder, '--json');
  expect([replay.code, JSON.parse(replay.stdout).validator]).toEqual([0, 2]);
});
