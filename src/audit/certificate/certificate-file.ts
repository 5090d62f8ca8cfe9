import { z } from 'zod';
import { notJson } from '../../base/json-place.ts';
import { AuditError } from '../errors.ts';
import type { LinearForm } from '../system/linear-form.ts';
import type { Fact, ProofRow, ProofStep, UniquenessCertificate } from './certificate.ts';

/** A certificate with what it is of. */
export interface CertificateFile {
  /** Of the .r1cs file. */
  readonly r1csSha256: string;
  readonly certificate: UniquenessCertificate;
  /** Public inputs whose uniqueness was asked: they are no inputs of the proof. Wires as the file numbers them. */
  readonly targets: readonly number[];
}

export const CERTIFICATE_FORMAT = 'velum uniqueness 1';
/**
 * Bytes of a certificate file, at most, steps that stand in one another, and elements of a list. Reading one takes 20 bytes a
 * byte, so that a file and the largest circuit have room beside one another.
 */
export const MAX_CERTIFICATE_BYTES = 96 * 2 ** 20;
const MAX_NESTING = 4;
const MAX_LIST = 1 << 22;

const index = z.number().int().nonnegative().max(0xffff_ffff);
const element = z
  .string()
  .max(78)
  .regex(/^(0|[1-9]\d*)$/)
  .transform(BigInt);
const integer = z
  .string()
  .max(160)
  .regex(/^(0|-?[1-9]\d*)$/)
  .transform(BigInt);
const indexes = z.array(index).max(MAX_LIST);
const form = z
  .array(z.tuple([index, element.refine((c) => c !== 0n)]))
  .max(MAX_LIST)
  .refine((terms) => terms.every(([wire], i) => i === 0 || terms[i - 1]![0] < wire), 'wires are not in order')
  .transform((terms): LinearForm => new Map(terms));
const fact = z.union([
  z.strictObject({ kind: z.enum(['unique', 'zero', 'nonzero']), form }),
  z.strictObject({ kind: z.literal('range'), wire: index, low: integer, high: integer }),
  z.strictObject({ kind: z.literal('set'), wire: index, values: z.array(element).max(MAX_LIST) }),
  z.strictObject({ kind: z.literal('sum'), weights: form, low: integer, high: integer }),
  z.strictObject({
    kind: z.literal('point'),
    curve: z.enum(['edwards', 'montgomery']),
    u: form,
    v: form,
    base: z.tuple([form, form]),
    multiples: z.array(z.strictObject({ low: integer, high: integer, step: integer })).max(MAX_LIST),
  }),
  z.strictObject({ kind: z.literal('absurd') }),
]);
const row = z
  .tuple([z.enum(['constraint', 'fact']), index, element])
  .transform(([of, at, factor]): ProofRow => ({ of, index: at, factor }));
const base = { from: indexes, facts: z.array(fact).max(MAX_LIST) };
const points = z.array(z.tuple([index, z.literal([1, -1])])).max(MAX_LIST);
const definitions = z.array(z.tuple([index, index])).max(MAX_LIST);
const plain = [
  z.strictObject({ rule: z.enum(['combine', 'sum']), ...base, rows: z.array(row).max(MAX_LIST) }),
  z.strictObject({ rule: z.literal('digits'), ...base, form, scale: element }),
  z.strictObject({ rule: z.literal('one-nonzero'), ...base, form, constraints: indexes }),
  z.strictObject({
    rule: z.enum(['factor', 'nonzero-factors', 'roots', 'bounds', 'square-root']),
    ...base,
    constraint: index,
  }),
  z.strictObject({ rule: z.enum(['cases', 'distinct']), ...base, constraints: indexes }),
  z.strictObject({ rule: z.enum(['apart', 'clash']), ...base }),
  z.strictObject({
    rule: z.literal('residue'),
    ...base,
    constraint: index,
    definitions,
  }),
  z.strictObject({
    rule: z.literal('point-known'),
    ...base,
    wires: indexes,
    definitions,
    logs: z.array(integer).max(MAX_LIST),
  }),
  z.strictObject({
    rule: z.enum(['point-coordinates', 'point-convert', 'point-add', 'point-double', 'point-again']),
    ...base,
    points,
    constraints: indexes,
  }),
  z.strictObject({ rule: z.literal('point-choose'), ...base, wire: index, points, constraints: indexes }),
  z.strictObject({
    rule: z.literal('compare'),
    ...base,
    rows: z.array(row).max(MAX_LIST),
    bit: index,
    pairs: z.array(z.tuple([index, index, index])).max(MAX_LIST),
  }),
] as const;

/** Steps in which splits stand in one another so deep and no deeper. */
function stepsTo(depth: number): z.ZodType<ProofStep[]> {
  const step =
    depth === 0
      ? z.union(plain)
      : z.union([
          ...plain,
          z.strictObject({
            rule: z.literal('split'),
            ...base,
            form,
            zero: stepsTo(depth - 1),
            nonzero: stepsTo(depth - 1),
          }),
        ]);
  return z.array(step).max(MAX_LIST) as unknown as z.ZodType<ProofStep[]>;
}

