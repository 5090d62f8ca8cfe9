import { beforeAll, describe, expect, test } from 'vitest';
import { multiplyBase } from '../../../../src/crypto/babyjub.ts';
import { combineDealtShares } from '../../../../src/crypto/dealing/combine.ts';
import { openDealing } from '../../../../src/crypto/dealing/open.ts';
import { chainHash } from '../../../../src/ledger/chain-genesis.ts';
import { epochHash, requireEpoch } from '../../../../src/ledger/epoch-config.ts';
import type { Item } from '../../../../src/ledger/items.ts';
import { decodeOrdering, encodeOrdering } from '../../../../src/ledger/ordering-encoding.ts';
import { OrderingState } from '../../../../src/ledger/ordering-state.ts';
import { dealingItemId } from '../../../../src/ledger/rotation/dealing-item.ts';
import { evidenceOfTwo, signedName } from '../../../../src/ledger/rotation/evidence-item.ts';
import {
  firstRotation,
  isEpochEventDue,
  sessionInProgress,
} from '../../../../src/ledger/rotation/rotation.ts';
import { height, itemId, validatorIndex } from '../../../../src/params/ids.ts';
import {
  dealingItem,
  membersKeys,
  registrationItem,
  rotatingChain,
  sharesOf,
} from '../../../helpers/rotating.ts';

const dealt = rotatingChain(4);
const { chain, epoch, secrets } = dealt;
const BEACON = new Uint8Array(64).fill(7);
const drafted = Array.from({ length: 6 }, (_, i) => membersKeys(dealt, i, 2));
const items = drafted.map((each) => registrationItem(dealt, each));

const fresh = () => new OrderingState(chain.notes, 1n, firstRotation(chainHash(chain), epoch));
const named = (item: Item, i: number) => ({ id: itemId(`${i}`.padStart(64, '0')), item });

/** One height: re-check, application, settlement. @returns codes of what was refused */
function order(state: OrderingState, list: readonly Item[], revealed: readonly bigint[] = []): string[] {
  const at = height(state.height + 1);
  const { accepted, refused } = state.recheck(list.map(named), BEACON, at);
  for (const { item } of accepted) state.apply(item);
  state.closeHeight(at, revealed);
  state.settled(at, [], BEACON);
  return refused.map(({ code }) => code);
}

const until = (state: OrderingState, at: number): void => {
  while (state.height < at) order(state, []);
};

/** All registered, R = 5 settled. */
function seated(): OrderingState {
  const state = fresh();
  order(state, items);
  until(state, 5);
  return state;
}

const dealingsOf = (state: OrderingState, salt = 0) =>
  secrets.map(({ signSecret }, i) =>
    dealingItem(sessionInProgress(state.rotation)!, i, sharesOf(dealt, i), signSecret, salt),
  );

describe('registration', () => {
  test('is taken until height R, one of each member, for the next epoch only', () => {
    const state = fresh();
    const [a, b] = [items[0]!, items[5]!];
    expect(order(state, [a, a])).toEqual(['ITEM_REGISTERED']);
    const again = registrationItem(dealt, membersKeys(dealt, 0, 2, 1));
    expect(state.check(again, height(2))).toBe('ITEM_REGISTERED');
    const later = registrationItem(dealt, membersKeys(dealt, 4, 3));
    expect(state.check(later, height(2))).toBe('ITEM_REGISTRATION_EPOCH');
    until(state, 4);
    expect(state.check(b, height(5))).toBeUndefined();
    expect(state.check(b, height(6))).toBe('ITEM_REGISTRATION_CLOSED');
    expect(state.rotation.registrations.map(({ registryIndex }) => registryIndex)).toEqual([0]);
  });

  test('takes no key that was a validator’s or was registered before, for whatever epoch and by whomever', () => {
    const state = fresh();
    const [keys] = epoch.validators;
    for (const field of ['encryptionKey', 'blsKey', 'signKey', 'identityCommitment'] as const)
      expect(state.check({ ...items[0]!, [field]: keys![field] }, height(1)), field).toBe('ITEM_KEY_USED');
    const twin = { ...items[1]!, signKey: items[0]!.signKey };
    expect(order(fresh(), [items[0]!, twin])).toEqual(['ITEM_KEY_USED']);
    order(state, [items[0]!]);
    expect(state.check(twin, height(2))).toBe('ITEM_KEY_USED');
  });

  test('of a member against whom there is evidence is refused, and the member leaves', () => {
    const state = fresh();
    order(state, items.slice(0, 5), [secrets[2]!.identitySecret, 12_345n]);
    expect(state.rotation.excluded).toEqual([2]);
    expect(fresh().check(items[2]!, height(1))).toBeUndefined();
    until(state, 5);
    const seats = state.rotation.drafted!.draft.seats.map(({ registryIndex }) => registryIndex);
    expect(seats).toEqual([0, 1, 4, 3]);
  });

  test('is put off by D heights while more members are missing than may leave, and goes on then', () => {
    const state = fresh();
    order(state, items.slice(0, 2));
    expect(isEpochEventDue(state.rotation)).toBe(false);
    until(state, 5);
    expect([state.rotation.drafted, state.rotation.registerUntil]).toEqual([undefined, 9]);
    order(state, items.slice(2, 4));
    expect(isEpochEventDue(state.rotation)).toBe(true);
    until(state, 9);
    expect(state.rotation.drafted?.draft.seats).toHaveLength(4);
    expect(isEpochEventDue(state.rotation)).toBe(false);
  });
});

