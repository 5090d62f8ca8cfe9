export { type CompiledCircuit, compileCircuit, root } from '../src/proofs/compile.ts';
