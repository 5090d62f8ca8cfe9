import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { FileError } from '../../base/errors.ts';
import { chartSvg } from '../../experiments/charts.ts';
import { type RunMachine, thisMachine } from '../../experiments/machine.ts';
import { dictionaryCsv, resultsCsv } from '../../experiments/results.ts';
import { rowSchema } from '../../experiments/row.ts';
import { type SourceCommit, sourceCommit } from '../../experiments/source-commit.ts';
import { readJson } from '../../formats/json-file.ts';
import { CliError } from '../errors.ts';
import { writeWholeFile } from '../files.ts';
import { readTextFile } from '../io.ts';
import type { LoadPlaces } from './latencies.ts';
import type { Extent } from './measure.ts';
import type { LoadPoint } from './point.ts';
import { LOAD_COLUMNS, loadCharts } from './results.ts';
import { type LoadRow, measurePoint } from './row.ts';

/** What must be equal for points of an earlier run to count. */
export interface LoadSettings {
  readonly version: string;
  /** Hash of the program's own files. */
  readonly program: string;
  readonly delay: LoadPlaces;
  readonly extent: Extent;
  readonly limitS: number;
  readonly machine: RunMachine;
}

/** What stands in run.json. */
interface LoadRecord extends LoadSettings {
  readonly velum: 'load run';
  readonly command: string;
  readonly source: SourceCommit | null;
  /** When the first point began and the last one ended, ISO 8601. */
  readonly started: string;
  readonly finished: string;
  /** Processes that wanted the processor in the minute before each of the beginnings of the run, the mean. */
  readonly loadBefore: readonly number[];
  readonly rows: readonly LoadRow[];
}

export const LOAD_FILES = ['run.json', 'results.csv', 'columns.csv', 'plot.svg'] as const;
const MAX_RECORD_BYTES = 1 << 22;
const recordSchema = z.looseObject({
  velum: z.literal('load run'),
  started: z.iso.datetime(),
  loadBefore: z.array(z.number()),
  rows: z.array(rowSchema),
});

const keyOf = ({ protocol, n, batch }: LoadPoint | LoadRow): string => `${protocol}/${n}/${batch}`;

/** The settings of this program on this machine. */
export const settingsOf = (given: Omit<LoadSettings, 'machine'>): LoadSettings => ({
  ...given,
  machine: thisMachine(),
});

/** Points measured one after the other into a folder; what an earlier run measured there with the same settings is kept. */
export class LoadRun {
  readonly rows: LoadRow[] = [];
  readonly #dir: string;
  readonly #settings: LoadSettings;
  readonly #command: string;
  #started = new Date().toISOString();
  #loadBefore: readonly number[] = [];

  private constructor(dir: string, settings: LoadSettings, command: string) {
    this.#dir = dir;
    this.#settings = settings;
    this.#command = command;
  }

  /**
   * @param fresh forget what is there
   * @throws {FileError} OUT_EXISTS if the folder holds a run of other settings, or another experiment's
   * @throws {CliError} EXPERIMENT_FILES if its run.json is not what a run writes
   */
  static async open(
    dir: string,
    settings: LoadSettings,
    { command, fresh }: { readonly command: string; readonly fresh: boolean },
  ): Promise<LoadRun> {
    const run = new LoadRun(dir, settings, command);
    const path = join(dir, 'run.json');
    const refuse = (what: string): never => {
      throw new FileError('OUT_EXISTS', `${dir} holds ${what}: name another --out, or --fresh`, {
        path: dir,
      });
    };
    if (existsSync(join(dir, 'results.json'))) refuse('a run of another experiment');
    if (!fresh && existsSync(path)) {
      const text = await readTextFile(path, MAX_RECORD_BYTES);
      const found = readJson(recordSchema, text, path, CliError.of('EXPERIMENT_FILES'));
      const kept = Object.fromEntries(Object.keys(settings).map((key) => [key, found[key]]));
      if (!isDeepStrictEqual(kept, JSON.parse(JSON.stringify(settings)))) refuse('a run of other settings');
      run.#started = found.started;
      run.#loadBefore = found.loadBefore;
      run.rows.push(...(found.rows as LoadRow[]));
    }
    run.#loadBefore = [...run.#loadBefore, Math.round(loadavg()[0]! * 100) / 100];
    return run;
  }

  /** Whether a point was measured before: one that was not finished in time is tried again. */
  has(point: LoadPoint): boolean {
    return this.rows.some((row) => row.outcome === 'measured' && keyOf(row) === keyOf(point));
  }

  /** Measures a point, and writes all that there is. */
  async measure(point: LoadPoint): Promise<LoadRow> {
    const { delay, extent, limitS } = this.#settings;
    const row = await measurePoint({ point, ms: delay.ms, extent, limitMs: limitS * 1000 });
    const before = this.rows.findIndex((each) => keyOf(each) === keyOf(point));
    this.rows.splice(before < 0 ? this.rows.length : before, before < 0 ? 0 : 1, row);
    await this.#writeRows();
    return row;
  }

  async #writeRows(): Promise<void> {
    const record: LoadRecord = {
      velum: 'load run',
      command: this.#command,
      ...this.#settings,
      source: sourceCommit(),
      started: this.#started,
      finished: new Date().toISOString(),
      loadBefore: this.#loadBefore,
      rows: this.rows,
    };
    await this.#write('run.json', `${JSON.stringify(record, null, 1)}\n`);
    await this.#write('results.csv', resultsCsv(this.rows));
  }

  /** What is drawn of the rows. */
  async finish(): Promise<void> {
    await this.#write('columns.csv', dictionaryCsv(LOAD_COLUMNS));
    // A run that starts over may have fewer sizes than the one before it.
    for (const name of await readdir(this.#dir))
      if (/^plot-\d+\.svg$/.test(name)) await rm(join(this.#dir, name));
    for (const [i, chart] of loadCharts(this.rows, this.#settings.delay.name).entries())
      await this.#write(i === 0 ? 'plot.svg' : `plot-${i + 1}.svg`, await chartSvg(chart));
  }

  #write(name: (typeof LOAD_FILES)[number] | `plot-${number}.svg`, text: string): Promise<void> {
    return writeWholeFile(join(this.#dir, name), text);
  }
}
