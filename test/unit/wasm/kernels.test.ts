import { describe, expect, test } from 'vitest';
import { q, r } from '../../../src/params/fields.ts';
import { FE, inverse, radix } from '../../../src/wasm/field-constants.ts';
import { loadKernels } from '../../../src/wasm/load.ts';
import { edgeValues, putLanes, readLanes, selfTest } from '../../../src/wasm/self-test.ts';

const PATHS = ['relaxed-simd', 'scalar'] as const;

describe.each(PATHS)('the kernels of path %s', (path) => {
  test('multiply, square and reduce like bigint, on edge limbs too', async () => {
    const all = edgeValues(q).map((_, i) => i);
    expect(selfTest(await loadKernels(path), all)).toBe(true);
  });

  test('products of what products give stay in the bounds that the next ones need', async () => {
    const kernels = await loadKernels(path);
    const { exports } = kernels;
    const [a, b, c] = [kernels.alloc(FE), kernels.alloc(FE), kernels.alloc(FE)];
    for (const [p, field] of [
      [q, exports.fq()],
      [r, exports.fr()],
    ] as const) {
      const over = inverse(radix(path), p);
      for (const start of edgeValues(p)) {
        // The largest that a product may be: what is multiplied again and again must not grow.
        let value = start;
        putLanes(kernels, a, start, p - start);
        putLanes(kernels, b, p - 1n, p - 1n);
        for (let i = 0; i < 20; i++) {
          exports.product(a, a, b, c, a, a, field);
          value = (((value * (p - 1n) * over) % p) + p) % p;
          const [first] = readLanes(kernels, a);
          expect((((first % p) + p) % p) - value).toBe(0n);
        }
      }
    }
  });

  test('invert like bigint: edge limbs, values below 0 and above p, and 0 to 0', async () => {
    const kernels = await loadKernels(path);
    const { exports } = kernels;
    const [a, b] = [kernels.alloc(FE), kernels.alloc(FE)];
    for (const [p, field] of [
      [q, exports.fq()],
      [r, exports.fr()],
    ] as const) {
      const mont = (x: bigint): bigint => (x * radix(path)) % p;
      const powers = Array.from({ length: 255 }, (_, i) => mont((1n << BigInt(i)) + BigInt(i & 1)));
      const values = [...edgeValues(p), ...edgeValues(p).map(mont), ...powers];
      for (const [i, value] of values.entries()) {
        const other = values[(i * 7 + 3) % values.length]!;
        putLanes(kernels, a, value - p, other);
        exports.inverses(b, a, field);
        // 1/x in the form that x has: x·y = R².
        for (const [lane, x] of [value, other].entries()) {
          const y = ((readLanes(kernels, b)[lane]! % p) + p) % p;
          expect(y).toBe(x === 0n ? 0n : (radix(path) ** 2n * inverse(x, p)) % p);
        }
      }
    }
  });

  test('write numbers below p, whatever the form they had', async () => {
    const kernels = await loadKernels(path);
    const { exports } = kernels;
    const [lanes, stored, out] = [kernels.alloc(FE), kernels.alloc(FE), kernels.alloc(32)];
    for (const [p, field] of [
      [q, exports.fq()],
      [r, exports.fr()],
    ] as const) {
      for (const value of edgeValues(p)) {
        for (const spelled of [value, value - p, value + p]) {
          putLanes(kernels, lanes, spelled, 0n);
          exports.scatterLanes(stored, stored + 40, lanes);
          exports.words(out, stored, field);
          expect(kernels.readNumbers(out, 1)).toEqual([value % p]);
        }
      }
    }
  });
});

test('the faster path is taken where it computes rightly', async () => {
  const kernels = await loadKernels();
  expect(kernels.path).toBe('relaxed-simd');
});
