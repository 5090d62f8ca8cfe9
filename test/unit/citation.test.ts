import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');

/** The keys of the Citation File Format 1.2.0 (schema-guide.md of citation-file-format/citation-file-format). */
const KEYS = [
  'abstract',
  'authors',
  'cff-version',
  'commit',
  'contact',
  'date-released',
  'doi',
  'identifiers',
  'keywords',
  'license',
  'license-url',
  'message',
  'preferred-citation',
  'references',
  'repository',
  'repository-artifact',
  'repository-code',
  'title',
  'type',
  'url',
  'version',
];
const REQUIRED = ['authors', 'cff-version', 'message', 'title'];

/** The part of YAML that the file uses: scalars, folded text, lists of scalars or of one mapping each. */
function parsed(text: string): Map<string, string | string[]> {
  const found = new Map<string, string | string[]>();
  let key = '';
  for (const line of text.trimEnd().split('\n')) {
    const [, name, value] = line.match(/^([a-z][a-z-]*):(?: (.+))?$/) ?? [];
    if (name !== undefined) {
      expect(found.has(name), `${name} is there once`).toBe(false);
      key = name;
      // An unquoted scalar with “: ” or “ #” in it would be read otherwise.
      if (value !== undefined && !value.startsWith('"')) expect(value).not.toMatch(/: | #/);
      found.set(key, value?.replace(/^"(.*)"$/, '$1') ?? []);
    } else {
      const [, item] = line.match(/^ {2}(?:- )?(\S.*)$/) ?? [];
      expect(item, `a line of ${key}: ${line}`).toBeDefined();
      const before = found.get(key)!;
      found.set(key, typeof before === 'string' ? `${before} ${item}` : [...before, item!]);
    }
  }
  return found;
}

test('CITATION.cff has what the format asks for, and the version and licence of the package', () => {
  const found = parsed(readFileSync(resolve(root, 'CITATION.cff'), 'utf8'));
  const { version, license } = JSON.parse(readFileSync(resolve(root, 'package.json'), 'utf8'));
  expect([...found.keys()].filter((key) => !KEYS.includes(key))).toEqual([]);
  expect(REQUIRED.filter((key) => !found.has(key))).toEqual([]);
  expect(found.get('cff-version')).toBe('1.2.0');
  expect(found.get('type')).toBe('software');
  expect(found.get('version')).toBe(version);
  expect(found.get('license')).toBe(license);
  expect(found.get('title')).toMatch(/^Velum: /);
  expect(found.get('authors')).toEqual(['name: The Velum maintainers']);
  expect(found.get('keywords')).toContain('threshold encryption');
});
