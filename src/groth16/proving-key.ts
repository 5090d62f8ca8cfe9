import { bytesToBigint } from '../base/bytes.ts';
import { q, r } from '../params/fields.ts';
import { inverse } from '../wasm/field-constants.ts';
import { checkFile, SectionReader } from './iden3-file.ts';
import { zkeySections } from './zkey.ts';

/** Rows of the domain, at most: what the kernels' memory of 4 GB has room for. */
export const MAX_DOMAIN = 1 << 21;

const GROTH16 = 1;

/** A Groth16 proving key as snarkjs writes it. Points are affine, coordinates times 2^256, little-endian. Public. */
export interface ProvingKey {
  /** Signals of the witness, 1 first, then the public ones. */
  readonly signals: number;
  readonly nPublic: number;
  /** Rows of the domain, a power of two. */
  readonly domain: number;
  readonly alpha1: Uint8Array;
  readonly beta1: Uint8Array;
  readonly beta2: Uint8Array;
  readonly gamma2: Uint8Array;
  readonly delta1: Uint8Array;
  readonly delta2: Uint8Array;
  /** nPublic + 1 points, by which a verifier binds the public signals. */
  readonly IC: Uint8Array;
  /** Entries of the matrices A and B. */
  readonly coefficients: Coefficients;
  /** Points for signals: of A, of B in both groups; of C for those that are not public; of H for the domain's rows. */
  readonly A: Uint8Array;
  readonly B1: Uint8Array;
  readonly B2: Uint8Array;
  readonly C: Uint8Array;
  readonly H: Uint8Array;
}

/** Entries of 44 bytes: matrix (0 is A, 1 is B), row and signal in 4 bytes each, and the value times 2^512 mod r in 32. */
export interface Coefficients {
  readonly count: number;
  readonly entries: Uint8Array;
}

/**
 * Reads a .zkey of snarkjs or rapidsnark: sizes, ranges and the field. That points are on their curves is checked when
 * they are loaded; that the key is its circuit's only a ceremony's verification can say.
 * @param bytes from anybody
 * @throws {Groth16Error} CIRCUIT_FILE if it is not one over BN254
 */
export function parseProvingKey(bytes: Uint8Array): ProvingKey {
  const sections = zkeySections(bytes);
  checkFile(sections !== undefined, 'is no whole .zkey of Groth16');
  const kind = new SectionReader(sections.get(1), 'the protocol');
  checkFile(kind.u32() === GROTH16, 'is a key of another protocol than Groth16');
  kind.end();
  const header = sections.get(2)!;
  checkCurve(header);
  const numbers = new SectionReader(header.subarray(72, 84), 'the header');
  const [signals, nPublic, domain] = [numbers.u32(), numbers.u32(), numbers.u32()];
  checkFile(header.length === 84 + 3 * 64 + 3 * 128, 'has a header of another length');
  checkFile(
    domain >= 2 && domain <= MAX_DOMAIN && (domain & (domain - 1)) === 0,
    `has a domain of ${domain} rows; a power of two up to ${MAX_DOMAIN} is expected`,
  );
  checkFile(nPublic + 1 <= signals && signals <= 8 * MAX_DOMAIN, 'has more public signals than signals');
  const points = (section: number, count: number, size: number): Uint8Array => {
    const body = sections.get(section)!;
    checkFile(
      body.length === count * size,
      `has ${body.length} bytes in section ${section}, not ${count * size}`,
    );
    return body;
  };
  const at = (from: number, length: number): Uint8Array => header.subarray(84 + from, 84 + from + length);
  return {
    signals,
    nPublic,
    domain,
    alpha1: at(0, 64),
    beta1: at(64, 64),
    beta2: at(128, 128),
    gamma2: at(256, 128),
    delta1: at(384, 64),
    delta2: at(448, 128),
    IC: points(3, nPublic + 1, 64),
    coefficients: readCoefficients(sections.get(4)!, signals, domain),
    A: points(5, signals, 64),
    B1: points(6, signals, 64),
    B2: points(7, signals, 128),
    C: points(8, signals - nPublic - 1, 64),
    H: points(9, domain, 64),
  };
}

function checkCurve(header: Uint8Array): void {
  const reader = new SectionReader(header, 'the header');
  reader.field(q);
  reader.field(r);
}

const ENTRY_BYTES = 4 + 4 + 4 + 32;

function readCoefficients(body: Uint8Array, signals: number, domain: number): Coefficients {
  const reader = new SectionReader(body, 'coefficients');
  const count = reader.u32();
  reader.expect(count, ENTRY_BYTES);
  checkFile(body.length === 4 + count * ENTRY_BYTES, 'has a section of coefficients of another length');
  const entries = body.subarray(4);
  const view = new DataView(entries.buffer, entries.byteOffset, entries.length);
  for (let i = 0, at = 0; i < count; i++, at += ENTRY_BYTES) {
    const isInside =
      view.getUint32(at, true) <= 1 &&
      view.getUint32(at + 4, true) < domain &&
      view.getUint32(at + 8, true) < signals;
    if (!isInside) checkFile(false, `has an entry ${i} outside its matrices`);
  }
  return { count, entries };
}

/** The verification key that belongs to a proving key, in the form of snarkjs' export. */
export function verificationKeyJson(key: ProvingKey): string {
  const fromStock = inverse(1n << 256n, q);
  const coordinate = (bytes: Uint8Array, i: number): string => {
    const number = bytesToBigint(bytes.subarray(32 * i, 32 * i + 32).toReversed());
    return String((number * fromStock) % q);
  };
  const g1 = (bytes: Uint8Array): string[] => [coordinate(bytes, 0), coordinate(bytes, 1), '1'];
  const g2 = (bytes: Uint8Array): string[][] => [
    [coordinate(bytes, 0), coordinate(bytes, 1)],
    [coordinate(bytes, 2), coordinate(bytes, 3)],
    ['1', '0'],
  ];
  return JSON.stringify({
    protocol: 'groth16',
    curve: 'bn128',
    nPublic: key.nPublic,
    vk_alpha_1: g1(key.alpha1),
    vk_beta_2: g2(key.beta2),
    vk_gamma_2: g2(key.gamma2),
    vk_delta_2: g2(key.delta2),
    IC: Array.from({ length: key.nPublic + 1 }, (_, i) => g1(key.IC.subarray(64 * i, 64 * i + 64))),
  });
}
