import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Dealt } from '../../committee/dealer.ts';
import { atExit } from '../../groth16/at-exit.ts';
import { chainHash } from '../../ledger/chain-genesis.ts';
import { FileSafe } from '../../node/file-safe.ts';
import { LOCK_FILE } from '../../node/folder-lock.ts';
import { eraseSecretFile, secretFileOf } from '../../node/secret-file.ts';
import type { OutFile } from './types.ts';

/**
 * The folders of the members of a run's registry, each a safe: their secrets, and a store for each epoch in which they validate. They are in a
 * directory of their own while the run lasts, and become `logs/validator-<i>/` of its output, for member i.
 */
export class RunFolders {
  readonly safes: readonly FileSafe[];
  readonly #dir = mkdtempSync(join(tmpdir(), 'velum-'));
  readonly #forget = atExit(() => this.#erase());

  /** Makes the folders, with the stores and the keys of those who validate the first epoch. */
  constructor({ chain, epoch, secrets }: Pick<Dealt, 'chain' | 'epoch' | 'secrets'>) {
    const name = chainHash(chain);
    this.safes = chain.registry.map((_, member) => {
      return new FileSafe(this.#folder(member), { chainHash: name, member });
    });
    for (const [i, { registryIndex }] of epoch.validators.entries()) {
      const safe = this.safes[registryIndex]!;
      safe.store(epoch.epoch);
      safe.put('keys', epoch.epoch, secrets[i]!);
    }
  }

  /** The folders as files of the output, but for those of members that never had anything to keep. */
  files(): OutFile[] {
    return this.safes.flatMap((_, member) =>
      filesBelow(this.#folder(member))
        .filter((path) => path.split('/').at(-1) !== LOCK_FILE)
        .map((path) => ({
          path: `logs/validator-${member}/${path}`,
          text: readFileSync(join(this.#folder(member), path)),
          isPrivate: true,
        })),
    );
  }

  close(): void {
    for (const safe of this.safes) safe.close();
    this.#erase();
    this.#forget();
  }

  #folder(member: number): string {
    return join(this.#dir, `validator-${member}`);
  }

  /** The output's copy of the keys is the one that stays. */
  #erase(): void {
    for (const path of filesBelow(this.#dir))
      if (secretFileOf(path.split('/').at(-1)!) !== undefined) eraseSecretFile(join(this.#dir, path));
    rmSync(this.#dir, { recursive: true, force: true });
  }
}

const filesBelow = (dir: string): string[] =>
  readdirSync(dir, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory()
      ? filesBelow(join(dir, entry.name)).map((path) => `${entry.name}/${path}`)
      : [entry.name],
  );
