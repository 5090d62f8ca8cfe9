import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toHex } from '../../../src/base/bytes.ts';
import { ballotId, height, itemId, itemKey } from '../../../src/params/ids.ts';
import {
  MAX_BUNDLE_BALLOTS,
  MAX_MESSAGE_BYTES,
  MAX_ORDERED_ITEMS,
  MAX_VALIDATORS,
} from '../../../src/params/sizes.ts';
import {
  decodeMessage,
  encodeMessage,
  type Message,
  reachedBy,
  roundOf,
} from '../../../src/validator/messages.ts';
import { anyCertification, ballotBy, contextAt, itemNumber } from './fixtures.ts';

const bytes = (n: number) => fc.uint8Array({ minLength: n, maxLength: n });
const at = fc.nat(2 ** 32 - 1).map(height);
const hex = bytes(32).map(toHex);
const ballot = ballotBy(contextAt(4, 0), 1, [itemNumber(1), itemNumber(2)]);

const announcements: fc.Arbitrary<Message> = fc.record({
  kind: fc.constant('announce' as const),
  isWhole: fc.boolean(),
  held: fc.uniqueArray(hex, { maxLength: 5 }).map((ids) =>
    ids.sort().map((id, i) => ({
      key: itemKey(`a${i}`.repeat(16)),
      fee: 2n ** 64n - 1n - BigInt(i),
      id: itemId(id),
    })),
  ),
  withdrawn: fc.constantFrom([], [itemKey('b0'.repeat(16)), itemKey('b1'.repeat(16))]),
});

const messages: fc.Arbitrary<Message> = fc.oneof(
  fc.record({ kind: fc.constant('item' as const), bytes: fc.uint8Array({ maxLength: 100 }) }),
  fc.constantFrom('ballot' as const, 'stem' as const, 'fluff' as const).map((kind) => ({ kind, ballot })),
  fc.record({
    kind: fc.constant('pullBallots' as const),
    height: at,
    ids: fc.array(hex.map(ballotId), { maxLength: 5 }),
  }),
  fc.record({
    kind: fc.constant('pullItems' as const),
    ids: fc.array(hex.map(itemId), { maxLength: 5 }),
  }),
  announcements,
  fc.record({ kind: fc.constant('acs' as const), height: at, bytes: fc.uint8Array({ maxLength: 100 }) }),
  fc.record({
    kind: fc.constant('coin' as const),
    height: at,
    instance: fc.nat(MAX_VALIDATORS - 1),
    round: fc.nat(2 ** 32 - 1),
    share: bytes(128),
  }),
  fc.record({
    kind: fc.constant('finish' as const),
    height: at,
    signature: bytes(96),
    beacon: bytes(128),
    shares: fc.array(bytes(64), { maxLength: 4 }),
    dleq: bytes(64),
    word: bytes(64),
  }),
  fc.record({ kind: fc.constant('settled' as const), height: at, signature: bytes(96), word: bytes(64) }),
  fc.record({ kind: fc.constant('cert' as const), certification: anyCertification }),
  fc.record({ kind: fc.constant('askNewest' as const), nonce: bytes(16) }),
  fc.record({
    kind: fc.constant('newest' as const),
    nonce: bytes(16),
    certification: fc.option(anyCertification, { nil: undefined }),
  }),
  fc.record({ kind: fc.constantFrom('pullBlock' as const, 'at' as const), height: at }),
  fc.record({ kind: fc.constant('block' as const), height: at, bytes: fc.uint8Array({ maxLength: 100 }) }),
);
const BETWEEN_HEIGHTS = [
  'item',
  'pullItems',
  'announce',
  'cert',
  'pullBlock',
  'block',
  'at',
  'askNewest',
  'newest',
];
const PAST = ['settled', 'cert', 'block', 'newest'];

const heightIn = (message: Message): number | undefined => {
  if ('certification' in message) return message.certification?.header.height;
  return 'height' in message ? message.height : 'ballot' in message ? message.ballot.height : undefined;
};

describe('a message', () => {
  test('is read as it was written, and knows its height', () => {
    fc.assert(
      fc.property(messages, (message) => {
        const read = decodeMessage(encodeMessage(message));
        expect(read).toEqual(message);
        const height = heightIn(message);
        expect(roundOf(read!)).toBe(BETWEEN_HEIGHTS.includes(message.kind) ? undefined : height);
        expect(reachedBy(read!)).toBe(
          PAST.includes(message.kind) && height !== undefined ? height + 1 : height,
        );
      }),
      { numRuns: 300 },
    );
  });

  test('with a changed, missing or added byte is refused or another canonical message, never thrown at', () => {
    fc.assert(
      fc.property(
        messages,
        fc.nat(),
        fc.nat(255),
        fc.constantFrom('change', 'cut', 'add'),
        (message, place, byte, how) => {
          const good = encodeMessage(message);
          const i = place % good.length;
          const bad =
            how === 'change'
              ? good.with(i, byte)
              : how === 'cut'
                ? good.subarray(0, i)
                : new Uint8Array([...good, byte]);
          const read = decodeMessage(bad);
          if (read !== undefined) expect(encodeMessage(read)).toEqual(bad);
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('of random bytes is refused or canonical, never thrown at', () => {
    fc.assert(
      fc.property(fc.nat(16), fc.uint8Array({ maxLength: 400 }), (kind, body) => {
        const raw = new Uint8Array([kind, ...body]);
        const read = decodeMessage(raw);
        if (read !== undefined) expect(encodeMessage(read)).toEqual(raw);
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ['nothing', new Uint8Array()],
    ['an unknown kind', Uint8Array.of(200, 1, 2, 3)],
    ['more than a message holds', new Uint8Array(MAX_MESSAGE_BYTES + 1)],
  ])('%s is refused', (_, raw) => expect(decodeMessage(raw)).toBeUndefined());

  test('a coin of an instance no committee has is refused', () => {
    const coin = {
      kind: 'coin',
      height: height(1),
      instance: MAX_VALIDATORS,
      round: 2,
      share: new Uint8Array(128),
    } as const;
    expect(decodeMessage(encodeMessage(coin))).toBeUndefined();
  });

  test.each([
    ['pullBallots', MAX_BUNDLE_BALLOTS],
    ['pullItems', MAX_ORDERED_ITEMS],
  ] as const)('%s holds as many ids as can be named, and no more', (kind, limit) => {
    const pull = (n: number): Message =>
      ({
        kind,
        ...(kind === 'pullBallots' && { height: height(1) }),
        ids: Array.from({ length: n }, (_, i) => itemNumber(i)),
      }) as unknown as Message;
    expect(decodeMessage(encodeMessage(pull(limit)))).toEqual(pull(limit));
    expect(() => encodeMessage(pull(limit + 1))).toThrow(expect.objectContaining({ code: 'CODEC_INPUT' }));
  });
});
