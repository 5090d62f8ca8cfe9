import type { BatchKernels } from '../crypto/batch-kernels.ts';
import { MemorySafe } from '../host/memory-safe.ts';
import { MemoryStore, type WriteFate } from '../host/memory-store.ts';
import { quorumOf } from '../params/quorum.ts';
import { Prng } from '../sim/prng.ts';
import type { DealingAttack } from './dealing-attacks.ts';
import { CommitteeError } from './errors.ts';
import { RotatingWorld } from './rotating-world.ts';
import { moved } from './sample-market.ts';

export interface RotationAttackOptions {
  readonly validators: number;
  /** Byzantine dealers: the last validators of the first committee. */
  readonly faulty: number;
  /** What they deal. */
  readonly attack: DealingAttack;
  /** Whether a member dies in a write of the rotation, and f others with it. */
  readonly hasCrash: boolean;
  readonly seed: number;
  readonly kernels?: BatchKernels;
}

/** What became of a rotation. */
export interface RotationAttackResult {
  /** The committee that deals. */
  readonly dealers: readonly {
    readonly validator: number;
    readonly isFaulty: boolean;
    /** Whether its dealing is in the keys of the next committee. */
    readonly inKeys: boolean;
    /** Why the first correct validator refused what it dealt. */
    readonly why: string | null;
    /** Whether evidence against it is in the chain. */
    readonly convicted: boolean;
  }[];
  /** The committee that is dealt to. */
  readonly seats: readonly {
    /** Its index in the registry. */
    readonly member: number;
    readonly hasKeys: boolean;
    /** Why it has none and must be dealt to again. */
    readonly code: string | null;
  }[];
  /** Whether the public keys are the same. */
  readonly keysStay: boolean;
  readonly restarts: number;
  readonly stalled: boolean;
  readonly faultsAgainstCorrect: number;
}

/** Heights after which a rotation counts as stalled. */
const MAX_HEIGHTS = 12;
const FATES: readonly WriteFate[] = ['nothing', 'torn', 'whole'];

/** Lets a committee hand its keys on to the next one beside Byzantine dealers and deaths, without proofs. */
export function runRotationAttack(options: RotationAttackOptions): RotationAttackResult {
  const { validators: n, faulty, attack } = options;
  const world = openWorld(options);
  const stalled = !hasTurned(world);
  const [first] = world.committees;
  const { rotation } = world.trading.replica.claims;
  const { made } = stalled ? { made: new Map<number, unknown>() } : world.dealt[0]!;
  const refused = first!.refused[Math.min(1, n - 1)]!.map(({ code }) => code);
  const isFaulty = (i: number): boolean => i >= n - faulty && attack.name !== 'none';
  const why = refused.find((code) => code.startsWith('ITEM_') && !code.endsWith('_PENDING')) ?? null;
  return {
    dealers: first!.epoch.validators.map(({ registryIndex }, validator) => ({
      validator,
      isFaulty: isFaulty(validator),
      inKeys: [...made.keys()].some((dealer) => dealer === validator),
      why: isFaulty(validator) ? why : null,
      convicted: rotation.excluded.includes(registryIndex),
    })),
    seats: stalled ? [] : seatsOf(world),
    keysStay:
      !stalled &&
      (['decryptionKey', 'coinKey'] as const).every((key) =>
        world.newest.epoch[key].publicKey.equals(first!.epoch[key].publicKey),
      ),
    restarts: world.committees.reduce((sum, { members }) => sum + members.restarts, 0),
    stalled,
    faultsAgainstCorrect: world.slander.length,
  };
}

/** In the last seats of the first committee sit the Byzantine dealers, or one dies with f others, at a write that the seed tells. */
function openWorld(options: RotationAttackOptions): RotatingWorld {
  const { validators: n, faulty, attack, hasCrash, seed, kernels } = options;
  const { f } = quorumOf(n);
  const prng = new Prng(seed + 2 ** 35);
  const victim = prng.below(n);
  const deaths = new Map([[3 + prng.below(4), FATES[prng.below(FATES.length)]!]]);
  const registry = n + Math.max(1, f);
  const company = Array.from({ length: f + 1 }, (_, i) => (victim + i) % n);
  const liars = Array.from({ length: faulty }, (_, i) => n - 1 - i);
  return new RotatingWorld({
    n,
    registry,
    seed,
    epochHeights: 3,
    dealingHeights: 2,
    dealers: new Map(attack.name === 'none' ? [] : liars.map((liar) => [liar, attack] as const)),
    safes: Array.from({ length: registry }, (_, i) =>
      hasCrash && i === victim ? new MemorySafe(deaths, () => new MemoryStore()) : new MemorySafe(),
    ),
    dieTogether: hasCrash ? company : [],
    ...(kernels === undefined ? {} : { kernels }),
  });
}

/** @returns whether the next committee took over and ordered a height */
function hasTurned(world: RotatingWorld): boolean {
  const { trading } = world;
  const first = world.epoch;
  try {
    for (let heights = 0, after = 0; after < 1; heights++) {
      if (heights === MAX_HEIGHTS) return false;
      world.enter();
      if (world.epoch > first) after++;
      world.doDuties();
      const at = trading.replica.settlement.height + 1;
      trading.runHeight(at, moved(at));
      trading.committee.agree(at);
    }
    return true;
  } catch (error) {
    if (error instanceof CommitteeError) return false;
    throw error;
  }
}

const seatsOf = ({ newest, safes, crossed }: RotatingWorld): RotationAttackResult['seats'] =>
  newest.epoch.validators.map(({ registryIndex: member }) => {
    const how = crossed.at(-1)!.get(member);
    return {
      member,
      hasKeys: safes[member]!.read('keys', newest.epoch.epoch) !== undefined,
      code: how?.type === 'unshared' ? how.code : null,
    };
  });
