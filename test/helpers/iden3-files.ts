/** Writers of iden3's files, by their specification and without the program's own readers. */
import { r } from '../../src/params/fields.ts';

const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
const u64 = (value: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
};
const element = (value: bigint, bytes = 32): Buffer =>
  Buffer.from(value.toString(16).padStart(2 * bytes, '0'), 'hex').reverse();

/** A container with sections of these types and bodies, in this order. */
export const container = (
  magic: string,
  version: number,
  sections: readonly (readonly [number, Buffer])[],
): Buffer =>
  Buffer.concat([
    Buffer.from(magic),
    u32(version),
    u32(sections.length),
    ...sections.flatMap(([type, body]) => [u32(type), u64(body.length), body]),
  ]);

/** Terms [wire, coefficient] of the sums a, b and c. */
export type Row = readonly (readonly (readonly [number, bigint])[])[];

/** The sections of a constraint system whose wires carry these labels. */
export function r1csSections(
  counts: { readonly outputs: number; readonly publicInputs: number; readonly privateInputs: number },
  labels: readonly number[],
  rows: readonly Row[],
  { modulus, bytes } = { modulus: r, bytes: 32 },
): [number, Buffer][] {
  const sum = (terms: Row[number]): Buffer =>
    Buffer.concat([
      u32(terms.length),
      ...terms.flatMap(([wire, factor]) => [u32(wire), element(factor, bytes)]),
    ]);
  const { outputs, publicInputs, privateInputs } = counts;
  const sizes = [labels.length, outputs, publicInputs, privateInputs].map(u32);
  const labelCount = u64(Math.max(...labels) + 1);
  return [
    [2, Buffer.concat(rows.flatMap((row) => row.map(sum)))],
    [1, Buffer.concat([u32(bytes), element(modulus, bytes), ...sizes, labelCount, u32(rows.length)])],
    [3, Buffer.concat(labels.map(u64))],
  ];
}

/** A .wtns file. */
export const wtnsFile = (values: readonly bigint[]): Buffer =>
  container('wtns', 2, [
    [1, Buffer.concat([u32(32), element(r), u32(values.length)])],
    [2, Buffer.concat(values.map((value) => element(value)))],
  ]);
