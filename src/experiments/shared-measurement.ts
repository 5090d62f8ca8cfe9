import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { FileError } from '../base/errors.ts';
import type { Measured } from './define.ts';

const schema = z.object({
  quick: z.boolean(),
  program: z.string(),
  cpu: z.string(),
  node: z.string(),
  measured: z.record(z.string(), z.number()),
});

/** What a measurement must be of, so that another experiment may use it. */
export interface MeasurementOf {
  /** Names the file. */
  readonly name: string;
  readonly quick: boolean;
  /** Hash of the program's own files. */
  readonly program: string;
}

/**
 * A measurement that several experiments use, in a file beside their folders: who comes first makes it, and who measures anew deletes the
 * file. One of another program, machine or Node is made anew.
 * @throws {FileError} FILE_UNWRITABLE
 */
export async function sharedMeasurement(
  beside: string,
  { name, quick, program }: MeasurementOf,
  measure: () => Promise<Measured>,
): Promise<Measured> {
  const path = join(beside, `${name}.json`);
  const head = { quick, program, cpu: cpus()[0]?.model ?? 'unknown', node: process.version };
  const kept = existsSync(path) ? parsed(readFileSync(path, 'utf8')) : undefined;
  if (kept !== undefined) {
    const { measured, ...of } = kept;
    if (JSON.stringify(of) === JSON.stringify(head)) return measured;
  }
  const measured = await measure();
  try {
    writeFileSync(path, `${JSON.stringify({ ...head, measured }, null, 1)}\n`);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const help = 'put that right or choose another directory with --out DIR';
    throw new FileError('FILE_UNWRITABLE', `cannot write ${path}: ${reason}; ${help}`, { path }, cause);
  }
  return measured;
}

function parsed(text: string): z.infer<typeof schema> | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
