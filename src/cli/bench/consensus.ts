import { HBBFT_EXP_MS, HBBFT_ROWS, SPEED_SIZES } from '../../experiments/hbbft.ts';
import { quorumOf } from '../../params/quorum.ts';
import type { Delay } from '../../sim/links.ts';
import type { Scenario, ScenarioRun } from '../../sim/scenario.ts';
import { usedHeapMiB } from '../heap.ts';
import { loadScenario, requireSound, runMeasured, Stopwatch } from '../sim/run-scenario.ts';
import { type FieldRow, fieldRows } from './field.ts';
import { ITEM_SIZES, type ItemCost, itemCost } from './item-cost.ts';

/** One cell of the comparison: ours, hbbft's, and ours by hbbft's. Bytes and messages per validator and height. */
export interface ConsensusCell {
  readonly n: number;
  readonly f: number;
  readonly faulty: number;
  readonly payloadBytes: number;
  readonly delay: 'const:100' | 'exp:100';
  readonly acs: 'first-hand' | 'bkr';
  readonly what: 'messages' | 'frames' | 'bytes' | 'delays' | 'ms';
  readonly ours: number;
  readonly hbbft?: number;
  readonly ratio?: number;
}

export interface SimulatorSpeed {
  readonly n: number;
  readonly heights: number;
  readonly messages: number;
  readonly messagesPerSecond: number;
  readonly messagesPerCpuSecond: number;
  /** Heap in use after a collection, a half and three quarters of the heights into the run: flat if they are equal. */
  readonly earlyMiB: number;
  readonly lateMiB: number;
}

export interface ConsensusBenchmark {
  readonly cells: readonly ConsensusCell[];
  readonly field: readonly FieldRow[];
  readonly speeds: readonly SimulatorSpeed[];
  readonly items: readonly ItemCost[];
}

const CONST: Delay = { kind: 'const', ms: 100 };
const EXP: Delay = { kind: 'exp', meanMs: 100 };
const CONST_HEIGHTS = 3;
const EXP_HEIGHTS = 41;
const STEPS_PER_HEIGHT = 4;

const scenario = (fields: Partial<Scenario> & Pick<Scenario, 'validators'>): Scenario => ({
  payloadBytes: 256,
  faulty: 0,
  fault: 'crash',
  delay: CONST,
  rbc: 'digest',
  acs: 'first-hand',
  heights: CONST_HEIGHTS,
  seed: 1,
  ...fields,
});

/** Measures all cells, and the simulator's speed. @param onProgress what is measured next */
export async function benchConsensus(onProgress: (what: string) => void): Promise<ConsensusBenchmark> {
  const cells: ConsensusCell[] = [];
  for (const acs of ['first-hand', 'bkr'] as const) {
    for (const { n, messages, bytes } of HBBFT_ROWS) {
      for (const [payloadBytes, theirs] of bytes) {
        onProgress(`${acs}, ${n} validators, ${payloadBytes} bytes`);
        const row = await constRow(scenario({ validators: n, payloadBytes, acs }));
        const cell = cellsOf(acs, n, 0, payloadBytes, 'const:100');
        cells.push(cell('bytes', row.bytesPerNode, theirs));
        if (payloadBytes !== 256) continue;
        cells.push(cell('messages', row.messagesPerNode, messages), cell('frames', row.framesPerNode));
        cells.push(cell('delays', row.delays), cell('ms', row.ms, 600));
      }
      cells.push(...(await withCrashes(acs, n, onProgress)));
    }
  }
  const field = await fieldRows(onProgress);
  const items = ITEM_SIZES.flatMap((n) => [itemCost(n, 1), itemCost(n, n)]);
  return { cells, field, speeds: await measureSpeeds(onProgress), items };
}

async function withCrashes(
  acs: 'first-hand' | 'bkr',
  n: number,
  onProgress: (what: string) => void,
): Promise<ConsensusCell[]> {
  const { f } = quorumOf(n);
  onProgress(`${acs}, ${n} validators, ${f} crashed`);
  const row = await constRow(scenario({ validators: n, faulty: f, acs }));
  const cell = cellsOf(acs, n, f, 256, 'const:100');
  const cells = [cell('delays', row.delays), cell('ms', row.ms, n === 100 ? undefined : 900)];
  const theirs = HBBFT_EXP_MS.get(n);
  if (theirs === undefined) return cells;
  const { report } = await runMeasured(
    scenario({ validators: n, faulty: f, acs, delay: EXP, heights: EXP_HEIGHTS }),
  );
  const times = report.heights.map(({ ms }) => ms).sort((a, b) => a - b);
  return [...cells, cellsOf(acs, n, f, 256, 'exp:100')('ms', times[Math.floor(times.length / 2)]!, theirs)];
}

/** The last height of a run with constant delays; all heights but the first are alike. */
const constRow = async (run: Scenario) => (await runMeasured(run)).report.heights.at(-1)!;

const cellsOf =
  (
    acs: ConsensusCell['acs'],
    n: number,
    faulty: number,
    payloadBytes: number,
    delay: ConsensusCell['delay'],
  ) =>
  (what: ConsensusCell['what'], ours: number, hbbft?: number): ConsensusCell => {
    const cell = { n, f: quorumOf(n).f, faulty, payloadBytes, delay, acs, what, ours };
    return hbbft === undefined ? cell : { ...cell, hbbft, ratio: ours / hbbft };
  };

/** The simulator at work: messages a second, and the heap that is in use early and late in the same run. */
async function measureSpeeds(onProgress: (what: string) => void): Promise<SimulatorSpeed[]> {
  const speeds: SimulatorSpeed[] = [];
  for (const { n, heights } of SPEED_SIZES) {
    onProgress(`the simulator with ${n} validators`);
    const watched = scenario({ validators: n, heights });
    const run = await loadScenario(watched);
    const watch = new Stopwatch();
    run.start();
    // All correct, 100 ms a delay, 4 delays a height: so many steps a height, after the first.
    watch.time(() => steps(run, STEPS_PER_HEIGHT * (heights / 2)));
    const earlyMiB = usedHeapMiB();
    watch.time(() => steps(run, STEPS_PER_HEIGHT * (heights / 4)));
    const lateMiB = usedHeapMiB();
    watch.time(() => steps(run, Number.POSITIVE_INFINITY));
    const report = run.report();
    requireSound(watched, report);
    const { messagesPerSecond, messagesPerCpuSecond } = watch.measured(report);
    const { messages } = report;
    speeds.push({ n, heights, messages, messagesPerSecond, messagesPerCpuSecond, earlyMiB, lateMiB });
  }
  return speeds;
}

function steps(run: ScenarioRun, count: number): void {
  for (let i = 0; i < count; i++) if (!run.step()) return;
}
