import { closeSync, fsyncSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toHex } from '../../base/bytes.ts';
import { atExit } from '../../groth16/at-exit.ts';
import type { LogRecord } from '../../validator/types.ts';
import type { OutFile } from './types.ts';

/** The validators' logs of a run: a record is on the disk when `append` returns, so what is sent after it is logged. */
export class Journal {
  readonly #dir = mkdtempSync(join(tmpdir(), 'velum-'));
  readonly #files: number[];
  readonly #forget = atExit(() => rmSync(this.#dir, { recursive: true, force: true }));

  constructor(validators: number) {
    this.#files = Array.from({ length: validators }, (_, i) => openSync(this.#path(i), 'ax', 0o600));
  }

  #path(validator: number): string {
    return join(this.#dir, `validator-${validator}.jsonl`);
  }

  append(validator: number, records: readonly LogRecord[]): void {
    if (records.length === 0) return;
    const lines = records.map((record) => `${JSON.stringify({ ...record, bytes: toHex(record.bytes) })}\n`);
    writeSync(this.#files[validator]!, lines.join(''));
    fsyncSync(this.#files[validator]!);
  }

  /** The logs as files of the output. */
  files(): OutFile[] {
    return this.#files.map((_, i) => ({
      path: `logs/validator-${i}.jsonl`,
      text: readFileSync(this.#path(i), 'utf8'),
    }));
  }

  close(): void {
    for (const file of this.#files) closeSync(file);
    rmSync(this.#dir, { recursive: true, force: true });
    this.#forget();
  }
}
