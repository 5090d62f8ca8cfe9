import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { VelumError } from '../base/errors.ts';
import type { Job, Measured } from './define.ts';
import type { Row } from './row.ts';

/** What one job found and how long it took. */
export interface Done {
  readonly key: string;
  readonly ms: number;
  readonly rows: readonly Row[];
}

export const JOURNAL_FILE = 'jobs.jsonl';
export const keyOf = ({ point, seed }: Job): string => JSON.stringify([point, seed]);

/** What must be equal for jobs of an earlier run to count. */
export interface JournalHead {
  readonly id: string;
  readonly quick: boolean;
  /** Hash of the program's own files. */
  readonly program: string;
}

/**
 * The finished jobs of a run, a line each, written as they finish: what a run that was cut short goes on from. A line that was
 * cut short itself counts for nothing.
 */
export class Journal {
  readonly done = new Map<string, Done>();
  measured: Measured | undefined;
  private readonly path: string;

  /**
   * @param fresh forget what is there
   * @throws {VelumError} OUT_EXISTS if the directory holds another experiment's run, or one of another version of the program
   */
  constructor(dir: string, head: JournalHead, fresh: boolean) {
    this.path = join(dir, JOURNAL_FILE);
    try {
      mkdirSync(dir, { recursive: true });
    } catch (cause) {
      throw new VelumError(
        'FILE_UNWRITABLE',
        `cannot make ${dir}: choose another with --out DIR`,
        { dir },
        cause,
      );
    }
    if (fresh) rmSync(this.path, { force: true });
    if (existsSync(this.path)) this.resume(dir, head);
    else writeFileSync(this.path, `${JSON.stringify(head)}\n`);
  }

  private resume(dir: string, head: JournalHead): void {
    const [first = '', ...lines] = readFileSync(this.path, 'utf8').split('\n');
    if (first !== JSON.stringify(head)) {
      const help = 'start over with --fresh or choose another directory with --out DIR';
      throw new VelumError(
        'OUT_EXISTS',
        `${dir} holds a run of something else, or of another version: ${help}`,
        { dir },
      );
    }
    const whole = [first];
    for (const line of lines) {
      const entry = parsed(line);
      if (entry === undefined) continue;
      whole.push(line);
      if ('measured' in entry) this.measured = entry.measured;
      else this.done.set(entry.key, entry);
    }
    writeFileSync(this.path, `${whole.join('\n')}\n`);
  }

  add(done: Done): void {
    this.done.set(done.key, done);
    appendFileSync(this.path, `${JSON.stringify(done)}\n`);
  }

  setMeasured(measured: Measured): void {
    this.measured = measured;
    appendFileSync(this.path, `${JSON.stringify({ measured })}\n`);
  }
}

function parsed(line: string): Done | { readonly measured: Measured } | undefined {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
