import { type DealingAttack, HONEST_DEALING } from '../../committee/dealing-attacks.ts';
import { CommitteeError } from '../../committee/errors.ts';
import { GenesisWorld } from '../../committee/genesis-world.ts';
import { type RotationAttackResult, runRotationAttack } from '../../committee/rotation-attack.ts';
import type { BatchKernels } from '../../crypto/batch-kernels.ts';
import { quorumOf } from '../../params/quorum.ts';
import { dealingEvidence } from '../../validator/genesis/dealing-evidence.ts';
import { table, wrap } from '../table.ts';

export interface DealingAttackOptions {
  readonly validators: number;
  readonly faulty: number;
  readonly attack: DealingAttack | NamedCrash;
  readonly seed: number;
  readonly kernels?: BatchKernels;
}

/** In place of a way to deal badly: everybody deals as it should, and members die. */
export interface NamedCrash {
  readonly name: 'crash-in-rotation';
  readonly explains: string;
}

export const CRASH_IN_ROTATION: NamedCrash = {
  name: 'crash-in-rotation',
  explains:
    'Nobody lies. A member dies in a write of its registration, its dealing or its way over the border, and f others die with it; they come back from what they kept.',
};

/** What became of the generation of the first keys, and of their way to the next committee, under an attack. */
export interface DealingAttackResult {
  readonly attack: string;
  /** Of the generation; empty for what only a rotation knows. */
  readonly members: readonly {
    readonly validator: number;
    readonly isFaulty: boolean;
    /** Whether its dealing is in the keys; if not, why, as the first correct member saw it. */
    readonly inKeys: boolean;
    readonly why: string | null;
    /** Whether it has its shares of both keys; null of a faulty one. */
    readonly hasKeys: boolean | null;
    /** Whether correct members can convict it before anybody. */
    readonly convicted: boolean;
  }[];
  /** Of the rotation. */
  readonly rotation: Omit<RotationAttackResult, 'stalled' | 'faultsAgainstCorrect'>;
  /** Either of them. */
  readonly stalled: boolean;
  readonly faultsAgainstCorrect: number;
}

/** Lets members generate keys, and a committee hand its keys on, beside Byzantine dealers and without proofs. */
export function runDealingAttack(options: DealingAttackOptions): DealingAttackResult {
  const { attack } = options;
  const deals = 'deal' in attack ? attack : HONEST_DEALING;
  const generated =
    'deal' in attack && attack.isOfRotation !== true ? generate({ ...options, attack }) : NO_GENERATION;
  const turned = runRotationAttack({ ...options, attack: deals, hasCrash: deals === HONEST_DEALING });
  const { stalled, faultsAgainstCorrect, ...rotation } = turned;
  return {
    attack: attack.name,
    members: generated.members,
    rotation,
    stalled: generated.stalled || stalled,
    faultsAgainstCorrect: generated.faultsAgainstCorrect + faultsAgainstCorrect,
  };
}

type Generation = Pick<DealingAttackResult, 'members' | 'stalled' | 'faultsAgainstCorrect'>;
const NO_GENERATION: Generation = { members: [], stalled: false, faultsAgainstCorrect: 0 };

function generate(options: DealingAttackOptions & { readonly attack: DealingAttack }): Generation {
  const { validators: members } = options;
  const world = new GenesisWorld({ ...options, members });
  const stalled = !isGenerated(world);
  const { correct, generated, faults } = world;
  const convicted = new Set(
    correct.flatMap((i) => faults[i]!.flatMap((fault) => dealingEvidence(fault)?.validator ?? [])),
  );
  const first = generated[correct[0]!];
  return {
    members: world.configs.map(({ self }) => ({
      validator: self,
      isFaulty: !correct.includes(self),
      inKeys: first?.dealings.has(self) ?? false,
      why: first?.excluded.find(({ dealer }) => dealer === self)?.why ?? null,
      hasKeys: correct.includes(self) ? generated[self] !== undefined : null,
      convicted: convicted.has(self),
    })),
    stalled,
    faultsAgainstCorrect: correct.flatMap((i) => faults[i]!.filter(({ by }) => correct.includes(by))).length,
  };
}

/** @returns whether every correct member got its keys */
function isGenerated(world: GenesisWorld): boolean {
  try {
    world.run();
    return true;
  } catch (error) {
    if (error instanceof CommitteeError) return false;
    throw error;
  }
}

/** A run for a person: a line a member. */
export function dealingAttackText(
  { validators, faulty, seed, attack }: DealingAttackOptions,
  { members, rotation, stalled, faultsAgainstCorrect }: DealingAttackResult,
): string {
  const { f } = quorumOf(validators);
  const rows = members.map(({ validator, isFaulty, inKeys, why, hasKeys, convicted }) => [
    `${validator}`,
    isFaulty ? 'faulty' : 'correct',
    inKeys ? 'in the keys' : `not in the keys${why === null ? '' : `: ${why}`}`,
    hasKeys === null ? '' : hasKeys ? 'has its shares' : 'has no shares',
    convicted ? 'evidence against it' : '',
  ]);
  const dealers = rotation.dealers.map(({ validator, isFaulty, inKeys, why, convicted }) => [
    `${validator}`,
    isFaulty ? 'faulty' : 'correct',
    inKeys ? 'in the keys' : `not in the keys${why === null ? '' : `: ${why}`}`,
    convicted ? 'convicted by an item of the chain' : '',
  ]);
  const seats = rotation.seats.map(({ member, hasKeys, code }) => [
    `member ${member}`,
    hasKeys ? 'has its shares' : `has no shares${code === null ? '' : `: ${code}`}`,
  ]);
  return [
    `${attack.name}: ${validators} validators (f = ${f}), ${faulty} faulty, SEED=${seed}`,
    ...wrap(attack.explains, 100, 2),
    ...(faulty > f ? [`  More than f are faulty: nothing is promised.`] : []),
    ...(rows.length > 0 ? ['The first keys are generated:', ...table(rows)] : []),
    'The committee hands its keys on:',
    ...table(dealers),
    ...(seats.length > 0 ? ['The next committee:', ...table(seats)] : []),
    ...(rotation.restarts > 0 ? [`Members that died and came back: ${rotation.restarts}.`] : []),
    stalled ? 'Stalled.' : 'Every correct member has its shares of one key, which stays the same.',
    `Faults recorded against correct members: ${faultsAgainstCorrect}.`,
    '',
  ].join('\n');
}
