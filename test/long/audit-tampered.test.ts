import { expect, test } from 'vitest';
import { refusedOfTampered, refusesFalseFacts } from '../helpers/tampered-certificates.ts';

test('a certificate that somebody has changed is refused, or what it says is still so: of 1,500 none says what is false', () => {
  expect(refusedOfTampered(1_500, 2)).toBeGreaterThan(1_000);
});

test('a certificate is refused if one fact of it is false: 1,000 of 1,000', () => {
  refusesFalseFacts(1_000, 4);
});
