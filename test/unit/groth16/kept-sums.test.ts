import { expect, test } from 'vitest';
import { littleEndian } from '../../../src/base/bytes.ts';
import { KeptSums } from '../../../src/groth16/kept-sums.ts';
import { loadKernels } from '../../../src/wasm/load.ts';

test('a sum that fails leaves nothing kept that its room was written over with', async () => {
  const kernels = await loadKernels();
  const all = { A: { points: kernels.alloc(4096), indexes: kernels.put(new Uint8Array(16)), count: 4 } };
  const kept = new KeptSums(kernels, all, 4, 4);
  let sums = 0;
  const make = (): undefined => void sums++;
  const fail = (): never => {
    throw new Error('no memory');
  };
  const of = (...values: bigint[]): Uint8Array => littleEndian(values);
  expect(kept.basesFor(of(1n, 2n, 3n, 4n), make)).toBe(all);
  expect(kept.basesFor(of(1n, 2n, 5n, 6n), make)).not.toBe(all);
  expect(sums).toBe(1);
  // Others stay now, but their sum cannot be made.
  expect(() => kept.basesFor(of(1n, 9n, 5n, 6n), fail)).toThrow('no memory');
  kept.basesFor(of(1n, 9n, 5n, 6n), make);
  expect(sums).toBe(2);
});
