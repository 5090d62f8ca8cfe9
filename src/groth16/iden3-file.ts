import { equalBytes, utf8 } from '../base/bytes.ts';
import { Groth16Error } from './errors.ts';
import { wrongField } from './known-fields.ts';

/** No file of theirs has as many sections. */
const MAX_SECTIONS = 64;

/**
 * Type → body of the sections of iden3's binary container, the form of .r1cs, .wtns and .zkey files.
 * @param bytes from anybody
 * @returns undefined if it is another container or version, is cut short or goes on, has a section twice or more than 64
 * @see https://github.com/iden3/r1csfile/blob/master/doc/r1cs_bin_format.md
 */
export function containerSections<Bytes extends Uint8Array>(
  bytes: Bytes,
  magic: string,
  version: number,
): ReadonlyMap<number, Bytes> | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 12 || !equalBytes(bytes.subarray(0, 4), utf8(magic))) return undefined;
  if (view.getUint32(4, true) !== version) return undefined;
  const bodies = new Map<number, Bytes>();
  let at = 12;
  while (at + 12 <= bytes.length) {
    const [type, size] = [view.getUint32(at, true), Number(view.getBigUint64(at + 4, true))];
    at += 12;
    if (bodies.has(type) || bodies.size === MAX_SECTIONS || size > bytes.length - at) return undefined;
    // A part of a Buffer is one.
    bodies.set(type, bytes.subarray(at, at + size) as Bytes);
    at += size;
  }
  return at === bytes.length && bodies.size === view.getUint32(8, true) ? bodies : undefined;
}

/** Throws CIRCUIT_FILE unless the condition holds; `why` says of the file what is wrong. */
export function checkFile(condition: unknown, why: string): asserts condition {
  if (!condition) throw new Groth16Error('CIRCUIT_FILE', `the file ${why}`);
}

/** Reads the body of a section from its beginning. Little-endian. Every read throws CIRCUIT_FILE beyond the end. */
export class SectionReader {
  private readonly view: DataView;
  private readonly name: string;
  private at = 0;

  /** @param name what the section holds, for errors */
  constructor(body: Uint8Array | undefined, name: string) {
    checkFile(body !== undefined, `has no section of ${name}`);
    this.view = new DataView(body.buffer, body.byteOffset, body.byteLength);
    this.name = name;
  }
  u32(): number {
    return this.view.getUint32(this.take(4), true);
  }
  /** Exact below 2^53, and not below it otherwise. */
  u64(): number {
    return Number(this.view.getBigUint64(this.take(8), true));
  }
  /** An integer of 32 bytes. */
  u256(): bigint {
    const at = this.take(32);
    let value = 0n;
    for (let word = 3; word >= 0; word--)
      value = (value << 64n) | this.view.getBigUint64(at + 8 * word, true);
    return value;
  }
  /** An integer of so many bytes. */
  integer(bytes: number): bigint {
    const at = this.take(bytes);
    let value = 0n;
    for (let i = bytes - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.view.getUint8(at + i));
    return value;
  }
  /** The size of a field's elements, at most 32 bytes, and its modulus, of whatever field. */
  anyField(): { readonly modulus: bigint; readonly bytes: number } {
    const bytes = this.u32();
    checkFile(
      bytes >= 8 && bytes <= 32 && bytes % 8 === 0,
      'has elements of another size than 8 to 32 bytes',
    );
    return { modulus: this.integer(bytes), bytes };
  }
  /** The size of a field's elements and its modulus, which must be those of r or q. */
  field(expected: bigint): void {
    const length = this.u32();
    checkFile(length <= 64, 'has a header of another form');
    const at = this.take(length);
    const problem = wrongField(new Uint8Array(this.view.buffer, this.view.byteOffset + at, length), expected);
    checkFile(problem === undefined, problem!);
  }
  /** That so many items of at least so many bytes can follow, before room is made for them. */
  expect(count: number, itemBytes: number): void {
    const left = this.view.byteLength - this.at;
    checkFile(count * itemBytes <= left, `is too short for what its section of ${this.name} counts`);
  }
  /** That nothing is left. */
  end(): void {
    const left = this.view.byteLength - this.at;
    checkFile(left === 0, `has ${left} bytes too many in the section of ${this.name}`);
  }
  private take(length: number): number {
    const at = this.at;
    checkFile(at + length <= this.view.byteLength, `is cut short in the section of ${this.name}`);
    this.at = at + length;
    return at;
  }
}
