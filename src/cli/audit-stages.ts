import type { Terminal } from './io.ts';

const BAR = 24;

/** One line on standard error that says how far an audit is; nothing if nobody watches. */
export class StageBar {
  private readonly terminal: Terminal;
  private readonly circuit: string;

  constructor(terminal: Terminal, circuit: string) {
    this.terminal = terminal;
    this.circuit = circuit;
  }
  show(stage: string, done: number, total: number): void {
    if (!this.terminal.isErrTty) return;
    const filled = total === 0 ? BAR : Math.floor((BAR * done) / total);
    const bar = `[${'='.repeat(filled)}${' '.repeat(BAR - filled)}]`;
    void this.terminal.err(`\r\u001b[K${this.circuit} ${bar} ${stage}: ${done} of ${total}`);
  }
  async clear(): Promise<void> {
    if (this.terminal.isErrTty) await this.terminal.err('\r\u001b[K');
  }
}
