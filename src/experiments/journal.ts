import { appendFileSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { FileError } from '../base/errors.ts';
import { makeFolders } from '../groth16/make-folders.ts';
import type { GridChange } from './changed-grid.ts';
import { isFound } from './check-rows.ts';
import type { Experiment, Job, Measured } from './define.ts';
import type { OwnFile } from './own-module.ts';
import { type Row, rowSchema } from './row.ts';

/** What one job found and how long it took. */
export interface Done {
  readonly key: string;
  readonly ms: number;
  readonly rows: readonly Row[];
}

/** One of so many parts of a run, from 1: every so-manieth job. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

export const JOURNAL_FILE = 'jobs.jsonl';
export const jobKey = ({ point, seed }: Job): string => JSON.stringify([point, seed]);

/** What must be equal for jobs of an earlier run to count. */
export interface JournalHead {
  readonly id: string;
  readonly quick: boolean;
  /** What is changed in the grid, if anything is. */
  readonly set?: GridChange;
  /** The file of an experiment of one's own. */
  readonly file?: OwnFile;
  /** A part of the run's jobs. */
  readonly shard?: Shard;
  /** Hash of the program's own files. */
  readonly program: string;
}

/**
 * The finished jobs of a run, a line each, written as they finish: what a run that was cut short goes on from. A line that was
 * cut short itself, or damaged, counts for nothing: its job runs again.
 */
export class JobJournal {
  readonly done = new Map<string, Done>();
  measured: Measured | undefined;
  /** When its first job began, ISO 8601. */
  started: string | undefined;
  private readonly dir: string;
  private readonly path: string;

  /**
   * @param experiment the one whose rows are kept
   * @param fresh      forget what is there
   * @throws {FileError} OUT_EXISTS if the directory holds another experiment's run, or one of another version of the program;
   *                      FILE_UNREADABLE, FILE_UNWRITABLE
   */
  constructor(dir: string, head: JournalHead, experiment: Experiment, fresh: boolean) {
    this.dir = dir;
    this.path = join(dir, JOURNAL_FILE);
    this.attempt('FILE_UNWRITABLE', 'make', dir, () => makeFolders(dir));
    if (fresh) this.write('replace', () => rmSync(this.path, { force: true }));
    if (existsSync(this.path)) this.resume(head, experiment);
    else this.write('write', () => writeFileSync(this.path, `${JSON.stringify(head)}\n`));
  }

  private resume(head: JournalHead, experiment: Experiment): void {
    const text = this.attempt('FILE_UNREADABLE', 'read', this.path, () => {
      // Nothing would end the wait for a pipe's writer.
      if (!statSync(this.path).isFile()) throw new Error('it is no file');
      return readFileSync(this.path, 'utf8');
    });
    const [first = '', ...lines] = text.split('\n');
    if (first !== JSON.stringify(head)) {
      const help = 'start over with --fresh or choose another directory with --out DIR';
      throw new FileError(
        'OUT_EXISTS',
        `${this.dir} holds a run of something else, or of another version: ${help}`,
        { path: this.dir },
      );
    }
    const whole = [first];
    const schema = lineSchema(experiment);
    for (const line of lines) {
      const entry = parsed(line, schema);
      if (entry === undefined) continue;
      whole.push(line);
      if ('measured' in entry) this.measured = entry.measured;
      else if ('started' in entry) this.started = entry.started;
      else this.done.set(entry.key, entry);
    }
    this.write('write', () => writeFileSync(this.path, `${whole.join('\n')}\n`));
  }

  add(done: Done): void {
    this.done.set(done.key, done);
    this.write('write', () => appendFileSync(this.path, `${JSON.stringify(done)}\n`));
  }

  setStarted(started: string): void {
    this.started = started;
    this.write('write', () => appendFileSync(this.path, `${JSON.stringify({ started })}\n`));
  }

  setMeasured(measured: Measured): void {
    this.measured = measured;
    this.write('write', () => appendFileSync(this.path, `${JSON.stringify({ measured })}\n`));
  }

  private write(verb: string, act: () => void): void {
    this.attempt('FILE_UNWRITABLE', verb, this.path, act);
  }

  private attempt<T>(
    code: 'FILE_UNREADABLE' | 'FILE_UNWRITABLE',
    verb: string,
    path: string,
    act: () => T,
  ): T {
    try {
      return act();
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      const message = `cannot ${verb} ${path}: ${reason}; put that right or choose another directory with --out DIR`;
      throw new FileError(code, message, { path: this.dir }, cause);
    }
  }
}

/** The finished jobs that a journal holds, whatever run it is of. @param text of the file */
export function jobsIn(text: string, experiment: Experiment): Done[] {
  const schema = lineSchema(experiment);
  return text
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const entry = parsed(line, schema);
      return entry !== undefined && 'key' in entry ? [entry] : [];
    });
}

/** What one job of an experiment found, as a file or another machine tells it: rows with its columns and no other. */
export const foundSchema = (experiment: Experiment) =>
  z.object({ ms: z.number(), rows: z.array(rowSchema.refine((each) => isFound(experiment, each))).min(1) });

export const measuredSchema: z.ZodType<Measured> = z.record(z.string(), z.number());

const lineSchema = (experiment: Experiment) =>
  z.union([
    z.object({ measured: measuredSchema }),
    z.object({ started: z.iso.datetime() }),
    foundSchema(experiment).extend({ key: z.string() }),
  ]);

function parsed<T>(line: string, schema: z.ZodType<T>): T | undefined {
  try {
    return schema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
