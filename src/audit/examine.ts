import { createHash } from 'node:crypto';
import { Groth16Error } from '../groth16/errors.ts';
import { parseR1csOverAny, parseWitness } from '../groth16/r1cs.ts';
import { r } from '../params/fields.ts';
import { parseAssumption, wiresNamed } from './assumptions.ts';
import {
  type AuditResult,
  auditCircuit,
  checkWitness,
  describeConstraint,
  NOTHING_SEEN,
  STAGES,
} from './audit.ts';
import { MAX_CERTIFICATE_BYTES, uniquenessTextWithin } from './certificate/certificate-file.ts';
import { AuditError } from './errors.ts';
import type { Finding } from './findings.ts';
import { isWitness } from './forge/evaluate.ts';
import { type Names, namesByNumber, namesFromSym } from './names.ts';
import {
  leftOpen,
  type NamedVerdict,
  namedVerdicts,
  uniquenessFindings,
  withoutCertificate,
} from './outputs.ts';
import { WitnessProgram } from './program/witness-program.ts';
import { type Snapshot, snapshotOf } from './snapshot.ts';
import { rawSystem } from './system/raw-system.ts';
import { auditUniqueness, type Ending, type UniquenessResult, type UniquenessStage } from './uniqueness.ts';

/** A file with what it is called in errors and findings. */
export interface NamedBytes {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** The files of a circuit, from anybody. */
export interface AuditFiles {
  readonly r1cs: NamedBytes;
  readonly sym?: { readonly name: string; readonly text: string };
  /** The circuit's witness program: it needs the names of the inputs. */
  readonly wasm?: Uint8Array;
  readonly witnesses: readonly NamedBytes[];
}

export interface AuditRequest {
  readonly files: AuditFiles;
  /** `bits=in[*]`, `range:8=x` */
  readonly assume: readonly string[];
  /** Names of public inputs that are asked like outputs. */
  readonly target: readonly string[];
}

/** Two witnesses of the same inputs, as files, and what is to be seen in them. */
export interface ForgeryFiles {
  readonly first: Uint8Array;
  readonly second: Uint8Array;
  readonly inputs: Readonly<Record<string, string>>;
  readonly differ: readonly (readonly [name: string, first: string, second: string])[];
}

/** The verdicts on the outputs, with names. */
export interface OutputsAnswer {
  readonly snapshot: Required<Snapshot>;
  readonly outputs: readonly NamedVerdict[];
  /** Text of the certificate. */
  readonly certificate: string | undefined;
  readonly forgeries: readonly ForgeryFiles[];
  readonly findings: readonly Finding[];
  /** What it says nothing of. */
  readonly leftOpen: readonly string[];
}

/** Who asks, while the audit goes on. */
export interface Asker {
  readonly endingAt: (stage: UniquenessStage) => Ending | undefined;
  readonly onStage: (stage: string, done: number, total: number) => void;
  readonly onAnswer: (answer: OutputsAnswer) => void;
  /** Is told what the checks at witnesses have seen so far, if there are any: before the answer, and after each part of them. */
  readonly onChecks: (checks: AuditResult) => void;
}

/**
 * The whole audit of a circuit: first what can be said of its outputs, then the checks at each witness.
 * @throws {Groth16Error} CIRCUIT_FILE naming the file
 * @throws {AuditError} AUDIT_WITNESS, AUDIT_PROGRAM, AUDIT_FIELD, ASSUMPTION, AUDIT_TARGET
 */
export async function examine({ files, assume, target }: AuditRequest, asker: Asker): Promise<void> {
  const { r1cs: file, sym } = files;
  asker.onStage('reading', 0, 1);
  const r1cs = parsed(file.name, () => parseR1csOverAny(file.bytes));
  const { modulus } = r1cs.field;
  const names =
    sym === undefined ? namesByNumber(r1cs) : parsed(sym.name, () => namesFromSym(r1cs, sym.text));
  const witnesses = files.witnesses.map(({ name, bytes }) => ({
    label: name,
    witness: parsed(name, () => parseWitness(bytes, r1cs.field)),
  }));
  const isChecked = witnesses.length > 0 && modulus === r;
  const inputs = namesBetween(names, r1cs.outputCount, r1cs.publicInputCount + r1cs.privateInputCount);
  const signals = namesBetween(names, 0, r1cs.wireCount - 1);
  const assumptions = assume.flatMap((text) => parseAssumption(text, { inputs, signals }, modulus));
  const targets = targetsOf(target, namesBetween(names, r1cs.outputCount, r1cs.publicInputCount));
  for (const { label, witness } of witnesses)
    if (isChecked) checkWitness(r1cs, names, label, witness);
    else if (!isWitness(rawSystem(r1cs, modulus), witness))
      throw new AuditError('AUDIT_WITNESS', `${label} is no witness of this circuit`);
  // With targets among the inputs, or inputs that are no wires, it cannot be told what the program is to be given.
  const isAskable = targets.length === 0 && r1cs.privateInputCount === r1cs.declaredPrivateInputs;
  const program =
    files.wasm === undefined || sym === undefined || !isAskable
      ? undefined
      : new WitnessProgram(files.wasm, r1cs, sym.text, () => asker.endingAt('forging') !== undefined);
  const result = auditUniqueness(
    {
      r1cs,
      assumptions,
      targets,
      witnesses: witnesses.map(({ witness }) => witness),
      ...(sym !== undefined && { names }),
      ...(program !== undefined && { calculate: (inputs) => program.calculate(inputs) }),
    },
    asker.endingAt,
    asker.onStage,
  );
  program?.close();
  const unasked =
    files.wasm === undefined
      ? undefined
      : isAskable
        ? program?.problem
        : 'not every input of it is a wire that both witnesses share';
  const r1csSha256 = createHash('sha256').update(file.bytes).digest('hex');
  const { certificate } = result;
  const text =
    certificate && uniquenessTextWithin({ r1csSha256, targets, certificate }, MAX_CERTIFICATE_BYTES);
  const named = namedVerdicts(result, names, assumptions, (index) => describeConstraint(r1cs, names, index));
  const outputs = text === undefined ? withoutCertificate(named) : named;
  if (isChecked) asker.onChecks(NOTHING_SEEN);
  asker.onAnswer({
    snapshot: snapshotOf(r1cs, names.wires, r1csSha256),
    outputs,
    certificate: text,
    forgeries: forgeryFiles(result, names, inputs),
    findings: uniquenessFindings(result, outputs, names),
    leftOpen: [
      ...(unasked === undefined ? [] : [`what the witness program leads to: ${unasked}`]),
      ...leftOpen(result, assumptions),
    ],
  });
  if (!isChecked) return;
  const checks = await auditCircuit({ r1cs, names, witnesses }, (stage, sofar) => {
    asker.onStage(stage, STAGES.indexOf(stage), STAGES.length);
    asker.onChecks(sofar);
  });
  asker.onChecks(checks);
}

function targetsOf(target: readonly string[], publicInputs: ReadonlyMap<number, string>): number[] {
  const found = target.flatMap((pattern) => {
    const wires = wiresNamed(pattern, publicInputs);
    if (wires.length === 0)
      throw new AuditError('AUDIT_TARGET', `--target ${pattern} names no public input of the circuit`);
    return wires;
  });
  return [...new Set(found)];
}

function forgeryFiles(
  { forgeries }: UniquenessResult,
  names: Names,
  inputs: ReadonlyMap<number, string>,
): ForgeryFiles[] {
  return forgeries.map(({ first, second, values }) => ({
    first,
    second,
    inputs: Object.fromEntries([...inputs].map(([wire, name]) => [name, `${values.first[wire]}`])),
    differ: values.first.flatMap((value, wire) =>
      value === values.second[wire]
        ? []
        : [[names.wires[wire]!, `${value}`, `${values.second[wire]}`] as const],
    ),
  }));
}

/** Wires after one, so many, with their names. */
const namesBetween = (names: Names, after: number, count: number): Map<number, string> =>
  new Map(Array.from({ length: count }, (_, i) => [after + 1 + i, names.wires[after + 1 + i]!]));

/** What a parser says of a file, with the file's name. */
function parsed<T>(name: string, parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    if (!Groth16Error.is(cause, 'CIRCUIT_FILE')) throw cause;
    throw new Groth16Error('CIRCUIT_FILE', `${name} cannot be used: ${cause.message}`, { path: name }, cause);
  }
}
