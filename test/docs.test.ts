import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const FOLDERS = ['circuits', 'docs', 'examples', 'keys', 'scripts', 'src', 'test'];

function filesBelow(dir: string): string[] {
  return readdirSync(join(root, dir)).flatMap((name) => {
    const path = join(dir, name);
    return statSync(join(root, path)).isDirectory() ? filesBelow(path) : [path];
  });
}

const files = [
  ...FOLDERS.flatMap(filesBelow),
  ...readdirSync(root).filter((name) => statSync(join(root, name)).isFile()),
];
const pages = files.filter((path) => path.endsWith('.md'));
const sources = files.filter((path) => /\.(tsx?|circom)$/.test(path) && basename(path) !== 'docs.test.ts');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const withoutBlocks = (text: string): string => text.replace(/^(```|~~~)[\s\S]*?^\1/gm, '');

/** Headings as GitHub names them: lower case, spaces to hyphens, other signs left out; a repeated name is numbered. */
function anchorsOf(page: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading] of withoutBlocks(read(page)).matchAll(/^#{1,6} +(.+)$/gm)) {
    const name = heading!
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .trim()
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M} _-]/gu, '')
      .replaceAll(' ', '-');
    let anchor = name;
    for (let i = 1; anchors.has(anchor); i++) anchor = `${name}-${i}`;
    anchors.add(anchor);
  }
  return anchors;
}

function isLinked(page: string, target: string): boolean {
  const [path, anchor] = target.split('#');
  const file = path === '' ? page : join(dirname(page), path!);
  if (!existsSync(join(root, file))) return false;
  return anchor === undefined || !file.endsWith('.md') || anchorsOf(file).has(anchor);
}

test('no page holds what a merge could not decide', () => {
  const undecided = pages.filter((page) => /^(<<<<<<<|=======|>>>>>>>)( |$)/m.test(read(page)));
  expect(undecided).toEqual([]);
});

test('every link of a page leads to a file and a heading that are there', () => {
  const wrong = pages.flatMap((page) =>
    [
      ...withoutBlocks(read(page))
        .replace(/`[^`\n]*`/g, '')
        .matchAll(/\]\(([^)\s]+)\)/g),
    ]
      .map(([, target]) => target!)
      .filter((target) => !/^[a-z]+:/.test(target) && !isLinked(page, target))
      .map((target) => `${page}: ${target}`),
  );
  expect(wrong).toEqual([]);
});

/** A name is given from the root, from src, from the folder of who names it, or as the end of a path below that folder. */
function isThere(from: string, name: string): boolean {
  const folder = dirname(from);
  const below = folder === '.' ? '' : `${folder}/`;
  return (
    [name, join('src', name), join(folder, name)].some((path) => existsSync(join(root, path))) ||
    files.some((path) => path.startsWith(below) && path.endsWith(`/${name}`))
  );
}

const named = (text: string, ending: string): string[] =>
  [...text.matchAll(new RegExp(`(?<![\\w<*{}/.-])(?:\\.\\./)*[\\w./-]+\\.(?:${ending})\\b(?!\\.)`, 'g'))].map(
    ([name]) => name,
  );

test('every source file that a page names is there', () => {
  const wrong = pages
    .filter((page) => page !== 'CHANGELOG.md')
    .flatMap((page) =>
      named(withoutBlocks(read(page)), 'ts|circom')
        .filter((name) => !isThere(page, name))
        .map((name) => `${page}: ${name}`),
    );
  expect([...new Set(wrong)]).toEqual([]);
});

test('every page that code or a page cites is in the repository, and is cited by its path', () => {
  const wrong = [...pages, ...sources].flatMap((path) => {
    const text = read(path);
    const missing = named(text, 'md').filter(
      (name) => /[A-Z]{4,}\.md$/.test(name) && !pages.some((page) => basename(page) === basename(name)),
    );
    const bare = [
      ...text.matchAll(/\b(?:PROTOCOL|CONSENSUS|MARKET|STYLE)(?:'s?\b|:| §| \d| (?:names|says)\b)/g),
    ];
    return [...missing, ...bare.map(([cited]) => cited)].map((cited) => `${path}: ${cited}`);
  });
  expect(wrong).toEqual([]);
});
