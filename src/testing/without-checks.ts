/** Id of the section of a WebAssembly module that holds its functions. */
const CODE_SECTION = 10;
/** i32.const 4, return, end: what circom writes where a check fails. 4 is its code for it. */
const FAILED = [0x41, 0x04, 0x0f, 0x0b] as const;
const DROP = 0x1a;

/**
 * The witness program of a prover who does not stop at a false `a === b` or `assert(…)`: the return becomes a drop, so the program goes
 * on and a false statement gets a witness, too. Whether that is one of the circuit is for the constraints to say.
 * @param wasm a witness program as circom 2 makes it
 * @see WebAssembly core specification, 5.5: sections are an id, a length in LEB128 and the content
 */
export function withoutChecks(wasm: Uint8Array): Uint8Array {
  const patched = Uint8Array.from(wasm);
  for (let at = 8; at < patched.length; ) {
    const id = patched[at]!;
    const { value: length, next } = leb128(patched, at + 1);
    if (id === CODE_SECTION) patchCode(patched, next, Math.min(next + length, patched.length));
    at = next + length;
  }
  return patched;
}

function patchCode(code: Uint8Array, from: number, to: number): void {
  for (let i = from; i + FAILED.length <= to; i++)
    if (FAILED.every((byte, k) => code[i + k] === byte)) code[i + 2] = DROP;
}

function leb128(bytes: Uint8Array, from: number): { readonly value: number; readonly next: number } {
  let value = 0;
  for (let i = from, unit = 1; ; i++, unit *= 128) {
    const byte = bytes[i] ?? 0;
    value += (byte & 0x7f) * unit;
    if (byte < 0x80) return { value, next: i + 1 };
  }
}
