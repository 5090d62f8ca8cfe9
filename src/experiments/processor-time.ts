/** What this process has had of the processor, all its threads together, ms. */
function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/**
 * Processor milliseconds of the fastest call, after one to warm up: what the work takes when nothing else runs. Time on the clock would
 * measure the machine's other work as well.
 */
export async function fastestMs(runs: number, call: () => unknown): Promise<number> {
  await call();
  let fastest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < runs; i++) {
    const start = processorMs();
    await call();
    fastest = Math.min(fastest, processorMs() - start);
  }
  return Number(fastest.toPrecision(3));
}
