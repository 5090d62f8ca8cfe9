import { expect, test } from 'vitest';
import { dutyIn } from '../../../src/host/duties.ts';
import { MemorySafe } from '../../../src/host/memory-safe.ts';
import { chainHash } from '../../../src/ledger/chain-genesis.ts';
import { sessionOf } from '../../../src/ledger/rotation/draft.ts';
import { firstRotation, type Rotation } from '../../../src/ledger/rotation/rotation.ts';
import { membersKeys, rotatingChain } from '../../helpers/rotating.ts';

const dealt = rotatingChain(4);
const { chain, epoch, secrets, rootSecrets } = dealt;
const MEMBER = 1;

const open: Rotation = firstRotation(chainHash(chain), epoch);
const draft = { epoch: 2, seats: [0, 1, 2, 3].map((i) => membersKeys(dealt, i, 2).statement) };
const seated: Rotation = {
  ...open,
  drafted: { draft, session: sessionOf(chainHash(chain), draft, epoch)!.id },
};
const R = open.registerUntil;

/** What a member owes that has its keys, and perhaps what it dealt. */
function owed(rotation: Rotation, forgottenUntil: number, dealing?: Uint8Array) {
  const safe = new MemorySafe();
  safe.put('keys', 1, secrets[MEMBER]!);
  if (dealing !== undefined) safe.put('dealing', 1, dealing);
  let byte = 0;
  return dutyIn(rotation, {
    ...{ chain, safe, forgottenUntil, member: MEMBER, rootSecret: rootSecrets[MEMBER]!, address: '' },
    random: (n) => new Uint8Array(n).fill(++byte),
  });
}

test('a member registers, then deals; what it dealt it says again and deals nothing else', () => {
  expect(owed(open, 0)?.type).toBe('register');
  expect(owed(seated, 0)?.type).toBe('deal');
  expect(owed(seated, 0, Uint8Array.of(7))).toEqual({ type: 'again', item: Uint8Array.of(7) });
});

test('a member whose store was lost deals only if it cannot have dealt before: two dealings would convict it', () => {
  // It followed in silence up to a height, and may have said anything up to there: height R + 1 is the first in which it may have dealt.
  for (const until of [R + 1, R + 9, Number.POSITIVE_INFINITY]) {
    expect([until, owed(seated, until)]).toEqual([until, undefined]);
    expect(owed(seated, until, Uint8Array.of(7))?.type).toBe('again');
    expect(owed(open, until)?.type).toBe('register');
  }
  for (const until of [R - 1, R]) expect(owed(seated, until)?.type).toBe('deal');
});
