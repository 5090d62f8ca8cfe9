import { bigintToBytes, compareBytes } from '../../base/bytes.ts';
import { hashBytes } from '../../crypto/hash.ts';
import { quorumOf } from '../../params/quorum.ts';
import type { ValidatorKeys } from '../validator-keys.ts';

/** What decides who sits in the next committee. */
export interface SeatingInput {
  /** Registry index of each seat of the committee in office. */
  readonly members: readonly number[];
  /** Who registered in time, in any order. */
  readonly registrations: readonly ValidatorKeys[];
  /** Registry indices of those against whom there is evidence. */
  readonly excluded: readonly number[];
}

/** Members that cannot stay: they did not register, or there is evidence against them. */
const mustLeave = ({ members, registrations, excluded }: SeatingInput): number[] => {
  const registered = new Set(registrations.map(({ registryIndex }) => registryIndex));
  return members.filter((index) => !registered.has(index) || excluded.includes(index));
};

/** Those who may join: registered, no members, no evidence. */
const mayJoin = ({ members, registrations, excluded }: SeatingInput): number[] =>
  registrations
    .map(({ registryIndex }) => registryIndex)
    .filter((index) => !members.includes(index) && !excluded.includes(index));

/** m: seats that change hands. No more than f: of the old committee's dealers and the new one's members, so many may be unknown to each other. */
const changing = (input: SeatingInput): number =>
  Math.min(quorumOf(input.members.length).f, mayJoin(input).length);

/** Whether a next committee can be seated with who has registered so far. */
export const canSeat = (input: SeatingInput): boolean => mustLeave(input).length <= changing(input);

/**
 * The next committee by seat: m = min(f, who may join) members leave, first those that must, then by H(seatOrder; beacon ‖ index); m join by
 * the same hash, each in the seat of the one who leaves at the same place. Who stays keeps the seat.
 * @param beacon 64 bytes, known only after the last registration was ordered: nobody chooses who joins
 * @returns undefined if more than m must leave
 */
export function nextSeats(input: SeatingInput, beacon: Uint8Array): ValidatorKeys[] | undefined {
  if (!canSeat(input)) return undefined;
  const m = changing(input);
  const must = mustLeave(input);
  const byHash = (indices: readonly number[]): number[] => {
    const keyed = indices.map((index) => ({
      index,
      key: hashBytes('seatOrder', beacon, bigintToBytes(BigInt(index), 4)),
    }));
    return keyed.sort((a, b) => compareBytes(a.key, b.key)).map(({ index }) => index);
  };
  const others = input.members.filter((index) => !must.includes(index));
  const leavers = [...byHash(must), ...byHash(others)].slice(0, m);
  const joiners = byHash(mayJoin(input)).slice(0, m);
  const keysOf = new Map(input.registrations.map((each) => [each.registryIndex, each]));
  return input.members.map((index) => {
    const leaving = leavers.indexOf(index);
    return keysOf.get(leaving < 0 ? index : joiners[leaving]!)!;
  });
}
