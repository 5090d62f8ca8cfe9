import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Logger, wtns } from 'snarkjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { compileCircuit, root } from '../../../scripts/compile-circuit.ts';
import { VelumError } from '../../../src/base/errors.ts';
import {
  brokenConstraints,
  parseR1cs,
  parseSym,
  parseWitness,
  type R1cs,
  satisfies,
  wiresOf,
} from '../../../src/groth16/r1cs.ts';
import type { Compiled } from '../../../src/project/compiler.ts';

const quiet: Logger = { debug() {}, info() {}, warn() {}, error() {} };

let compiled: Compiled;
let r1cs: R1cs;
let wtnsFile: Uint8Array;
beforeAll(async () => {
  compiled = await compileCircuit(
    join(root, 'test/circuits/merkle.circom'),
    join(root, 'build/test-circuits'),
  );
  r1cs = parseR1cs(await readFile(compiled.r1cs));
  const out: { type: 'mem'; data?: Uint8Array } = { type: 'mem' };
  await wtns.calculate({ h: 2n, children: [1n, 2n, 3n, 4n] }, await readFile(compiled.wasm), out);
  wtnsFile = out.data!;
});

describe('a parsed constraint system', () => {
  test('has the shape the circuit has', () => {
    expect([r1cs.outputCount, r1cs.publicInputCount, r1cs.privateInputCount]).toEqual([1, 0, 5]);
    expect(r1cs.constraints).toHaveLength(300);
  });
  test('names wires as the symbol file does', async () => {
    const signals = parseSym(await readFile(compiled.sym, 'utf8'), r1cs.wireCount);
    expect(signals).toContainEqual({ label: 1, wire: 1, name: 'main.parent' });
    const wires = signals.map(({ wire }) => wire);
    expect(wires).toContain(undefined);
    expect(Math.max(...wires.filter((wire) => wire !== undefined))).toBe(r1cs.wireCount - 1);
  });
  test('is satisfied by the calculator’s witness', () => {
    expect(satisfies(r1cs, parseWitness(wtnsFile))).toBe(true);
  });
  test('agrees with snarkjs wherever one wire is changed', async () => {
    const witness = parseWitness(wtnsFile);
    expect(await wtns.check(compiled.r1cs, wtnsFile, quiet)).toBe(true);
    for (let wire = 1; wire < witness.length; wire += 60) {
      const bytes = Uint8Array.from(wtnsFile);
      bytes[bytes.length - 32 * (witness.length - wire)]! ^= 1;
      const changed = parseWitness(bytes);
      expect(changed[wire]).not.toBe(witness[wire]);
      expect(satisfies(r1cs, changed)).toBe(await wtns.check(compiled.r1cs, bytes, quiet));
    }
  });
  test('names the broken constraints: those that speak of the changed wire', () => {
    const witness = [...parseWitness(wtnsFile)];
    witness[1]! += 1n;
    const broken = brokenConstraints(r1cs, witness);
    expect(broken.length).toBeGreaterThan(0);
    for (const index of broken) expect(wiresOf(r1cs.constraints[index]!)).toContain(1);
  });
  test('refuses a file of another kind, another field, or a witness of another system', () => {
    expect(() => parseR1cs(wtnsFile)).toThrow(VelumError);
    const otherField = Uint8Array.from(wtnsFile);
    otherField[28]! ^= 1;
    expect(() => parseWitness(otherField)).toThrow(VelumError);
    expect(() => satisfies(r1cs, parseWitness(wtnsFile).slice(1))).toThrow(VelumError);
  });
});
