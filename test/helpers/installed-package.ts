import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

/** Paths of the files that `npm pack` takes. */
export function packedFiles(): string[] {
  const told = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [{ files }] = JSON.parse(told) as [{ files: readonly { readonly path: string }[] }];
  return files.map(({ path }) => path);
}

/** A folder in which the package is installed, with the packages it depends on and no others. */
export interface Installed {
  readonly dir: string;
  /** Where the package's files are. */
  readonly packageDir: string;
  /** A file of the project that uses the package. */
  write(path: string, text: string): void;
  remove(): void;
}

/**
 * What `npm install` of the tarball gives, without npm: the packed files, copied, beside links to the runtime dependencies alone, so that a
 * file that is not packed or a package that is for development only is missed.
 */
export function installPackage(files: readonly string[]): Installed {
  const dir = mkdtempSync(join(tmpdir(), 'velum-installed-'));
  const packageDir = join(dir, 'node_modules/velum');
  for (const path of files) cpSync(join(root, path), join(packageDir, path), { recursive: true });
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  for (const name of Object.keys(dependencies)) {
    const link = join(dir, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(root, 'node_modules', name), link);
  }
  return {
    dir,
    packageDir,
    write(path, text) {
      mkdirSync(dirname(join(dir, path)), { recursive: true });
      writeFileSync(join(dir, path), text);
    },
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}
