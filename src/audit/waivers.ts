import { z } from 'zod';
import { notJson } from '../base/json-place.ts';
import { AuditError } from './errors.ts';
import type { Finding } from './findings.ts';

const waiverSchema = z.strictObject({
  /** Name of a circuit, or path of a source. */
  circuit: z.string().min(1),
  rule: z.string().min(1),
  /** A finding's subject; `*` stands for anything. */
  subject: z.string().min(1),
  /** Why this is no defect. */
  reason: z.string().min(30, 'is too short to say why this is no defect'),
});
const fileSchema = z.strictObject({ waivers: z.array(waiverSchema) });

/** A finding that was looked at and is no defect, with the argument. */
export type Waiver = z.infer<typeof waiverSchema>;

/** What a waiver can be for: this kit's findings, or those of another tool. */
type Waivable = Pick<Finding, 'subject' | 'message'> & { readonly rule: string };

/** Findings and what was said about them. */
export interface Judgement<F extends Waivable = Finding> {
  /** Nobody has explained these: the audit fails. Waivers that match nothing are among them. */
  readonly open: readonly (F | Finding)[];
  readonly waived: readonly { readonly finding: F; readonly reason: string }[];
}

/**
 * @param text  of waivers.json
 * @param where names the file in errors
 * @throws {AuditError} WAIVERS_FILE
 */
export function parseWaivers(text: string, where: string): Waiver[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new AuditError('WAIVERS_FILE', `${where} is ${notJson(text)}`);
  }
  const parsed = fileSchema.safeParse(json);
  if (parsed.success) return parsed.data.waivers;
  const [issue] = parsed.error.issues;
  throw new AuditError(
    'WAIVERS_FILE',
    `${where} at ${issue?.path.join('.') || 'the top'}: ${issue?.message}`,
  );
}

/** @param waivers of one circuit */
export function judge<F extends Waivable>(findings: readonly F[], waivers: readonly Waiver[]): Judgement<F> {
  const used = new Set<Waiver>();
  const open: F[] = [];
  const waived: { finding: F; reason: string }[] = [];
  for (const finding of findings) {
    const waiver = waivers.find((one) => one.rule === finding.rule && matches(one.subject, finding.subject));
    if (waiver === undefined) open.push(finding);
    else {
      used.add(waiver);
      waived.push({ finding, reason: waiver.reason });
    }
  }
  const stale = waivers
    .filter((waiver) => !used.has(waiver))
    .map(
      ({ rule, subject }): Finding => ({
        rule: 'stale-waiver',
        subject: `${rule} ${subject}`,
        message: 'nothing of the kind is found any more: take the waiver out',
        count: 1,
        examples: [],
      }),
    );
  return { open: [...open, ...stale], waived };
}

function matches(pattern: string, subject: string): boolean {
  const source = pattern
    .split('*')
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*');
  return new RegExp(`^${source}$`, 's').test(subject);
}