describe('dealing', () => {
  let state: OrderingState;
  let dealings: ReturnType<typeof dealingsOf>;
  beforeAll(() => {
    state = seated();
    dealings = dealingsOf(state);
  });
  const check = (item: Item) => state.check(item, height(6));

  test('is refused before a committee is seated, of another session, dealer or number of recipients', () => {
    expect(fresh().check(dealings[0]!, height(1))).toBe('ITEM_DEALING_SESSION');
    expect(check(dealings[0]!)).toBeUndefined();
    expect(check({ ...dealings[0]!, session: 5n })).toBe('ITEM_DEALING_SESSION');
    expect(check({ ...dealings[0]!, dealer: validatorIndex(4) })).toBe('ITEM_DEALING_SESSION');
    const { dealing } = dealings[0]!;
    const short = { ...dealing, shares: dealing.shares.slice(1), proofs: dealing.proofs.slice(1) };
    expect(check({ ...dealings[0]!, dealing: short })).toBe('ITEM_DEALING_RECIPIENTS');
  });

  test('counts once a dealer, and not at all where it repeats another or itself', () => {
    const own = seated();
    const copy = { ...dealings[0]!, dealer: validatorIndex(1) };
    expect(order(seated(), [dealings[0]!, copy])).toEqual(['ITEM_DEALING_REPEATED']);
    order(own, [dealings[0]!]);
    expect(own.check(dealingsOf(own, 1)[0]!, height(7))).toBe('ITEM_DEALT');
    expect(own.check({ ...copy, dealer: validatorIndex(2) }, height(7))).toBe('ITEM_DEALING_REPEATED');
    const { dealing } = dealings[1]!;
    const shares = dealing.shares.map((one) => ({
      ...one,
      commitments: { decryption: one.commitments.coin, coin: one.commitments.coin },
    }));
    expect(own.check({ ...dealings[1]!, dealing: { ...dealing, shares } }, height(7))).toBe(
      'ITEM_DEALING_REPEATED',
    );
  });

  test('of a dealer against whom there is evidence is refused', () => {
    const own = seated();
    order(own, [], [secrets[3]!.identitySecret]);
    expect(own.check(dealings[3]!, height(7))).toBe('ITEM_EXCLUDED');
  });

  test('goes on beyond the epoch’s heights until 2f + 1 have dealt: till then nothing ends', () => {
    const own = seated();
    order(own, dealings.slice(0, 2));
    until(own, 20);
    expect([own.rotation.epoch.epoch, own.rotation.next]).toEqual([1, undefined]);
    order(own, dealings.slice(2, 3));
    expect(own.rotation.next?.firstHeight).toBe(23);
    until(own, 22);
    expect([own.rotation.epoch.epoch, own.rotation.epoch.firstHeight]).toEqual([2, 23]);
  });
});

