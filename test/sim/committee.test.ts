import { describe, expect, test } from 'vitest';
import { FAULTY } from '../../src/committee/faulty.ts';
import { moved } from '../../src/committee/sample-market.ts';
import { perp, TradingWorld } from '../../src/committee/traders.ts';
import type { Faulty } from '../../src/committee/world.ts';
import { quorumOf } from '../../src/params/quorum.ts';
import { decodeMessage, encodeMessage } from '../../src/validator/messages.ts';
import type { Dissemination } from '../../src/validator/types.ts';
import { kernels } from '../helpers/kernels.ts';
import { GENESIS_TIME, MEDIANS, PARAMS } from '../unit/ledger/market.ts';
import { runHeights } from './committee-heights.ts';

const STRATEGIES: readonly Dissemination[] = ['direct', 'stem'];

describe('agreement on header, roots and receipts, and no fault of a correct validator', () => {
  // Both ways at every size: test/long/committee.test.ts.
  test.each([
    [1, 'stem'],
    [2, 'direct'],
    [3, 'stem'],
    [4, 'direct'],
    [7, 'stem'],
  ] as const)('among %i correct validators, %s', (n, dissemination) => {
    const world = new TradingWorld({ kernels, n, seed: 1, dissemination });
    runHeights(world);
    expect(world.committee.faults.flat()).toEqual([]);
  });

  // Those that are recorded; test/long/committee-faulty.test.ts has every kind, over many schedules.
  test.each(
    Object.entries(FAULTY)
      .map(([name, kind], i) => [name, kind, i] as const)
      .filter(([, { recorded }], i) => recorded.length > 0 || i % 6 === 0),
  )('at n = 4 beside one with %s', (_, { faulty, recorded }, i) => {
    const liar = i % 4;
    const dissemination = STRATEGIES[i % 2]!;
    const found = new Set<string>();
    // Whether a lie is seen depends on the schedule: shares that come after enough good ones are not looked at.
    for (let seed = 11; seed === 11 || (seed < 20 && !recorded.every((fault) => found.has(fault))); seed++) {
      const world = new TradingWorld({
        kernels,
        n: 4,
        seed,
        dissemination,
        faulty: new Map([[liar, faulty]]),
      });
      runHeights(world);
      for (const { fault } of world.committee.faultsOf([liar])) found.add(fault);
    }
    if (recorded.length > 0) expect([...found]).toEqual(expect.arrayContaining([...recorded]));
    else expect([...found]).toEqual([]);
  });

  test('at n = 4 beside one that shows its ballot, and that it found its bundle valid, to one only', () => {
    const { faulty } = FAULTY['its ballot and its FIRST for one']!;
    runHeights(
      new TradingWorld({ kernels, n: 4, seed: 1, dissemination: 'direct', faulty: new Map([[1, faulty]]) }),
    );
  });
});

describe('what is accepted', () => {
  test.each([4, 7])('at n = %i what every correct validator lists, and not what only f list', (n) => {
    for (let seed = 1; seed <= 3; seed++) {
      const { f } = quorumOf(n);
      const faulty = new Map([[n - 1, FAULTY['equivocating ballots']!.faulty]]);
      const world = new TradingWorld({ kernels, n, seed, dissemination: STRATEGIES[seed % 2]!, faulty });
      const { committee } = world;
      const everywhere = world.batch(0, [perp('buy', 1n)], world.terms(1));
      const rare = world.batch(1, [perp('sell', 1n)], world.terms(1));
      world.submit(everywhere.bytes, committee.correct);
      world.submit(rare.bytes, committee.correct.slice(0, f));
      committee.drain();
      world.runHeight(1, moved(1));
      committee.check(1);
      const accepted = committee.ordered(1).accepted.map(({ id }) => id);
      expect(accepted, `SEED=${seed}`).toEqual([everywhere.sealed.id]);
    }
  });

  test('an item that f + 1 list is pulled by the others, logged and settled by all', () => {
    let accepted = 0;
    let lacked = 0;
    for (let seed = 1; seed <= 4; seed++) {
      const world = new TradingWorld({ kernels, n: 4, seed });
      const { committee } = world;
      const item = world.batch(0, [perp('buy', 1n)], world.terms(1));
      world.submit(item.bytes, [1, 2]);
      committee.drain();
      world.runHeight(1, moved(1));
      committee.check(1);
      const ordered = committee.ordered(1);
      if (ordered.accepted.length === 0) continue; // Both endorsements are in the output only if the schedule lets them.
      accepted += 1;
      expect(ordered.accepted[0]!.id).toBe(item.sealed.id);
      for (const i of [0, 3]) {
        if (committee.view(i, 1).ordered === undefined) continue; // It took the block.
        lacked += 1;
        expect(committee.admitted[i]).toContain(item.sealed.id);
        const pulls = committee.frames.filter(
          ({ from, bytes }) => from === i && decodeMessage(bytes)?.kind === 'pullItems',
        );
        expect(pulls.length).toBeGreaterThan(0);
      }
    }
    expect([accepted > 0, lacked > 0]).toEqual([true, true]);
  });

  test('of two batches with one nullifier, split over the validators, the higher bid, and the other is never ordered', () => {
    for (let seed = 1; seed <= 4; seed++) {
      const world = new TradingWorld({ kernels, n: 4, seed });
      const { committee } = world;
      const { fee } = world.terms(1);
      const low = world.batch(world.copyOf(0), [perp('buy', 1n)], world.terms(1));
      const high = world.batch(world.copyOf(0), [perp('buy', 2n)], world.terms(1, { fee: fee + 1n }));
      expect(low.item.nullifier).toBe(high.item.nullifier);
      world.submit(low.bytes, [0, 1, 2]);
      world.submit(high.bytes, [3]);
      committee.drain();
      world.runHeight(1, MEDIANS);
      committee.check(1);
      const { accepted, refused } = committee.ordered(1);
      expect([accepted.map(({ id }) => id), refused]).toEqual([[high.sealed.id], []]);
    }
  });
});

