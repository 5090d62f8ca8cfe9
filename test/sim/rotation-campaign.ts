import { expect } from 'vitest';
import { EquivocationMonitor } from '../../src/committee/equivocation-monitor.ts';
import { RotatingWorld } from '../../src/committee/rotating-world.ts';
import { moved } from '../../src/committee/sample-market.ts';
import { decodePoint } from '../../src/crypto/babyjub.ts';
import { combineDecryption, decryptionShare } from '../../src/crypto/threshold-key.ts';
import { MemorySafe } from '../../src/host/memory-safe.ts';
import { MemoryStore, type WriteFate } from '../../src/host/memory-store.ts';
import { type ValidatorIndex, validatorIndex } from '../../src/params/ids.ts';
import { quorumOf } from '../../src/params/quorum.ts';
import { Prng } from '../../src/sim/prng.ts';
import type { ScheduleOptions } from '../../src/sim/schedule.ts';
import type { ValidatorSecrets } from '../../src/validator/types.ts';
import { kernels } from '../helpers/kernels.ts';
import { toNext } from './border-world.ts';
import { trade } from './committee-heights.ts';
import { MISDEALINGS, requireKeys } from './misdealings.ts';

const FATES: readonly WriteFate[] = ['nothing', 'torn', 'whole'];

/** One run of the campaign; all of it follows from size and seed. */
export interface RotationCell {
  readonly n: number;
  readonly registry: number;
  /** Byzantine dealers, f or fewer, by registry index, and what they do. */
  readonly dealers: ReadonlyMap<number, string>;
  /** Where a member dies: its safe, or its store of an epoch; at which write, and what is left of it. */
  readonly death:
    | {
        readonly member: number;
        readonly where: 'safe' | 1 | 2;
        readonly write: number;
        readonly fate: WriteFate;
      }
    | undefined;
  readonly dieTogether: readonly number[];
  readonly schedule: ScheduleOptions;
  readonly burst: number;
  readonly rotations: number;
}

/** A registry, attacks, a death and an order of deliveries. */
export function rotationCell(n: number, seed: number): RotationCell {
  const prng = new Prng(seed * 32 + n + 2 ** 41);
  const { f } = quorumOf(n);
  const registry = n + prng.below(n + 2);
  const any = (list: readonly number[], count: number): number[] => {
    const rest = [...list];
    return Array.from({ length: count }, () => rest.splice(prng.below(rest.length), 1)[0]!);
  };
  const all = Array.from({ length: registry }, (_, i) => i);
  const liars = any(all.slice(0, n), prng.below(f + 1));
  const dealers = new Map(liars.map((liar) => [liar, MISDEALINGS[prng.below(MISDEALINGS.length)]!.name]));
  const member = prng.below(registry);
  const wheres = ['safe', 'safe', 1, 2] as const;
  const where = wheres[prng.below(wheres.length)]!;
  // A first member's safe begins with the dealer's keys, and of its store n - 1 writes, of those that begin after it: nobody trades yet.
  const first = where === 'safe' ? (member < n ? 2 : 1) : where === 1 ? n : 1;
  const write = first + prng.below(where === 'safe' ? 9 : 60);
  const death = { member, where, write, fate: FATES[prng.below(FATES.length)]! };
  const company = [[], any(all.slice(0, n), f + 1), all][prng.below(3)]!;
  const schedules: readonly ScheduleOptions[] = [
    { kind: 'random' },
    { kind: 'random' },
    { kind: 'fifo' },
    { kind: 'lifo' },
    { kind: 'targeted', target: prng.below(n) },
  ];
  return {
    n,
    registry,
    dealers,
    death: prng.below(4) === 0 ? undefined : death,
    dieTogether: company,
    schedule: schedules[prng.below(schedules.length)]!,
    burst: 1 + prng.below(3),
    // Who is convicted must leave, and somebody has to be there to join.
    rotations: prng.below(8) === 0 && registry - n >= liars.length ? 2 : 1,
  };
}

