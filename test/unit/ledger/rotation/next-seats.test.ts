import { sha256, sha512 } from '@noble/hashes/sha2.js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toHex } from '../../../../src/base/bytes.ts';
import { canSeat, nextSeats, type SeatingInput } from '../../../../src/ledger/rotation/next-seats.ts';
import type { ValidatorKeys } from '../../../../src/ledger/validator-keys.ts';
import { quorumOf } from '../../../../src/params/quorum.ts';
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

/** Share of epochs in which more than f of four seats are a fifth of 40 members that are faulty. @param held registrations of correct members that somebody keeps out, each epoch */
function brokenShare(held: number): number {
  const [registry, faulty, n, epochs] = [40, 8, 4, 400];
  const registered = Array.from({ length: registry }, (_, index) => ({ ...keys[0]!, registryIndex: index }));
  const isFaulty = (index: number): boolean => index < faulty;
  let members = Array.from({ length: n }, (_, seat) => 10 * seat);
  let broken = 0;
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const out = members.filter((index) => !isFaulty(index)).slice(0, held);
    const registrations = registered.filter(({ registryIndex }) => !out.includes(registryIndex));
    const beacon = sha512(Uint8Array.of(epoch & 255, epoch >> 8));
    members = nextSeats({ members, registrations, excluded: [] }, beacon)!.map((each) => each.registryIndex);
    if (members.filter(isFaulty).length > quorumOf(n).f) broken += 1;
  }
  return broken / epochs;
}

test('who joins is drawn whatever anybody does, but who keeps correct members from registering decides who leaves: docs/PROTOCOL.md says so', () => {
  expect(brokenShare(0)).toBeLessThan(0.3);
  expect(brokenShare(1)).toBeGreaterThan(0.9);
});
