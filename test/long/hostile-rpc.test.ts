import { readFileSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { toHex } from '../../src/base/bytes.ts';
import { ChainFollower } from '../../src/cli/devnet/chain-follower.ts';
import { memoryOf } from '../../src/cli/devnet/chaos/memory.ts';
import { DevnetHome } from '../../src/cli/devnet/devnet-home.ts';
import { genesisOf } from '../../src/cli/devnet/up.ts';
import { Traders } from '../../src/cli/epoch/traders.ts';
import { devnetMarket } from '../../src/cli/node/devnet-genesis.ts';
import { askNode } from '../../src/cli/node/rpc-client.ts';
import { ITEM_STATUS, STATUS, SUBMITTED } from '../../src/client/ask-node.ts';
import { proveBatch } from '../../src/client/proving.ts';
import { LONG_PATIENCE } from '../../src/client/terms.ts';
import { parseMarketFile } from '../../src/formats/market-file.ts';
import { encodeItem } from '../../src/ledger/items.ts';
import { height, instrumentIndex } from '../../src/params/ids.ts';
import { openProverPool } from '../../src/proofs/pool.ts';
import { Prng } from '../../src/sim/prng.ts';
import { deafSubscribers, fuzzedBody, postAll, slowLoris } from '../helpers/hostile-rpc.ts';
import { RunningDevnet } from '../helpers/running-devnet.ts';

const BODIES = 100_000;
const INVALID_BATCHES = 10_000;
/** What one node of a devnet and the processes that work for it may take more than before, MB. */
const MOST_MORE_MB = 400;
const ROUNDS = 5;

const net = new RunningDevnet();
const prover = openProverPool({ processes: 1 });
afterAll(async () => {
  await prover.close();
  await net.end();
});
const nap = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

test('a node that is flooded with bodies, slow connections, invalid batches and deaf subscribers goes on, and an honest batch settles in time', async () => {
  await net.run('up', '--keys', 'dealer');
  const devnet = DevnetHome.required(net.home);
  const rpcs = devnet.nodes.map(({ rpc }) => rpc);
  const victim = rpcs[0]!;
  const genesis = await genesisOf(devnet);
  const market = devnetMarket(
    parseMarketFile(readFileSync(devnet.market, 'utf8'), 'market.json'),
    BigInt(devnet.file.startS),
  );
  const traders = new Traders(devnet.file.seed, market, 4);
  const follower = new ChainFollower(genesis, traders);
  const [trader] = [...market.notes].find(([, notes]) => notes.length > 1)!;
  const order = {
    side: 'buy',
    instrument: instrumentIndex(0),
    price: 50_000_000n,
    lots: 1n,
    reduceOnly: false,
  } as const;
  const seal = (name: string) => {
    const batch = { name, trader, account: undefined, height: 1, orders: [order] };
    const at = height(follower.replica.settlement.height + 1);
    return traders.seal([batch], at, follower.replica, LONG_PATIENCE)[0]!.sealed;
  };
  const pid = devnet.pidOf(devnet.nodes[0]!)!;
  const before = memoryOf([pid])!;
  let peak = before;
  const sampling = setInterval(() => {
    peak = Math.max(peak, memoryOf([pid])!);
  }, 2_000);

  const endLoris = slowLoris(victim, 20);
  const endSubscribers = deafSubscribers(victim, 16);
  const prng = new Prng(Date.now() % 2 ** 32);
  // The proof of another batch: its points are sound, and only the whole check tells that it does not hold.
  const sample = await proveBatch(prover, seal('sample'));
  const invalid = (i: number): string => {
    const item = encodeItem({ ...sample, nullifier: sample.nullifier ^ BigInt(i + 1) });
    return JSON.stringify({ jsonrpc: '2.0', id: i, method: 'submit', params: { item: toHex(item) } });
  };
  const flood = Promise.all([
    postAll(victim, BODIES, () => fuzzedBody(prng)),
    postAll(victim, INVALID_BATCHES, invalid, 4),
  ]);

  const waited: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    await follower.follow(rpcs.slice(1));
    const sealed = seal(`honest-${round}`);
    const item = toHex(encodeItem(await proveBatch(prover, sealed)));
    // The height in progress when it was last seen not to be admitted at f + 1 others.
    let since = (await askNode(rpcs[1]!, 'status', STATUS)).height;
    // 2f + 1 nodes, one of which is the flooded one.
    const asked = rpcs.slice(0, 3);
    for (const rpc of asked) {
      const hand = () =>
        askNode(rpc, 'submit', SUBMITTED, { item }).then(
          () => true,
          () => false,
        );
      for (let tries = 0; tries < 20 && !(await hand()); tries++) await nap(500);
    }
    const stateOf = (rpc: (typeof rpcs)[number]) =>
      askNode(rpc, 'itemStatus', ITEM_STATUS, { id: sealed.id }).catch(() => undefined);
    let isAdmitted = false;
    let orderedAt: number | undefined;
    while (orderedAt === undefined) {
      const inProgress = (await askNode(rpcs[1]!, 'status', STATUS)).height;
      const states = await Promise.all(rpcs.slice(1).map(stateOf));
      const admitted = states.filter(
        (state) => state !== undefined && !['waiting', 'refused'].includes(state.status),
      );
      isAdmitted ||= admitted.length >= 2;
      if (!isAdmitted) since = inProgress;
      orderedAt = states.flatMap((state) => (state?.status === 'certified' ? [state.height] : []))[0];
      expect(states.every((state) => state?.status === 'refused')).toBe(false);
      await nap(200);
    }
    waited.push(orderedAt - since);
  }
  const [bodies, batches] = await flood;
  endLoris();
  endSubscribers();
  clearInterval(sampling);
  const after = await net.fund();
  await net.expectAgreement(after, 4);
  const moreMB = Math.round((peak - before) / 1e6);
  process.stdout.write(
    `${JSON.stringify({ bodies: [...bodies], batches: [...batches], waited, beforeMB: Math.round(before / 1e6), moreMB })}\n`,
  );
  const sum = (counts: ReadonlyMap<string, number>): number =>
    [...counts.values()].reduce((a, b) => a + b, 0);
  expect([sum(bodies), sum(batches)]).toEqual([BODIES, INVALID_BATCHES]);
  expect(Math.max(...waited)).toBeLessThanOrEqual(3);
  expect(moreMB).toBeLessThan(MOST_MORE_MB);
});
