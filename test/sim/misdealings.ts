import { expect } from 'vitest';
import {
  DEALING_ATTACKS,
  type DealingAttack,
  RESHARING_ATTACKS,
} from '../../src/committee/dealing-attacks.ts';
import type { RotatingWorld } from '../../src/committee/rotating-world.ts';
import { multiplyBase } from '../../src/crypto/babyjub.ts';
import { evidenceFileText, parseEvidenceFile } from '../../src/formats/evidence-file.ts';
import type { RefusalCode } from '../../src/ledger/refusals.ts';
import { decodeRotation } from '../../src/ledger/rotation/rotation-encoding.ts';
import { validatorIndex } from '../../src/params/ids.ts';
import { quorumOf } from '../../src/params/quorum.ts';
import { judgeRotation, rotationEvidence } from '../../src/validator/rotation-evidence.ts';
import { interpolate } from '../helpers/dealings.ts';
import { requireCrossed } from './border-crashes.ts';
import { nextHeight, rotatingWorld, toNext } from './border-world.ts';

export const MISDEALINGS = [...DEALING_ATTACKS, ...RESHARING_ATTACKS];

/** Why validators refuse what such a dealer hands on; undefined where nothing is refused. */
const CODES: Readonly<Record<string, RefusalCode | undefined>> = {
  'bad-dealing': 'ITEM_PROOF_INVALID',
  'wrong-degree': 'ITEM_DEALING_DEGREE',
  'small-order-dealing': 'ITEM_POINT_ORDER',
  'copied-dealing': 'ITEM_DEALING_BINDING',
  'foreign-dealing': 'ITEM_PROOF_INVALID',
  'two-dealings': undefined,
  'silent-dealer': undefined,
  'late-dealer': 'ITEM_DEALING_CLOSED',
  'swapped-keys': 'ITEM_DEALING_BINDING',
  'other-secret': 'ITEM_DEALING_BINDING',
};

/** Committees of n that follow each other, of which the last f members of the first one deal badly. */
export function misdealt(n: number, seed: number, attack: DealingAttack | undefined): RotatingWorld {
  const { f } = quorumOf(n);
  const liars = Array.from({ length: f }, (_, i) => n - 1 - i);
  const dealers = attack === undefined ? new Map() : new Map(liars.map((liar) => [liar, attack] as const));
  return rotatingWorld({ n, registry: n + Math.max(1, f), seed, dealers });
}

/** The keys of the newest epoch are those of the first one, and the shares of its members, as they keep them, make them. */
export function requireKeys(world: RotatingWorld): void {
  const [first, last] = [world.committees[0]!.epoch, world.newest.epoch];
  const { sharesRequired } = quorumOf(last.validators.length);
  for (const [of, share] of [
    ['decryptionKey', 'decryptionShare'],
    ['coinKey', 'coinShare'],
  ] as const) {
    expect(last[of].publicKey.equals(first[of].publicKey)).toBe(true);
    const own = last.validators.flatMap(({ registryIndex }, seat) => {
      const keys = world.safes[registryIndex]!.read('keys', last.epoch);
      if (keys === undefined) return [];
      expect(multiplyBase(keys[share]).equals(last[of].shareKeys[seat]!)).toBe(true);
      return [[BigInt(seat + 1), keys[share]] as const];
    });
    for (const some of [own.slice(0, sharesRequired), own.slice(-sharesRequired)])
      expect(multiplyBase(interpolate(new Map(some), 0n)).equals(first[of].publicKey)).toBe(true);
  }
}

/** Whether what such a dealer signed shows that it is none of the correct ones. */
const isConvicted = (name: string): boolean => name !== 'silent-dealer' && name !== 'late-dealer';

/** Faults of correct members are none; and what is held against dealers convinces whoever knows the session and asks about the proofs. */
function requireConvincing(world: RotatingWorld, liars: readonly number[], isShown: boolean): void {
  const [committee] = world.committees;
  const { session } = world.dealt[0]!;
  const faults = committee!.faults.flat().filter(({ fault }) => fault === 'DEALER_CONVICTED');
  const shown = [...new Set(faults.map(({ by }) => by))].sort((a, b) => a - b);
  const made = [...world.dealt[0]!.made.keys()];
  // Who was shown one of two alone, and whose dealing counts nowhere, cannot be known.
  for (const liar of liars) if (isShown && made.includes(validatorIndex(liar))) expect(shown).toContain(liar);
  expect(liars).toEqual(expect.arrayContaining(shown));
  const { domain, epoch } = committee!;
  const { drafted } = decodeRotation(world.trading.replica.changes[0]!.rotation)!;
  for (const fault of faults) {
    const text = evidenceFileText({ domain, epoch }, rotationEvidence(fault, epoch, drafted)!);
    const { evidence } = parseEvidenceFile(text, 'evidence');
    if (evidence.kind !== 'rotation') throw new Error('it is of a rotation');
    const judged = judgeRotation({ domain, epoch }, evidence);
    if (typeof judged === 'string') throw new Error(judged);
    expect(judged).toHaveLength(evidence.item.fault.form === 'refuted' ? session.n : 0);
    if (judged.length > 0)
      expect(judged.every(({ signals, proof }) => committee!.holds(signals, proof))).toBe(false);
  }
}

/** f dealers of one kind in a rotation: the next committee has its keys, and what they dealt has no part in them. */
export function withstandsMisdealing(name: string, n: number, seed: number): void {
  const attack = MISDEALINGS.find((each) => each.name === name)!;
  const world = misdealt(n, seed, attack);
  const [committee] = world.committees;
  const { f } = quorumOf(n);
  toNext(world);
  nextHeight(world, true);
  requireCrossed(world);
  requireKeys(world);
  const liars = Array.from({ length: f }, (_, i) => n - 1 - i);
  const { made } = world.dealt[0]!;
  const { rotation } = world.trading.replica.claims;
  const guilty = [...liars].sort((a, b) => a - b);
  // Two sound dealings may come together only when the keys are made: then they are in no block.
  if (name === 'two-dealings') expect(guilty).toEqual(expect.arrayContaining([...rotation.excluded]));
  else expect(rotation.excluded, name).toEqual(isConvicted(name) ? guilty : []);
  for (const { registryIndex, identityCommitment } of rotation.epoch.validators)
    expect(identityCommitment === 0n, `the vote of ${registryIndex}`).toBe(
      rotation.excluded.includes(registryIndex),
    );
  requireConvincing(world, guilty, isConvicted(name));
  for (const liar of liars) {
    if (name !== 'two-dealings') expect([...made.keys()], name).not.toContain(liar);
    const codes = committee!.refused[Math.min(1, n - 1)]!.map(({ code }) => code);
    if (CODES[name] !== undefined) expect(codes, name).toContain(CODES[name]);
  }
}
