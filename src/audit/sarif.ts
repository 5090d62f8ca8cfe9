import type { Log, ReportingDescriptor, Result, Suppression } from 'sarif';
import { RULES, type Rule } from './findings.ts';
import type { AuditReport } from './report.ts';

/** Rules whose findings let a prover cheat; the others ask for a person's look. */
const ERRORS: ReadonlySet<Rule> = new Set<Rule>([
  'forged',
  'free-wire',
  'second-witness',
  'alias',
  'unconstrained',
  'leak',
  'related-outputs',
  'proof-tamper',
]);

/**
 * The findings as SARIF 2.1.0, for editors and code hosts; waived ones are there as suppressed.
 * @param version of this program
 * @returns what the types of DefinitelyTyped, written from the standard's schema, allow
 * @see https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 */
export function sarifOf(report: AuditReport, version: string): Log {
  const rules: ReportingDescriptor[] = Object.entries(RULES).map(([id, text]) => ({
    id,
    shortDescription: { text },
  }));
  const all = [
    ...report.open.map((finding) => ({ finding, reason: undefined })),
    ...report.waived.map(({ finding, reason }) => ({ finding, reason })),
  ];
  const results = all.map(
    ({ finding, reason }): Result => ({
      ruleId: finding.rule,
      ruleIndex: rules.findIndex(({ id }) => id === finding.rule),
      level: ERRORS.has(finding.rule) ? 'error' : 'warning',
      message: { text: `${finding.subject}: ${finding.message}` },
      locations: [
        {
          // A compiled system has no lines: the source has, and where that is not known the file is the place.
          physicalLocation: {
            artifactLocation: { uri: encodeURI(finding.place?.file ?? report.file) },
            region: { startLine: finding.place?.line ?? 1 },
          },
          logicalLocations: [
            { fullyQualifiedName: `${report.circuit}.${finding.subject}`, kind: 'variable' },
          ],
        },
      ],
      partialFingerprints: { 'subject/v1': `${report.circuit} ${finding.rule} ${finding.subject}` },
      ...(reason !== undefined && {
        suppressions: [{ kind: 'external', justification: reason } satisfies Suppression],
      }),
    }),
  );
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [{ tool: { driver: { name: 'velum audit', version, rules } }, results }],
  };
}
