import type { AuditResult } from '../audit/audit.ts';
import type { DropScore } from '../audit/drops.ts';
import type { Finding } from '../audit/findings.ts';
import { patternOf } from '../audit/names.ts';
import { type AuditReport, scoreOf } from '../audit/report.ts';
import { printable } from '../formats/problems.ts';
import { table, wrap } from './table.ts';

const WIDTH = 100;

/** What an audit found, for a person: the outputs, one line a check, what is open, what was waived and why. */
export function auditReportText(report: AuditReport): string {
  const { circuit, file, open, waived, notChecked } = report;
  const lines = [
    `${circuit} (${file})`,
    ...outputLines(report.outputs),
    ...table(checkRows(report)),
    '',
    ...section('OPEN', open.filter(isWarning), () => undefined),
    ...section(
      'waived',
      waived.map(({ finding }) => finding),
      (finding) => waived.find((one) => one.finding === finding)!.reason,
    ),
    ...wrap(summary(report), WIDTH, 0),
    ...wrap(`Not checked: ${notChecked.join('; ')}.`, WIDTH, 0),
  ];
  return `${lines.map(printable).join('\n')}\n`;
}

/** What the lines of the outputs have not said already. */
const isWarning = ({ rule }: Finding): boolean => rule !== 'forged' && rule !== 'unknown';

/** How many outputs have which verdict, and what is left to do. */
function summary({ circuit, outputs, open }: AuditReport): string {
  const parts = (['PROVED', 'FORGED', 'UNKNOWN'] as const).flatMap((verdict) => {
    const count = outputs.filter((one) => one.verdict === verdict).length;
    return count === 0 ? [] : [`${count} ${verdict}`];
  });
  const warnings = open.filter(isWarning).length;
  const verdicts = parts.length === 0 ? 'NO OUTPUT' : `of ${outputs.length} outputs ${parts.join(', ')}`;
  const told =
    warnings === 0
      ? 'no open warnings'
      : `${warnings} open ${plural(warnings, 'warning', 'warnings')}: mend the circuit, or say in the waivers file why it is right`;
  return `${circuit}: ${verdicts}; ${told}`;
}

/** Outputs of one array with one verdict in one line. */
function outputLines(outputs: AuditReport['outputs']): string[] {
  if (outputs.length === 0)
    return ['  NO OUTPUT: nothing is asked of the constraints (--target names public inputs)'];
  const groups = new Map<string, (typeof outputs)[number][]>();
  for (const one of outputs) {
    const key = `${one.verdict} ${patternOf(one.name)} ${one.verdict === 'UNKNOWN' ? '' : one.by}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()].flatMap((members) => {
    const [{ name, verdict, by, witnesses, certificate }] = members as [(typeof outputs)[number]];
    const called = members.length === 1 ? name : `${patternOf(name)} (${members.length})`;
    const files = certificate === null ? witnesses : [...witnesses, certificate];
    return wrap(`${verdict}  ${called}: ${by}${files.length > 0 ? ` (${files.join(', ')})` : ''}`, WIDTH, 2);
  });
}

function checkRows(report: AuditReport): string[][] {
  const { result, snapshot, reviewed } = report;
  return [
    [
      'size',
      `${snapshot.constraints} constraints, ${snapshot.wires} wires, ${snapshot.publicSignals.length} public`,
    ],
    ['snapshot', reviewed === undefined ? 'none to compare with (--snapshot FILE)' : changesOf(report)],
    ...(result === undefined ? [] : witnessRows(report, result)),
  ];
}

function witnessRows({ tampering, waived }: AuditReport, result: AuditResult): string[][] {
  const { determinism, drops, bitGroups } = result;
  return [
    ...(determinism === undefined ? [] : [determinismRow(determinism)]),
    ...(bitGroups === undefined ? [] : [['numbers', `${bitGroups} taken apart into bits`]]),
    ...(drops === undefined ? [] : dropRows(drops, waived)),
    [
      'proof',
      tampering === undefined
        ? 'not tried: no keys'
        : `${tampering.tried} altered statements, ${tampering.findings.reduce((sum, { count }) => sum + count, 0)} accepted`,
    ],
  ];
}

function determinismRow(determinism: NonNullable<AuditResult['determinism']>): string[] {
  const free = determinism.free.filter(({ count }) => count > 0);
  const rank =
    free.length === 0
      ? `full at ${determinism.free.length} ${plural(determinism.free.length, 'witness', 'witnesses')}`
      : free.map(({ label, count }) => `${count} free at ${label}`).join(', ');
  return ['determinism', `rank of the Jacobian over ${determinism.wires} wires: ${rank}`];
}

function dropRows(drops: DropScore, waived: AuditReport['waived']): string[][] {
  const score = scoreOf(drops, waived);
  const percent = score.constraints === 0 ? 100 : (100 * (score.noticed + score.waived)) / score.constraints;
  return [
    [
      'mutation score',
      `${percentText(percent)} of ${score.constraints} dropped constraints noticed${score.waived > 0 ? `, ${score.waived} of them waived` : ''}`,
    ],
    [
      '',
      `${drops.byDeterminism.length} by the rank with the inputs fixed, ${drops.byBinding.length} by the rank of all wires,`,
    ],
    ['', `${drops.byForgery.length} by a forged witness, ${drops.undetected.length} by nothing`],
  ];
}

/** Never rounds up to 100. */
const percentText = (percent: number): string =>
  percent === 100 ? '100 %' : `${(Math.floor(percent * 100) / 100).toFixed(2)} %`;

const plural = (n: number, one: string, many: string): string => (n === 1 ? one : many);

function changesOf({ open, waived }: AuditReport): string {
  const all = [...open, ...waived.map(({ finding }) => finding)];
  return all.some(({ rule }) => rule === 'snapshot') ? 'changed since the review' : 'as reviewed';
}

function section(
  title: string,
  findings: readonly Finding[],
  reasonOf: (finding: Finding) => string | undefined,
): string[] {
  if (findings.length === 0) return [];
  const body = findings.flatMap((finding) => {
    const count = finding.count > 1 ? ` (${finding.count}, such as ${finding.examples.join('; ')})` : '';
    const reason = reasonOf(finding);
    const at = finding.place === undefined ? '' : ` at ${finding.place.file}:${finding.place.line}`;
    return [
      ...wrap(`${finding.rule}  ${finding.subject}${at}${count}: ${finding.message}`, WIDTH, 2),
      ...(reason === undefined ? [] : wrap(`because ${reason}`, WIDTH, 6)),
    ];
  });
  return [`${title}:`, ...body, ''];
}
