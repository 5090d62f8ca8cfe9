/**
 * Looks at the package as strangers get it: publint and attw at the tarball, typedoc at the faces that package.json exports.
 *   npm run package:install && npm run package:check
 *   npm run docs:api                                     only the pages, into out/api
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const tools = join(root, 'bench/package/node_modules/.bin');
if (!existsSync(tools)) throw new Error('the tools are not there: npm run package:install');

function run(what: string, ...args: string[]): void {
  const { status } = spawnSync(what, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) throw new Error(`${what} ${args.join(' ')} ends with ${status}`);
}

/** Sources of the faces: what `exports` names in dist/. */
function faces(): string[] {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    exports: Record<string, { default: string } | string>;
  };
  return Object.values(exports).flatMap((target) =>
    typeof target === 'string' ? [] : [target.default.replace('./dist/', 'src/').replace(/\.js$/, '.ts')],
  );
}

run(
  join(tools, 'typedoc'),
  ...['--tsconfig', 'tsconfig.build.json', '--readme', 'none', '--out', 'out/api', '--name', 'velum'],
  ...['--disableGit', '--sourceLinkTemplate', 'src/{path}', '--excludeExternals', '--logLevel', 'Warn'],
  ...['--validation.notExported', 'false', '--treatWarningsAsErrors'],
  ...faces().flatMap((file) => ['--entryPoints', file]),
);
if (!process.argv.includes('--docs')) {
  const dir = mkdtempSync(join(tmpdir(), 'velum-package-'));
  try {
    run('npm', 'pack', '--ignore-scripts', '--silent', '--pack-destination', dir);
    const tarball = join(dir, readdirSync(dir)[0]!);
    run(join(tools, 'publint'), '--strict', tarball);
    // The package is ESM only, and `types` without `exports` was for TypeScript's old resolution.
    run(join(tools, 'attw'), tarball, '--profile', 'esm-only', '--format', 'ascii');
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
