import { setFlagsFromString } from 'node:v8';

/**
 * Compiles a program of which each function runs once a call, by V8's fast compiler for good. V8 optimises functions that have run a few times:
 * of the ballot's witness program the largest one at about the fifth proof, which takes longer than that proof, and it is no faster then.
 * Only in Node. An engine without these settings compiles as it always does.
 */
export function compileForFewRuns(program: Uint8Array): WebAssembly.Module {
  // A module keeps what is set while it is compiled; the other setting matters to no module that is compiled later.
  setFlagsFromString('--no-wasm-tier-up');
  setFlagsFromString('--no-wasm-dynamic-tiering');
  try {
    return new WebAssembly.Module(program as Uint8Array<ArrayBuffer>);
  } finally {
    setFlagsFromString('--wasm-dynamic-tiering');
  }
}
