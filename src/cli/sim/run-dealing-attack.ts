import type { DealingAttack } from '../../committee/dealing-attacks.ts';
import { CommitteeError } from '../../committee/errors.ts';
import { GenesisWorld } from '../../committee/genesis-world.ts';
import { quorumOf } from '../../params/quorum.ts';
import { dealingEvidence } from '../../validator/genesis/dealing-evidence.ts';
import { table, wrap } from '../table.ts';

export interface DealingAttackOptions {
  readonly validators: number;
  readonly faulty: number;
  readonly attack: DealingAttack;
  readonly seed: number;
}

/** What became of a generation of keys under an attack. */
export interface DealingAttackResult {
  readonly attack: string;
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
  readonly stalled: boolean;
  readonly faultsAgainstCorrect: number;
}

/** Lets members generate keys beside Byzantine dealers, without proofs. */
export function runDealingAttack(options: DealingAttackOptions): DealingAttackResult {
  const { validators: members, attack } = options;
  const world = new GenesisWorld({ ...options, members });
  const stalled = !isGenerated(world);
  const { correct, generated, faults } = world;
  const convicted = new Set(
    correct.flatMap((i) => faults[i]!.flatMap((fault) => dealingEvidence(fault)?.validator ?? [])),
  );
  const first = generated[correct[0]!];
  return {
    attack: attack.name,
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
  { members, stalled, faultsAgainstCorrect }: DealingAttackResult,
): string {
  const { f } = quorumOf(validators);
  const rows = members.map(({ validator, isFaulty, inKeys, why, hasKeys, convicted }) => [
    `${validator}`,
    isFaulty ? 'faulty' : 'correct',
    inKeys ? 'in the keys' : `not in the keys${why === null ? '' : `: ${why}`}`,
    hasKeys === null ? '' : hasKeys ? 'has its shares' : 'has no shares',
    convicted ? 'evidence against it' : '',
  ]);
  return [
    `${attack.name}: ${validators} members generate keys (f = ${f}), ${faulty} faulty, SEED=${seed}`,
    ...wrap(attack.explains, 100, 2),
    ...(faulty > f ? [`  More than f are faulty: nothing is promised.`] : []),
    ...table(rows),
    stalled ? 'Stalled.' : 'Every correct member has its shares of one key.',
    `Faults recorded against correct members: ${faultsAgainstCorrect}.`,
    '',
  ].join('\n');
}
