import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

/** Which rooms a room may import from: the house's import table. A room may always import from itself. */
const pure = ['params', 'base', 'crypto', 'consensus', 'market', 'ledger', 'validator'];
const IMPORTS: Record<string, readonly string[]> = {
  params: [],
  base: ['params'],
  crypto: ['params', 'base'],
  consensus: ['params', 'base', 'crypto'],
  market: ['params', 'base'],
  ledger: ['params', 'base', 'crypto', 'market'],
  validator: ['params', 'base', 'crypto', 'consensus', 'market', 'ledger'],
  wasm: ['params', 'base'],
  groth16: ['params', 'base', 'wasm'],
  audit: ['params', 'base', 'groth16'],
  project: ['params', 'base', 'groth16', 'audit'],
  testing: ['params', 'base', 'groth16', 'audit', 'project'],
  proofs: ['params', 'base', 'crypto', 'ledger', 'groth16', 'audit', 'wasm', 'project'],
  client: ['params', 'base', 'crypto', 'market', 'ledger', 'proofs'],
  formats: ['params', 'base', 'crypto', 'market', 'ledger', 'validator'],
  host: pure,
  sim: [...pure, 'host'],
  committee: [...pure, 'host', 'sim', 'client'],
  net: ['params', 'base', 'host'],
  node: [...pure, 'host', 'wasm', 'groth16', 'proofs', 'net'],
  experiments: [...pure, 'host', 'wasm', 'groth16', 'proofs', 'sim', 'committee'],
  queue: ['params', 'base', 'formats', 'groth16', 'project', 'experiments'],
  // Runs in browsers, and nobody imports it: a node serves what the build makes of it.
  page: [...pure, 'wasm', 'groth16', 'proofs', 'client', 'formats'],
  cli: [
    ...pure,
    'host',
    'wasm',
    'groth16',
    'audit',
    'testing',
    'project',
    'proofs',
    'client',
    'formats',
    'sim',
    'committee',
    'net',
    'node',
    'experiments',
    'queue',
  ],
};
const PURE_ROOMS = [...pure, 'host', 'sim', 'committee'];

