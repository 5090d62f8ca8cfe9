/**
 * What of Node's Buffer the SSZ library calls, which browsers have not: each type of list keeps a view of 64 bytes, and writes its length
 * into them before it hashes them. A browser loads this before any type is made.
 */
const SszBuffer = {
  from: (buffer: ArrayBuffer, byteOffset: number, byteLength: number) => {
    const bytes = new Uint8Array(buffer, byteOffset, byteLength);
    return {
      /** Little-endian. @param value below 2^48 */
      writeUIntLE(value: number, offset: number, length: number): void {
        for (let i = 0, left = value; i < length; i++, left = Math.floor(left / 256))
          bytes[offset + i] = left % 256;
      },
    };
  },
};

if (!('Buffer' in globalThis)) Object.assign(globalThis, { Buffer: SszBuffer });
