import { curves } from 'snarkjs';

/** Lets snarkjs use worker threads, which keep a process alive until they are ended here. */
export async function withThreads<T>(work: () => Promise<T>): Promise<T> {
  const shared = globalThis as { curve_bn128?: unknown };
  // A curve that somebody else has put there is theirs to end.
  if (shared.curve_bn128 != null) return work();
  try {
    return await work();
  } finally {
    await (await curves.getCurveFromName('bn128')).terminate();
  }
}
