import { assert } from '../base/errors.ts';
import { r } from '../params/fields.ts';
import { checkFile, containerSections, SectionReader } from './iden3-file.ts';

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

/** Bytes of a constraint system and of a witness, at most, and what is made of them, so that it fits into memory. */
export const MAX_R1CS_BYTES = 1 << 28;
export const MAX_WTNS_BYTES = 1 << 29;
const MAX_CONSTRAINTS = 1 << 21;
const MAX_WIRES = 1 << 24;
const MAX_SYMBOLS = 1 << 23;

/** Values of all wires, each in F_r; witness[0] = 1. Secret. */
export type Witness = readonly bigint[];

/** The order of a field and the bytes of its elements in a file. */
export interface FileField {
  readonly modulus: bigint;
  readonly bytes: number;
}

const SCALARS: FileField = { modulus: r, bytes: 32 };

function readElement(reader: SectionReader, { modulus, bytes }: FileField): bigint {
  const value = bytes === 32 ? reader.u256() : reader.integer(bytes);
  checkFile(value < modulus, 'has a number that is not below the order of the field');
  return value;
}

/** Sections of the gates' list and of their uses: circom's custom templates, for PLONK. */
const GATE_TEMPLATES = 4;
const CUSTOM_GATES = [GATE_TEMPLATES, 5];
const MAX_NAME_BYTES = 64;

const NOTHING: LinearCombination = new Map();

/** Coefficients that stand once in memory however often a file has them, at most: there are few, and many of each. */
const MAX_SHARED = 4096;

function readCombination(
  reader: SectionReader,
  wireCount: number,
  field: FileField,
  shared: Map<bigint, bigint>,
): LinearCombination {
  const count = reader.u32();
  if (count === 0) return NOTHING;
  const terms = new Map<number, bigint>();
  // A wire and its coefficient.
  reader.expect(count, 4 + field.bytes);
  for (let left = count; left > 0; left--) {
    const wire = reader.u32();
    checkFile(wire < wireCount, `reads wire ${wire} in a constraint and has ${wireCount} wires`);
    // Readers differ: some add the two, some take the last.
    checkFile(!terms.has(wire), `names wire ${wire} twice in one sum`);
    const value = readElement(reader, field);
    const known = shared.get(value);
    if (known === undefined && shared.size < MAX_SHARED) shared.set(value, value);
    terms.set(wire, known ?? value);
  }
  for (const [wire, coefficient] of terms) if (coefficient === 0n) terms.delete(wire);
  return terms;
}

function readLabels(section: SectionReader, wireCount: number): number[] {
  section.expect(wireCount, 8);
  const labels = Array.from({ length: wireCount }, () => section.u64());
  section.end();
  return labels;
}

/**
 * Private inputs that are wires. circom labels the constant, outputs and inputs 0, 1, 2, … in this order, wires in the order
 * of their labels, and leaves out private inputs that no constraint needs. Labels of another writer tell nothing: then all
 * that are declared are wires, as the format says.
 * @param given 1 + outputs + public inputs
 */
function countPrivateInputs(labels: readonly number[], given: number, declared: number): number {
  const isOfCircom = labels.every((label, wire) =>
    wire < given ? label === wire : label > labels[wire - 1]!,
  );
  return isOfCircom ? labels.filter((label) => label < given + declared).length - given : declared;
}

/** What a .r1cs file says of its size; terms are the wires of all sums of its constraints, each as often as it is named. */
export interface R1csSize {
  readonly wires: number;
  readonly constraints: number;
  readonly terms: number;
}

/**
 * By its header and the length of its constraints alone.
 * @param bytes from anybody
 * @returns undefined if it is no .r1cs file of elements of 8 to 32 bytes
 */
export function sizeOfR1cs(bytes: Uint8Array): R1csSize | undefined {
  const sections = containerSections(bytes, 'r1cs', 1);
  const [header, body] = [sections?.get(1), sections?.get(2)];
  if (header === undefined || body === undefined || header.length < 4) return undefined;
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  const element = view.getUint32(0, true);
  if (element < 8 || element > 32 || header.length < element + 32) return undefined;
  const constraints = view.getUint32(element + 28, true);
  const terms = Math.max(0, Math.floor((body.length - 12 * constraints) / (4 + element)));
  return { wires: view.getUint32(element + 4, true), constraints, terms };
}

/**
 * Reads a .r1cs file; what it answers is consistent: every wire that a constraint reads is there, and so are all outputs
 * and inputs.
 * @param bytes from anybody
 * @throws {Groth16Error} CIRCUIT_FILE if it is not one over F_r
 * @see https://github.com/iden3/r1csfile/blob/master/doc/r1cs_bin_format.md
 */
export function parseR1cs(bytes: Uint8Array): R1cs {
  return readR1cs(bytes, (header) => {
    header.field(r);
    return SCALARS;
  });
}

/** The template of the first custom gate of a section: circom's name, which is followed by a zero; nothing if it is none. */
function gateName(section: Uint8Array): string {
  const named = new TextDecoder('latin1').decode(section.subarray(4, 4 + MAX_NAME_BYTES));
  const name = /^[\w$]+(?=\0)/.exec(named);
  return name === null ? '' : `, the first of ${name[0]}`;
}

