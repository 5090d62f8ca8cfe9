export { type CompiledCircuit, compileCircuit, root, toolVersion } from '../src/proofs/compile.ts';
