import { buildBn128 } from 'ffjavascript';
import type { Curve } from './curve-types.ts';

let shared: Promise<Curve> | undefined;
let threaded: Promise<Curve> | undefined;

/**
 * BN254 in WebAssembly on the calling thread, built once a process (about 0.3 s).
 *
 * It is not ffjavascript's shared curve, whose worker threads keep a process alive: nothing has to be terminated.
 */
export function loadCurve(): Promise<Curve> {
  shared ??= buildBn128(true);
  return shared;
}

/**
 * BN254 with a worker thread a core, built once a process. For a process that ends by `process.exit`: its threads are
 * never terminated. Transforms and multi-exponentiations are cut among them; what a call to the verifier does is not.
 */
export function loadThreadedCurve(): Promise<Curve> {
  threaded ??= buildBn128(false);
  return threaded;
}
