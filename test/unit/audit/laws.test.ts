import { expect, test } from 'vitest';
import { check } from '../../../src/audit/certificate/check.ts';
import { LAWS, wrongLaws } from '../../helpers/laws.ts';

test('of each rule the checker accepts a step that holds, and refuses those that lack one thing', () => {
  expect(wrongLaws(check)).toEqual([]);
  expect(Object.keys(LAWS)).toHaveLength(16);
});
