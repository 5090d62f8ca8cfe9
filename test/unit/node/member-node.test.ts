import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { decodeEnd } from '../../../src/host/epoch-start.ts';
import { MemorySafe } from '../../../src/host/memory-safe.ts';
import type { EpochSecrets } from '../../../src/host/safe.ts';
import { chainHash } from '../../../src/ledger/chain-genesis.ts';
import type { RegistrantSecrets } from '../../../src/ledger/rotation/make-registration.ts';
import { BorderFiles } from '../../../src/node/borders.ts';
import { FileSafe } from '../../../src/node/file-safe.ts';
import { MemberNode } from '../../../src/node/member-node.ts';
import { openLog } from '../../../src/node/node-log.ts';
import { height } from '../../../src/params/ids.ts';
import { loadBatchKernels } from '../../../src/proofs/wasm-batch-kernels.ts';
import { rotatingWorld, toNext } from '../../sim/border-world.ts';

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

/** A safe that remembers what a member registered with, after it is erased. */
class RememberingSafe extends MemorySafe {
  registrant: RegistrantSecrets | undefined;

  override put<K extends keyof EpochSecrets>(kind: K, epoch: number, secret: EpochSecrets[K]): void {
    if (kind === 'registrant' && epoch === 2) this.registrant = secret as RegistrantSecrets;
    super.put(kind, epoch, secret);
  }
}

const safes = Array.from({ length: 10 }, () => new RememberingSafe());
const world = rotatingWorld({ seed: 5, safes });
const last = toNext(world);
const [first, second] = world.committees as [typeof world.newest, typeof world.newest];
const { chain, rootSecrets } = first;
const store = safes[world.memberAt(1, 0)]!.store(1);
const shown = { ...decodeEnd(store.end()!)!, block: store.block(height(last))! };

/** A member without a seat in epoch 1 that died when the border to epoch 2 was durable and nothing else was done. */
async function startedAfterDeath(
  member: number,
): Promise<{ node: MemberNode; path: (kind: string) => string }> {
  const dir = join(scratch, `${member}`);
  const safe = new FileSafe(dir, { chainHash: chainHash(chain), member });
  safe.put('registrant', 2, safes[member]!.registrant!);
  safe.close();
  new BorderFiles(dir).put(2, shown);
  const node = new MemberNode({
    chain,
    first: first.epoch,
    member,
    rootSecret: rootSecrets[member],
    dir,
    listen: { host: '127.0.0.1', port: 0 },
    address: '127.0.0.1:1',
    addressOf: () => ({ host: '127.0.0.1', port: 1 }),
    feed: { report: () => ({ clockS: 0n, observedS: 0n, prices: chain.medians }) },
    dissemination: 'direct',
    kernels: await loadBatchKernels(),
    delayMs: 0,
    log: openLog('error'),
    onFirstKeys: () => {},
  });
  await node.start();
  return { node, path: (kind) => join(dir, `epoch-2.${kind}`) };
}

const joins = (isSeated: boolean): number =>
  safes.findIndex(
    ({ registrant }, member) =>
      registrant !== undefined &&
      world.seatOf(1, member) === undefined &&
      (world.seatOf(2, member) !== undefined) === isSeated,
  );

test('a member that dies between the border and its first keys takes its seat when it starts again', async () => {
  const member = joins(true);
  const { node, path } = await startedAfterDeath(member);
  expect(node.epoch).toEqual(second.epoch);
  expect(node.health.state).not.toBe('following');
  expect(node.peers()).toHaveLength(second.epoch.validators.length - 1);
  expect([existsSync(path('keys')), existsSync(path('registrant'))]).toEqual([true, false]);
  await node.stop();
});

test('a member that got no seat and dies at the border erases what it registered with when it starts again', async () => {
  const { node, path } = await startedAfterDeath(joins(false));
  expect(node.health.state).toBe('following');
  expect(node.height).toBe(last + 1);
  expect([existsSync(path('keys')), existsSync(path('registrant'))]).toEqual([false, false]);
  await node.stop();
});
