import {
  type AttackedOptions,
  type AttackedResult,
  AttackedRun,
  DELAY_MS,
  STALL_DELAYS,
} from '../../committee/attacked-run.ts';
import { quorumOf } from '../../params/quorum.ts';
import type { Delay } from '../../sim/links.ts';
import type { FileDelay } from '../../sim/scenario.ts';
import { oneWayMs } from '../../sim/wan-latency.ts';
import { usedHeapMiB } from '../heap.ts';
import { table, wrap } from '../table.ts';

/** A run, and the memory that it took. */
export interface MeasuredAttack {
  readonly result: AttackedResult;
  /** Virtual delays. */
  readonly delays: number;
  /** Most that the process held for it at the beginning of a height or at the end, after a collection: validators, their logs, the simulator. */
  readonly heapMiB: number;
}

/** Instants of virtual time between two looks at the outside. */
const INSTANTS = 50;

/**
 * Runs a committee under an attack. Signals are heard meanwhile.
 * @throws {CommitteeError} COMMITTEE_FAILED if correct validators disagree
 */
export async function runAttack(options: AttackedOptions): Promise<MeasuredAttack> {
  const before = usedHeapMiB();
  const run = new AttackedRun(options);
  let heapMiB = 0;
  const measure = (): void => {
    heapMiB = Math.max(heapMiB, usedHeapMiB() - before);
  };
  let height = 0;
  for (let goesOn = true; goesOn; ) {
    for (let left = INSTANTS; left > 0 && goesOn; left--) goesOn = run.advance();
    if (run.height !== height || !goesOn) measure();
    height = run.height;
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { result: run.result, delays: run.delays, heapMiB: Math.round(heapMiB * 10) / 10 };
}

/** Links of a delay, and how long nothing may happen on them before that is a stall: as many of their delays as there are of the usual ones. */
export function inTime(delay: Delay | FileDelay | undefined): Pick<AttackedOptions, 'links' | 'stallDelays'> {
  if (delay === undefined) return {};
  const times = Math.ceil(usualMs(delay) / DELAY_MS);
  return { links: { delay }, stallDelays: STALL_DELAYS * Math.max(1, times) };
}

function usualMs(delay: Delay | FileDelay): number {
  switch (delay.kind) {
    case 'const':
      return delay.ms;
    case 'uniform':
      return delay.toMs;
    case 'exp':
      return delay.meanMs;
    case 'wan':
      return Math.max(...oneWayMs('world').flat());
    case 'matrix':
      return Math.max(...delay.ms.flat());
  }
}

/** A run for a person: a line a height. */
export function attackText(options: AttackedOptions, { result, delays, heapMiB }: MeasuredAttack): string {
  const { validators, faulty, seed, attack } = options;
  const correct = validators - faulty;
  const rows = result.heights.map((row) => [
    `${row.height}`,
    `${row.accepted}`,
    `${row.acceptedHonest}`,
    `${row.settledBy} of ${correct}`,
    `${row.certifiedBy} of ${correct}`,
  ]);
  const head = ['height', 'accepted', 'of honest traders', 'settled by', 'certified by'];
  const { f } = quorumOf(validators);
  return [
    `${attack.name}: ${validators} validators (f = ${f}), ${faulty} faulty, SEED=${seed}`,
    ...wrap(attack.explains, 100, 2),
    ...(faulty > f ? [`  More than f are faulty: nothing is promised.`] : []),
    ...table(
      [head, ...rows],
      head.map(() => 'right'),
    ),
    `${result.stalled ? 'Stalled' : 'Every height is certified at every correct validator'} after ${Math.round(delays)} delays of ${DELAY_MS} ms.`,
    `Faults recorded against correct validators: ${result.faultsAgainstCorrect}. Coin shares: ${result.coinShares}.`,
    `Bytes that reached a correct validator: ${result.bytesPerNode}. Memory of the whole committee: ${heapMiB} MiB.`,
    '',
  ].join('\n');
}
