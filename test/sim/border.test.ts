import { describe, expect, test, vi } from 'vitest';
import { bigintToBytes, concatBytes, toHex } from '../../src/base/bytes.ts';
import { FAULTY } from '../../src/committee/faulty.ts';
import type { RotatingWorld } from '../../src/committee/rotating-world.ts';
import { moved } from '../../src/committee/sample-market.ts';
import { perp } from '../../src/committee/traders.ts';
import { decodePoint } from '../../src/crypto/babyjub.ts';
import { isMismatch, openDealing } from '../../src/crypto/dealing/open.ts';
import { openWords } from '../../src/crypto/seal.ts';
import { combineDecryption, decryptionShare } from '../../src/crypto/threshold-key.ts';
import { crossBorder } from '../../src/host/cross-border.ts';
import { decodeEnd } from '../../src/host/epoch-start.ts';
import { MemorySafe } from '../../src/host/memory-safe.ts';
import { decodeCertifiedBlock, encodeCertifiedBlock } from '../../src/ledger/certified-block.ts';
import { batchContext, itemDomain } from '../../src/ledger/claims.ts';
import { decodeOrdering, encodeOrdering } from '../../src/ledger/ordering-encoding.ts';
import { OrderingState } from '../../src/ledger/ordering-state.ts';
import { replayRules } from '../../src/ledger/replay.ts';
import type { RegistrantSecrets } from '../../src/ledger/rotation/make-registration.ts';
import { l } from '../../src/params/fields.ts';
import { height, type ValidatorIndex, validatorIndex } from '../../src/params/ids.ts';
import { takeBorder } from '../../src/validator/border.ts';
import { borderOf, LAST, nextHeight, rotatingWorld, toNext } from './border-world.ts';

// Three committees that follow each other: test/long/rotation.test.ts.
const safesOf = ({ safes }: RotatingWorld): readonly MemorySafe[] => safes as readonly MemorySafe[];

