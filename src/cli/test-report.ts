import { scoreOf } from '../audit/report.ts';
import { printable } from '../formats/problems.ts';
import type { SourcePlace } from '../project/errors.ts';
import type { CircuitTestResult, SnapshotState, TestProblem } from '../testing/circuit-test.ts';
import { wrap } from './table.ts';

const WIDTH = 110;

const SNAPSHOT: Readonly<Record<SnapshotState, string>> = {
  same: 'is the one that was reviewed',
  changed: 'is not the one that was reviewed: velum test --update takes it for reviewed',
  missing: 'no snapshot',
  written: 'snapshot written: commit it',
  updated: 'snapshot taken anew: commit it',
  pending: 'no snapshot yet: it is written when everything else passes',
};

/** What the tests found, for a person: one block a circuit, problems with their lines. */
export function testReportText(results: readonly CircuitTestResult[]): string {
  const failed = results.filter(({ problems }) => problems.length > 0).length;
  const lines = [
    ...results.flatMap(blockOf),
    `${results.length} ${results.length === 1 ? 'circuit' : 'circuits'}: ${results.length - failed} passed, ${failed} failed`,
  ];
  return `${lines.map(printable).join('\n')}\n`;
}

function blockOf({ circuit, file, problems, compiled }: CircuitTestResult): string[] {
  const of = (check: TestProblem['check']) => problems.filter((problem) => problem.check === check);
  const mark = (check: TestProblem['check']): string => (of(check).length > 0 ? 'FAIL' : 'ok  ');
  const told = (check: TestProblem['check']): string[] => of(check).flatMap(problemLines);
  const head = `${problems.length > 0 ? 'FAIL' : 'ok  '}  ${circuit} (${file})`;
  if (compiled === undefined) return [head, ...problems.flatMap(problemLines), ''];
  const { now, snapshot, inputs, audit } = compiled;
  const met = inputs.filter(({ problem }) => problem === undefined).length;
  const proved = audit.outputs.filter(({ verdict }) => verdict === 'PROVED').length;
  const waived = audit.waived.length === 0 ? '' : `, ${audit.waived.length} waived`;
  return [
    head,
    `  ${mark('snapshot')}  ${now.constraints} constraints: ${SNAPSHOT[snapshot]}`,
    ...told('snapshot'),
    inputs.length === 0
      ? '        no input files: circuits.json lists none under tests'
      : `  ${mark('input')}  ${met} of ${inputs.length} input files do what they must`,
    ...told('input'),
    `  ${mark('audit')}  audit: ${proved} of ${audit.outputs.length} outputs proved${waived}`,
    ...told('audit'),
    '',
  ];
}

/** `circuits/mul.circom:3: subject: message`; a message that has its place keeps it. */
function problemLines({ subject, message, place, check }: TestProblem): string[] {
  const at = placeText(place);
  const text =
    message.startsWith(`${at}:`) || check === 'compile' ? message : `${at}: ${subject}: ${message}`;
  return text.split('\n').flatMap((line) => wrap(line, WIDTH, 8));
}

const placeText = ({ file, line, column }: SourcePlace): string =>
  [file, line, column].filter((part) => part !== undefined).join(':');

/** The same as one JSON object; counts of constraints, not lists of them. */
export function testReportJson(results: readonly CircuitTestResult[]): Record<string, unknown> {
  return {
    passed: results.every(({ problems }) => problems.length === 0),
    circuits: results.map(({ circuit, file, problems, compiled }) => ({
      circuit,
      file,
      passed: problems.length === 0,
      problems,
      constraints: compiled?.now.constraints ?? null,
      snapshot: compiled?.snapshot ?? null,
      inputs:
        compiled?.inputs.map(({ file: input, expected, problem, places }) => ({
          input,
          expected,
          passed: problem === undefined,
          refusedAt: places,
        })) ?? [],
      audit: compiled === undefined ? null : auditJson(compiled.audit),
    })),
  };
}

const auditJson = ({
  outputs,
  waived,
  notChecked,
  result,
}: NonNullable<CircuitTestResult['compiled']>['audit']) => ({
  outputs: outputs.map(({ name, verdict, by }) => ({ name, verdict, by })),
  waived: waived.map(({ finding, reason }) => ({ rule: finding.rule, subject: finding.subject, reason })),
  drops: result?.drops === undefined ? null : scoreOf(result.drops, waived),
  notChecked,
});
