/** A browser compiles as it always does: see `few-runs.ts`. */
export const compileForFewRuns = (program: Uint8Array<ArrayBuffer>): WebAssembly.Module =>
  new WebAssembly.Module(program);
