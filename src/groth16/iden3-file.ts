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
export function containerSections(
  bytes: Uint8Array,
  magic: string,
  version: number,
): ReadonlyMap<number, Buffer> | undefined {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (file.length < 12 || file.toString('latin1', 0, 4) !== magic) return undefined;
  if (file.readUInt32LE(4) !== version) return undefined;
  const bodies = new Map<number, Buffer>();
  let at = 12;
  while (at + 12 <= file.length) {
    const [type, size] = [file.readUInt32LE(at), Number(file.readBigUInt64LE(at + 4))];
    at += 12;
    if (bodies.has(type) || bodies.size === MAX_SECTIONS || size > file.length - at) return undefined;
    bodies.set(type, file.subarray(at, at + size));
    at += size;
  }
  return at === file.length && bodies.size === file.readUInt32LE(8) ? bodies : undefined;
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
