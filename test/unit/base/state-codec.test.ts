import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../../src/base/bytes.ts';
import {
  decodeState,
  encodeState,
  MAX_STATE_DEPTH,
  type State,
  type StateKey,
} from '../../../src/base/state-codec.ts';

const integer = fc.maxSafeInteger().map((n) => n + 0);
const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 6 }),
  fc.constantFrom('', '__proto__', 'a', '\ufeff'),
);
const key: fc.Arbitrary<StateKey> = fc.oneof(integer, fc.bigInt(), text);
const { state } = fc.letrec<{ state: State }>((tie) => ({
  state: fc.oneof(
    { maxDepth: 5, depthIdentifier: 'state' },
    fc.oneof(
      fc.constant(undefined),
      fc.boolean(),
      integer,
      fc.bigInt(),
      text,
      fc.uint8Array({ maxLength: 40 }),
    ),
    fc.array(tie('state'), { maxLength: 4, depthIdentifier: 'state' }),
    fc
      .array(fc.tuple(key, tie('state')), { maxLength: 4, depthIdentifier: 'state' })
      .map((entries) => new Map(entries)),
    fc.array(key, { maxLength: 4 }).map((members) => new Set(members)),
    fc
      .array(fc.tuple(text, tie('state')), { maxLength: 4, depthIdentifier: 'state' })
      .map((fields) => Object.fromEntries(fields)),
  ),
}));
const top = state.filter((value) => value !== undefined);
const refusal = expect.objectContaining({ code: 'CODEC_INPUT' });

describe('the codec of plain state', () => {
  test('gives back what it encoded, in the order of maps and sets', () => {
    fc.assert(
      fc.property(top, (value) => {
        const decoded = decodeState(encodeState(value));
        expect(decoded).toStrictEqual(value);
        if (value instanceof Map || value instanceof Set)
          expect([...(decoded as typeof value).keys()]).toStrictEqual([...value.keys()]);
      }),
      { numRuns: 1000 },
    );
  });

  test.each([
    ['a record', { b: 1, a: [true, undefined] }, '0d020701610a0202000701620301'],
    [
      'a map',
      new Map<StateKey, State>([
        [7, -1],
        [-300n, 'x'],
      ]),
      '0b0203070400' + '0602012b070178',
    ],
    ['a set', new Set(['ab', 'c']), '0c02070261620701' + '63'],
    ['a list', ['ab', 'ab', Uint8Array.of(9), 0n, 300], '0a0507026162080009010905' + '0003ac02'],
  ])('has the bytes that its description says: %s', (_, value, hex) => {
    expect(toHex(encodeState(value))).toBe(hex);
    expect(decodeState(fromHex(hex)!)).toStrictEqual(value);
  });

  test('does not depend on the order of a record’s fields', () => {
    expect(encodeState({ b: 1, a: 2 })).toEqual(encodeState({ a: 2, b: 1 }));
  });

  test('decodes only the one encoding of a value, and never throws: bytes with one changed, cut off, put in', () => {
    const change = fc.record({
      at: fc.nat(),
      byte: fc.nat(255),
      how: fc.constantFrom('set', 'cut', 'insert', 'drop'),
    });
    fc.assert(
      fc.property(top, change, (value, { at, byte, how }) => {
        const bytes = [...encodeState(value)];
        const place = at % bytes.length;
        if (how === 'set') bytes[place] = byte;
        else if (how === 'cut') bytes.length = place;
        else bytes.splice(place, how === 'drop' ? 1 : 0, ...(how === 'drop' ? [] : [byte]));
        const decoded = decodeState(Uint8Array.from(bytes));
        if (decoded !== undefined) expect([...encodeState(decoded)]).toEqual(bytes);
      }),
      { numRuns: 3000 },
    );
  });

  test('decodes only the one encoding of a value, and never throws: random bytes', () => {
    const byte = fc.oneof(fc.nat(13), fc.nat(255));
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 24 }), (bytes) => {
        const decoded = decodeState(Uint8Array.from(bytes));
        if (decoded !== undefined) expect([...encodeState(decoded)]).toEqual(bytes);
      }),
      { numRuns: 5000 },
    );
  });

  test.each([
    ['a number with a digit too many', '038000'],
    ['a number beyond the safe integers', '03ffffffffffffff7f'],
    ['a bigint with a byte too many', '05020001'],
    ['a string written twice', '0a020701610701' + '61'],
    ['a string that did not come yet', '0800'],
    ['bytes that are no UTF-8', '0701ff'],
    ['an encoded surrogate', '0703eda080'],
    ['a key twice', '0b02030100030100'],
    ['a member twice', '0c0203010301'],
    ['a key that is a list', '0b010a0000'],
    ['fields in another order', '0d02070162000701' + '6100'],
    ['a field twice', '0d02070161000800' + '00'],
    ['a list longer than the input', '0affffffff0f'],
    ['bytes behind the value', '0102'],
    ['an unknown kind', '0e'],
    ['nothing', ''],
  ])('refuses %s', (_, hex) => {
    expect(decodeState(fromHex(hex)!)).toBeUndefined();
  });

  test.each([
    ['lists', [[1, 2], [3]], 5],
    ['maps', new Map([[1, new Map([[2, 3]])]]), 2],
    ['sets', [new Set([1, 2])], 3],
    ['records', { a: { b: 1 }, c: 2 }, 3],
  ])(
    'counts the entries of %s within each other, and refuses more than there may be',
    (_, value, entries) => {
      const bytes = encodeState(value);
      expect(decodeState(bytes, entries)).toEqual(value);
      expect(decodeState(bytes, entries - 1)).toBeUndefined();
    },
  );

  test('refuses values within values without end, whoever made them', () => {
    const nested = (levels: number): State => (levels === 0 ? true : [nested(levels - 1)]);
    expect(decodeState(encodeState(nested(MAX_STATE_DEPTH)))).toEqual(nested(MAX_STATE_DEPTH));
    expect(() => encodeState(nested(MAX_STATE_DEPTH + 1))).toThrow(refusal);
    const deep = Uint8Array.from({ length: 200_000 }, (_, i) => (i % 2 === 0 ? 10 : 1));
    expect(decodeState(deep)).toBeUndefined();
  });

  test.each([
    ['half a number', 0.5],
    ['infinity', Number.POSITIVE_INFINITY],
    ['null', null],
    ['a function', () => 1],
    ['an object of a class', new Date(0)],
    ['another array of numbers', new Uint16Array(1)],
    ['a lone surrogate', '\ud800'],
    ['a key that is a record', new Map([[{}, 1]])],
    ['undefined', undefined],
  ])('refuses to encode %s', (_, value) => {
    expect(() => encodeState(value)).toThrow(refusal);
  });

  test('shares no memory with the bytes it read', () => {
    const bytes = encodeState(Uint8Array.of(1, 2, 3));
    const decoded = decodeState(bytes);
    bytes.fill(0);
    expect(decoded).toEqual(Uint8Array.of(1, 2, 3));
  });
});
