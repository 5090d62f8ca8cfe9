import { assert } from '../base/errors.ts';
import { r } from '../params/fields.ts';

/** Σ coefficient·wire over F_r: wire → coefficient, 0 < coefficient < r. Wire 0 is the constant 1. */
export type LinearCombination = ReadonlyMap<number, bigint>;

/** ⟨a, w⟩·⟨b, w⟩ = ⟨c, w⟩ over F_r. */
export interface Constraint {
  readonly a: LinearCombination;
  readonly b: LinearCombination;
  readonly c: LinearCombination;
}

/** A rank-1 constraint system over F_r, as circom writes it. Wires: 0 = one, then outputs, public, private, inner. */
export interface R1cs {
  readonly wireCount: number;
  readonly outputCount: number;
  readonly publicInputCount: number;
  /** Private inputs that are wires of the system: an input that no constraint needs is none at `--O2`. */
  readonly privateInputCount: number;
  /** Private inputs of the source, wires or not. */
  readonly declaredPrivateInputs: number;
  readonly constraints: readonly Constraint[];
}

/** Values of all wires, each in F_r; witness[0] = 1. Secret. */
export type Witness = readonly bigint[];

class Reader {
  private readonly view: DataView;
  at: number;
  constructor(bytes: Uint8Array, at: number) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = at;
  }
  u32(): number {
    this.at += 4;
    return this.view.getUint32(this.at - 4, true);
  }
  u64(): number {
    const value = this.view.getBigUint64(this.at, true);
    this.at += 8;
    return Number(value);
  }
  /** A 32-byte little-endian integer. */
  field(): bigint {
    let value = 0n;
    for (let word = 3; word >= 0; word--)
      value = (value << 64n) | this.view.getBigUint64(this.at + 8 * word, true);
    this.at += 32;
    return value;
  }
}

/** Section type → offset of its body, of iden3's binary container. @throws ASSERTION for another container */
function sectionsOf(bytes: Uint8Array, magic: string): Map<number, { at: number; size: number }> {
  assert(
    String.fromCharCode(...bytes.subarray(0, 4)) === magic,
    `the file is an iden3 ${JSON.stringify(magic)} container`,
  );
  const reader = new Reader(bytes, 8);
  const sections = new Map<number, { at: number; size: number }>();
  for (let left = reader.u32(); left > 0; left--) {
    const type = reader.u32();
    const size = reader.u64();
    sections.set(type, { at: reader.at, size });
    reader.at += size;
  }
  return sections;
}

function readField(reader: Reader): void {
  assert(reader.u32() === 32, 'field elements have 32 bytes');
  assert(reader.field() === r, 'the system is over the BN254 scalar field');
}

function readCombination(reader: Reader): LinearCombination {
  const terms = new Map<number, bigint>();
  for (let left = reader.u32(); left > 0; left--) {
    const wire = reader.u32();
    const coefficient = reader.field();
    if (coefficient !== 0n) terms.set(wire, coefficient);
  }
  return terms;
}

/**
 * Reads a .r1cs file.
 * @throws ASSERTION if it is not one over F_r: the file is our own compiler's, never a peer's
 * @see https://github.com/iden3/r1csfile/blob/master/doc/r1cs_bin_format.md
 */
export function parseR1cs(bytes: Uint8Array): R1cs {
  const sections = sectionsOf(bytes, 'r1cs');
  const header = new Reader(bytes, sections.get(1)!.at);
  readField(header);
  const [wireCount, outputCount, publicInputCount, declaredPrivateInputs] = [
    header.u32(),
    header.u32(),
    header.u32(),
    header.u32(),
  ] as const;
  // The header counts inputs of the source; which of them are wires is told by the labels that wires carry.
  const lastInput = outputCount + publicInputCount + declaredPrivateInputs;
  const labels = new Reader(bytes, sections.get(3)!.at);
  const inputs = Array.from({ length: wireCount }, () => labels.u64()).filter((label) => label <= lastInput);
  const privateInputCount = inputs.length - 1 - outputCount - publicInputCount;
  header.u64();
  const constraintCount = header.u32();
  const body = new Reader(bytes, sections.get(2)!.at);
  const constraints = Array.from({ length: constraintCount }, () => ({
    a: readCombination(body),
    b: readCombination(body),
    c: readCombination(body),
  }));
  return {
    wireCount,
    outputCount,
    publicInputCount,
    privateInputCount,
    declaredPrivateInputs,
    constraints,
  };
}

/** Reads a .wtns file. @throws ASSERTION if it is not one over F_r */
export function parseWitness(bytes: Uint8Array): Witness {
  const sections = sectionsOf(bytes, 'wtns');
  const header = new Reader(bytes, sections.get(1)!.at);
  readField(header);
  const count = header.u32();
  const body = new Reader(bytes, sections.get(2)!.at);
  return Array.from({ length: count }, () => body.field());
}

/** Signals of a .sym file: dotted name → wire, or undefined where the optimiser has substituted the signal away. */
export function parseSym(text: string): ReadonlyMap<string, number | undefined> {
  const wires = new Map<string, number | undefined>();
  for (const line of text.split('\n')) {
    const [, wire, , name] = line.split(',');
    if (wire === undefined || name === undefined) continue;
    wires.set(name, Number(wire) < 0 ? undefined : Number(wire));
  }
  return wires;
}

/** ⟨combination, witness⟩ mod r. */
export function evaluate(combination: LinearCombination, witness: Witness): bigint {
  let sum = 0n;
  for (const [wire, coefficient] of combination) sum += coefficient * witness[wire]!;
  return sum % r;
}

/** ⟨a, w⟩·⟨b, w⟩ = ⟨c, w⟩? */
export function holds({ a, b, c }: Constraint, witness: Witness): boolean {
  return (evaluate(a, witness) * evaluate(b, witness)) % r === evaluate(c, witness);
}

/** Indexes of the constraints that the witness breaks; empty if it satisfies the system. */
export function brokenConstraints(r1cs: R1cs, witness: Witness): number[] {
  assert(witness.length === r1cs.wireCount && witness[0] === 1n, 'the witness is one of this system');
  return r1cs.constraints.flatMap((constraint, index) => (holds(constraint, witness) ? [] : [index]));
}

/** Does the witness satisfy every constraint? */
export function satisfies(r1cs: R1cs, witness: Witness): boolean {
  return brokenConstraints(r1cs, witness).length === 0;
}

/** Wires that occur in a constraint, ascending. */
export function wiresOf({ a, b, c }: Constraint): number[] {
  return [...new Set([...a.keys(), ...b.keys(), ...c.keys()])].sort((p, q) => p - q);
}
