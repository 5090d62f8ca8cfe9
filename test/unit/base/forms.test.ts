import { describe, expect, test } from 'vitest';
import {
  anyText,
  choice,
  flag,
  integer,
  list,
  mapOf,
  mapped,
  matching,
  object,
  readForm,
  refined,
  tuple,
} from '../../../src/base/forms.ts';

const person = object(
  { name: anyText, age: integer, tags: list(matching(/^[a-z]+$/, 'is no word')) },
  { optional: { kind: choice(['a', 'b'], (value) => `is ${JSON.stringify(value)}`) } },
);
const good = { name: 'Ada', age: 36, tags: ['x'] };

test('a form reads what has it, without other fields', () => {
  expect(readForm(person, { ...good, other: 1 })).toEqual({ data: good });
  expect(readForm(person, { ...good, kind: 'b' })).toEqual({ data: { ...good, kind: 'b' } });
  const pair = mapped(tuple([flag, integer], 'is no pair'), ([yes, n]) => (yes ? n : -n));
  expect(readForm(mapOf(pair), { p: [true, 3], q: [false, 4] })).toEqual({ data: { p: 3, q: -4 } });
});

describe('the first problem is told with its place', () => {
  test.each<[unknown, (string | number)[], string]>([
    [null, [], 'is no object'],
    [[], [], 'is no object'],
    [{ ...good, age: 1.5 }, ['age'], 'is no number that is whole'],
    [{ name: 'Ada', age: 1 }, ['tags'], 'is no list'],
    [{ ...good, tags: ['x', 'Y'] }, ['tags', 1], 'is no word'],
    [{ ...good, tags: [5] }, ['tags', 0], 'is no text'],
    [{ ...good, kind: 'c' }, ['kind'], 'is "c"'],
    [{ ...good, kind: null }, ['kind'], 'is null'],
  ])('%j', (value, path, problem) => {
    expect(readForm(person, value)).toEqual({ path, problem });
  });

  test('of a tuple of another length, of a test of the whole, of a field that does not belong there', () => {
    const two = tuple([flag, flag], 'is no pair');
    for (const value of [[true], [true, true, true], 'no', undefined])
      expect(readForm(two, value)).toEqual({ path: [], problem: 'is no pair' });
    const grown = refined(person, ({ age }) => age > 17, 'is too young', ['age']);
    expect(readForm(list(grown), [{ ...good, age: 3 }])).toEqual({
      path: [0, 'age'],
      problem: 'is too young',
    });
    const closed = object({ a: flag }, { isClosed: true });
    expect(readForm(closed, { a: true, b: 1 })).toEqual({ path: ['b'], problem: 'does not belong there' });
  });
});

test('names of an object’s prototype are no fields, and make none', () => {
  expect(readForm(object({ toString: anyText }), {})).toEqual({ path: ['toString'], problem: 'is no text' });
  const read = readForm(mapOf(integer), JSON.parse('{"__proto__": 5, "constructor": 6}'));
  expect(Object.entries('data' in read ? read.data : {})).toEqual([
    ['__proto__', 5],
    ['constructor', 6],
  ]);
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
});

test('an error that is no problem of a form is not taken for one', () => {
  const broken = mapped(anyText, () => {
    throw new RangeError('a bug');
  });
  expect(() => readForm(broken, 'x')).toThrow(RangeError);
});
