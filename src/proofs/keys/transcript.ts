import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { VelumError } from '../../base/errors.ts';
import { loadCurve } from '../curve.ts';

/** One step of a phase 2, as the proving key itself and MANIFEST.json tell it. */
export interface Contribution {
  readonly name: string;
  /** BLAKE2b-512 that the contributor publishes, hex. */
  readonly hash: string;
  /** Of a beacon: its value, hex, and the exponent n of the 2^n hashes it went through. */
  readonly beacon?: string;
  readonly iterationsExponent?: number;
}

const CONTRIBUTIONS_SECTION = 10;
const BEACON = 1;

/**
 * The contributions inside a Groth16 proving key, first one first; each hash = BLAKE2b(δ after it, s, s·x, G2's s·x,
 * transcript), as snarkjs prints it. Whether they are true is `zkey verify`'s question.
 * @see snarkjs 0.7.6, src/zkey_utils.js: the format of section 10
 */
export async function readTranscript(zkey: string): Promise<Contribution[]> {
  const { G1, G2 } = await loadCurve();
  const damaged = (): never => {
    throw new VelumError('KEYS_STALE', `${zkey} is damaged: its list of contributions cannot be read`, {
      zkey,
    });
  };
  const bytes = await readFile(zkey);
  const section = sectionOf(bytes, CONTRIBUTIONS_SECTION) ?? damaged();
  let at = 64; // the circuit's hash
  const take = (length: number): Buffer => {
    at += length;
    if (at > section.length) damaged();
    return section.subarray(at - length, at);
  };
  const u32 = (): number => take(4).readUInt32LE();
  const point = (group: typeof G1 | typeof G2): Uint8Array => {
    const out = new Uint8Array(2 * group.F.n8);
    group.toRprUncompressed(out, 0, take(2 * group.F.n8));
    return out;
  };
  return Array.from({ length: u32() }, () => {
    const hash = createHash('blake2b512');
    for (const group of [G1, G1, G1, G2]) hash.update(point(group));
    hash.update(take(64));
    const isBeacon = u32() === BEACON;
    const end = u32() + at;
    let contribution: Contribution = { name: '', hash: hash.digest('hex') };
    while (at < end) {
      const type = take(1)[0];
      const size = take(1)[0]!;
      if (type === 1) contribution = { ...contribution, name: take(size).toString('utf8') };
      else if (type === 2 && isBeacon) contribution = { ...contribution, iterationsExponent: size };
      else if (type === 3 && isBeacon) contribution = { ...contribution, beacon: take(size).toString('hex') };
      else damaged();
    }
    return contribution;
  });
}

/** Body of a section of iden3's binary container. */
function sectionOf(bytes: Buffer, wanted: number): Buffer | undefined {
  let at = 12;
  for (let left = bytes.readUInt32LE(8); left > 0; left--) {
    const type = bytes.readUInt32LE(at);
    const size = Number(bytes.readBigUInt64LE(at + 4));
    if (type === wanted) return bytes.subarray(at + 12, at + 12 + size);
    at += 12 + size;
  }
  return undefined;
}
