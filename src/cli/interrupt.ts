/** What asks a program to end. */
export const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
export type StopSignal = (typeof STOP_SIGNALS)[number];

/**
 * Lets a piece of work hear the first Ctrl-C, which then does not end the program; the next one does, as always.
 * @param work gets what tells of it
 */
export async function hearingInterrupt<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const usual = process.rawListeners('SIGINT') as (() => void)[];
  const restore = (): void => {
    process.removeListener('SIGINT', onInterrupt);
    for (const listener of usual) process.on('SIGINT', listener);
    usual.length = 0;
  };
  const onInterrupt = (): void => {
    restore();
    controller.abort();
  };
  process.removeAllListeners('SIGINT');
  process.on('SIGINT', onInterrupt);
  try {
    return await work(controller.signal);
  } finally {
    restore();
  }
}

/** What a program exits with that a signal has ended, as a shell tells it. */
export const exitCodeOf = (signal: StopSignal): number =>
  ({ SIGINT: 130, SIGTERM: 143, SIGHUP: 129 })[signal];

/** Resolves at the first signal that asks a program to end. It is then up to the caller; the next signal ends it, as always. */
export function stopSignal(): Promise<StopSignal> {
  return new Promise((resolve) => {
    for (const signal of STOP_SIGNALS) {
      const usual = process.rawListeners(signal) as (() => void)[];
      process.removeAllListeners(signal);
      process.once(signal, () => {
        for (const listener of usual) process.on(signal, listener);
        resolve(signal);
      });
    }
  });
}

/**
 * Lets signals end the program at once while it computes without looking up, or runs somebody else's code, which may never come to an end.
 * Nothing may be half-written meanwhile.
 */
export async function endingAtOnce<T>(work: () => Promise<T>): Promise<T> {
  const usual = STOP_SIGNALS.map((signal) => process.rawListeners(signal) as (() => void)[]);
  // Without listeners the system ends the process.
  for (const signal of STOP_SIGNALS) process.removeAllListeners(signal);
  try {
    return await work();
  } finally {
    STOP_SIGNALS.forEach((signal, i) => {
      for (const listener of usual[i]!) process.on(signal, listener);
    });
  }
}
