import { expect, test } from 'vitest';
import { type Dealt, runRandom } from '../../src/committee/dealer.ts';
import { moved } from '../../src/committee/sample-market.ts';
import { TradingWorld } from '../../src/committee/traders.ts';
import { CommitteeWorld } from '../../src/committee/world.ts';
import { combineDealtShares } from '../../src/crypto/dealing/combine.ts';
import { openDealing } from '../../src/crypto/dealing/open.ts';
import { beginEpoch } from '../../src/host/epoch-start.ts';
import { MemoryStore } from '../../src/host/memory-store.ts';
import { claimOf } from '../../src/ledger/claims.ts';
import { encodeItem, type Item, proofsOf } from '../../src/ledger/items.ts';
import { sessionInProgress } from '../../src/ledger/rotation/rotation.ts';
import { validatorIndex } from '../../src/params/ids.ts';
import type { ValidatorSecrets } from '../../src/validator/types.ts';
import { kernels } from '../helpers/kernels.ts';
import { dealingItem, membersKeys, registrationItem, sharesOf } from '../helpers/rotating.ts';
import { borderOf } from './border-world.ts';
import { trade } from './committee-heights.ts';

const N = 4;

/** Everybody gets an item; the oracle takes its proofs, or not. */
function send(world: TradingWorld, item: Item, holds = true): void {
  const { replica, committee } = world;
  const { statements } = claimOf(replica.items, replica.claims, item)!.proved!;
  if (holds) statements.forEach((signals, i) => void committee.accept(signals, proofsOf(item)[i]!));
  world.submitAll({ bytes: encodeItem(item) });
}

test('members register and a committee deals by items beside trades, and the next one goes on with the keys that every block reader computes', () => {
  const world = new TradingWorld({ kernels, n: N, seed: 3, registry: 10, notesEach: 4 });
  const { committee, replica } = world;
  const { chain, epoch, secrets, bridgeSecret } = committee;
  const rootSecrets = chain.registry.map((_, i) => runRandom(N, `registry ${i}`)(32));
  const old: Dealt = { chain, epoch, secrets, bridgeSecret, rootSecrets };

  const drafted = [0, 1, 2, 3, 4, 5].map((i) => membersKeys(old, i, 2));
  for (const each of drafted) send(world, registrationItem(old, each));
  // A registration by somebody who is no member of that name, and one whose proof does not hold.
  send(world, registrationItem({ ...old, rootSecrets: [...rootSecrets].reverse() }, membersKeys(old, 6, 2)));
  send(world, registrationItem(old, membersKeys(old, 7, 2)), false);
  const codes = () => committee.refused[0]!.map(({ code }) => code);
  expect(codes()).toEqual(['ITEM_SIGNATURE_INVALID', 'ITEM_PROOF_INVALID']);
  trade(world, 1);
  expect(world.runHeight(1, moved(1)).fills.length).toBeGreaterThan(0);
  expect(replica.claims.rotation.registrations).toHaveLength(6);

  // Nobody trades, and the heights go on until the committee is seated; then dealings have to come.
  for (let at = 2; at <= 5; at++) world.runHeight(at, moved(1));
  const frames = committee.frames.length;
  committee.toAll({ type: 'ballotDue' });
  committee.drain();
  expect(committee.frames.length, 'a committee that waits for dealings is silent').toBe(frames);
  const session = sessionInProgress(replica.claims.rotation)!;
  const dealings = secrets.map(({ signSecret }, i) => dealingItem(session, i, sharesOf(old, i), signSecret));
  send(world, dealings[0]!, false);
  for (const item of dealings.slice(1)) send(world, item);
  expect(codes()).toContain('ITEM_PROOF_INVALID');
  trade(world, 6);
  expect(world.runHeight(6, moved(6)).fills.length).toBeGreaterThan(0);
  const { next } = replica.claims.rotation;
  expect(next?.firstHeight).toBe(9);
  for (let at = 7; at <= 8; at++) world.runHeight(at, moved(at));
  expect(replica.epoch.epoch).toBe(2);

  // Each member of the new committee finds its shares in the state, and nobody gave it any.
  const { made } = replica.claims.rotation;
  const own = replica.epoch.validators.map(({ registryIndex }, seat): ValidatorSecrets => {
    const { encryptionSecret, ...rest } = drafted[registryIndex]!.secrets;
    const opened = made.map(({ dealer, dealing }) => {
      const shares = openDealing(session, dealer, dealing, validatorIndex(seat), encryptionSecret)!;
      return [dealer, shares] as const;
    });
    const { decryption, coin } = combineDealtShares('reshare', new Map(opened));
    const seed = new Uint8Array(32).fill(seat);
    return { ...rest, decryptionShare: decryption, coinShare: coin, seed };
  });
  const dealt: Dealt = { ...old, epoch: replica.epoch, secrets: own };
  const border = borderOf(committee);
  const stores = own.map((each, i) => {
    const store = new MemoryStore();
    const config = { chain, epoch: dealt.epoch, self: validatorIndex(i), secrets: each };
    beginEpoch(store, { ...config, dissemination: 'direct' }, border);
    return store;
  });
  world.enter(new CommitteeWorld({ kernels, n: N, seed: 4, dealt, before: committee, more: { stores } }));
  trade(world, 9);
  expect(world.runHeight(9, moved(9)).fills.length).toBeGreaterThan(0);
  world.committee.check(9);
  expect(replica.claims.rotation.registerUntil).toBe(13);
});
