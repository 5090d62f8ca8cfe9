import { WasmError } from './errors.ts';
import type { KernelPath } from './field-constants.ts';
import { Kernels } from './kernels.ts';
import { enableRelaxedSimd, moduleBytes } from './module-bytes.ts';
import { selfTest } from './self-test.ts';

/** From src/wasm and from dist/wasm alike. */
const FILES: Record<KernelPath, URL> = {
  'relaxed-simd': new URL('../../src/wasm/kernels-relaxed-simd.wasm', import.meta.url),
  scalar: new URL('../../src/wasm/kernels-scalar.wasm', import.meta.url),
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
  const bytes = await moduleBytes(FILES[path]);
  if (path === 'relaxed-simd' && !WebAssembly.validate(bytes)) enableRelaxedSimd();
  try {
    const module = await WebAssembly.compile(bytes);
    return selfTest(new Kernels(module, path)) ? module : undefined;
  } catch (error) {
    // An engine without relaxed SIMD does not compile it.
    if (path === 'relaxed-simd' && !(error instanceof WasmError)) return undefined;
    throw error;
  }
}