/** What equal inputs must not depend on; matched in code without comments and strings. */
const IMPURE: readonly (readonly [RegExp, string])[] = [
  [/\bDate\b/, 'a clock'],
  [/\bperformance\b/, 'a clock'],
  [/\bMath\.random\b/, 'entropy'],
  [/\bcrypto\.(getRandomValues|randomBytes|subtle)\b/, 'entropy'],
  [/\bprocess\b/, 'the environment'],
  [/\bawait\b|\basync\b|\bPromise\b/, 'await'],
  [/\bset(Timeout|Interval|Immediate)\b/, 'a clock'],
  [/\bconsole\b/, 'I/O'],
  [/\bfetch\s*\(/, 'I/O'],
];
const IMPURE_MODULES = /^(node:|snarkjs|ffjavascript|classic-level|pino|prom-client|fastify|@peculiar)/;

const root = resolve(import.meta.dirname, '..');
const src = join(root, 'src');

function filesBelow(dir: string): string[] {
  return readdirSync(dir).flatMap((name) => {
    const path = join(dir, name);
    if (name === 'node_modules') return [];
    return statSync(path).isDirectory() ? filesBelow(path) : /\.tsx?$/.test(path) ? [path] : [];
  });
}

const stripComments = (text: string): string =>
  text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[^:'"`])\/\/.*$/gm, '$1');
const stripStrings = (text: string): string =>
  text
    .replace(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g, "''")
    .replace(/`(?:[^`\\]|\\.)*`/g, (t) => [...t.matchAll(/\$\{([^}]*)\}/g)].map((m) => m[1]).join(' '));
const importsOf = (text: string): string[] =>
  [...stripComments(text).matchAll(/(?:from|import)\s*\(?\s*['"]([^'"]+)['"]/g)].map((m) => m[1]!);
/** Without what is there for types alone. */
const runtimeImportsOf = (text: string): string[] =>
  importsOf(stripComments(text).replace(/\b(?:im|ex)port type [^;]*;/g, ''));
const roomOf = (file: string): string => relative(src, file).split('/')[0]!;

/** Sources of WebAssembly are of another language: checked by its compiler, and here not at all. */
const ASSEMBLY = join(src, 'wasm/assembly');
const files = filesBelow(src).filter((file) => !file.startsWith(ASSEMBLY));

/** What a browser gets in place of a file of the same name: it exports the same. */
const isTwin = (file: string): boolean =>
  file.endsWith('.browser.ts') && files.includes(file.replace('.browser.ts', '.ts'));
const valuesOf = (file: string): string[] =>
  [...readFileSync(file, 'utf8').matchAll(/^export (?:async )?(?:const|function) (\w+)/gm)].map((m) => m[1]!);

describe('the house', () => {
  test('what a browser gets in place of a file exports the same, and the package says so to whoever bundles it', () => {
    const twins = files.filter(isTwin);
    const built = (file: string): string => `./dist/${relative(src, file).replace(/\.ts$/, '.js')}`;
    const { browser } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const originals = twins.map((twin) => twin.replace('.browser.ts', '.ts'));
    expect(browser).toEqual(Object.fromEntries(originals.map((file, i) => [built(file), built(twins[i]!)])));
    for (const [i, twin] of twins.entries())
      expect(valuesOf(originals[i]!), twin).toEqual(expect.arrayContaining(valuesOf(twin)));
  });

  test('what browsers may bundle needs no module of Node: all faces but those for audits, tests and experiments', () => {
    const faces = ['client', 'groth16', 'market', 'crypto', 'consensus', 'sim', 'committee'];
    const found = faces.map((room) => join(src, room, 'index.ts'));
    const needed = new Set<string>();
    for (const file of found)
      for (const spec of runtimeImportsOf(readFileSync(file, 'utf8'))) {
        if (spec.startsWith('node:')) needed.add(`${relative(root, file)} imports ${spec}`);
        if (!spec.startsWith('.')) continue;
        const named = resolve(dirname(file), spec);
        const twin = named.replace(/\.ts$/, '.browser.ts');
        const next = files.includes(twin) ? twin : named;
        if (!found.includes(next)) found.push(next);
      }
    expect([...needed]).toEqual([]);
    expect(found.filter(isTwin).length).toBeGreaterThan(4);
  });

  test('has only rooms that the import table knows', () => {
    expect(readdirSync(src).filter((name) => !(name in IMPORTS))).toEqual([]);
  });

  test('imports follow the table: no arrow upwards', () => {
    const wrong = files.flatMap((file) =>
      importsOf(readFileSync(file, 'utf8'))
        .filter((spec) => spec.startsWith('.'))
        .map((spec) => roomOf(resolve(dirname(file), spec)))
        .filter((to) => to !== roomOf(file) && !IMPORTS[roomOf(file)]?.includes(to))
        .map((to) => `${relative(root, file)} imports ${to}`),
    );
    expect(wrong).toEqual([]);
  });

  test('imports make no circle', () => {
    const graph = new Map(
      files.map((file) => [
        file,
        importsOf(readFileSync(file, 'utf8'))
          .filter((spec) => spec.startsWith('.'))
          .map((spec) => resolve(dirname(file), spec)),
      ]),
    );
    const done = new Set<string>();
    const circles: string[] = [];
    const visit = (file: string, path: readonly string[]): void => {
      if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' > '));
      if (done.has(file) || path.includes(file)) return;
      for (const next of graph.get(file) ?? []) visit(next, [...path, file]);
      done.add(file);
    };
    for (const file of files) visit(file, []);
    expect(circles).toEqual([]);
  });

  test('the pure core has no clock, entropy, environment, await or I/O', () => {
    const wrong = files
      .filter((file) => PURE_ROOMS.includes(roomOf(file)))
      .flatMap((file) => {
        const text = readFileSync(file, 'utf8');
        const code = stripStrings(stripComments(text));
        const modules = importsOf(text).filter((spec) => IMPURE_MODULES.test(spec));
        const words = IMPURE.filter(([pattern]) => pattern.test(code)).map(([, what]) => what);
        return [...modules, ...words].map((what) => `${relative(root, file)}: ${what}`);
      });
    expect(wrong).toEqual([]);
  });

  // Node 24 rounds other powers otherwise than Node 20 does. Powers of two and squares are exact in both.
  test('what has to give equal bytes takes no power whose last digit depends on the version of Node', () => {
    const inexact = /(?<!\b(?:2|10|ARITY|[0-9]+n)) \*\* (?!2\b|[0-9]+n)|\bMath\.pow\b/;
    const wrong = files
      .filter((file) => [...PURE_ROOMS, 'experiments'].includes(roomOf(file)))
      .filter((file) => inexact.test(stripStrings(stripComments(readFileSync(file, 'utf8')))));
    expect(wrong.map((file) => relative(root, file))).toEqual([]);
  });

  test('an error code is declared by one room, named by itself, and thrown', () => {
    const all = files.map((file) => ({ file, text: readFileSync(file, 'utf8') }));
    const codes = all
      .filter(({ file }) => file.endsWith('/errors.ts'))
      .flatMap(({ file, text }) =>
        [...text.matchAll(/^ {2}([A-Z][A-Z0-9_]+): code/gm)].map((m) => [m[1]!, file] as const),
      );
    expect(codes.length).toBeGreaterThan(50);
    const exits = readFileSync(join(src, 'cli/exit-codes.ts'), 'utf8');
    const rooms = new Set(
      codes.map(([, file]) => (roomOf(file) === 'cli' ? './errors.ts' : `../${roomOf(file)}/errors.ts`)),
    );
    expect([...rooms].filter((room) => !exits.includes(`'${room}'`))).toEqual([]);
    const names = codes.map(([name]) => name);
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
    const unused = codes.filter(
      ([name, file]) =>
        !all.some(
          (other) => (other.file !== file || name === 'ASSERTION') && other.text.includes(`'${name}'`),
        ),
    );
    expect(unused).toEqual([]);
  });

  test('files are kebab-case, at most 400 lines, and no barrel but the face of a whole folder', () => {
    const isFace = (file: string): boolean =>
      /^src\/[a-z0-9]+\/index\.ts$/.test(relative(root, file)) &&
      readFileSync(file, 'utf8')
        .replace(/\/\*[\s\S]*?\*\//g, '')
        .split(/;\n/)
        .every((statement) => /^\s*(export (type )?\{[^}]*\} from '\.[^']*'|)$/.test(statement.trim()));
    const wrong = files.filter(
      (file) =>
        !/^[a-z0-9]+([.-][a-z0-9]+)*\.tsx?$/.test(relative(dirname(file), file)) ||
        (relative(dirname(file), file) === 'index.ts' && !isFace(file)) ||
        /from '\.[^']*\/index\.ts'/.test(readFileSync(file, 'utf8')) ||
        readFileSync(file, 'utf8').split('\n').length > 400,
    );
    expect(wrong.map((file) => relative(root, file))).toEqual([]);
  });

  test('tests and scripts have at most 400 lines a file as well', () => {
    const others = ['test', 'scripts', 'bench'].flatMap((folder) => filesBelow(join(root, folder)));
    const long = others.filter((file) => readFileSync(file, 'utf8').split('\n').length > 400);
    expect(long.map((file) => relative(root, file))).toEqual([]);
  });

  test('an exported name has one definition; in the pure rooms nothing else has its name', () => {
    const declared =
      /^(export )?(?:abstract |async )?(?:const|let|function\*?|class|interface|type|enum) ([\w$]+)/gm;
    const found = files
      .filter((file) => !isTwin(file))
      .flatMap((file) =>
        [...readFileSync(file, 'utf8').matchAll(declared)].map(([, exported, name]) => ({
          name: name!,
          file: relative(root, file),
          isExported: exported !== undefined,
          isPure: PURE_ROOMS.includes(roomOf(file)),
        })),
      );
    const wrong = found
      .filter(({ isExported }) => isExported)
      .flatMap((one) =>
        found
          .filter(({ name, file }) => name === one.name && file !== one.file)
          .filter((other) => other.isExported || (one.isPure && other.isPure))
          .map(({ file }) => `${one.name} in ${one.file} and ${file}`),
      );
    expect(wrong).toEqual([]);
  });

  test('folders are made by makeFolders: the recursive mkdir of Node never returns where there can be none', () => {
    const wrong = files.filter((file) => /mkdir(Sync)?\([^;]*recursive/.test(readFileSync(file, 'utf8')));
    expect(wrong.map((file) => relative(root, file))).toEqual([]);
  });

  test('relative imports name the file that is there', () => {
    const wrong = files.flatMap((file) =>
      importsOf(readFileSync(file, 'utf8')).filter(
        // What stands behind ? tells Vite what to make of the file.
        (spec) => spec.startsWith('.') && !existsSync(resolve(dirname(file), spec.replace(/\?.*$/, ''))),
      ),
    );
    expect(wrong).toEqual([]);
  });
});
