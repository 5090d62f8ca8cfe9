import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { crossBorder } from '../../../src/host/cross-border.ts';
import { decodeEnd } from '../../../src/host/epoch-start.ts';
import { MemorySafe } from '../../../src/host/memory-safe.ts';
import { Death } from '../../../src/host/memory-store.ts';
import type { EpochSecrets } from '../../../src/host/safe.ts';
import { chainHash } from '../../../src/ledger/chain-genesis.ts';
import type { EpochConfig } from '../../../src/ledger/epoch-config.ts';
import type { RegisteredGenesis } from '../../../src/ledger/rotation/registered-genesis.ts';
import { BorderFiles } from '../../../src/node/borders.ts';
import { FileSafe } from '../../../src/node/file-safe.ts';
import { MemberNode } from '../../../src/node/member-node.ts';
import { openLog } from '../../../src/node/node-log.ts';
import { secretFileOf } from '../../../src/node/secret-file.ts';
import { height } from '../../../src/params/ids.ts';
import { loadBatchKernels } from '../../../src/proofs/wasm-batch-kernels.ts';
import { membersKeys } from '../../helpers/rotating.ts';
import { borderOf, rotatingWorld, toNext } from '../../sim/border-world.ts';

const kernels = await loadBatchKernels();

/** Nothing is proved here: who crosses a border makes no proof. */
vi.mock('../../../src/node/proof-service.ts', () => ({
  ProofService: class {
    readonly waiting = 0;
    async warm(): Promise<void> {}
    verify(): void {}
    prove(): Promise<never> {
      return new Promise<never>(() => {});
    }
    async close(): Promise<void> {}
  },
}));

const scratch = mkdtempSync(join(tmpdir(), 'velum-member-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** A safe that remembers what was put there, after it is erased. */
class RememberingSafe extends MemorySafe {
  readonly #put = new Map<string, unknown>();

  override put<K extends keyof EpochSecrets>(kind: K, epoch: number, secret: EpochSecrets[K]): void {
    this.#put.set(`${kind} ${epoch}`, secret);
    super.put(kind, epoch, secret);
  }

  wasPut<K extends keyof EpochSecrets>(kind: K, epoch: number): EpochSecrets[K] | undefined {
    return this.#put.get(`${kind} ${epoch}`) as EpochSecrets[K] | undefined;
  }
}

const safes = Array.from({ length: 10 }, () => new RememberingSafe());
const world = rotatingWorld({ seed: 5, safes });
const last = toNext(world);
const [first, second] = world.committees as [typeof world.newest, typeof world.newest];
const { chain, rootSecrets } = first;
const store = safes[world.memberAt(1, 0)]!.store(1);
const shown = { ...decodeEnd(store.end()!)!, block: store.block(height(last))! };

const folderOf = (name: number | string): string => join(scratch, `${name}`);

function memberNode(
  member: number,
  genesis: EpochConfig | RegisteredGenesis = first.epoch,
  name: number | string = member,
): MemberNode {
  return new MemberNode({
    chain,
    first: genesis,
    member,
    rootSecret: rootSecrets[member],
    dir: folderOf(name),
    listen: { host: '127.0.0.1', port: 0 },
    address: '127.0.0.1:1',
    addressOf: () => ({ host: '127.0.0.1', port: 1 }),
    feed: { report: () => ({ clockS: 0n, observedS: 0n, prices: chain.medians }) },
    dissemination: 'direct',
    kernels,
    delayMs: 0,
    keepEpochs: undefined,
    log: openLog('error'),
    onFirstKeys: () => {},
  });
}

/** A member that starts again with what was durable when it died at the border to epoch 2. */
async function startedAfterDeath(
  member: number,
  putInto: (safe: FileSafe) => void,
): Promise<{ node: MemberNode; left: () => string[] }> {
  const dir = folderOf(member);
  const safe = new FileSafe(dir, { chainHash: chainHash(chain), member });
  putInto(safe);
  safe.close();
  new BorderFiles(dir).put(2, shown);
  const node = memberNode(member);
  await node.start();
  return { node, left: () => readdirSync(dir).filter((name) => secretFileOf(name) !== undefined) };
}

/** What a member registered with for epoch 2 is there, and nothing else was done at the border. */
const registered =
  (member: number) =>
  (safe: FileSafe): void =>
    safe.put('registrant', 2, safes[member]!.wasPut('registrant', 2)!);

const joins = (isSeated: boolean): number =>
  safes.findIndex(
    (safe, member) =>
      safe.wasPut('registrant', 2) !== undefined &&
      world.seatOf(1, member) === undefined &&
      (world.seatOf(2, member) !== undefined) === isSeated,
  );

test('a member that dies between the border and its first keys takes its seat when it starts again', async () => {
  const member = joins(true);
  const { node, left } = await startedAfterDeath(member, registered(member));
  expect(node.epoch).toEqual(second.epoch);
  expect(node.health.state).not.toBe('following');
  expect(node.peers()).toHaveLength(second.epoch.validators.length - 1);
  expect(left()).toEqual(['epoch-2.keys']);
  await node.stop();
});

test('a member that got no seat and dies at the border erases what it registered with when it starts again', async () => {
  const member = joins(false);
  const { node, left } = await startedAfterDeath(member, registered(member));
  expect(node.health.state).toBe('following');
  expect(node.height).toBe(last + 1);
  expect(left()).toEqual([]);
  await node.stop();
});

test('a member that dies when its new share is durable validates with it when it starts again, and has erased what it held before', async () => {
  const member = [0, 1, 2, 3].find((each) => world.seatOf(2, each) !== undefined)!;
  const { node, left } = await startedAfterDeath(member, (safe) => {
    for (const [kind, epoch] of [
      ['keys', 1],
      ['dealing', 1],
      ['registrant', 2],
    ] as const)
      safe.put(kind, epoch, safes[member]!.wasPut(kind, epoch)!);
    const dying = vi.spyOn(safe, 'erase').mockImplementation(() => {
      throw new Death('died before the first erasure');
    });
    const crossing = {
      ...{ chain, over: 1, next: second.epoch, dealt: world.dealt[0]!, member },
      ...{ border: borderOf(first), dissemination: 'direct' as const },
    };
    const steps: string[] = [];
    expect(() => crossBorder(safe, crossing, (step) => steps.push(step))).toThrow(Death);
    expect(steps).toEqual(['border durable', 'share durable']);
    dying.mockRestore();
  });
  expect(node.epoch).toEqual(second.epoch);
  expect([node.height, node.health.state]).toEqual([last + 1, expect.not.stringContaining('following')]);
  expect(left()).toEqual(['epoch-2.keys']);
  await node.stop();
});

test('a member whose keys are of another registration than the one in the genesis is told so when it starts', async () => {
  const member = 0;
  const { secrets } = membersKeys(first, member, 1, 7);
  const safe = new FileSafe(join(scratch, 'other'), { chainHash: chainHash(chain), member });
  safe.put('registrant', 1, secrets);
  safe.close();
  const registrations = [0, 1, 2, 3].map((each) => membersKeys(first, each, 1).statement);
  const genesis = { chain, registrations, times: first.epoch } as unknown as RegisteredGenesis;
  const node = memberNode(member, genesis, 'other');
  await expect(node.start()).rejects.toMatchObject({ code: 'NODE_KEYS_FILE' });
  await node.stop();
});
