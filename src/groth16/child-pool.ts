import { type ChildProcess, fork, type SerializationType, type StdioOptions } from 'node:child_process';
import { atExit } from './at-exit.ts';
import { PARENT_PIPE } from './end-with-parent.ts';

/** What is answered in place of a process that ended before it did. */
export interface ChildEnded {
  readonly type: 'ended';
  /** "signal SIGKILL", "exit code 1". */
  readonly how: string;
}

/**
 * Processes of one module that answer requests, each one at a time; a new one is started if none is idle. They end with this one, also
 * when it is killed in the middle of their work.
 */
export class ChildPool<Request extends object, Answer extends object> {
  private readonly idle: ChildProcess[] = [];
  private readonly all = new Set<ChildProcess>();
  private readonly entry: string;
  private readonly serialization: SerializationType;
  private readonly forget: () => void;

  /**
   * @param entry         the module, which calls `endWithParent` and answers each message with one of its own
   * @param serialization `advanced` takes bigints and bytes
   */
  constructor(entry: string, serialization: SerializationType = 'json') {
    this.entry = entry;
    this.serialization = serialization;
    this.forget = atExit(() => this.kill());
  }

  /** One request to one process. */
  async ask(request: Request): Promise<Answer | ChildEnded> {
    const child = this.idle.pop() ?? this.start();
    const answer = await new Promise<Answer | ChildEnded>((resolve) => {
      const onEnd = (code: number | null, signal: string | null): void =>
        resolve({ type: 'ended', how: signal === null ? `exit code ${code}` : `signal ${signal}` });
      child.once('exit', onEnd);
      child.once('message', (message) => {
        child.off('exit', onEnd);
        resolve(message as Answer);
      });
      // One that is gone is told by its end.
      child.send(request, () => {});
    });
    if (this.all.has(child)) this.idle.push(child);
    return answer;
  }

  private start(): ChildProcess {
    const stdio: StdioOptions = ['ignore', 'ignore', 'inherit', 'ipc'];
    stdio[PARENT_PIPE] = 'pipe';
    const child = fork(this.entry, [], {
      execArgv: [],
      stdio,
      serialization: this.serialization,
    });
    this.all.add(child);
    const onGone = (): void => {
      this.all.delete(child);
      const at = this.idle.indexOf(child);
      if (at >= 0) this.idle.splice(at, 1);
    };
    child.prependListener('exit', onGone);
    return child;
  }

  close(): void {
    this.forget();
    this.kill();
  }

  private kill(): void {
    for (const child of this.all) child.kill('SIGKILL');
  }
}
