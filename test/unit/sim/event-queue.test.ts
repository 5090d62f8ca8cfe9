import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EventQueue } from '../../../src/sim/event-queue.ts';

const drain = (queue: EventQueue): number[] => Array.from({ length: queue.size }, () => queue.pop());

describe('the event queue', () => {
  test('gives the least key first, and equal keys in the order of pushing', () => {
    const keys = fc.array(fc.integer({ min: -5, max: 5 }), { maxLength: 300 });
    fc.assert(
      fc.property(keys, (list) => {
        const queue = new EventQueue();
        for (const [i, key] of list.entries()) queue.push(key, i);
        const expected = list
          .map((key, i) => ({ key, i }))
          .sort((a, b) => a.key - b.key || a.i - b.i)
          .map(({ i }) => i);
        expect(drain(queue)).toEqual(expected);
      }),
    );
  });

  test('pushes and pops in any mixture like a sorted list', () => {
    const steps = fc.array(fc.option(fc.double({ noNaN: true, min: 0, max: 9 }), { nil: undefined }), {
      maxLength: 200,
    });
    fc.assert(
      fc.property(steps, (list) => {
        const queue = new EventQueue();
        let model: { key: number; value: number }[] = [];
        list.forEach((key, value) => {
          if (key !== undefined) {
            queue.push(key, value);
            model = [...model, { key, value }].sort((a, b) => a.key - b.key || a.value - b.value);
          } else if (model.length > 0) {
            expect(queue.nextKey).toBe(model[0]!.key);
            expect(queue.pop()).toBe(model.shift()!.value);
          }
          expect(queue.size).toBe(model.length);
        });
      }),
    );
  });

  test('grows beyond its first arrays and keeps values up to 2^53', () => {
    const queue = new EventQueue();
    for (let i = 0; i < 5000; i++) queue.push(i % 7, 2 ** 53 - 1 - i);
    const out = drain(queue);
    expect(out.slice(0, 3)).toEqual([2 ** 53 - 1, 2 ** 53 - 8, 2 ** 53 - 15]);
    expect(new Set(out).size).toBe(5000);
  });

  test('has nothing to give when it is empty', () => {
    expect(() => new EventQueue().pop()).toThrow('the queue has an event');
    expect(() => new EventQueue().nextKey).toThrow('the queue has a next event');
  });
});
