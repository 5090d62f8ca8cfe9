import { afterEach, expect, test, vi } from 'vitest';
import { openErasureCode } from '../../../src/node/erasure-code.ts';
import { quorumOf } from '../../../src/params/quorum.ts';
import { Prng } from '../../../src/sim/prng.ts';

afterEach(() => vi.restoreAllMocks());

/** A codeword of random shape: k data shards and 2f of parity, as validators of AVID use them. */
function codeword(prng: Prng, maxSize: number) {
  const n = 4 + prng.below(97);
  const parity = 2 * quorumOf(n).f;
  const size = 1 + prng.below(maxSize);
  const all = new Uint8Array(n * size);
  all.set(prng.bytes((n - parity) * size));
  return { n, data: n - parity, parity, size, all };
}

/** All but these many random shards, the others zeros. */
function without(prng: Prng, missing: number, { n, size, all }: ReturnType<typeof codeword>) {
  const shards = all.slice();
  const available = new Array<boolean>(n).fill(true);
  for (let left = missing; left > 0; ) {
    const at = prng.below(n);
    if (!available[at]) continue;
    available[at] = false;
    shards.fill(0, at * size, (at + 1) * size);
    left -= 1;
  }
  return { shards, available };
}

test('one code finds the data in any k shards of hundreds of codewords, and never in k − 1', async () => {
  const code = await openErasureCode();
  const prng = new Prng(7);
  for (let run = 0; run < 800; run++) {
    const word = codeword(prng, 60);
    const { data, parity, size, all } = word;
    const end = data * size;
    const before = all.slice(0, end);
    expect(code.encode(all, data, parity)).toBe(true);
    expect(Buffer.compare(all.subarray(0, end), before)).toBe(0);
    const few = run % 4 === 0;
    const { shards, available } = without(prng, parity + (few ? 1 : 0), word);
    const given = shards.slice();
    expect(code.reconstruct(shards, data, parity, available), `run ${run}`).toBe(!few);
    expect(Buffer.compare(shards.subarray(0, end), (few ? given : all).subarray(0, end)), `run ${run}`).toBe(
      0,
    );
  }
});

test('refuses shards of unequal length and flags of another number, and goes on', async () => {
  const code = await openErasureCode();
  const flags = [false, true, true, true, true, true, true];
  for (let run = 0; run < 50; run++) {
    expect(code.encode(new Uint8Array(9), 4, 4)).toBe(false);
    expect(code.reconstruct(new Uint8Array(9), 4, 4, [...flags, true])).toBe(false);
    expect(code.reconstruct(new Uint8Array(8), 4, 4, flags)).toBe(false);
    const shards = Uint8Array.from([1, 2, 3, 4, 0, 0, 0, 0]);
    expect(code.encode(shards, 4, 4)).toBe(true);
    shards[0] = 0;
    expect(code.reconstruct(shards, 4, 4, [...flags, true])).toBe(true);
    expect(shards[0]).toBe(1);
  }
});

test('its memory stays bounded however the sizes vary', async () => {
  const instances: WebAssembly.Instance[] = [];
  const { Instance } = WebAssembly;
  vi.spyOn(WebAssembly, 'Instance').mockImplementation(function open(module) {
    const instance = new Instance(module);
    instances.push(instance);
    return instance;
  });
  const code = await openErasureCode();
  const prng = new Prng(1);
  for (let run = 0; run < 20_000 && instances.length < 3; run++) {
    const { data, parity, all } = codeword(prng, run % 5 === 0 ? 2000 : 100);
    code.encode(all, data, parity);
  }
  const sizes = instances.map(
    (each) => (each.exports as { memory: WebAssembly.Memory }).memory.buffer.byteLength,
  );
  expect(sizes).toHaveLength(3);
  expect(Math.max(...sizes)).toBeLessThan(2 ** 25);
});
