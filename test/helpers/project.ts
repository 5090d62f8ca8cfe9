import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../../src/proofs/compile.ts';
import { type Swap, swapped } from './mutant.ts';

/** A stranger's project in a folder of its own, far from this repository. */
export interface OwnProject {
  readonly dir: string;
  /** Changes a file, as an editor does: each piece stands there once. */
  edit(file: string, ...swaps: readonly Swap[]): Promise<void>;
  remove(): Promise<void>;
}

/** A project with one circuit, `withdraw`, whose tests pass. */
export async function withdrawProject(): Promise<OwnProject> {
  const dir = await mkdtemp(join(tmpdir(), 'velum-project-'));
  await cp(join(root, 'test/helpers/withdraw-project'), dir, { recursive: true });
  return {
    dir,
    async edit(file, ...swaps) {
      const path = join(dir, file);
      await writeFile(path, swapped(await readFile(path, 'utf8'), swaps));
    },
    remove: () => rm(dir, { recursive: true, force: true }),
  };
}
