import { bytesToBigint } from '../base/bytes.ts';
import { r } from '../params/fields.ts';
import { checkFile, containerSections, SectionReader } from './iden3-file.ts';

const R_WORDS = [3n, 2n, 1n, 0n].map((word) => BigInt.asUintN(64, r >> (64n * word))) as [
  bigint,
  bigint,
  bigint,
  bigint,
];

/**
 * The values of a .wtns file as they lie in it: 32 bytes little-endian a signal. Secret.
 * @param bytes   from anybody
 * @param signals how many the proving key is for
 * @throws {Groth16Error} CIRCUIT_FILE if it is not one over F_r, of another circuit, or has a value that is not below r
 */
export function witnessWords(bytes: Uint8Array, signals: number): Uint8Array {
  const sections = containerSections(bytes, 'wtns', 2);
  checkFile(sections !== undefined, 'is no whole .wtns file of version 2');
  const header = new SectionReader(sections.get(1), 'the header');
  header.field(r);
  const count = header.u32();
  header.end();
  checkFile(count === signals, `has ${count} signals, the proving key is for ${signals}`);
  const body = sections.get(2);
  checkFile(body !== undefined && body.length === 32 * count, 'has a section of values of another length');
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  for (let i = 0; i < count; i++) {
    checkFile(isBelowR(view, 32 * i), `has a value ${i} that is not below the order of the field`);
  }
  checkFile(body[0] === 1 && body.subarray(1, 32).every((byte) => byte === 0), 'does not begin with 1');
  return body;
}

const R_TOP = Number(r >> 224n);

function isBelowR(view: DataView, at: number): boolean {
  if (view.getUint32(at + 28, true) < R_TOP) return true;
  for (const [i, word] of R_WORDS.entries()) {
    const found = view.getBigUint64(at + 24 - 8 * i, true);
    if (found !== word) return found < word;
  }
  return false;
}

/** Public signals i = 1 … n of a witness. */
export function publicSignalsOf(witness: Uint8Array, nPublic: number): bigint[] {
  return Array.from({ length: nPublic }, (_, i) =>
    bytesToBigint(witness.subarray(32 * (i + 1), 32 * (i + 2)).toReversed()),
  );
}
