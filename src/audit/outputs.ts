import type { Assumption } from './assumptions.ts';
import { type Finding, grouped } from './findings.ts';
import { type Names, patternOf } from './names.ts';
import type { OpenReason, UniquenessResult, WireVerdict } from './uniqueness.ts';

/** The verdict on one output, with names. */
export interface OutputVerdict {
  readonly name: string;
  readonly verdict: WireVerdict['verdict'];
  /** Rules of the proof, the method of the forgery, or where the proof stops. */
  readonly by: string;
  /** Files, where they were written. */
  readonly certificate?: string;
  readonly witnesses?: readonly string[];
}

/** Where the files of a result lie: the certificate, and the pairs of forged witnesses. */
export interface VerdictFiles {
  readonly certificate: string | undefined;
  readonly pairs: readonly (readonly string[])[];
}

export function outputVerdicts(
  result: UniquenessResult,
  names: Names,
  describe: (constraint: number) => string,
  files: VerdictFiles,
): OutputVerdict[] {
  return result.verdicts.map((one): OutputVerdict => {
    const name = names.wires[one.wire]!;
    if (one.verdict === 'PROVED')
      return {
        name,
        verdict: one.verdict,
        by: one.by.length === 0 ? 'a copy of inputs and constants' : one.by.join(', '),
        ...(files.certificate !== undefined && { certificate: files.certificate }),
      };
    if (one.verdict === 'FORGED')
      return { name, verdict: one.verdict, by: one.by, witnesses: files.pairs[one.pair] ?? [] };
    return { name, verdict: one.verdict, by: openText(one.by, result, names, describe) };
  });
}

function openText(
  { constraint, factor, isOutOfTime }: OpenReason,
  { absentInputs }: UniquenessResult,
  names: Names,
  describe: (constraint: number) => string,
): string {
  const at = constraint === undefined ? 'no constraint reads it' : `open at ${describe(constraint)}`;
  const zero =
    factor.length === 0
      ? ''
      : `, where ${factor.map((wire) => names.wires[wire]).join(', ')} may make a factor 0`;
  const late = isOutOfTime ? '; the time was over (--budget)' : '';
  const absent =
    absentInputs === 0
      ? ''
      : `; ${absentInputs} private inputs are no wires, so nothing was forged: compile with --O1`;
  return `${at}${zero}${late}${absent}`;
}

/** What a person must look at: what is forged, what is open, and comparisons of values without a range. */
export function uniquenessFindings(
  { comparisons }: UniquenessResult,
  outputs: readonly OutputVerdict[],
  names: Names,
): Finding[] {
  const told = (rule: 'forged' | 'unknown', verdict: OutputVerdict['verdict'], text: string): Finding[] =>
    grouped(
      rule,
      outputs
        .filter((one) => one.verdict === verdict)
        .map(({ name, by }) => ({ subject: name, message: `${text}${by}` })),
      patternOf,
    );
  const unranged = comparisons.map(({ bits, open, bit }) => {
    const operands = open.map((wire) => names.wires[wire] ?? 'a sum').join(', ');
    return {
      subject: (names.wires[bit] ?? operands).replace(/\.[^.]*$/, ''),
      message: `compares ${bits} bits, and nothing keeps ${operands} below 2^${bits}`,
    };
  });
  return [
    ...told('forged', 'FORGED', 'two values for one input, by '),
    ...told('unknown', 'UNKNOWN', ''),
    ...grouped('unranged-comparison', unranged, patternOf),
  ];
}

/** What an audit says nothing of: the last of it always. */
export function notChecked(
  result: UniquenessResult,
  assumptions: readonly Assumption[],
  otherChecks: string | undefined,
): string[] {
  const assumed = [...new Set(assumptions.map(({ as }) => as))];
  return [
    ...(otherChecks === undefined ? [] : [otherChecks]),
    ...(result.absentInputs === 0
      ? []
      : [
          `${result.absentInputs} private inputs that the compiler has substituted: they are taken as unused`,
        ]),
    ...(result.isUnsatisfiable ? ['anything at all: no witness meets the constraints'] : []),
    ...assumed.map((as) => `what was assumed: ${as}`),
    ...(result.verdicts.length === 0 ? ['any output: there is none (--target names public inputs)'] : []),
    'that the statement is the one you meant',
  ];
}
