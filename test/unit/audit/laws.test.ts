import { expect, test } from 'vitest';
import { check } from '../../../src/audit/certificate/check.ts';
import { wrongLaws } from '../../helpers/laws.ts';

test('of each rule that is not about points the checker accepts a step that holds, and refuses those that lack one thing', () => {
  expect(wrongLaws(check)).toEqual([]);
});