describe('at a border', () => {
  const world = rotatingWorld({ seed: 3 });
  const { trading } = world;
  const [before] = world.committees;
  for (let at = 1; at < LAST; at++) nextHeight(world, at === 1);
  const old = world.safes.map((safe) => safe.read('keys', 1));
  const opens = world.safes.map((safe) => safe.read('registrant', 2));
  const batches = [
    trading.batch(0, [perp('buy', 2n)], trading.terms(LAST)),
    trading.batch(1, [perp('sell', 2n)], trading.terms(LAST)),
  ];
  // One that stays in the next committee.
  const holder = trading.replica.claims.rotation.next!.validators.findIndex(
    ({ registryIndex }, seat) => registryIndex === seat,
  );
  let isSent = false;
  before!.onDelivery = () => {
    // The last height is ordered here already.
    if (isSent || before!.view(holder, LAST).ordered === undefined || before!.over.has(holder)) return;
    isSent = true;
    for (const { bytes } of batches) trading.submit(bytes, [holder]);
  };
  trading.runHeight(LAST, moved(LAST));

  test('what waited for the next height is ordered and opens in the next epoch', () => {
    expect(isSent).toBe(true);
    expect(holder).toBeGreaterThanOrEqual(0);
    world.enter();
    // Its holder announces it, and then those that pulled it.
    for (let ticks = 0; ticks < 2; ticks++) world.newest.announce();
    expect(trading.runHeight(LAST + 1, moved(LAST + 1)).fills).toHaveLength(2);
    world.newest.check(LAST + 1);
  });

  test('each member makes the border durable, then its share, then erases what it signed and opened with before', () => {
    const members = world.newest.epoch.validators.map(({ registryIndex }) => registryIndex);
    for (const member of members)
      expect(world.steps.filter((each) => each.member === member).map(({ step }) => step)).toEqual([
        'border durable',
        'share durable',
        'keys erased',
      ]);
    for (const member of [0, 1, 2, 3].filter((each) => !members.includes(each)))
      expect(world.steps.filter((each) => each.member === member).map(({ step }) => step)).toEqual([
        'keys erased',
      ]);
  });

  test('nothing that is left opens a logged dealing or a batch of before', () => {
    const secrets = [...old, ...opens].flatMap(
      (each) => Object.values(each ?? {}) as (bigint | Uint8Array)[],
    );
    expect(secrets.length).toBe(4 * 6 + 10 * 4);
    // isk, BLS and network keys of the next epoch are registered with, and stay for it.
    const stays = new Set(
      opens.flatMap((each, member) =>
        each !== undefined && world.seatOf(2, member) !== undefined
          ? [each.identitySecret, each.blsSecret, each.signSecret]
          : [],
      ),
    );
    expect(world.crossed[0]!.size).toBe(10);
    for (const safe of safesOf(world)) {
      const left = Buffer.from(everything(safe));
      for (const secret of secrets) {
        if (stays.has(secret)) continue;
        const bytes = typeof secret === 'bigint' ? bigintToBytes(secret, 32) : secret;
        for (const form of [bytes, Uint8Array.from(bytes).reverse(), Buffer.from(toHex(bytes))])
          expect(left.includes(Buffer.from(form))).toBe(false);
      }
    }
    const { session, made } = world.dealt[0]!;
    const next = world.newest.epoch;
    const scalars = safesOf(world).flatMap((safe) =>
      safe.secrets.flatMap((each) => Object.values(each).filter((x) => typeof x === 'bigint')),
    );
    expect(scalars.length).toBeGreaterThan(8);
    for (const scalar of scalars.filter((x) => x < l))
      for (const [dealer, dealing] of made)
        for (const seat of next.validators.keys())
          expect(openDealing(session, dealer, dealing, validatorIndex(seat), scalar)).toBeUndefined();
  });

  test('old shares do not combine with new ones, and 2f + 1 of either open a batch', () => {
    const shares = world.safes.map((safe) => safe.read('keys', 2));
    const { sealed } = batches[0]!;
    const context = batchContext(itemDomain(world.newest.chain, world.newest.epoch), sealed.statement);
    const opensWith = (given: readonly (readonly [ValidatorIndex, bigint])[]): boolean => {
      const U = decodePoint(sealed.statement.U)!;
      const points = new Map(given.map(([index, share]) => [index, decryptionShare(share, U)]));
      return openWords(combineDecryption(points, 4), sealed.statement, context) !== undefined;
    };
    const oldOnes = [0, 1, 2].map((i) => [validatorIndex(i), old[i]!.decryptionShare] as const);
    const newOnes = [0, 1, 2].map(
      (seat) => [validatorIndex(seat), shares[world.memberAt(2, seat)]!.decryptionShare] as const,
    );
    expect(opensWith(oldOnes)).toBe(true);
    expect(opensWith(newOnes)).toBe(true);
    for (let mixed = 1; mixed < 7; mixed++)
      expect(opensWith([0, 1, 2].map((i) => ((mixed >> i) & 1 ? oldOnes : newOnes)[i]!))).toBe(false);
  });

  test('who cannot have its share is told why, and a mismatch under valid proofs is shown to all', () => {
    const next = world.newest.epoch;
    const seat = next.validators.findIndex(({ registryIndex }) => registryIndex > 3);
    const member = next.validators[seat]!.registryIndex;
    const { session, made } = world.dealt[0]!;
    const border = borderOf(before!);
    const crossWith = (registrant: RegistrantSecrets, dealings = made) => {
      const safe = new MemorySafe();
      safe.put('registrant', 2, registrant);
      const dealt = { session, made: dealings };
      const { chain } = before!;
      const crossing = { chain, over: 1, next, dealt, border, member, dissemination: 'direct' } as const;
      return crossBorder(safe, crossing, () => {});
    };
    const own = opens[member]!;
    expect(crossWith(own).type).toBe('seated');
    // It registered twice, and the first registration came to count.
    const other = opens[(member + 1) % 10]!;
    expect(crossWith(other)).toEqual({ type: 'unshared', code: 'SHARE_KEYS_LOST' });
    const [dealer, dealing] = [...made][1]!;
    const shares = dealing.shares.map((one, i) =>
      i === seat ? { ...one, ciphertexts: { ...one.ciphertexts, coin: one.ciphertexts.coin ^ 1n } } : one,
    );
    const wrong = { ...dealing, shares };
    const told = crossWith(own, new Map([...made, [dealer, wrong]]));
    expect(told).toMatchObject({ code: 'SHARE_MISMATCH', alarm: { dealer, recipient: seat } });
    const { shown } = 'alarm' in told ? told.alarm! : expect.unreachable();
    expect(isMismatch(session, dealer, wrong, validatorIndex(seat), shown)).toBe(true);
    expect(isMismatch(session, dealer, dealing, validatorIndex(seat), shown)).toBe(false);
  });

  test('who is over still serves the old epoch from its store without any key', () => {
    for (const seat of [0, 1, 2, 3]) before!.members.kill(seat);
    world.drain();
    for (const host of before!.members.hosts) expect(host!.legacy()!.border).toEqual(borderOf(before!));
  });
});