describe('equivocation', () => {
  test.each(STRATEGIES)(
    'gives the identity secret away, and later ballots are void (%s)',
    (dissemination) => {
      const faulty = new Map([[2, FAULTY['equivocating ballots']!.faulty]]);
      const world = new TradingWorld({ kernels, n: 4, seed: 5, dissemination, faulty });
      const { committee } = world;
      let at = 1;
      for (; at <= 6; at++) {
        world.runHeight(at, moved(at));
        committee.check(at);
        if (committee.ordered(at).evidence.length > 0) break;
      }
      const { evidence } = committee.ordered(at);
      expect(evidence.map(({ identitySecret }) => identitySecret)).toEqual([
        committee.secrets[2]!.identitySecret,
      ]);
      expect(committee.view(0, at).certified!.block.evidence).toHaveLength(1);
      expect(committee.faultsOf([2]).map(({ fault }) => fault)).toContain('BALLOT_EQUIVOCATION');

      const faults = committee.faults.map((list) => list.length);
      world.runHeight(at + 1, moved(at + 1));
      committee.check(at + 1);
      expect(committee.ordered(at + 1).ballots).toBe(3);
      expect(committee.faults.map((list) => list.length)).toEqual(faults);
    },
  );
});

describe('time and distance', () => {
  test('a validator that was cut off for six heights catches up, and nobody is blamed', () => {
    const world = new TradingWorld({ kernels, n: 4, seed: 31, dissemination: 'stem' });
    const { committee } = world;
    const others = [0, 1, 3];
    committee.cutOff(2);
    for (let at = 1; at <= 6; at++) {
      if (at % 2 === 1) {
        const batch = world.batch(0, [perp('buy', 1n)], world.terms(at));
        world.submit(batch.bytes, others);
        committee.drain();
      }
      world.runHeight(at, moved(at), others);
    }
    committee.heal();
    committee.drain();
    for (let at = 1; at <= 6; at++) committee.check(at);
    expect(committee.view(2, 6).certified).toBeDefined();
    expect(committee.faults.flat()).toEqual([]);
    world.runHeight(7, moved(7));
    committee.check(7);
  });

  test('a liar that shows an author its own ballot, and nobody else, does not stop the height', () => {
    const liar: Faulty = {
      twist: (bytes, to) => {
        const message = decodeMessage(bytes);
        if (message === undefined || !('ballot' in message)) return [bytes];
        return to === 0 ? [encodeMessage({ ...message, kind: 'ballot' })] : [];
      },
    };
    for (let seed = 41; seed < 44; seed++) {
      const world = new TradingWorld({
        kernels,
        n: 4,
        seed,
        dissemination: 'stem',
        faulty: new Map([[1, liar]]),
      });
      world.runHeight(1, moved(1));
      world.committee.check(1);
    }
  });

  test('block time and medians are lower medians inside the honest range', () => {
    const world = new TradingWorld({ kernels, n: 4, seed: 51 });
    const { committee } = world;
    [5n, 7n, 9n, 1000n].forEach((extra, i) => {
      committee.input(i, {
        type: 'observe',
        prices: [MEDIANS[0] + extra, MEDIANS[1]],
        observedS: 2_000_000n,
        clockS: 2_000_000n + extra,
      });
    });
    committee.toAll({ type: 'ballotDue' });
    committee.drain();
    committee.check(1);
    const { header } = committee.view(0, 1).certified!.block;
    expect([5n, 7n, 9n], 'no report of the q or more is further up').toContain(
      header.medians[0]! - MEDIANS[0],
    );
    expect(header.timeS - 2_000_000n).toBe(header.medians[0]! - MEDIANS[0]);
    expect(header.oracleTimeS).toBe(2_000_000n);
  });

  test('feeds that stand still while the clocks go on halt the market, and fresh prices end the halt', () => {
    const world = new TradingWorld({ kernels, n: 4, seed: 52 });
    const { committee } = world;
    const { staleAfterS } = PARAMS.oracle;
    const heightAt = (at: number, observedS: bigint, clockS: bigint) => {
      committee.toAll({ type: 'observe', prices: [MEDIANS[0] + BigInt(at), MEDIANS[1]], observedS, clockS });
      committee.toAll({ type: 'ballotDue' });
      committee.drain();
      committee.check(at);
      return committee.view(0, at).settled!.settlement.events.isHalted;
    };
    const now = GENESIS_TIME + 100n;
    expect(heightAt(1, now, now)).toBe(false);
    expect(heightAt(2, now, now + staleAfterS)).toBe(false);
    expect(heightAt(3, now, now + staleAfterS + 1n)).toBe(true);
    expect(heightAt(4, now + staleAfterS + 2n, now + staleAfterS + 2n)).toBe(false);
  });
});
