/**
 * Files of powers of tau: the form. Whether their points are powers is asked in powers.ts.
 * @see snarkjs 0.7.6, src/powersoftau_utils.js and src/powersoftau_preparephase2.js: the sections
 */
import type { FileHandle } from 'node:fs/promises';
import { q } from '../../params/fields.ts';
import { Groth16Error } from '../errors.ts';
import { wrongField } from '../known-fields.ts';

/** The largest power of two that divides r − 1: no domain of a circuit is larger. */
const MAX_POWER = 28;
const G1_BYTES = 64;
const G2_BYTES = 128;
export const pointBytes = (group: 'G1' | 'G2'): number => (group === 'G1' ? G1_BYTES : G2_BYTES);
/** Points after a contribution and its public key, the state of its hash, the next challenge, type and length. */
const CONTRIBUTION_BYTES = 3 * G1_BYTES + 2 * G2_BYTES + (6 * G1_BYTES + 3 * G2_BYTES) + 216 + 64 + 4 + 4;
const MAX_CONTRIBUTIONS_BYTES = 1 << 20;

/** Where points of one kind lie in the file, affine, each coordinate in Montgomery form, little-endian. */
export interface PointsAt {
  readonly group: 'G1' | 'G2';
  readonly at: number;
  readonly count: number;
}

/** With P = G1 or G2: the powers τⁱP from i = 0, and for each domain of 2^p points, p from 0, Σⱼ ℓᵢⱼτʲP: ℓᵢ(τ)P. */
interface PowersAndLagrange {
  readonly powers: PointsAt;
  readonly lagrange: PointsAt;
}

/** A file of powers of tau that is prepared for phase 2. */
export interface PtauLayout {
  /** Domains of up to 2^power have what a phase 2 needs. */
  readonly power: number;
  /** 2^(power+1) − 1 powers in G1. */
  readonly tauG1: PowersAndLagrange;
  readonly tauG2: PowersAndLagrange;
  /** The same times α and β. */
  readonly alphaG1: PowersAndLagrange;
  readonly betaG1: PowersAndLagrange;
  readonly betaG2: PointsAt;
}

type Section = { readonly at: number; readonly size: number };

/**
 * Reads a file's layout and compares the size of everything in it with what its header says.
 * @param file  from anybody
 * @param path  names it in errors
 * @throws {Groth16Error} PHASE_1_FILE saying what is wrong
 */
export async function readPtauLayout(file: FileHandle, path: string): Promise<PtauLayout> {
  const check: Check = (condition, why) => {
    if (!condition) throw new Groth16Error('PHASE_1_FILE', `${path} ${why}`, { path });
  };
  const read = async (at: number, length: number): Promise<Buffer> => {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, at);
    check(bytesRead === length, 'is cut short');
    return buffer;
  };
  const { size } = await file.stat();
  check(size >= 12 && (await read(0, 4)).toString('latin1') === 'ptau', 'is no powers-of-tau file (.ptau)');
  const start = await read(4, 8);
  check(start.readUInt32LE(0) === 1, `is of version ${start.readUInt32LE(0)}, and only 1 is read`);
  const count = start.readUInt32LE(4);
  const sections = new Map<number, Section>();
  let at = 12;
  for (let i = 0; i < count; i++) {
    check(at + 12 <= size, `has fewer sections than the ${count} of its header`);
    const head = await read(at, 12);
    const [type, length] = [head.readUInt32LE(0), Number(head.readBigUInt64LE(4))];
    at += 12;
    check(KNOWN.has(type), `has a section of type ${type}, which no powers-of-tau file has`);
    check(!sections.has(type), `has section ${type} twice`);
    check(length <= size - at, `is cut short in section ${type}`);
    sections.set(type, { at, size: length });
    at += length;
  }
  check(at === size, `has ${size - at} bytes after its last section`);
  const header = sections.get(1);
  check(header !== undefined && header.size >= 4 && header.size <= 256, 'has no header');
  const power = readHeader(await read(header.at, header.size), check);
  const layout = layoutOf(sections, power, check);
  const contributions = sections.get(7);
  check(contributions !== undefined && contributions.size <= MAX_CONTRIBUTIONS_BYTES, 'has no contributions');
  walkContributions(await read(contributions.at, contributions.size), check);
  return layout;
}

type Check = (condition: unknown, why: string) => asserts condition;

const KNOWN = new Set([1, 2, 3, 4, 5, 6, 7, 12, 13, 14, 15]);

function readHeader(header: Buffer, check: Check): number {
  const bytes = header.readUInt32LE(0);
  check(header.length === 4 + bytes + 8, 'has a header of a wrong size');
  const problem = wrongField(header.subarray(4, 4 + bytes), q);
  check(problem === undefined, `${problem}`);
  const [power, ofCeremony] = [header.readUInt32LE(4 + bytes), header.readUInt32LE(8 + bytes)];
  check(power >= 1 && power <= MAX_POWER, `is of power ${power}; powers are 1 to ${MAX_POWER}`);
  check(ofCeremony >= power && ofCeremony <= MAX_POWER, 'is of a higher power than its ceremony');
  return power;
}

function layoutOf(sections: ReadonlyMap<number, Section>, power: number, check: Check): PtauLayout {
  const points = (type: number, name: string, group: 'G1' | 'G2', count: number): PointsAt => {
    const section = sections.get(type);
    check(
      section !== undefined,
      `has no section of ${name}${type > 7 ? ': it is not prepared for phase 2' : ''}`,
    );
    const bytes = count * pointBytes(group);
    check(
      section.size === bytes,
      `says it is of power ${power}, so that its section of ${name} has ${bytes} bytes; it has ${section.size}`,
    );
    return { group, at: section.at, count };
  };
  const n = 2 ** power;
  return {
    power,
    tauG1: {
      powers: points(2, 'powers of tau in G1', 'G1', 2 * n - 1),
      lagrange: points(12, 'Lagrange points of tau in G1', 'G1', 4 * n - 1),
    },
    tauG2: {
      powers: points(3, 'powers of tau in G2', 'G2', n),
      lagrange: points(13, 'Lagrange points of tau in G2', 'G2', 2 * n - 1),
    },
    alphaG1: {
      powers: points(4, 'powers of tau times alpha', 'G1', n),
      lagrange: points(14, 'Lagrange points of tau times alpha', 'G1', 2 * n - 1),
    },
    betaG1: {
      powers: points(5, 'powers of tau times beta', 'G1', n),
      lagrange: points(15, 'Lagrange points of tau times beta', 'G1', 2 * n - 1),
    },
    betaG2: points(6, 'beta in G2', 'G2', 1),
  };
}

function walkContributions(section: Buffer, check: Check): void {
  const isThere = (end: number): void => check(end <= section.length, 'is cut short in its contributions');
  isThere(4);
  let at = 4;
  for (let left = section.readUInt32LE(0); left > 0; left--) {
    isThere(at + CONTRIBUTION_BYTES);
    at += CONTRIBUTION_BYTES;
    at += section.readUInt32LE(at - 4);
    isThere(at);
  }
  check(at === section.length, `has ${section.length - at} bytes too many in its contributions`);
}
