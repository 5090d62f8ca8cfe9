import type { AuditResult } from './audit.ts';
import type { DropScore } from './drops.ts';
import type { Finding } from './findings.ts';
import type { NamedVerdict } from './outputs.ts';
import type { ProofTampering } from './proof-tamper.ts';
import type { Snapshot } from './snapshot.ts';
import type { SourceLines } from './source-lines.ts';
import { type Judgement, judge, type Waiver } from './waivers.ts';

/** The verdict on one output, with its files. */
export interface OutputVerdict extends Omit<NamedVerdict, 'pair'> {
  readonly certificate: string | null;
  /** Of a forgery: two witnesses, and the inputs that they share. */
  readonly witnesses: readonly string[];
}

/** An audit with everything that is said about it. */
export interface AuditReport extends Judgement {
  readonly circuit: string;
  /** Source of one of our circuits, or the .r1cs file. */
  readonly file: string;
  readonly snapshot: Required<Snapshot>;
  readonly reviewed: Snapshot | undefined;
  /** Undefined without a witness, or over another field: these checks need both. */
  readonly result: AuditResult | undefined;
  readonly outputs: readonly OutputVerdict[];
  readonly notChecked: readonly string[];
  /** Undefined where there are no keys to prove with. */
  readonly tampering: ProofTampering | undefined;
}

/** Share of single constraints whose loss is noticed, counting waived redundancies as noticed. */
export interface Score {
  readonly constraints: number;
  readonly noticed: number;
  readonly waived: number;
}

export function scoreOf(drops: DropScore, waived: AuditReport['waived']): Score {
  const noticed = drops.byDeterminism.length + drops.byBinding.length + drops.byForgery.length;
  return {
    constraints: noticed + drops.undetected.length,
    noticed,
    waived: waived
      .filter(({ finding }) => finding.rule === 'undetected-drop')
      .reduce((sum, { finding }) => sum + finding.count, 0),
  };
}

/** @param lines tells where the subject of a finding is declared */
export function assembleReport(
  parts: Omit<AuditReport, keyof Judgement>,
  found: readonly Finding[],
  waivers: readonly Waiver[],
  lines: SourceLines,
): AuditReport {
  const all = [...found, ...(parts.result?.findings ?? []), ...(parts.tampering?.findings ?? [])];
  const findings = all.map((finding): Finding => {
    const place = lines.placeOf(finding.subject);
    return place === undefined ? finding : { ...finding, place };
  });
  return { ...parts, ...judge(findings, waivers) };
}

/** Findings for which an audit fails: a cheat was shown, or the circuit is not the one that was reviewed. */
const FAILING: ReadonlySet<string> = new Set(['forged', 'snapshot', 'proof-tamper']);

/** @param strict every open finding fails, an output that could not be decided, too */
export function isFailed({ open }: AuditReport, strict: boolean): boolean {
  return open.some(({ rule }) => strict || FAILING.has(rule));
}

/** Why an audit fails, in one line. */
export function failureText({ circuit, open }: AuditReport, strict: boolean): string {
  const counts = new Map<string, number>();
  for (const { rule, count } of open)
    if (strict || FAILING.has(rule)) counts.set(rule, (counts.get(rule) ?? 0) + count);
  return `${circuit}: ${[...counts].map(([rule, count]) => `${count} ${rule}`).join(', ')}`;
}

/** The report as one JSON object: counts, not lists of thousands of constraints. */
export function reportJson(report: AuditReport): Record<string, unknown> {
  const { circuit, file, snapshot, result, tampering, open, waived, outputs, notChecked } = report;
  return {
    circuit,
    file,
    outputs,
    warnings: open,
    notChecked,
    snapshot,
    ...(result !== undefined && checksJson(result, waived)),
    proofTampering: tampering === undefined ? null : { tried: tampering.tried },
    waived: waived.map(({ finding, reason }) => ({ ...finding, reason })),
  };
}

function checksJson(result: AuditResult, waived: AuditReport['waived']): Record<string, unknown> {
  const { determinism, drops, bitGroups } = result;
  return {
    ...(determinism !== undefined && { determinism }),
    ...(drops !== undefined && {
      drops: {
        ...scoreOf(drops, waived),
        byDeterminism: drops.byDeterminism.length,
        byBinding: drops.byBinding.length,
        byForgery: drops.byForgery.length,
        undetected: drops.undetected.length,
      },
    }),
    ...(bitGroups !== undefined && { bitGroups }),
  };
}
