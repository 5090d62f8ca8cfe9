import { isAbsolute, resolve } from 'node:path';
import { LATENCY_FILE_BYTES, parseLatencies } from '../../sim/latencies.ts';
import { oneWayMs, SPREADS } from '../../sim/wan-latency.ts';
import { readTextFile } from '../io.ts';

/** Where validators sit: validator i in place i mod their number. */
export interface LoadPlaces {
  /** What a command line calls it. */
  readonly name: string;
  readonly places: readonly string[];
  /** One way, from row to column. */
  readonly ms: readonly (readonly number[])[];
}

/**
 * @param name `wan`: ten cloud regions (src/sim/wan-latency.ts); `none`; or a file of latencies
 * @throws {FileError} FILE_UNREADABLE
 * @throws {SimError} SIM_LATENCIES
 */
export async function loadPlaces(cwd: string, name: string): Promise<LoadPlaces> {
  if (name === 'wan') return { name, places: SPREADS.world, ms: oneWayMs('world') };
  if (name === 'none') return { name, places: ['here'], ms: [[0]] };
  const path = isAbsolute(name) ? name : resolve(cwd, name);
  const { places, ms } = parseLatencies(await readTextFile(path, LATENCY_FILE_BYTES), name);
  return { name, places, ms };
}
