import { describe, expect, test } from 'vitest';
import { assert, BaseError, code, errorsOf, VelumError } from '../../../src/base/errors.ts';

const KitchenError = errorsOf({
  KITCHEN_FIRE: code<{ readonly pan: string }>('Something burns.'),
  KITCHEN_CLOSED: code('Nobody cooks.'),
});

describe('an error of a room', () => {
  test('has its code, the sentence of the code, a message, data and a cause', () => {
    const cause = new Error('fat');
    const error = new KitchenError('KITCHEN_FIRE', 'the big pan burns', { pan: 'big' }, cause);
    expect(error).toBeInstanceOf(VelumError);
    expect(error).toBeInstanceOf(KitchenError);
    expect(error).not.toBeInstanceOf(BaseError);
    expect(error).toMatchObject({
      code: 'KITCHEN_FIRE',
      sentence: 'Something burns.',
      message: 'the big pan burns',
      data: { pan: 'big' },
      cause,
    });
    expect(new KitchenError('KITCHEN_CLOSED', 'closed').data).toEqual({});
  });

  test('is of the codes and data of its room: another does not compile', () => {
    // @ts-expect-error a code of another room
    expect(() => new KitchenError('ASSERTION', 'x')).toThrow();
    // @ts-expect-error the code has data
    expect(new KitchenError('KITCHEN_FIRE', 'x').code).toBe('KITCHEN_FIRE');
    // @ts-expect-error the code has other data
    expect(new KitchenError('KITCHEN_FIRE', 'x', { pot: 'big' }).code).toBe('KITCHEN_FIRE');
    // @ts-expect-error the code has no data
    expect(new KitchenError('KITCHEN_CLOSED', 'x', { pan: 'big' }).code).toBe('KITCHEN_CLOSED');
  });

  test('is told by its code, also after it crossed to another process', () => {
    const made: unknown = KitchenError.of('KITCHEN_FIRE')('burns', { pan: 'small' });
    expect(KitchenError.is(made, 'KITCHEN_FIRE') && made.data.pan).toBe('small');
    const { code, sentence, message, data } = made as VelumError;
    const crossed: unknown = new VelumError({ code, sentence }, message, structuredClone(data));
    expect(KitchenError.is(crossed, 'KITCHEN_FIRE') && crossed.data.pan).toBe('small');
    expect(KitchenError.is(made, 'KITCHEN_CLOSED')).toBe(false);
    expect(KitchenError.is(new Error('KITCHEN_FIRE'), 'KITCHEN_FIRE')).toBe(false);
  });
});

test('assert throws ASSERTION with the invariant that is broken', () => {
  expect(() => assert(1 + 1 === 2, 'sums')).not.toThrow();
  expect(() => assert(false, 'sums hold')).toThrow(
    expect.objectContaining({ code: 'ASSERTION', message: 'invariant broken: sums hold' }),
  );
});
