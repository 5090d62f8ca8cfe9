import type { FromBench, ToBench } from '../worker/messages.ts';
import { startWorker } from '../worker/start.ts';

/** One run of the proof bench. */
export interface BenchRun {
  /** Ends it, whatever it is at. */
  stop(): void;
}

/**
 * Has a worker of its own prove or verify: what a stranger's program does there ends with the worker.
 * @param onMessage told of stages, and last of a result or a failure
 */
export function runBench(asked: ToBench, onMessage: (message: FromBench) => void): BenchRun {
  const worker = startWorker('bench');
  worker.onmessage = ({ data }: MessageEvent<FromBench>) => {
    if (data.kind !== 'stage') worker.terminate();
    onMessage(data);
  };
  worker.onerror = ({ message }) => {
    worker.terminate();
    onMessage({ kind: 'failed', problem: { code: 'PAGE_FAILED', text: message || 'The worker ended.' } });
  };
  worker.postMessage(asked);
  return { stop: () => worker.terminate() };
}
