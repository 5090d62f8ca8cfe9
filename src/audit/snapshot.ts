import { z } from 'zod';
import type { R1cs } from '../groth16/r1cs.ts';
import { AuditError } from './errors.ts';
import type { Finding } from './findings.ts';

const snapshotSchema = z.object({
  constraints: z.number().int().nonnegative(),
  wires: z.number().int().nonnegative().optional(),
  publicSignals: z.array(z.string()),
  r1csSha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
});

/** What a circuit was when somebody last looked at it. */
export type Snapshot = z.infer<typeof snapshotSchema>;

/** @param names by wire */
export function snapshotOf(r1cs: R1cs, names: readonly string[], r1csSha256: string): Required<Snapshot> {
  return {
    constraints: r1cs.constraints.length,
    wires: r1cs.wireCount,
    publicSignals: names.slice(1, 1 + r1cs.outputCount + r1cs.publicInputCount),
    r1csSha256,
  };
}

/** @throws {AuditError} SNAPSHOT_FILE */
export function parseSnapshot(text: string, where: string): Snapshot {
  try {
    return snapshotSchema.parse(JSON.parse(text));
  } catch {
    throw new AuditError('SNAPSHOT_FILE', `${where} is no snapshot: velum audit --json prints one`);
  }
}

/** What has changed since. Another hash alone is a change, too: the same size says nothing of the content. */
export function snapshotChanges(now: Required<Snapshot>, reviewed: Snapshot): Finding[] {
  const changes: [string, string][] = [];
  const growth = now.constraints - reviewed.constraints;
  if (growth !== 0)
    changes.push([
      'constraints',
      `${now.constraints}, ${Math.abs(growth)} ${growth > 0 ? 'more' : 'fewer'} than the ${reviewed.constraints} that were reviewed`,
    ]);
  if (reviewed.wires !== undefined && now.wires !== reviewed.wires)
    changes.push(['wires', `${now.wires}, reviewed were ${reviewed.wires}`]);
  const at = Math.max(now.publicSignals.length, reviewed.publicSignals.length);
  for (let i = 0; i < at; i++) {
    const [is, was] = [now.publicSignals[i], reviewed.publicSignals[i]];
    if (is === was) continue;
    changes.push(['public signals', `number ${i} is ${is ?? 'missing'}, reviewed was ${was ?? 'none'}`]);
    break;
  }
  if (reviewed.r1csSha256 !== undefined && now.r1csSha256 !== reviewed.r1csSha256 && changes.length === 0)
    changes.push(['constraints', 'as many as were reviewed, and not the same']);
  return changes.map(([subject, message]) => ({
    rule: 'snapshot',
    subject,
    message,
    count: 1,
    examples: [],
  }));
}
