import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { BYTE_DOMAINS, byteTag, FIELD_DOMAINS, fieldTag } from '../../../src/params/domains.ts';
import { r } from '../../../src/params/fields.ts';

const src = join(import.meta.dirname, '../../../src');
const sources = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !name.endsWith('domains.ts'))
  .map((name) => readFileSync(join(src, name), 'utf8'))
  .join('\n');

describe('domain tags', () => {
  test.each([...FIELD_DOMAINS, ...BYTE_DOMAINS])('%s is SHA-512 of its name, by OpenSSL', (domain) => {
    const digest = createHash('sha512').update(`velum/${domain}/v1`).digest();
    const isField = (FIELD_DOMAINS as readonly string[]).includes(domain);
    if (isField) expect(fieldTag(domain as never)).toBe(BigInt(`0x${digest.toString('hex')}`) % r);
    else expect(byteTag(domain as never)).toEqual(new Uint8Array(digest));
  });

  test('no name is there twice', () => {
    const all = [...FIELD_DOMAINS, ...BYTE_DOMAINS];
    expect(new Set(all).size).toBe(all.length);
  });

  test('every tag is in use', () => {
    const unused = [...FIELD_DOMAINS, ...BYTE_DOMAINS].filter(
      (domain) => !new RegExp(`\\w\\(\\s*'${domain}'`).test(sources),
    );
    expect(unused).toEqual([]);
  });
});