/**
 * Reads a .r1cs file over any field of elements of 8 to 32 bytes. Whether the modulus is a prime is the caller's to ask.
 * @param bytes from anybody
 * @throws {Groth16Error} CIRCUIT_FILE if it is none
 */
export function parseR1csOverAny(bytes: Uint8Array): R1cs & { readonly field: FileField } {
  let field = SCALARS;
  const r1cs = readR1cs(bytes, (header) => {
    field = header.anyField();
    return field;
  });
  return { ...r1cs, field };
}

function readR1cs(bytes: Uint8Array, fieldOf: (header: SectionReader) => FileField): R1cs {
  const sections = containerSections(bytes, 'r1cs', 1);
  checkFile(sections !== undefined, 'is no whole .r1cs file of version 1');
  const header = new SectionReader(sections.get(1), 'the header');
  const field = fieldOf(header);
  const [wireCount, outputCount, publicInputCount, declaredPrivateInputs] = [
    header.u32(),
    header.u32(),
    header.u32(),
    header.u32(),
  ] as const;
  const labelCount = header.u64();
  const constraintCount = header.u32();
  header.end();
  checkFile(wireCount <= MAX_WIRES, `has ${wireCount} wires; at most ${MAX_WIRES} are read`);
  checkFile(
    constraintCount <= MAX_CONSTRAINTS,
    `has ${constraintCount} constraints; at most ${MAX_CONSTRAINTS} are read`,
  );
  for (const type of CUSTOM_GATES) {
    const gates = sections.get(type);
    const isEmpty = gates === undefined || new SectionReader(gates, 'custom gates').u32() === 0;
    const first = type === GATE_TEMPLATES && gates !== undefined ? gateName(gates) : '';
    checkFile(isEmpty, `uses custom gates${first}, which rank-1 constraints and Groth16 do not have`);
  }
  const labels = readLabels(new SectionReader(sections.get(3), 'labels'), wireCount);
  const given = 1 + outputCount + publicInputCount;
  checkFile(given + declaredPrivateInputs <= labelCount, 'has more outputs and inputs than signals');
  const privateInputCount = countPrivateInputs(labels, given, declaredPrivateInputs);
  checkFile(given + privateInputCount <= wireCount, 'has more outputs and inputs than wires');
  const body = new SectionReader(sections.get(2), 'constraints');
  body.expect(constraintCount, 3 * 4);
  const shared = new Map<bigint, bigint>();
  const constraints = Array.from({ length: constraintCount }, () => ({
    a: readCombination(body, wireCount, field, shared),
    b: readCombination(body, wireCount, field, shared),
    c: readCombination(body, wireCount, field, shared),
  }));
  body.end();
  return {
    wireCount,
    outputCount,
    publicInputCount,
    privateInputCount,
    declaredPrivateInputs,
    constraints,
  };
}

/**
 * Reads a .wtns file.
 * @param bytes from anybody
 * @param field F_r unless said
 * @throws {Groth16Error} CIRCUIT_FILE if it is not one over the field
 */
export function parseWitness(bytes: Uint8Array, field: FileField = SCALARS): Witness {
  const sections = containerSections(bytes, 'wtns', 2);
  checkFile(sections !== undefined, 'is no whole .wtns file of version 2');
  const header = new SectionReader(sections.get(1), 'the header');
  if (field.modulus === r) header.field(r);
  else {
    const own = header.anyField();
    const isSame = own.modulus === field.modulus && own.bytes === field.bytes;
    checkFile(isSame, 'is over another field than the circuit');
  }
  const count = header.u32();
  header.end();
  checkFile(count <= MAX_WIRES, `has ${count} wires; at most ${MAX_WIRES} are read`);
  const body = new SectionReader(sections.get(2), 'values');
  body.expect(count, field.bytes);
  const witness = Array.from({ length: count }, () => readElement(body, field));
  body.end();
  return witness;
}

/** A signal of the source, as a .sym file tells it. */
export interface Signal {
  readonly label: number;
  /** Undefined where the optimiser has substituted the signal away. */
  readonly wire: number | undefined;
  /** Dotted, from `main`. */
  readonly name: string;
}

const SYM_LINE = /^(\d{1,10}),(-1|\d{1,10}),\d{1,10},(.+)$/;

/**
 * Reads a .sym file: `label,wire,component,name` a line; wire is −1 where a signal is substituted away.
 * @param text from anybody
 * @throws {Groth16Error} CIRCUIT_FILE naming the line that is none, or that names a wire which the system has not
 */
export function parseSym(text: string, wireCount: number): Signal[] {
  const signals: Signal[] = [];
  for (let line = 1, from = 0; from < text.length; line++) {
    const newline = text.indexOf('\n', from);
    const to = newline < 0 ? text.length : newline;
    const content = text.slice(from, to).trimEnd();
    from = to + 1;
    if (content === '') continue;
    const match = SYM_LINE.exec(content);
    checkFile(match !== null, `has no \`label,wire,component,name\` in line ${line}`);
    const wire = Number(match[2]);
    checkFile(wire < wireCount, `names wire ${wire} in line ${line}, and there are ${wireCount} wires`);
    checkFile(signals.length < MAX_SYMBOLS, `has more than ${MAX_SYMBOLS} signals`);
    signals.push({ label: Number(match[1]), wire: wire < 0 ? undefined : wire, name: match[3]! });
  }
  return signals;
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
