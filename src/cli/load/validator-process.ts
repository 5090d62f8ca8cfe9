import { cpuUsage, resourceUsage } from 'node:process';
import { LoadValidator, nowMs, type ValidatorNews, type ValidatorSpec } from './validator.ts';

/** From the measurement to a validator's process. */
export type ValidatorRequest =
  | { readonly type: 'listen'; readonly spec: ValidatorSpec }
  | { readonly type: 'meet'; readonly ports: readonly number[] }
  | { readonly type: 'begin' }
  /** The last report, please. */
  | { readonly type: 'end' };

/** What a process has used when it reports. */
export interface Sample {
  readonly atMs: number;
  readonly cpuMs: number;
  readonly bytesOut: number;
}

export type ValidatorAnswer =
  | { readonly type: 'listening'; readonly port: number }
  | { readonly type: 'connected' }
  | {
      readonly type: 'report';
      readonly isLast: boolean;
      readonly done: Omit<ValidatorNews, 'bytesOut'>;
      readonly sample: Sample;
      readonly peakMB: number;
    };

/** How often a process reports, ms. */
const REPORT_MS = 200;

const say = (answer: ValidatorAnswer): void => void process.send?.(answer);
let validator: LoadValidator | undefined;

function report(isLast: boolean): void {
  const { bytesOut, ...done } = validator!.done();
  const { user, system } = cpuUsage();
  const sample = { atMs: nowMs(), cpuMs: (user + system) / 1000, bytesOut };
  say({ type: 'report', isLast, done, sample, peakMB: Math.round(resourceUsage().maxRSS / 1024) });
}

async function answer(request: ValidatorRequest): Promise<void> {
  if (request.type === 'listen') {
    validator = new LoadValidator(request.spec, () => say({ type: 'connected' }));
    say({ type: 'listening', port: await validator.listen() });
  } else if (request.type === 'meet') await validator!.meet(request.ports);
  else if (request.type === 'begin') {
    report(false);
    setInterval(() => report(false), REPORT_MS);
    validator!.begin();
  } else report(true);
}

// The channel closes when the parent ends, however it ends. Signals to a whole group reach the parent, which decides.
process.on('disconnect', () => process.exit());
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});
process.on('message', (request: ValidatorRequest) => {
  void answer(request);
});
