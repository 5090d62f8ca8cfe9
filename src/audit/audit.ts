import { brokenConstraints, type R1cs, type Witness, wiresOf } from '../groth16/r1cs.ts';
import { bitGroups } from './bits.ts';
import { type DropScore, dropScore } from './drops.ts';
import { AuditError } from './errors.ts';
import { type Finding, grouped } from './findings.ts';
import { leaks, relatedOutputs } from './leaks.ts';
import { type Names, patternOf } from './names.ts';
import { freedom, inputWires } from './rank.ts';
import { aliases, secondWitnesses } from './second-witness.ts';
import { Solver } from './solver.ts';
import { looseInputs, unusedSignals, vacuousConstraints } from './usage.ts';

/** A circuit as a compiler leaves it, whoever wrote it, with witnesses of true statements. */
export interface Subject {
  readonly r1cs: R1cs;
  readonly names: Names;
  /** At least one: each is a place to look from. */
  readonly witnesses: readonly { readonly label: string; readonly witness: Witness }[];
}

/** The parts of an audit, in order. */
export const STAGES = ['usage', 'determinism', 'second witnesses', 'leaks', 'dropped constraints'] as const;
export type Stage = (typeof STAGES)[number];

/** What the checks saw, before anybody has judged it. */
export interface AuditResult {
  /** Wires other than wire 0 and inputs, and at each witness how many of them the inputs do not determine. */
  readonly determinism?: {
    readonly wires: number;
    readonly free: readonly { label: string; count: number }[];
  };
  readonly drops?: DropScore;
  /** Numbers the circuit takes apart into bits. */
  readonly bitGroups?: number;
  readonly findings: readonly Finding[];
  /** Parts that were not gone through. */
  readonly undone: readonly Stage[];
}

/** Before the first part. */
export const NOTHING_SEEN: AuditResult = { findings: [], undone: STAGES };

/** Free wires for which it is told what moves with them. */
const EXPLAINED = 20;

/**
 * Everything the kit can tell from constraints, names and witnesses.
 * @param onStage is told which part comes next, and what the parts before it saw
 * @throws {AuditError} AUDIT_WITNESS if a witness is of another circuit or does not satisfy it
 */
export async function auditCircuit(
  subject: Subject,
  onStage: (stage: Stage, sofar: AuditResult) => void | Promise<void> = () => {},
): Promise<AuditResult> {
  const { r1cs, names, witnesses } = subject;
  for (const { label, witness } of witnesses) checkWitness(r1cs, names, label, witness);
  const inputs = inputWires(r1cs);
  const findings: Finding[] = [];
  let result: AuditResult = { ...NOTHING_SEEN, bitGroups: bitGroups(r1cs).length };
  const enter = async (stage: Stage): Promise<void> => {
    result = { ...result, findings: mergeSame(findings), undone: STAGES.slice(STAGES.indexOf(stage)) };
    await onStage(stage, result);
  };

  await enter('usage');
  findings.push(...unusedSignals(r1cs, names), ...vacuousConstraints(r1cs, names));
  for (const { witness } of witnesses) findings.push(...looseInputs(r1cs, names, witness));

  await enter('determinism');
  const free = witnesses.map(({ label, witness }) => {
    const found = freeWireFindings(subject, label, witness);
    findings.push(...found);
    return { label, count: found.reduce((sum, { count }) => sum + count, 0) };
  });

  result = { ...result, determinism: { wires: r1cs.wireCount - inputs.size, free } };

  await enter('second witnesses');
  const forward = witnesses.map(({ witness }) => new Solver(r1cs, witness, inputs));
  const solvers = new Map<number, Solver>();
  const freeSolver = (index: number): Solver => {
    const known = solvers.get(index) ?? openSolver(r1cs, witnesses[index]!.witness, inputs);
    solvers.set(index, known);
    return known;
  };
  for (const [index, { witness }] of witnesses.entries())
    findings.push(
      ...secondWitnesses(r1cs, names.wires, witness, forward[index]!),
      ...aliases(r1cs, names.wires, witness, () => freeSolver(index)),
    );

  await enter('leaks');
  for (const [index, { witness }] of witnesses.entries())
    findings.push(
      ...leaks(r1cs, names.wires, witness, forward[index]!),
      ...relatedOutputs(r1cs, names.wires, witness, forward[index]!),
    );

  await enter('dropped constraints');
  const drops = dropScore(
    r1cs,
    witnesses.map(({ witness }) => witness),
    freeSolver,
  );
  findings.push(
    ...grouped(
      'undetected-drop',
      drops.undetected.map((row) => ({
        subject: describeConstraint(r1cs, names, row),
        message: 'dropped without any check that notices',
      })),
      patternOf,
    ),
  );
  return { ...result, drops, findings: mergeSame(findings), undone: [] };
}

