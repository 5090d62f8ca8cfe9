import type { AuditResult } from './audit.ts';
import type { Finding } from './findings.ts';
import type { ProofTampering } from './proof-tamper.ts';
import type { Snapshot } from './snapshot.ts';
import { type Judgement, judge, type Waiver } from './waivers.ts';

/** An audit with everything that is said about it. */
export interface AuditReport extends Judgement {
  readonly circuit: string;
  /** Source of one of our circuits, or the .r1cs file. */
  readonly file: string;
  readonly snapshot: Required<Snapshot>;
  readonly reviewed: Snapshot | undefined;
  readonly result: AuditResult;
  /** Undefined where there are no keys to prove with. */
  readonly tampering: ProofTampering | undefined;
}

/** Share of single constraints whose loss is noticed, counting waived redundancies as noticed. */
export interface Score {
  readonly constraints: number;
  readonly noticed: number;
  readonly waived: number;
}

export function scoreOf({ result: { drops }, waived }: AuditReport): Score {
  const noticed = drops.byDeterminism.length + drops.byBinding.length + drops.byForgery.length;
  return {
    constraints: noticed + drops.undetected.length,
    noticed,
    waived: waived
      .filter(({ finding }) => finding.rule === 'undetected-drop')
      .reduce((sum, { finding }) => sum + finding.count, 0),
  };
}

export function assembleReport(
  parts: Omit<AuditReport, keyof Judgement>,
  changes: readonly Finding[],
  waivers: readonly Waiver[],
): AuditReport {
  const findings = [...parts.result.findings, ...changes, ...(parts.tampering?.findings ?? [])];
  return { ...parts, ...judge(findings, waivers) };
}

/** The report as one JSON object: counts, not lists of thousands of constraints. */
export function reportJson(report: AuditReport): Record<string, unknown> {
  const { circuit, file, snapshot, result, tampering, open, waived } = report;
  const { byDeterminism, byBinding, byForgery, undetected } = result.drops;
  return {
    circuit,
    file,
    ok: open.length === 0,
    snapshot,
    determinism: result.determinism,
    drops: {
      ...scoreOf(report),
      byDeterminism: byDeterminism.length,
      byBinding: byBinding.length,
      byForgery: byForgery.length,
      undetected: undetected.length,
    },
    bitGroups: result.bitGroups,
    proofTampering: tampering === undefined ? null : { tried: tampering.tried },
    findings: open,
    waived: waived.map(({ finding, reason }) => ({ ...finding, reason })),
  };
}
