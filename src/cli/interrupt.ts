/** What asks a program to end. */
export const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
export type StopSignal = (typeof STOP_SIGNALS)[number];

/**
 * Puts a listener in the place of those that a signal has. One is there at every moment: a signal that has come while the program computed,
 * and is not told yet, is lost with the last listener.
 * @returns puts the others back
 */
function listenAlone(signal: StopSignal, listener: () => void): () => void {
  const usual = process.rawListeners(signal) as (() => void)[];
  process.on(signal, listener);
  for (const each of usual) process.removeListener(signal, each);
  return () => {
    for (const each of usual.splice(0)) process.on(signal, each);
    process.removeListener(signal, listener);
  };
}

/**
 * Lets a piece of work hear the first Ctrl-C, which then does not end the program; the next one does, as always.
 * @param work gets what tells of it
 */
export async function hearingInterrupt<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const restore = listenAlone('SIGINT', () => {
    restore();
    controller.abort();
  });
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
      const restore = listenAlone(signal, () => {
        restore();
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
  // A whole turn of the event loop: what has come and is not told yet is told before nobody listens.
  for (let halves = 0; halves < 2; halves++) await new Promise((done) => setImmediate(done));
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
