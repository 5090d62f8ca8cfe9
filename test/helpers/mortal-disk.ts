/** Counts what changes the file system; from the step on at which the process dies nothing happens any more. */
export const disk = { steps: 0, diesAt: Number.POSITIVE_INFINITY };

/** What a test has in place of `node:fs`. `vi.mock` comes before all imports, so it imports this itself. */
export function mortalDisk(real: typeof import('node:fs')): object {
  const mortal =
    <A extends unknown[], R>(work: (...args: A) => R) =>
    (...args: A): R => {
      if (++disk.steps >= disk.diesAt) throw new Error('dead');
      return work(...args);
    };
  /** Nobody is told any more of what a dead process waits for. */
  const later = (_file: number, onDone: (error: null) => void): void => {
    if (++disk.steps < disk.diesAt) setImmediate(() => onDone(null));
  };
  return {
    ...real,
    // Half of it, and the caller writes the rest as a next step.
    writeSync: mortal((file: number, bytes: Uint8Array, at: number) =>
      real.writeSync(file, bytes, at, Math.ceil((bytes.length - at) / 2)),
    ),
    // Moments to die at; the system itself lives, so nothing has to wait for the disk.
    fdatasyncSync: mortal(() => {}),
    fsyncSync: mortal(() => {}),
    fdatasync: later,
    fsync: later,
    ftruncateSync: mortal(real.ftruncateSync),
    renameSync: mortal(real.renameSync),
    linkSync: mortal(real.linkSync),
    rmSync: mortal(real.rmSync),
    openSync: mortal(real.openSync),
    mkdirSync: mortal(real.mkdirSync),
  };
}
