import { sha256, sha512 } from '@noble/hashes/sha2.js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toHex } from '../../../../src/base/bytes.ts';
import { canSeat, nextSeats, type SeatingInput } from '../../../../src/ledger/rotation/next-seats.ts';
import type { ValidatorKeys } from '../../../../src/ledger/validator-keys.ts';
import { sampleValidator } from '../market.ts';

const keys = Array.from({ length: 16 }, (_, index): ValidatorKeys => {
  const { blsKey, possession, ...rest } = sampleValidator(0);
  return { ...rest, blsKey, possession, registryIndex: index };
});

const tag = sha512(new TextEncoder().encode('velum/seatOrder/v1'));
/** The order by the hash, computed here. */
const rank = (beacon: Uint8Array, index: number): string =>
  toHex(sha256(new Uint8Array([...tag, ...beacon, 0, 0, 0, index])));

/** The rule in other words: seats are emptied and filled one after the other. */
function model({ members, registrations, excluded }: SeatingInput, beacon: Uint8Array): number[] | undefined {
  const registered = new Set(registrations.map(({ registryIndex }) => registryIndex));
  const first = (left: Set<number>): number =>
    [...left].reduce((a, b) => (rank(beacon, a) < rank(beacon, b) ? a : b));
  const joiners = new Set([...registered].filter((i) => !members.includes(i) && !excluded.includes(i)));
  const unfit = new Set(members.filter((i) => !registered.has(i) || excluded.includes(i)));
  const fit = new Set(members.filter((i) => !unfit.has(i)));
  const seats = [...members];
  let changes = Math.floor((members.length - 1) / 3);
  while (changes > 0 && joiners.size > 0) {
    const from = unfit.size > 0 ? unfit : fit;
    const [leaver, joiner] = [first(from), first(joiners)];
    seats[members.indexOf(leaver)] = joiner;
    from.delete(leaver);
    joiners.delete(joiner);
    changes -= 1;
  }
  return unfit.size > 0 ? undefined : seats;
}

test('the next committee is the one of the model, whoever registered and whoever is guilty', () => {
  const indices = fc.uniqueArray(fc.nat({ max: 15 }), { minLength: 1, maxLength: 13 });
  const cases = fc.record({
    members: indices,
    registered: fc.oneof(
      fc.uniqueArray(fc.nat({ max: 15 })),
      fc.uniqueArray(fc.nat({ max: 15 }), { minLength: 14, maxLength: 16 }),
    ),
    excluded: fc.uniqueArray(fc.nat({ max: 15 }), { maxLength: 3 }),
    beacon: fc.uint8Array({ minLength: 64, maxLength: 64 }),
  });
  let seated = 0;
  fc.assert(
    fc.property(cases, ({ members, registered, excluded, beacon }) => {
      const input = { members, registrations: registered.map((i) => keys[i]!), excluded };
      const seats = nextSeats(input, beacon);
      expect(seats?.map(({ registryIndex }) => registryIndex)).toEqual(model(input, beacon));
      expect(canSeat(input)).toBe(seats !== undefined);
      // The order in which they registered decides nothing.
      expect(nextSeats({ ...input, registrations: [...input.registrations].reverse() }, beacon)).toEqual(
        seats,
      );
      if (seats !== undefined) seated += 1;
    }),
    { numRuns: 300 },
  );
  expect(seated).toBeGreaterThan(30);
});
