/**
 * Tests of circuits, for any test runner. What is not here may change at any time; README.md has an example that a test runs.
 * Generators for fast-check are in `velum/testing/fast-check`, which needs fast-check.
 */
export { CircuitTester, type ExpectedRefusal, type Refusal } from './circuit-tester.ts';
export { TestingError } from './errors.ts';
export type { CircuitInput, InputShape, InputValue } from './input-shape.ts';
export { type CompiledPaths, circuitTester } from './open-circuit.ts';
