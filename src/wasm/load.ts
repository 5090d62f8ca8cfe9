import { WasmError } from './errors.ts';
import type { KernelPath } from './field-constants.ts';
import { Kernels } from './kernels.ts';
import { selfTest } from './self-test.ts';

/** From src/wasm and from dist/wasm alike. */
const FILES: Record<KernelPath, string> = {
  'relaxed-simd': '../../src/wasm/kernels-relaxed-simd.wasm',
  scalar: '../../src/wasm/kernels-scalar.wasm',
};
const modules = new Map<KernelPath, Promise<WebAssembly.Module | undefined>>();

/**
 * A new instance of the fastest module that computes rightly here: products of a CPU or an engine that rounds between
 * multiplication and addition would be wrong, so each module answers to bigint before it is used. Compiled and tested
 * once a process.
 * @param path only this one
 * @throws {WasmError} KERNEL_SELF_TEST if neither does, or the one asked for does not
 */
export async function loadKernels(path?: KernelPath): Promise<Kernels> {
  for (const candidate of path === undefined ? (['relaxed-simd', 'scalar'] as const) : [path]) {
    let module = modules.get(candidate);
    if (module === undefined) {
      module = testedModule(candidate);
      modules.set(candidate, module);
    }
    const tested = await module;
    if (tested !== undefined) return new Kernels(tested, candidate);
  }
  const message = `the WebAssembly kernels${path === undefined ? '' : ` (${path})`} do not compute BN254 on this machine`;
  throw new WasmError('KERNEL_SELF_TEST', message, path === undefined ? {} : { path });
}

async function testedModule(path: KernelPath): Promise<WebAssembly.Module | undefined> {
  const bytes = await readModule(new URL(FILES[path], import.meta.url));
  if (path === 'relaxed-simd' && !WebAssembly.validate(bytes)) await enableRelaxedSimd();
  try {
    const module = await WebAssembly.compile(bytes);
    return selfTest(new Kernels(module, path)) ? module : undefined;
  } catch (error) {
    // An engine without relaxed SIMD does not compile it.
    if (path === 'relaxed-simd' && !(error instanceof WasmError)) return undefined;
    throw error;
  }
}

async function readModule(url: URL): Promise<Uint8Array> {
  if (url.protocol !== 'file:') return new Uint8Array(await (await fetch(url)).arrayBuffer());
  const { readFile } = await import('node:fs/promises');
  return readFile(url);
}

/** Node 20 has the instructions behind a flag; elsewhere there is nothing to enable. */
async function enableRelaxedSimd(): Promise<void> {
  if ((globalThis as { process?: { versions?: { node?: string } } }).process?.versions?.node === undefined)
    return;
  const { setFlagsFromString } = await import('node:v8');
  setFlagsFromString('--experimental-wasm-relaxed-simd');
}
