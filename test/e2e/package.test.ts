import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeExampleCircuit } from '../helpers/example-circuit.ts';
import { type Installed, installPackage, packedFiles } from '../helpers/installed-package.ts';

/** The package as a stranger has it: packed, installed, imported. The real `npm install` is in test/long. */

const root = resolve(import.meta.dirname, '../..');
const { exports, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  exports: Record<string, { types: string; default: string } | string>;
  version: string;
};
const faces = Object.entries(exports).flatMap(([path, target]) =>
  typeof target === 'string' || !target.types.endsWith('/index.d.ts')
    ? []
    : [{ room: path.replace('./', ''), ...target }],
);

let files: string[];
let installed: Installed;
beforeAll(async () => {
  files = packedFiles();
  installed = installPackage(files);
});
afterAll(() => installed.remove());

/** What a program prints, on both streams; one that fails says it. */
function run(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: installed.dir,
    encoding: 'utf8',
  });
  expect(status, `${stdout}${stderr}`).toBe(0);
  return `${stdout}${stderr}`;
}

describe('what is packed', () => {
  test('has the face of every room that exports names, and its types', () => {
    const named = faces.flatMap((face) => [face.types, face.default].map((path) => path.replace('./', '')));
    expect(named.filter((path) => !files.includes(path))).toEqual([]);
    expect(faces.map(({ room }) => room)).toEqual(
      expect.arrayContaining(['groth16', 'audit', 'crypto', 'market']),
    );
  });

  test('has what its pages link to', () => {
    const packed = new Set(files.flatMap((path) => [path, ...foldersOf(path)]));
    const wrong = files
      .filter((path) => path.endsWith('.md'))
      .flatMap((page) =>
        linksOf(readFileSync(join(root, page), 'utf8'))
          .filter((link) => !packed.has(join(dirname(page), link).replace(/\/$/, '')))
          .map((link) => `${page}: ${link}`),
      );
    expect(wrong).toEqual([]);
  });
});

const foldersOf = (path: string): string[] =>
  path.includes('/') ? [dirname(path), ...foldersOf(dirname(path))] : [];
const linksOf = (page: string): string[] => {
  const text = page.replace(/^(```|~~~)[\s\S]*?^\1/gm, '').replace(/`[^`\n]*`/g, '');
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => target!.split('#')[0]!)
    .filter((target) => target !== '' && !/^[a-z]+:/.test(target));
};

/** The examples of a room's comments, as TypeScript. */
function examplesOf(room: string): { readonly name: string; readonly code: string }[] {
  const folder = join(root, 'src', room);
  const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.ts'),
  );
  return sources.sort().flatMap((path) => {
    const comments = readFileSync(join(folder, path), 'utf8').match(/\/\*\*[\s\S]*?\*\//g) ?? [];
    return comments
      .filter((comment) => comment.includes('@example'))
      .flatMap((comment) => [...comment.replace(/^ *\* ?/gm, '').matchAll(/```ts\n([\s\S]*?)```/g)])
      .map(([, code], i) => ({
        name: `${room}-${path.replaceAll('/', '-').replace(/\.ts$/, '')}-${i}`,
        code: code!,
      }));
  });
}

const TSCONFIG = {
  compilerOptions: {
    target: 'ES2023',
    module: 'NodeNext',
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    verbatimModuleSyntax: true,
    types: ['node'],
    outDir: 'out',
  },
  include: ['*.mts'],
};

describe('the examples of the comments', () => {
  const examples = faces.flatMap(({ room }) => examplesOf(room));

  test('are there for every face', () => {
    const told = faces
      .map(({ room }) => room)
      .filter((room) => !examples.some(({ name }) => name === `${room}-index-0`));
    expect(told).toEqual([]);
  });

  test('compile in a strict project and do what they say', async () => {
    await writeExampleCircuit(installed.dir);
    installed.write('package.json', JSON.stringify({ name: 'stranger', type: 'module' }));
    installed.write('tsconfig.json', JSON.stringify(TSCONFIG));
    for (const { name, code } of examples) installed.write(`${name}.mts`, code);
    installed.write('all.mts', examples.map(({ name }) => `await import('./${name}.mjs');\n`).join(''));
    run(join(root, 'node_modules/typescript/bin/tsc'), '-p', '.');
    expect(run('out/all.mjs')).toBe('');
  });
});

test('the installed command tells its version', () => {
  expect(run('node_modules/velum/dist/cli/main.js', '--version')).toBe(`${version}\n`);
});
