import { bigintToBytes } from '../../base/bytes.ts';

/**
 * A witness as a `.wtns` file, version 2, over any field.
 * @param bytes of an element, a multiple of 8
 * @see https://github.com/iden3/snarkjs, `wtns_utils.js`
 */
export function wtnsFile(modulus: bigint, bytes: number, values: readonly bigint[]): Uint8Array {
  const head = 12 + 12 + 8 + bytes + 12;
  const out = new Uint8Array(head + bytes * values.length);
  const view = new DataView(out.buffer);
  out.set([0x77, 0x74, 0x6e, 0x73]); // "wtns"
  view.setUint32(4, 2, true); // version
  view.setUint32(8, 2, true); // sections
  view.setUint32(12, 1, true);
  view.setBigUint64(16, BigInt(8 + bytes), true);
  view.setUint32(24, bytes, true);
  out.set(bigintToBytes(modulus, bytes).reverse(), 28);
  view.setUint32(28 + bytes, values.length, true);
  view.setUint32(32 + bytes, 2, true);
  view.setBigUint64(36 + bytes, BigInt(bytes * values.length), true);
  values.forEach((value, wire) => {
    out.set(bigintToBytes(value, bytes).reverse(), head + bytes * wire);
  });
  return out;
}
