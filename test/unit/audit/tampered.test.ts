import { describe, expect, test } from 'vitest';
import { parseCertificate } from '../../../src/audit/certificate/certificate-file.ts';
import { refusedOfTampered, refusesFalseFacts } from '../../helpers/tampered-certificates.ts';

/** Samples; test/long/audit-tampered.test.ts has larger ones. */
describe('a certificate that somebody has changed', () => {
  test('is refused, or what it says is still so: of 300 none says what is false', () => {
    expect(refusedOfTampered(300, 2)).toBeGreaterThan(200);
  });
  test('is refused if one fact of it is false: 150 of 150', () => {
    refusesFalseFacts(150, 4);
  });
  test.each([
    ['{', 'not JSON'],
    ['{"format":"velum uniqueness 2"}', 'format'],
    ['[]', 'the top'],
  ])('%s is no certificate', (text, why) => {
    expect(() => parseCertificate(text)).toThrow(why);
  });
});
