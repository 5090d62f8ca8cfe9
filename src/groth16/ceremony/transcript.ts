import { createHash } from 'node:crypto';
import { loadCurve } from '../curve.ts';
import type { Curve, CurveGroup } from '../curve-types.ts';
import { Groth16Error } from '../errors.ts';
import { readRegularFile } from '../regular-file.ts';
import { isSubgroupPoint } from '../verification-key.ts';
import { MAX_ZKEY_BYTES, zkeySections } from '../zkey.ts';

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
/** What is thrown within this file where the bytes are not what snarkjs writes. */
class Damaged extends Error {}

/**
 * The contributions inside a Groth16 proving key, first one first; each hash = BLAKE2b(δ after it, s, s·x, G2's s·x,
 * transcript), as snarkjs prints it. Whether they are true is `zkey verify`'s question.
 * @throws {Groth16Error} KEYS_STALE if they cannot be read
 */
export async function readTranscript(zkey: string): Promise<Contribution[]> {
  const section = zkeySections(await readRegularFile(zkey, MAX_ZKEY_BYTES))?.get(CONTRIBUTIONS_SECTION);
  const transcript = section && parseTranscript(await loadCurve(), section);
  if (transcript !== undefined) return transcript;
  const message = `${zkey} is damaged: its list of contributions cannot be read`;
  throw new Groth16Error('KEYS_STALE', message, { zkey });
}

/**
 * @param section body of section 10, from anybody
 * @returns undefined if it is not what snarkjs writes, or has a point outside its group
 * @see snarkjs 0.7.6, src/zkey_utils.js: the format of section 10
 */
export function parseTranscript({ G1, G2, r }: Curve, section: Buffer): Contribution[] | undefined {
  let at = 64; // the circuit's hash
  const take = (length: number): Buffer => {
    at += length;
    if (at > section.length) throw new Damaged();
    return section.subarray(at - length, at);
  };
  const u32 = (): number => take(4).readUInt32LE();
  const point = <Coordinate>(group: CurveGroup<Coordinate>): Uint8Array => {
    const [affine, out] = [take(2 * group.F.n8), new Uint8Array(2 * group.F.n8)];
    // snarkjs takes any bytes; pairings of points outside their group prove nothing.
    if (!isSubgroupPoint(group, r, affine)) throw new Damaged();
    group.toRprUncompressed(out, 0, affine);
    return out;
  };
  const contribution = (): Contribution => {
    const hash = createHash('blake2b512');
    for (let i = 0; i < 3; i++) hash.update(point(G1));
    hash.update(point(G2));
    hash.update(take(64));
    const type = u32();
    const end = u32() + at;
    let made: Contribution = { name: '', hash: hash.digest('hex') };
    while (at < end) {
      const parameter = take(1)[0];
      const size = take(1)[0]!;
      if (parameter === 1) made = { ...made, name: take(size).toString('utf8') };
      else if (parameter === 2) made = { ...made, iterationsExponent: size };
      else if (parameter === 3) made = { ...made, beacon: take(size).toString('hex') };
      else throw new Damaged();
    }
    const ofBeacon = [made.beacon, made.iterationsExponent].filter((value) => value !== undefined).length;
    if (at !== end || type > BEACON || ofBeacon !== (type === BEACON ? 2 : 0)) throw new Damaged();
    return made;
  };
  try {
    const transcript: Contribution[] = [];
    for (let left = u32(); left > 0; left--) transcript.push(contribution());
    return at === section.length ? transcript : undefined;
  } catch (error) {
    if (error instanceof Damaged) return undefined;
    throw error;
  }
}
