import { expect, test } from 'vitest';
import { check } from '../../../src/audit/certificate/check.ts';
import { wrongPointLaws } from '../../helpers/point-laws.ts';

test('of each rule about points the checker accepts a step that holds, and refuses those in which one thing is not so', () => {
  expect(wrongPointLaws(check)).toEqual([]);
});