const file = z.strictObject({
  format: z.literal(CERTIFICATE_FORMAT),
  r1csSha256: z.string().regex(/^[0-9a-f]{64}$/),
  targets: indexes,
  assumptions: z.array(z.strictObject({ as: z.string().max(1000), fact })).max(MAX_LIST),
  proved: indexes,
  steps: stepsTo(MAX_NESTING),
});

/**
 * @param text from anybody
 * @throws {AuditError} CERTIFICATE_FILE
 */
export function parseCertificate(text: string): CertificateFile {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new AuditError('CERTIFICATE_FILE', `the certificate is ${notJson(text)}`);
  }
  const parsed = file.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = issue?.path.join('.') || 'the top';
    throw new AuditError('CERTIFICATE_FILE', `the certificate at ${where}: ${issue?.message ?? 'is wrong'}`);
  }
  const { r1csSha256, targets, assumptions, proved, steps } = parsed.data;
  return {
    r1csSha256,
    targets,
    certificate: { assumptions: assumptions as UniquenessCertificate['assumptions'], proved, steps },
  };
}

/** The one text of a certificate: keys in a fixed order, wires ascending, a step a line. */
export const uniquenessText = (file: CertificateFile): string =>
  uniquenessTextWithin(file, Number.POSITIVE_INFINITY)!;

/** @returns undefined if it is longer than what `parseCertificate` should be given */
export function uniquenessTextWithin(
  { r1csSha256, targets, certificate }: CertificateFile,
  maxBytes: number,
): string | undefined {
  const { assumptions, proved, steps } = certificate;
  const head = JSON.stringify({
    format: CERTIFICATE_FORMAT,
    r1csSha256,
    targets,
    assumptions: assumptions.map(({ as, fact: one }) => ({ as, fact: factJson(one) })),
    proved,
  });
  const lines: string[] = [];
  let bytes = Buffer.byteLength(head) + 20;
  for (const step of steps) {
    const line = JSON.stringify(stepJson(step));
    bytes += line.length + 2;
    if (bytes > maxBytes) return undefined;
    lines.push(line);
  }
  return `${head.slice(0, -1)},"steps":[\n${lines.join(',\n')}\n]}\n`;
}

const formJson = (one: LinearForm): unknown =>
  [...one].sort(([x], [y]) => x - y).map(([wire, c]) => [wire, `${c}`]);
const rowsJson = (rows: readonly ProofRow[]): unknown =>
  rows.map(({ of, index: at, factor }) => [of, at, `${factor}`]);

function factJson(one: Fact): object {
  switch (one.kind) {
    case 'absurd':
      return { kind: one.kind };
    case 'range':
      return { kind: one.kind, wire: one.wire, low: `${one.low}`, high: `${one.high}` };
    case 'set':
      return { kind: one.kind, wire: one.wire, values: one.values.map(String) };
    case 'sum':
      return { kind: one.kind, weights: formJson(one.weights), low: `${one.low}`, high: `${one.high}` };
    case 'point': {
      const multiples = one.multiples.map(({ low, high, step }) => ({
        low: `${low}`,
        high: `${high}`,
        step: `${step}`,
      }));
      const { kind, curve } = one;
      return { kind, curve, u: formJson(one.u), v: formJson(one.v), base: one.base.map(formJson), multiples };
    }
    default:
      return { kind: one.kind, form: formJson(one.form) };
  }
}

function stepJson(step: ProofStep): object {
  const head = { rule: step.rule, from: step.from, facts: step.facts.map(factJson) };
  switch (step.rule) {
    case 'combine':
    case 'sum':
      return { ...head, rows: rowsJson(step.rows) };
    case 'compare':
      return { ...head, rows: rowsJson(step.rows), bit: step.bit, pairs: step.pairs };
    case 'digits':
      return { ...head, form: formJson(step.form), scale: `${step.scale}` };
    case 'one-nonzero':
      return { ...head, form: formJson(step.form), constraints: step.constraints };
    case 'cases':
    case 'distinct':
      return { ...head, constraints: step.constraints };
    case 'residue':
      return { ...head, constraint: step.constraint, definitions: step.definitions };
    case 'split':
      return {
        ...head,
        form: formJson(step.form),
        zero: step.zero.map(stepJson),
        nonzero: step.nonzero.map(stepJson),
      };
    case 'point-known':
      return { ...head, wires: step.wires, definitions: step.definitions, logs: step.logs.map(String) };
    case 'point-choose':
      return { ...head, wire: step.wire, points: step.points, constraints: step.constraints };
    case 'point-coordinates':
    case 'point-convert':
    case 'point-add':
    case 'point-double':
    case 'point-again':
      return { ...head, points: step.points, constraints: step.constraints };
    case 'apart':
    case 'clash':
      return head;
    default:
      return { ...head, constraint: step.constraint };
  }
}