describe('a border that somebody shows', () => {
  const world = rotatingWorld({ seed: 7 });
  toNext(world);
  const { chain, epoch, members } = world.committees[0]!;
  const rules = replayRules(chain, epoch);
  const store = members.stores[1]!;
  const shown = { ...decodeEnd(store.end()!)!, block: store.block(height(LAST))! };

  test('is taken by who has the configuration of the epoch, and is that of its validators', () => {
    expect(takeBorder(rules, height(LAST), shown)).toEqual(borderOf(world.committees[0]!));
  });

  test('is refused if any part is of another height or changed', () => {
    const take = (changes: Partial<typeof shown>) =>
      takeBorder(rules, height(LAST), { ...shown, ...changes });
    expect(take({ block: store.block(height(LAST - 1))! })).toBe('BORDER_HEIGHT');
    for (const part of ['ordering', 'settlement', 'block'] as const) {
      for (let at = 0; at < shown[part].length; at += 1 + Math.floor(shown[part].length / 12)) {
        const bytes = shown[part].with(at, shown[part][at]! ^ (1 << (at % 8)));
        const taken = take({ [part]: bytes });
        // A certificate may be written in more than one way, but never be of another border.
        if (typeof taken !== 'string') expect(taken).toEqual(borderOf(world.committees[0]!));
      }
    }
  });

  test('is refused before any note is hashed where it is not certified, not the certified state, or of more notes than that has', () => {
    const restore = vi.spyOn(OrderingState, 'restore');
    const take = (changes: Partial<typeof shown>) =>
      takeBorder(rules, height(LAST), { ...shown, ...changes });
    const certified = decodeCertifiedBlock(shown.block)!;
    const { block } = certified;
    const signature = decodeCertifiedBlock(store.block(height(LAST - 1))!)!.block.certificate.signature;
    const unsigned = { ...block, certificate: { ...block.certificate, signature } };
    expect(take({ block: encodeCertifiedBlock({ ...certified, block: unsigned }) })).toBe(
      'REPLAY_CERTIFICATE',
    );
    const snapshot = decodeOrdering(shown.ordering)!;
    const { noteRoots, leaves, nullifiers } = snapshot;
    for (const changed of [{ noteRoots: noteRoots.with(-1, 5n) }, { nullifiers: [...nullifiers, 5n] }])
      expect(take({ ordering: encodeOrdering({ ...snapshot, ...changed }) })).toBe('BORDER_UNBOUND');
    const more = [...leaves, ...Array.from({ length: 1000 }, (_, i) => BigInt(i + 1))];
    expect(take({ ordering: encodeOrdering({ ...snapshot, leaves: more }) })).toBe('BORDER_MALFORMED');
    expect(restore).not.toHaveBeenCalled();
    expect(take({ ordering: encodeOrdering({ ...snapshot, leaves: leaves.with(-1, 5n) }) })).toBe(
      'BORDER_MALFORMED',
    );
    expect(restore).toHaveBeenCalledOnce();
    restore.mockRestore();
  });

  test('is refused by who follows another committee', () => {
    const other = { ...rules, epoch: { ...epoch, validators: epoch.validators.slice(1) } };
    expect(takeBorder(other, height(LAST), shown)).toBe('REPLAY_CERTIFICATE');
  });
});

test('frames of the epoch before do no harm in the next one', () => {
  const twist = FAULTY['frames with a flipped bit']!.faulty.twist!;
  const world = rotatingWorld({ seed: 9, faulty: [undefined, new Map([[3, { twist }]])] });
  const { frames } = world.committees[0]!;
  toNext(world);
  for (const { from, to, bytes } of frames)
    if (from === 3 && to !== 3) world.newest.members.inject(from, to, bytes);
  world.drain();
  nextHeight(world, true);
});

/** All bytes that a member keeps. */
const everything = (safe: MemorySafe): Uint8Array =>
  concatBytes(
    ...[1, 2].flatMap((epoch) => {
      const store = safe.store(epoch);
      const blocks = [1, 2, 3, 4, 5].flatMap((at) => store.block(height(at)) ?? []);
      return [...store.load().flatMap(({ snapshot, log }) => [snapshot ?? new Uint8Array(), log]), ...blocks];
    }),
    ...safe.secrets.flatMap((each) =>
      Object.values(each).map((x) => (typeof x === 'bigint' ? bigintToBytes(x, 32) : x)),
    ),
  );
