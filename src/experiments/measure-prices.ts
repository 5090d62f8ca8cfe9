import { assert } from '../base/errors.ts';
import type { BatchKernels } from '../crypto/batch-kernels.ts';
import { coinPoint } from '../crypto/coin.ts';
import { type Machine, validatorOf } from '../host/machine.ts';
import { quorumOf } from '../params/quorum.ts';
import type { CircuitName } from '../proofs/circuits.ts';
import { nativeSignatures } from '../proofs/native-signatures.ts';
import { loadBatchKernels } from '../proofs/wasm-batch-kernels.ts';
import type { ValidatorConfig } from '../validator/types.ts';
import type { Measured } from './define.ts';
import { type CallKind, countHeight, type HeightSize } from './height-calls.ts';
import { callName, callsOf, priceOf, pricingGaps, restName, writeCalls, writePrice } from './prices.ts';
import { measurePrice, type Price, priceOfTimes, processorMs } from './processor-time.ts';
import { measureProofs } from './proof-costs.ts';

/** Heights whose calls are counted and priced: e7's. */
export interface PricedHeight {
  readonly n: number;
  readonly batches: number;
  /** Whether the calls with f dead are counted as well. */
  readonly crashes: boolean;
}

const size = (n: number, batches: number, crashes = false): PricedHeight => ({ n, batches, crashes });
const FULL = [
  size(4, 10, true),
  size(7, 10),
  size(10, 1),
  size(10, 10, true),
  size(10, 64),
  size(16, 10),
  size(31, 10, true),
];
const QUICK = [size(4, 10, true), size(10, 10, true)];
const CIRCUITS: readonly CircuitName[] = ['ballot', 'orders', 'account'];
const TIMINGS = 30;
const QUICK_TIMINGS = 5;

/** The one price table of this machine: of the heights of e7 and the circuits of e8. */
export const measurePrices = (quick: boolean): Promise<Measured> =>
  quick ? pricesFor(QUICK, QUICK_TIMINGS) : pricesFor(FULL, TIMINGS);

/**
 * Counts the calls of real heights and times each kind of call, made again with the arguments that a validator made it with.
 * @param timings of each price; what is not timed by itself has one a validator
 */
export async function pricesFor(heights: readonly PricedHeight[], timings: number): Promise<Measured> {
  const kernels = nativeSignatures(await loadBatchKernels());
  let measured: Measured = { ...(await measureProofs(CIRCUITS, timings)) };
  for (const { n, batches, crashes } of heights) {
    measured = { ...measured, ...(await priceHeight({ n, batches, crashed: 0 }, timings, kernels)) };
    if (!crashes) continue;
    const crashed: HeightSize = { n, batches, crashed: quorumOf(n).f };
    measured = { ...measured, ...writeCalls(crashed, countHeight(crashed, kernels).calls) };
  }
  const { unpriced, uncounted } = pricingGaps(measured);
  assert(unpriced.length === 0, `what a height calls has a price: ${unpriced.join(', ')}`);
  assert(uncounted.length === 0, `what has a price is called by a height: ${uncounted.join(', ')}`);
  return measured;
}

const OTHER_COIN = new Uint8Array(32).fill(9);

async function priceHeight(size: HeightSize, timings: number, kernels: BatchKernels): Promise<Measured> {
  const wholeMs: number[] = [];
  let measured: Measured = {};
  // Each validator's own time is a timing of its machine.
  while (wholeMs.length < timings) {
    const own = new Array<number>(size.n).fill(0);
    const { calls, again } = countHeight(size, kernels, (config, snapshot) =>
      timedMachine(config, snapshot, (ms) => {
        own[config.self]! += ms;
      }),
    );
    if (wholeMs.length === 0) {
      measured = { ...measured, ...writeCalls(size, calls) };
      for (const [kind, call] of again)
        measured = { ...measured, ...(await priceCall(kind, call, size, timings)) };
    }
    wholeMs.push(...own);
  }
  return { ...measured, ...writePrice(restName(size), restOf(wholeMs, size, measured)) };
}

async function priceCall(
  kind: CallKind,
  call: () => unknown,
  size: HeightSize,
  timings: number,
): Promise<Measured> {
  // The point of the last coin is remembered: who makes a share makes the point as well, who verifies one has it.
  const whole = (): unknown => {
    coinPoint(OTHER_COIN);
    return call();
  };
  const price = await measurePrice(timings, kind === 'coinShare' ? whole : call);
  return writePrice(callName(kind, size), price);
}

/** What a machine takes beside its calls, which the same height made. */
function restOf(wholeMs: readonly number[], size: HeightSize, measured: Measured): Price {
  const callsMs = callsOf(measured, size)
    .filter(({ kind }) => !/^(prove|verify)(Ballot|Orders)$/.test(kind))
    .reduce((sum, { kind, times }) => sum + times * priceOf(measured, callName(kind, size)).median, 0);
  return priceOfTimes(wholeMs.map((ms) => Math.max(0, ms - callsMs)));
}

function timedMachine(
  config: ValidatorConfig,
  snapshot: Uint8Array | undefined,
  onWork: (ms: number) => void,
): Machine {
  const machine = validatorOf(config, snapshot);
  const timed = <T>(work: () => T): T => {
    const start = processorMs();
    const result = work();
    onWork(processorMs() - start);
    return result;
  };
  return {
    get height() {
      return machine.height;
    },
    handle: (input) => timed(() => machine.handle(input)),
    snapshot: () => timed(() => machine.snapshot()),
  };
}