describe('the next epoch', () => {
  test('has the old public keys and new shares, which the dealings open to, and begins after L heights', () => {
    const state = seated();
    const dealings = dealingsOf(state);
    const session = sessionInProgress(state.rotation)!;
    order(state, dealings.slice(1));
    const next = state.rotation.next!;
    expect(() => requireEpoch(chain, next)).not.toThrow();
    expect([next.epoch, next.firstHeight]).toEqual([2, 9]);
    expect(next.decryptionKey.publicKey.equals(epoch.decryptionKey.publicKey)).toBe(true);
    expect(next.coinKey.publicKey.equals(epoch.coinKey.publicKey)).toBe(true);
    expect(state.check(dealings[0]!, height(7))).toBe('ITEM_DEALING_CLOSED');
    expect(isEpochEventDue(state.rotation)).toBe(true);
    until(state, 8);
    const { rotation } = state;
    expect(epochHash(rotation.epoch)).toEqual(epochHash(next));
    expect([rotation.registerUntil, rotation.registrations, rotation.drafted]).toEqual([13, [], undefined]);
    next.validators.forEach(({ registryIndex }, seat) => {
      const { encryptionSecret } = drafted[registryIndex]!.secrets;
      const opened = new Map(
        rotation.made.map(({ dealer, dealing }) => [
          dealer,
          openDealing(session, dealer, dealing, validatorIndex(seat), encryptionSecret)!,
        ]),
      );
      const { decryption, coin } = combineDealtShares('reshare', opened);
      expect(multiplyBase(decryption).equals(next.decryptionKey.shareKeys[seat]!)).toBe(true);
      expect(multiplyBase(coin).equals(next.coinKey.shareKeys[seat]!)).toBe(true);
    });
  });

  test('is made of the first 2f + 1 dealings of the height, in the order of its re-check', () => {
    const state = seated();
    const dealings = dealingsOf(state);
    const list = dealings.map((item) => ({ id: dealingItemId(item), item }));
    const { accepted } = state.recheck(list, BEACON, height(6));
    expect(accepted).toHaveLength(4);
    for (const { item } of accepted) state.apply(item);
    state.closeHeight(height(6));
    const counted = accepted.slice(0, 3).map(({ item }) => item.dealer);
    expect(state.rotation.dealings.map(({ dealer }) => dealer)).toEqual(counted);
  });

  test('takes the vote, and not the shares, of who is found guilty after the committee was seated', () => {
    const state = seated();
    order(state, dealingsOf(state));
    const next = state.rotation.next!;
    const stays = next.validators.findIndex(({ registryIndex }) => registryIndex < 4);
    const guilty = next.validators[stays]!.registryIndex;
    order(state, [], [secrets[guilty]!.identitySecret]);
    until(state, 8);
    const { validators, decryptionKey } = state.rotation.epoch;
    expect(validators.map(({ identityCommitment }) => identityCommitment === 0n)).toEqual(
      validators.map((_, i) => i === stays),
    );
    expect(validators[stays]!.signKey).toEqual(next.validators[stays]!.signKey);
    expect(decryptionKey).toEqual(next.decryptionKey);
    expect(() => requireEpoch(chain, state.rotation.epoch)).not.toThrow();
  });

  test('comes out of any snapshot on the way the same, with the same root at every height', () => {
    const state = fresh();
    let copy = fresh();
    const heights: (() => Item[])[] = [
      () => items.slice(0, 3),
      () => items.slice(3),
      ...Array.from({ length: 3 }, () => () => []),
      () => dealingsOf(state).slice(0, 2),
      () => dealingsOf(state).slice(2),
      ...Array.from({ length: 3 }, () => () => []),
    ];
    for (const make of heights) {
      const list = make();
      copy = OrderingState.restore(decodeOrdering(encodeOrdering(copy.snapshot()))!, 1n)!;
      expect(order(copy, list)).toEqual(order(state, list));
      expect(copy.root).toEqual(state.root);
    }
    expect(state.rotation.epoch.epoch).toBe(2);
    expect(encodeOrdering(copy.snapshot())).toEqual(encodeOrdering(state.snapshot()));
  });
});

test('a height that is full of other items takes as many dealings as it has room for, and the others wait', () => {
  const state = seated();
  const deposits = Array.from({ length: 190 }, (_, i) => ({
    kind: 'deposit' as const,
    nonce: BigInt(i),
    account: 5n,
    amount: 1n,
    signature: new Uint8Array(64),
  }));
  const refused = order(state, [...deposits, ...dealingsOf(state)]);
  expect(refused).toEqual(['ITEM_HEIGHT_FULL', 'ITEM_HEIGHT_FULL']);
  expect(state.rotation.dealings).toHaveLength(2);
});

describe('evidence against a dealer of the session in progress', () => {
  test('takes its seat’s vote in the next epoch, and what it dealt counts no more', () => {
    const state = seated();
    const [a, b] = [dealingsOf(state), dealingsOf(state, 1)];
    const evidence = evidenceOfTwo(a[1]!, signedName(a[1]!), signedName(b[1]!))!;
    expect(state.check(evidence, height(6))).toBeUndefined();
    expect(order(state, [evidence])).toEqual([]);
    const { registryIndex } = epoch.validators[1]!;
    expect(state.rotation.excluded).toEqual([registryIndex]);
    expect(state.check(evidence, height(7))).toBe('ITEM_EXCLUDED');
    expect(order(state, [a[1]!, a[0]!, a[2]!, a[3]!])).toEqual(['ITEM_EXCLUDED']);
    until(state, 8);
    const next = state.rotation.epoch;
    expect(next.epoch).toBe(2);
    for (const keys of next.validators)
      expect(keys.identityCommitment === 0n).toBe(keys.registryIndex === registryIndex);
  });

  test('is nothing outside its session', () => {
    const state = seated();
    const [a, b] = [dealingsOf(state), dealingsOf(state, 1)];
    const evidence = evidenceOfTwo(a[1]!, signedName(a[1]!), signedName(b[1]!))!;
    expect(fresh().check(evidence, height(1))).toBe('ITEM_DEALING_SESSION');
    order(state, dealingsOf(state));
    const last = state.rotation.next!.firstHeight - 1;
    until(state, last - 1);
    expect(state.check(evidence, height(last - 1))).toBeUndefined();
    expect(state.check(evidence, height(last))).toBe('ITEM_DEALING_CLOSED');
    until(state, last);
    expect(state.check(evidence, height(last + 1))).toBe('ITEM_DEALING_SESSION');
  });
});
