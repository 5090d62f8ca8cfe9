import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROGRAM } from './cli.ts';

/** A process of the program that goes on beside the test. */
export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<{ readonly code: number | null; readonly out: string; readonly err: string }>;
  /** What it has written so far. */
  readonly err: () => string;
  /** Waits until it has said something there. @throws with all that it said, if it ends before */
  says(text: string): Promise<void>;
}

/** A folder in which the built program runs, several times at once. */
export class QueueLab {
  readonly dir = mkdtempSync(join(tmpdir(), 'velum-queue-'));
  private readonly running = new Set<ChildProcess>();

  start(args: readonly string[], env: Readonly<Record<string, string>> = {}, program = PROGRAM): Running {
    const child = spawn(process.execPath, [program, ...args], {
      cwd: this.dir,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    this.running.add(child);
    const text = { out: '', err: '' };
    child.stdout.on('data', (piece) => (text.out += String(piece)));
    child.stderr.on('data', (piece) => (text.err += String(piece)));
    const ended = new Promise<{ code: number | null; out: string; err: string }>((done) =>
      child.on('close', (code) => {
        this.running.delete(child);
        done({ code, ...text });
      }),
    );
    const says = (awaited: string): Promise<void> =>
      until(() => {
        if (text.err.includes(awaited)) return true;
        if (!this.running.has(child)) throw new Error(`it ended before it said "${awaited}": ${text.err}`);
        return false;
      });
    return { child, ended, err: () => text.err, says };
  }

  run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Running['ended'] {
    return this.start(args, env).ended;
  }

  /** A worker that has said that it works. */
  async worker(
    url: string,
    args: readonly string[] = [],
    env: Readonly<Record<string, string>> = {},
    program = PROGRAM,
  ): Promise<Running> {
    const worker = this.start(['worker', '--queue', url, ...args], env, program);
    await worker.says('working for');
    return worker;
  }

  text(...path: readonly string[]): string {
    return readFileSync(join(this.dir, ...path), 'utf8');
  }

  /** Jobs that a run has done. */
  jobs(out: string): number {
    try {
      return this.text(out, 'jobs.jsonl')
        .split('\n')
        .filter((line) => line.startsWith('{"key"')).length;
    } catch {
      return 0;
    }
  }

  killAll(): void {
    for (const child of this.running) child.kill('SIGKILL');
  }

  remove(): void {
    this.killAll();
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** Waits until something is so. Whoever waits has a time limit of the test's. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((done) => setTimeout(done, 50));
}
