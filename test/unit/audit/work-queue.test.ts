import { expect, test } from 'vitest';
import { WorkQueue } from '../../../src/audit/prove/work-queue.ts';

function all(queue: WorkQueue): string[] {
  const found: string[] = [];
  for (let next = queue.next(); next !== undefined; next = queue.next())
    found.push(`${next.level}:${next.index}`);
  return found;
}

test('lower levels come first, in the order of their coming, and each waits once in a level', () => {
  const queue = new WorkQueue(8, 2);
  for (const [level, index] of [
    [1, 5],
    [0, 3],
    [0, 1],
    [0, 3],
    [1, 3],
  ] as const)
    queue.push(level, index);
  expect(all(queue)).toEqual(['0:3', '0:1', '1:5', '1:3']);
  queue.push(0, 3);
  expect(all(queue)).toEqual(['0:3']);
});

test('what waits is not there within a case, and what the case leaves is not there after it', () => {
  const queue = new WorkQueue(8, 2);
  queue.push(0, 2);
  queue.push(1, 4);
  queue.apart(() => {
    queue.push(0, 2);
    expect(queue.next()).toEqual({ level: 0, index: 2 });
    queue.push(0, 7);
  });
  queue.push(0, 2);
  queue.push(0, 7);
  expect(all(queue)).toEqual(['0:2', '0:7', '1:4']);
  queue.push(0, 1);
  queue.clear();
  queue.push(0, 1);
  expect(all(queue)).toEqual(['0:1']);
});
