import { buildBn128, type Curve } from 'ffjavascript';

let shared: Promise<Curve> | undefined;

/**
 * BN254 in WebAssembly on the calling thread, built once a process (about 0.3 s).
 *
 * It is not ffjavascript's shared curve, whose worker threads keep a process alive: nothing has to be terminated.
 */
export function loadCurve(): Promise<Curve> {
  shared ??= buildBn128(true);
  return shared;
}
