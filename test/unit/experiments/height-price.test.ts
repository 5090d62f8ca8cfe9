import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Measured } from '../../../src/experiments/define.ts';
import { CALL_KINDS, countHeight } from '../../../src/experiments/height-calls.ts';
import { heightPrice, wholeOf } from '../../../src/experiments/height-price.ts';
import {
  callLines,
  callName,
  callsOf,
  pricingGaps,
  restName,
  writeCalls,
  writePrice,
} from '../../../src/experiments/prices.ts';
import { loadBatchKernels } from '../../../src/proofs/wasm-batch-kernels.ts';

const SIZE = { n: 4, batches: 2, crashed: 0 };
const counted = countHeight(SIZE, await loadBatchKernels());
const calls = writeCalls(SIZE, counted.calls);
const names = [...new Set(callLines(calls).map(({ kind, size }) => callName(kind, size)))];
const pricedAt = (all: readonly string[], ms: number): Measured =>
  Object.assign(
    {},
    ...all.map((name) => writePrice(name, { q1: ms, median: 2 * ms, q3: 3 * ms, timings: 30 })),
  );
const measured = { ...calls, ...pricedAt([...names, restName(SIZE)], 1) };

describe('calls of a real height', () => {
  test('are of every kind that a height of correct validators has, and of no other', () => {
    const kinds = new Set(callLines(calls).map(({ kind }) => kind));
    const expected = Object.entries(CALL_KINDS).flatMap(([kind, how]) => (how === 'faulty' ? [] : [kind]));
    expect([...kinds].sort()).toEqual(expected.sort());
  });

  test('are as many as the protocol needs: ballots are verified one by one, and 2f + 1 shares of the beacon', () => {
    const timesOf = (kind: string): number =>
      callsOf(calls, SIZE)
        .filter((call) => call.kind === kind)
        .reduce((sum, { times }) => sum + times, 0);
    const { n, batches } = SIZE;
    expect(timesOf('verifyBallot')).toBe(n - 1);
    expect(timesOf('verifyOrders')).toBe(batches);
    expect(['coinShare', 'verifyCoinShare', 'combineCoin'].map(timesOf)).toEqual([1, 3, 1]);
    expect(['proveBallot', 'proveDleq', 'openAll', 'settle'].map(timesOf)).toEqual([1, 1, 1, 1]);
    // Of the header and of the settlement.
    expect(['blsSign', 'aggregate', 'verifyCertificate'].map(timesOf)).toEqual([2, 2, 2]);
  });

  test('can be made again with the same answer', () => {
    const { again } = counted;
    for (const kind of ['openAll', 'combineDecryptions', 'verifyCertificate', 'settle'] as const)
      expect(again.get(kind)!()).toEqual(again.get(kind)!());
    expect(again.get('verifySignature')!()).toBe(true);
    expect(again.get('verifyCertificate')!()).toBe(true);
  });

  test('go through the port that is counted: a validator’s files import no cryptography of a height beside it', () => {
    const room = resolve(import.meta.dirname, '../../../src/validator');
    const hidden = readdirSync(room)
      .filter((name) => name.endsWith('.ts') && name !== 'validator-crypto.ts')
      .filter((name) =>
        /import \{[^}]*\b(blsSign|blsVerify|aggregate|verifyCertificate|coinShare|verifyCoinShare|combineCoin|proveDleq|verifyDleq|combineDecryptions|openAll|settle)\b[^}]*\} from '\.\.\/(crypto|ledger)\//.test(
          readFileSync(resolve(room, name), 'utf8'),
        ),
      );
    expect(hidden).toEqual([]);
  });
});

describe('prices', () => {
  test('there is one for each call, and a call for each: what is missing on either side is named', () => {
    expect(pricingGaps(measured)).toEqual({ unpriced: [], uncounted: [] });
    const free = callName('verifyCoinShare', SIZE);
    const { [`${free}|median`]: _, ...without } = measured;
    expect(pricingGaps(without)).toEqual({ unpriced: [free], uncounted: [] });
    expect(() => heightPrice(SIZE, 0, without)).toThrow(`${free} was measured`);
    const never = callName('blsVerify', SIZE);
    expect(pricingGaps({ ...measured, ...pricedAt([never], 1) })).toEqual({
      unpriced: [],
      uncounted: [never],
    });
  });

  test('make two bounds: of what comes from others one or all, at the lower or the upper quartile', () => {
    const before = callsOf(measured, SIZE).filter(({ phase }) => phase !== 'certify');
    const all = before.reduce((sum, { times }) => sum + times, 0);
    const least = before.reduce(
      (sum, { kind, times }) => sum + (CALL_KINDS[kind] === 'received' ? 1 : times),
      0,
    );
    // All that the machine does beside its calls is one price more.
    expect(wholeOf(heightPrice(SIZE, 0, measured))).toEqual({ low: least, high: 3 * (all + 1) });
  });

  test('charge each coin of the common subset: a share, those of 2f + 1, and their sum', () => {
    const [none, two] = [0, 2].map((coins) => heightPrice(SIZE, coins, measured).threshold);
    expect([two!.low - none!.low, two!.high - none!.high]).toEqual([2 * 3, 3 * 2 * (1 + 3 + 1)]);
  });
});
