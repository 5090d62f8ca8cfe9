/**
 * Tests of circuits, for any test runner. What is not here may change at any time. Generators for fast-check are in `velum/testing/fast-check`, which needs fast-check.
 *
 * @example A true statement, a false one, and what a prover could forge
 * ```ts
 * import assert from 'node:assert/strict';
 * import { circuitTester } from 'velum/testing';
 *
 * const circuit = await circuitTester({ r1cs: 'circuit.r1cs', wasm: 'circuit.wasm', sym: 'circuit.sym' });
 * const witness = await circuit.expectPass({ value: 3, path: [1, 0, 1] }, { sum: 4 });
 * assert.equal(circuit.read(witness, 'sum'), 4n);
 * circuit.expectConstraintCount(1);
 * await circuit.expectFail(circuit.forge(witness, { sum: 5n }), { constraint: 'sum' });
 * ```
 * @packageDocumentation
 */
export { CircuitTester, type ExpectedRefusal } from './circuit-tester.ts';
export { TestingError } from './errors.ts';
export type { CircuitInput, InputShape, InputValue } from './input-shape.ts';
export { type CircuitSource, type CompiledPaths, circuitTester } from './open-circuit.ts';
export type { InputVerdict, Refusal } from './tested-circuit.ts';
