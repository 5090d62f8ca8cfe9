import type { Assumption } from './assumptions.ts';
import type { AuditResult } from './audit.ts';
import { MAX_CERTIFICATE_BYTES } from './certificate/certificate-file.ts';
import { type Finding, grouped } from './findings.ts';
import { type Names, patternOf } from './names.ts';
import type { Ending, OpenReason, UniquenessResult, WireVerdict } from './uniqueness.ts';

/** The verdict on one output, with names. */
export interface NamedVerdict {
  readonly name: string;
  readonly verdict: WireVerdict['verdict'];
  /** Rules of the proof, the method of the forgery, or where the proof stops. */
  readonly by: string;
  /** Of a forgery: its number. */
  readonly pair: number | undefined;
}

export function namedVerdicts(
  result: UniquenessResult,
  names: Names,
  assumptions: readonly Assumption[],
  describe: (constraint: number) => string,
): NamedVerdict[] {
  const under = underText(assumedTexts(assumptions));
  return result.verdicts.map((one): NamedVerdict => {
    const { verdict } = one;
    const name = names.wires[one.wire]!;
    if (verdict === 'FORGED') return { name, verdict, by: `${one.by}${under}`, pair: one.pair };
    const by =
      verdict === 'UNKNOWN'
        ? openText(one.by, result, names, describe)
        : one.by.join(', ') || 'a copy of inputs and constants';
    return { name, verdict, by: `${by}${under}`, pair: undefined };
  });
}

/** What is proved, but by a certificate that is too long for anybody to check, is not called so. */
export const withoutCertificate = (outputs: readonly NamedVerdict[]): NamedVerdict[] =>
  outputs.map((one) =>
    one.verdict === 'PROVED'
      ? {
          ...one,
          verdict: 'UNKNOWN',
          by: `the certificate would be longer than ${MAX_CERTIFICATE_BYTES / 2 ** 20} MiB: audit the circuit in parts`,
        }
      : one,
  );

/** What a caller promises, and which signals no input determines and the verdict takes for given: that is another question. */
function underText(assumed: readonly string[]): string {
  const isFree = (text: string): boolean => text.startsWith('input=');
  const free = assumed.filter(isFree).map((text) => text.slice('input='.length));
  const promised = assumed.filter((text) => !isFree(text));
  const given = free.length === 0 ? '' : `, with ${free.join(', ')}, free for the prover, as inputs`;
  return `${promised.length === 0 ? '' : `, assuming ${promised.join(', ')}`}${given}`;
}

/** What was assumed, each said once. */
const assumedTexts = (assumptions: readonly Assumption[]): string[] => [
  ...new Set(assumptions.map(({ as }) => as)),
];

const ENDED = {
  'out of time': '; the time was over (--budget)',
  interrupted: '; the search was interrupted',
} as const;

function openText(
  { constraint, factor, ended }: OpenReason,
  { absentInputs }: UniquenessResult,
  names: Names,
  describe: (constraint: number) => string,
): string {
  const at =
    typeof constraint === 'string'
      ? constraint
      : `open at constraint ${constraint} (${describe(constraint)})`;
  const zero =
    factor.length === 0
      ? ''
      : `, where the factor of ${factor.map((wire) => names.wires[wire]).join(', ')} may be 0`;
  const absent =
    absentInputs === 0
      ? ''
      : `; ${absentText(absentInputs)}, so nothing was forged: compile with --O0, which keeps all inputs`;
  return `${at}${zero}${ended === undefined ? '' : ENDED[ended]}${absent}`;
}

const absentText = (count: number): string =>
  count === 1
    ? '1 private input is no wire of the compiled system'
    : `${count} private inputs are no wires of the compiled system`;

/** What a person must look at: what is forged, what is open, and comparisons of values without a range. */
export function uniquenessFindings(
  { comparisons }: UniquenessResult,
  outputs: readonly NamedVerdict[],
  names: Names,
): Finding[] {
  const told = (rule: 'forged' | 'unknown', verdict: NamedVerdict['verdict'], text: string): Finding[] =>
    grouped(
      rule,
      outputs
        .filter((one) => one.verdict === verdict)
        .map(({ name, by }) => ({ subject: name, message: `${text}${by}` })),
      patternOf,
    );
  const unranged = (comparisons ?? []).map(({ bits, open, bit }) => {
    const operands = open.map((wire) => names.wires[wire] ?? 'a sum').join(', ');
    return {
      // The bits are those of circomlib's component n2b in the comparison.
      subject: (names.wires[bit] ?? operands).replace(/(\.n2b)?\.[^.]*$/, ''),
      message: `compares ${bits} bits, and nothing keeps ${operands} below 2^${bits}`,
    };
  });
  return [
    ...told('forged', 'FORGED', 'two values for one input, by '),
    ...told('unknown', 'UNKNOWN', ''),
    ...grouped('unranged-comparison', unranged, patternOf),
  ];
}

/** What the answer on the outputs says nothing of. */
export function leftOpen(result: UniquenessResult, assumptions: readonly Assumption[]): string[] {
  return [
    ...(result.comparisons === undefined
      ? ['comparisons of values without a range: the search ended before']
      : []),
    ...(result.absentInputs === 0 ? [] : [`whether ${absentText(result.absentInputs)} matters`]),
    ...(result.isUnsatisfiable ? ['anything at all: no witness meets the constraints'] : []),
    ...assumedTexts(assumptions).map((as) =>
      as.startsWith('input=') ? `what determines ${as.slice('input='.length)}` : `what was assumed: ${as}`,
    ),
    ...(result.verdicts.length === 0 ? ['any output: there is none (--target names public inputs)'] : []),
  ];
}

/** What an audit says nothing of: the last of it always. */
export const notChecked = (
  leftOpen: readonly string[],
  checks: AuditResult | undefined,
  ended: Ending | undefined,
): string[] => [
  ...(checks === undefined
    ? ['dropped constraints, leaks and what else needs a witness over BN254 (--wtns)']
    : checks.undone.length === 0
      ? []
      : [`at witnesses: ${checks.undone.join(', ')}${ended === undefined ? '' : ENDED[ended]}`]),
  ...leftOpen,
  'that the statement is the one you meant',
];
