import { execFileSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';

/** The commit that the program was built from. */
export interface SourceCommit {
  readonly commit: string;
  /** Whether files that the commit knows were changed since. */
  readonly isModified: boolean;
}

const ROOT = resolve(import.meta.dirname, '../..');

/**
 * @param root the program's own folder
 * @returns null without git, or where the program is no repository of its own, as an installed package
 */
export function sourceCommit(root: string = ROOT): SourceCommit | null {
  const git = (...args: string[]): string =>
    execFileSync('git', ['-C', root, ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  try {
    // Installed into somebody's repository it would name their commit.
    if (realpathSync(git('rev-parse', '--show-toplevel')) !== realpathSync(root)) return null;
    const commit = git('rev-parse', 'HEAD');
    return { commit, isModified: git('status', '--porcelain', '--untracked-files=no') !== '' };
  } catch {
    return null;
  }
}
