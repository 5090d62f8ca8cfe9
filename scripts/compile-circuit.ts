export { compileCircuit, root } from '../src/proofs/compile.ts';
