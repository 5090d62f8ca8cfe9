import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/** The package in a stranger's folder, installed by npm from its tarball, from the first command on. */

const root = resolve(import.meta.dirname, '../..');
const bin = join(root, 'node_modules/.bin');
const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  exports: Record<string, object | string>;
};

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'velum-stranger-'));
  mkdirSync(join(dir, 'project'));
  expect(run(root, 'npm', 'pack', '--ignore-scripts', '--silent', '--pack-destination', dir).status).toBe(0);
  const [tarball] = readdirSync(dir).filter((name) => name.endsWith('.tgz'));
  shown('npm', 'init', '-y');
  shown('npm', 'install', '--no-audit', '--no-fund', '--prefer-offline', join(dir, tarball!));
  shown('npx', 'velum', 'init');
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** Runs a program under the Node of this test, without what this test's runner has set. */
function run(cwd: string, what: string, ...args: string[]) {
  const { CI: _, NODE_OPTIONS: __, ...env } = process.env;
  const PATH = `${dirname(process.execPath)}:${env['PATH'] ?? ''}`;
  return spawnSync(what, args, { cwd, encoding: 'utf8', env: { ...env, PATH }, maxBuffer: 1 << 26 });
}

/** Runs a program that must succeed in the stranger's folder. */
function shown(what: string, ...args: string[]): string {
  const { status, stdout, stderr } = run(join(dir, 'project'), what, ...args);
  expect(status, `${what} ${args.join(' ')}\n${stdout}${stderr}`).toBe(0);
  return stdout;
}

const file = (path: string): string => join(dir, 'project', path);

describe('an empty folder with the package', () => {
  test('is no tree of sources to be compiled: nothing was built by its install', () => {
    expect(existsSync(file('node_modules/typescript'))).toBe(false);
    expect(existsSync(file('node_modules/velum/node_modules/typescript'))).toBe(false);
  });

  test('is green after velum init: velum test, and the example test under node --test', () => {
    expect(shown('npx', 'velum', 'test')).toContain('1 passed, 0 failed');
    expect(shown('node', '--test')).toMatch(/^# pass 3$/m);
  });

  test('lists circuits and knows every command', () => {
    const [, listed] = shown('npx', 'velum', '--help').split(/^(?:Commands|Examples):$/m);
    const commands = [...listed!.matchAll(/^ {2}([a-z][a-z-]*) /gm)].map(([, name]) => name!);
    expect(commands).toEqual(
      expect.arrayContaining(['epoch', 'audit', 'circuits', 'prove', 'test', 'init', 'bench']),
    );
    for (const name of commands) expect(shown('npx', 'velum', name, '--help')).toContain(`velum ${name}`);
    expect(shown('npx', 'velum', 'circuits', 'list')).toContain('covers');
    expect(shown('npx', 'velum', 'epoch', '--check')).not.toBe('');
  });
});

/** What a change of the example project must turn red. */
const PLANTED: readonly (readonly [what: string, change: () => void])[] = [
  [
    'an arrow that constrains nothing',
    () => swap('circuits/covers.circom', 'commitment <== hash', 'commitment <-- hash'),
  ],
  ['a constraint that is gone', () => swap('circuits/covers.circom', /^.*restBits.*$/gm, '')],
  [
    'a comparison of what has no range',
    () => {
      swap('circuits/covers.circom', /^.*(restBits|balanceBits).*$/gm, '');
      swap('circuits/covers.circom', 'bitify', 'comparators');
      const comparison =
        'component le = LessEqThan(n);\n le.in[0] <== amount;\n le.in[1] <== balance;\n le.out === 1;\n';
      swap('circuits/covers.circom', 'component amountBits', `${comparison}component amountBits`);
    },
  ],
  ['another order of public signals', () => swap('circuits.json', '["amount"]', '["salt", "amount"]')],
];

function swap(path: string, from: string | RegExp, to: string): void {
  const before = readFileSync(file(path), 'utf8');
  const after = before.replace(from, to);
  expect(after).not.toBe(before);
  writeFileSync(file(path), after);
}

describe('velum test in it', () => {
  test.each(PLANTED)('turns red for %s, with the line of the source', (_, change) => {
    const sources = ['circuits.json', 'circuits/covers.circom'].map(
      (path) => [path, readFileSync(file(path))] as const,
    );
    try {
      change();
      const { status, stdout } = run(join(dir, 'project'), 'npx', 'velum', 'test');
      expect(status).toBe(1);
      expect(stdout).toMatch(/^ +circuits\/covers\.circom:\d+: /m);
    } finally {
      for (const [path, text] of sources) writeFileSync(file(path), text);
    }
    expect(shown('npx', 'velum', 'test')).toContain('1 passed, 0 failed');
  });
});

describe('a strict NodeNext project in it', () => {
  test('imports every face, with types, and runs what it compiled', () => {
    const paths = Object.keys(exports).filter((path) => !/package\.json|fast-check/.test(path));
    const names = paths.map((path) => `velum${path.slice(1)}`);
    const text = [
      ...names.map((name, i) => `import * as face${i} from '${name}';`),
      "import { type Account, equity } from 'velum/market';",
      'const account: Account = { cash: 5n, sequence: 0n, positions: new Map() };',
      '// @ts-expect-error a type is a type: cash is no text',
      "export const wrong: Account = { ...account, cash: '5' };",
      `console.log(equity(account, []), [${names.map((_, i) => `face${i}`).join(', ')}].map((face) => Object.keys(face).length > 0).join());`,
    ].join('\n');
    writeFileSync(file('use.mts'), text);
    const strict = [
      '--strict',
      '--module',
      'nodenext',
      '--target',
      'es2023',
      '--types',
      'node',
      '--outDir',
      'out',
    ];
    shown('node', join(bin, 'tsc'), ...strict, '--ignoreConfig', 'use.mts');
    expect(shown('node', 'out/use.mjs')).toBe(`5n ${names.map(() => 'true').join()}\n`);
  });
});

test('publint, attw and typedoc find nothing, where they are installed', ({ skip }) => {
  if (!existsSync(join(root, 'bench/package/node_modules'))) skip('npm run package:install');
  const { status, stdout, stderr } = run(root, join(bin, 'tsx'), 'scripts/package-check.ts');
  expect(status, `${stdout}${stderr}`).toBe(0);
});
