import { bigintToBytes } from '../base/bytes.ts';
import { hashBytes } from '../crypto/hash.ts';
import { nextSeats } from '../ledger/rotation/next-seats.ts';
import type { ValidatorKeys } from '../ledger/validator-keys.ts';
import { quorumOf } from '../params/quorum.ts';

/** Epochs between two looks: of a committee of n at most (2/3)^SPACING of the seats are the same by then for no reason. */
export const SPACING = 12;
/** Committees that are looked at. */
export const LOOKS = 150;

/** n over k. */
function choose(n: number, k: number): number {
  let product = 1;
  for (let i = 0; i < k; i++) product = (product * (n - i)) / (i + 1);
  return product;
}

/** P(more than f of n drawn without repetition are among `bad` of `all`): the hypergeometric tail. */
export function hypergeometricTail(all: number, bad: number, n: number): number {
  const { f } = quorumOf(n);
  let sum = 0;
  for (let k = f + 1; k <= Math.min(n, bad); k++)
    sum += (choose(bad, k) * choose(all - bad, n - k)) / choose(all, n);
  return sum;
}

export interface Draws {
  readonly n: number;
  /** Members, all of whom register. */
  readonly registry: number;
  /** How many of them are faulty, which has no part in the seating. */
  readonly faulty: number;
  /** Beacons an epoch, of which the one that seats most faulty members is taken: 1 leaves no choice. */
  readonly choices: number;
}

/** The protocol's own seating, epoch after epoch. @returns the share of committees with more than f faulty members */
export function brokenShare({ n, registry, faulty, choices }: Draws, seed: number): number {
  const all = Array.from({ length: registry }, (_, i) => i);
  const registrations = all.map((registryIndex) => ({ registryIndex }) as ValidatorKeys);
  const faultyIn = (seats: readonly number[]): number => seats.filter((index) => index < faulty).length;
  const { f } = quorumOf(n);
  let members = all.slice(0, n);
  let broken = 0;
  for (let epoch = 1; epoch <= SPACING * (LOOKS + 1); epoch++) {
    const seatedBy = (choice: number): number[] => {
      const parts = [seed, epoch, choice].map((part) => bigintToBytes(BigInt(part), 8));
      const seats = nextSeats({ members, registrations, excluded: [] }, hashBytes('copy', ...parts))!;
      return seats.map(({ registryIndex }) => registryIndex);
    };
    const drawn = Array.from({ length: choices }, (_, choice) => seatedBy(choice));
    members = drawn.reduce((worst, each) => (faultyIn(each) > faultyIn(worst) ? each : worst));
    if (epoch > SPACING && epoch % SPACING === 0 && faultyIn(members) > f) broken += 1;
  }
  return broken / LOOKS;
}
