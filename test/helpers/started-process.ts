import { spawn } from 'node:child_process';

/** How a process ended, and what it wrote until then. */
export interface EndedProcess {
  /** null: a signal ended it. */
  readonly code: number | null;
  readonly text: string;
}

/** A program that a test starts, watches and takes away with all that works for it. */
export class StartedProcess {
  readonly pid: number;
  readonly ended: Promise<EndedProcess>;

  constructor(program: string, args: readonly string[]) {
    const child = spawn(program, args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    this.pid = child.pid!;
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece) => (text += String(piece)));
    this.ended = new Promise((resolve) => child.on('close', (code) => resolve({ code, text })));
  }

  kill(): void {
    try {
      process.kill(-this.pid, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}
