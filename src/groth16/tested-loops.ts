/** Miller loops of kernels that have shown, in this process, that their pairing is one. */
import { q } from '../params/fields.ts';
import { WasmError } from '../wasm/errors.ts';
import type { Kernels } from '../wasm/kernels.ts';
import { loadKernels } from '../wasm/load.ts';
import { type MillerLoops, millerLoops } from './miller-loops.ts';
import { pairingCheck, stockPoint } from './pairing-check.ts';

/** G and [2]G. @see EIP-196 */
const G = stockPoint(1n, 2n);
const MINUS_G = stockPoint(1n, q - 2n);
const TWICE_G = stockPoint(
  1368015179489954701390400359078579693043519447331113978918064868415326638035n,
  9918110051302171585080402603319702774565515993150576347155970296011118125764n,
);
/** The generator of G2. @see EIP-197 */
const H = stockPoint(
  10857046999023057135944570762232829481370756359578518086990519993285655852781n,
  11559732032986387107991004021392285783925812861821192530917403151452391805634n,
  8495653923123431417604973247489272438418190587263600148770280649306958101930n,
  4082367875863433681332203403145435568316851327593401208105741076214120093531n,
);
/** The point of the twist with x = 1, which is not in G2. */
const OUTSIDE = stockPoint(
  1n,
  0n,
  18278151005453108793778860132295291098363647455926340152056652516292830556603n,
  5912654199736721486680175016176231956195085055698687135131307249486702594212n,
);

/** Whether e([2]G, H)·e(−G, H)² = 1 ≠ e([2]G, H)·e(−G, H), and a point outside G2 is found: some 10 ms. */
export function pairingHolds(kernels: Kernels): boolean {
  const { isOne, areInG2 } = pairingCheck(kernels);
  const pairs = [TWICE_G, MINUS_G, MINUS_G].map((P) => ({ P, Q: H }));
  return (
    isOne(pairs) &&
    !isOne(pairs.slice(0, 2)) &&
    areInG2([H]) &&
    !areInG2([OUTSIDE]) &&
    !isOne([{ P: G, Q: H }])
  );
}

let shared: Promise<MillerLoops> | undefined;
/**
 * By the fastest kernels that compute rightly here, built once a process: a verdict about a peer's proof rests on them.
 * @throws {WasmError} KERNEL_SELF_TEST
 */
export function loadMillerLoops(): Promise<MillerLoops> {
  shared ??= testedLoops();
  return shared;
}

async function testedLoops(): Promise<MillerLoops> {
  for (const path of [undefined, 'scalar'] as const) {
    const kernels = await loadKernels(path);
    if (pairingHolds(kernels)) return millerLoops(kernels);
  }
  throw new WasmError(
    'KERNEL_SELF_TEST',
    'the WebAssembly kernels do not compute pairings on this machine',
    {},
  );
}
