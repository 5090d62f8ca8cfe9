import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { boundedModule } from '../../../src/groth16/wasm-limits.ts';
import { runWitnessProgram, type WitnessLimits } from '../../../src/project/witness-thread.ts';
import { root } from '../../../src/proofs/compile.ts';
import { GROWING, LOOPING, witnessProgram } from '../../helpers/witness-program.ts';

const MIB = 1 << 20;
const limits = (timeMs: number, memoryBytes = 64 * MIB): WitnessLimits => ({ timeMs, memoryBytes });
const run = (wasm: Uint8Array, within: WitnessLimits) =>
  runWitnessProgram('strange', wasm, { a: [1n] }, within);

let ballot: Uint8Array;
beforeAll(async () => {
  ballot = await readFile(join(root, 'keys/ballot/witness.wasm'));
});

test('a program that does not end is ended at its time', async () => {
  await expect(run(witnessProgram({ init: LOOPING }), limits(500))).rejects.toMatchObject({
    code: 'WITNESS_LIMIT',
    data: { circuit: 'strange', limit: 'time' },
  });
});

test('a program that wants more memory than it may is refused, and one that grows gets no more', async () => {
  await expect(run(witnessProgram({ pages: 65_536 }), limits(5000))).rejects.toMatchObject({
    code: 'WITNESS_LIMIT',
    data: { limit: 'memory' },
  });
  const before = process.memoryUsage().rss;
  await expect(run(witnessProgram({ init: GROWING }), limits(20_000))).rejects.toMatchObject({
    code: 'WITNESS_PROGRAM',
    message: expect.stringContaining('unreachable'),
  });
  expect(process.memoryUsage().rss - before).toBeLessThan(512 * MIB);
});

test('a witness that would be larger than the limit is not computed', async () => {
  const program = witnessProgram({ witnessSize: 0x7fff_ffff });
  await expect(run(program, limits(5000))).rejects.toMatchObject({
    code: 'WITNESS_LIMIT',
    data: { limit: 'memory' },
  });
});

test('what is no witness program, or is one over another field, is refused with the reason', async () => {
  const missing = new Uint8Array([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]);
  for (const wasm of [new Uint8Array(), Buffer.from('no program'), missing, ballot.subarray(0, 1000)])
    await expect(run(wasm, limits(5000))).rejects.toMatchObject({ code: 'WITNESS_PROGRAM' });
  await expect(run(witnessProgram(), limits(5000))).rejects.toMatchObject({
    code: 'WITNESS_PROGRAM',
    message: expect.stringContaining('another field'),
  });
});

test('a program of circom keeps what it is under its bounds, and nothing that was changed throws', async () => {
  const bounded = boundedModule(ballot, 64 * MIB) as Uint8Array;
  expect(WebAssembly.validate(bounded)).toBe(true);
  expect(boundedModule(ballot, 1 << 16)).toBe('memory');
  const near = fc.nat({ max: 3000 });
  fc.assert(
    fc.property(near, fc.nat({ max: 255 }), near, (at, byte, end) => {
      const changed = ballot.slice(0, 4000 - end);
      changed[at] = byte;
      const made = boundedModule(changed, 64 * MIB);
      return made === undefined || made === 'memory' || made.length >= 8;
    }),
    { numRuns: 200 },
  );
});