const openSolver = (r1cs: R1cs, witness: Witness, inputs: ReadonlySet<number>): Solver =>
  new Solver(
    r1cs,
    witness,
    new Set([0]),
    [...inputs].filter((wire) => wire !== 0),
  );

/** @throws {AuditError} AUDIT_WITNESS if a witness is of another circuit or does not satisfy it */
export function checkWitness(r1cs: R1cs, names: Names, label: string, witness: Witness): void {
  if (witness.length !== r1cs.wireCount || witness[0] !== 1n)
    throw new AuditError(
      'AUDIT_WITNESS',
      `${label} is no witness of this system: it has ${witness.length} wires of ${r1cs.wireCount}`,
    );
  const [broken] = brokenConstraints(r1cs, witness);
  if (broken !== undefined)
    throw new AuditError(
      'AUDIT_WITNESS',
      `${label} breaks constraint ${broken}: ${describeConstraint(r1cs, names, broken)}`,
    );
}

/** Wires by which a constraint is told from others, in a way that survives recompilation. */
const NAMED_WIRES = 4;

/** A constraint by the names of the wires it reads. */
export function describeConstraint(r1cs: R1cs, { wires }: Names, row: number): string {
  const all = wiresOf(r1cs.constraints[row]!)
    .filter((wire) => wire !== 0)
    .map((wire) => wires[wire]!);
  const more = all.length - NAMED_WIRES;
  return `${all.slice(0, NAMED_WIRES).join(' ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** Wires that the inputs do not determine, to first order at one witness, and what moves with them. */
export function freeWireFindings(
  { r1cs, names: { wires } }: Pick<Subject, 'r1cs' | 'names'>,
  label: string,
  witness: Witness,
): Finding[] {
  const found = freedom(r1cs, witness, inputWires(r1cs), EXPLAINED).map(({ wire, along }) => ({
    subject: wires[wire]!,
    message: `at ${label}: ${reasonOf(r1cs, wires, along)}`,
  }));
  return grouped('free-wire', found, patternOf);
}

function reasonOf(r1cs: R1cs, wires: readonly string[], along: readonly number[] | undefined): string {
  if (along === undefined) return 'not determined by the inputs';
  if (along.length === 0) return 'moves alone: whatever reads it is multiplied by 0 here, or nothing does';
  const outputs = along.filter((wire) => wire <= r1cs.outputCount);
  const shown = (outputs.length > 0 ? outputs : along)
    .slice(0, 3)
    .map((wire) => wires[wire]!)
    .join(', ');
  return outputs.length > 0
    ? `moves, and ${outputs.length} public outputs with it (${shown})`
    : `moves, and ${along.length} inner wires with it (${shown})`;
}

/** One finding for what several witnesses show. */
function mergeSame(findings: readonly Finding[]): Finding[] {
  const merged = new Map<string, Finding>();
  for (const finding of findings) {
    const key = `${finding.rule} ${finding.subject}`;
    if (!merged.has(key)) merged.set(key, finding);
  }
  return [...merged.values()];
}
