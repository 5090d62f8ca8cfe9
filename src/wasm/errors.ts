import { code, errorsOf } from '../base/errors.ts';

/** What the kernels refuse. */
export const WasmError = errorsOf({
  KERNEL_MEMORY: code<{ readonly bytes: number }>('The WebAssembly memory of the kernels is full.'),
  KERNEL_SELF_TEST: code<{ readonly path?: string }>('The kernels do not compute BN254 on this machine.'),
});
