import { createHash } from 'node:crypto';
import { linkSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { OWN_FILE, readOwnFile, withPath } from './durable-files.ts';
import { NodeError } from './errors.ts';

/** Name of the file that says which process has a validator's folder. */
export const LOCK_FILE = 'lock';
const MAX_LOCK_BYTES = 1024;

/**
 * A folder that one process has, until it gives it back or dies. The file names the machine, the process and, on Linux, when that
 * process started, so that its number may be another's later. Who finds the lock of a dead process of the same machine takes it over;
 * one of another machine (or container) cannot be judged and stands until it is removed by hand. Where there is no /proc the number of
 * the process decides alone: a lock may then stand although its process is dead, and never the other way round. The file appears whole,
 * by a hard link: a file system without those (FAT, some network shares) keeps no validator.
 */
export class FolderLock {
  readonly #path: string;

  /** @throws {NodeError} NODE_FOLDER_LOCKED; {FileError} FILE_UNWRITABLE */
  constructor(dir: string) {
    this.#path = join(dir, LOCK_FILE);
    withPath('FILE_UNWRITABLE', this.#path, () => {
      const own = `${this.#path}.${process.pid}`;
      writeFileSync(own, ownText(), { mode: OWN_FILE });
      try {
        if (!links(own, this.#path)) this.#takeOver(own);
      } finally {
        rmSync(own, { force: true });
      }
      this.#tidy(dir);
    });
  }

  /** Gives the folder back. */
  release(): void {
    rmSync(this.#path, { force: true });
  }

  /**
   * Puts one's own lock in the place of a dead process'. Only one at a time may: a second one would remove the first one's. So it claims
   * first to come after the dead one; where that claim is taken and its process died too, to come after that one, and so on.
   */
  #takeOver(own: string): void {
    const dead = this.#deadHolder();
    const claim = dead === undefined ? undefined : this.#claim(own, dead);
    try {
      // Whoever came after the dead one in the meantime has the claim no more, but the lock.
      if (this.#deadHolder() !== dead) throw faster(this.#path);
      if (dead !== undefined) rmSync(this.#path, { force: true });
      if (!links(own, this.#path)) throw faster(this.#path);
    } finally {
      if (claim !== undefined) rmSync(claim, { force: true });
    }
  }

  /** What the lock says; undefined if it is gone. @throws {NodeError} NODE_FOLDER_LOCKED if its process may live */
  #deadHolder(): string | undefined {
    const text = textAt(this.#path);
    if (text !== undefined && isHeld(text)) throw locked(this.#path, text);
    return text;
  }

  /** @returns the file that says that this process comes after a dead one */
  #claim(own: string, dead: string): string {
    for (let before = dead; ; ) {
      const name = createHash('sha256').update(before).digest('hex').slice(0, 16);
      const claim = `${this.#path}.after-${name}`;
      if (links(own, claim)) return claim;
      const text = textAt(claim);
      if (text === undefined) throw faster(this.#path);
      if (isHeld(text)) throw locked(claim, text);
      before = name + text;
    }
  }

  /** Removes what dead processes left beside the lock. */
  #tidy(dir: string): void {
    for (const name of readdirSync(dir)) {
      if (!name.startsWith(`${LOCK_FILE}.`)) continue;
      const text = textAt(join(dir, name));
      if (text !== undefined && !isHeld(text)) rmSync(join(dir, name), { force: true });
    }
  }
}

function textAt(path: string): string | undefined {
  const file = readOwnFile(path, MAX_LOCK_BYTES);
  return file && new TextDecoder().decode(file.bytes);
}

const faster = (path: string) => locked(path, 'another process that was faster');

const locked = (path: string, holder: string) =>
  new NodeError(
    'NODE_FOLDER_LOCKED',
    `the folder of this validator belongs to ${holder}: stop that one first, for two on one folder would contradict each other. ` +
      `If you are certain that it no longer runs, remove ${path}`,
    { path },
  );

const ownText = (): string =>
  `process ${process.pid} of ${hostname()}, started ${startOfProcess(process.pid) ?? 'some time'}`;

/** Whether the process that a lock names may live. What cannot be read is a lock as well. */
function isHeld(text: string): boolean {
  const [, pid, host, start] = /^process (\d+) of (.+), started (.+)$/.exec(text) ?? [];
  if (pid === undefined || host !== hostname()) return true;
  if (!isProcess(Number(pid))) return false;
  const now = startOfProcess(Number(pid));
  return now === undefined || now === start;
}

/** Whether a process has this number and is no dead one that waits for its parent to notice. */
export function isProcess(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
  return statOf(pid)?.[0] !== 'Z';
}

/** Boot and clock tick in which a process started, on Linux: field 22 of its stat. */
export function startOfProcess(pid: number): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const tick = statOf(pid)?.[19];
    return tick === undefined ? undefined : `${boot}/${tick}`;
  } catch {
    return undefined;
  }
}

/** What Linux says of a process, from its state on; undefined elsewhere. Its name, field 2, may hold anything. */
function statOf(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

/** Gives a file a second name. @returns false if the name is taken */
function links(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
