import { expect, test } from 'vitest';
import { stockPoint } from '../../../src/groth16/pairing-check.ts';
import { pairingHolds } from '../../../src/groth16/tested-loops.ts';
import type { KernelExports, Kernels } from '../../../src/wasm/kernels.ts';
import { loadKernels } from '../../../src/wasm/load.ts';

const ONE = stockPoint(1n);
type Miller = KernelExports['millerProduct'];

/** The kernels with other Miller loops. */
async function withMiller(path: Kernels['path'], other: (kernels: Kernels, real: Miller) => Miller) {
  const kernels = await loadKernels(path);
  const exports = { ...kernels.exports, millerProduct: other(kernels, kernels.exports.millerProduct) };
  Object.defineProperty(kernels, 'exports', { value: exports });
  return kernels;
}

for (const path of ['relaxed-simd', 'scalar'] as const) {
  test(`the pairing of the kernels is one (${path})`, async () => {
    expect(pairingHolds(await loadKernels(path))).toBe(true);
  });

  test.each<[string, (kernels: Kernels, real: Miller) => Miller]>([
    ['that leave all as it was', () => () => {}],
    [
      'with one wrong bit',
      (kernels, real) =>
        (...args) => {
          real(...args);
          kernels.view(args[0], 1)[0]! ^= 1;
        },
    ],
    [
      'that are always 1',
      (kernels, real) =>
        (...args) => {
          real(...args);
          kernels.write(args[0], new Uint8Array(768));
          for (const at of [0, 384]) kernels.write(args[0] + at, ONE);
        },
    ],
    [
      'that take every point for one of G2',
      (kernels, real) =>
        (...args) => {
          real(...args);
          kernels.view(args[7], args[2]).fill(1);
        },
    ],
    [
      'that take none for one',
      (kernels, real) =>
        (...args) => {
          real(...args);
          kernels.view(args[7], args[2]).fill(0);
        },
    ],
  ])(`loops %s are noticed (${path})`, async (_, other) => {
    expect(pairingHolds(await withMiller(path, other))).toBe(false);
  });
}