function worldOf(cell: RotationCell, seed: number): RotatingWorld {
  const { n, registry, dealers, death, dieTogether, schedule, burst } = cell;
  const safes = Array.from({ length: registry }, (_, i) => {
    if (death?.member !== i) return new MemorySafe();
    const deaths = new Map([[death.write, death.fate]]);
    return new MemorySafe(
      death.where === 'safe' ? deaths : undefined,
      (epoch) => new MemoryStore(epoch === death.where ? deaths : undefined),
    );
  });
  return new RotatingWorld({
    n,
    registry,
    seed,
    epochHeights: 3,
    dealingHeights: 2,
    dealers: new Map(
      [...dealers].map(([liar, name]) => [liar, MISDEALINGS.find((each) => each.name === name)!]),
    ),
    safes,
    dieTogether,
    schedule,
    burst,
    kernels,
  });
}

/**
 * A committee hands its keys on, once or twice, beside all of that. Keys never change; every member of the next committee has its shares
 * or is told; orders settle with them, and with no mixture of old and new ones; old keys are gone; nobody contradicts itself, and no
 * correct member is convicted or slandered.
 */
export function runRotation(n: number, seed: number): void {
  const cell = rotationCell(n, seed);
  try {
    runCell(cell, seed);
  } catch (error) {
    const dealers = [...cell.dealers].join(' ');
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`SEED=${seed} ${JSON.stringify({ ...cell, dealers })}: ${why}`, { cause: error });
  }
}

/** Orders settle: what a death took from all before it was durable, traders hand in again. */
function tradeHeights(world: RotatingWorld): void {
  const { trading } = world;
  world.enter();
  for (let tries = 0; ; tries++) {
    expect(tries).toBeLessThan(4);
    const at = trading.replica.settlement.height + 1;
    world.doDuties();
    trade(trading, at);
    const { fills } = trading.runHeight(at, moved(at));
    trading.committee.agree(at);
    if (fills.length > 0) return;
  }
}

function runCell(cell: RotationCell, seed: number): void {
  const world = worldOf(cell, seed);
  tradeHeights(world);
  const old = world.safes.map((safe) => safe.read('keys', 1));
  for (let rotation = 1; rotation <= cell.rotations; rotation++) toNext(world);
  tradeHeights(world);
  requireSeatedOrTold(world);
  requireKeys(world);
  requireNoMixture(world, old);
  for (const committee of world.committees)
    expect(new EquivocationMonitor(committee).equivocations).toEqual([]);
  expect(world.slander.map(({ by, fault }) => `${fault} of ${by}`)).toEqual([]);
}

function requireSeatedOrTold({ committees, crossed, safes, newest }: RotatingWorld): void {
  const { epoch, validators } = newest.epoch;
  for (const [seat, { registryIndex }] of validators.entries()) {
    const last = crossed.at(-1)!.get(registryIndex);
    expect([registryIndex, last?.type]).toEqual([registryIndex, 'seated']);
    expect(newest.members.hosts[seat]!.height).toBeGreaterThan(newest.epoch.firstHeight);
  }
  for (const member of crossed.at(-1)!.keys())
    for (let gone = 1; gone < committees.length; gone++)
      expect([member, safes[member]!.read('keys', gone), safes[member]!.read('dealing', gone)]).toEqual([
        member,
        undefined,
        undefined,
      ]);
  expect(epoch).toBe(committees.length);
}

/** 2f + 1 shares of the last committee open; as many of which one is of the first committee do not, but where it never changed. */
function requireNoMixture(world: RotatingWorld, old: readonly (ValidatorSecrets | undefined)[]): void {
  const { newest, safes } = world;
  const { sharesRequired, n } = quorumOf(newest.epoch.validators.length);
  const shares = newest.epoch.validators.map(
    ({ registryIndex }) => safes[registryIndex]!.read('keys', newest.epoch.epoch)!.decryptionShare,
  );
  const U = decodePoint(newest.epoch.validators[0]!.encryptionKey)!;
  const K = (given: readonly bigint[]) =>
    combineDecryption(
      new Map(
        given.map((share, i): [ValidatorIndex, typeof U] => [validatorIndex(i), decryptionShare(share, U)]),
      ),
      n,
    );
  const own = shares.slice(0, sharesRequired);
  const before = old.slice(0, sharesRequired).map((keys) => keys!.decryptionShare);
  expect(K(own).equals(K(before))).toBe(true);
  if (sharesRequired === 1) return;
  expect(K([before[0]!, ...own.slice(1)]).equals(K(own))).toBe(false);
}
