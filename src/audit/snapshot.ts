import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type R1cs, wiresOf } from '../groth16/r1cs.ts';
import { AuditError } from './errors.ts';
import type { Finding } from './findings.ts';
import { patternOf } from './names.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const snapshotSchema = z.object({
  constraints: z.number().int().nonnegative(),
  wires: z.number().int().nonnegative().optional(),
  publicSignals: z.array(z.string()),
  /** How many constraints speak of signals of these patterns. */
  constraintGroups: z.record(z.string(), z.number().int().positive()).optional(),
  /** Of the names of all wires; null if it was taken without a .sym file. */
  labelsSha256: sha256.nullable().optional(),
  r1csSha256: sha256.optional(),
});

/** What a circuit was when somebody last looked at it. */
export type Snapshot = z.infer<typeof snapshotSchema>;

/** @param names by wire */
export function snapshotOf(r1cs: R1cs, names: readonly string[], r1csSha256: string): Required<Snapshot> {
  const isNamed = names.some((name, wire) => wire > 0 && name !== `w${wire}`);
  return {
    constraints: r1cs.constraints.length,
    wires: r1cs.wireCount,
    publicSignals: names.slice(1, 1 + r1cs.outputCount + r1cs.publicInputCount),
    constraintGroups: isNamed ? groupsOf(r1cs, names) : {},
    labelsSha256: isNamed ? createHash('sha256').update(names.join('\n')).digest('hex') : null,
    r1csSha256,
  };
}

/** Patterns that name a group of constraints, and groups of a snapshot, at most. */
const NAMED_PATTERNS = 3;
const MAX_GROUPS = 2000;
const OTHERS = '(others)';

/** Constraints by the patterns of the signals they read, those of the innermost components first: `range[*].bits[*] amount`. */
function groupsOf(r1cs: R1cs, names: readonly string[]): Record<string, number> {
  const patterns = names.map(patternOf);
  const depths = patterns.map((pattern) => pattern.split('.').length);
  const groups = new Map<string, number>();
  for (const constraint of r1cs.constraints) {
    const wires = wiresOf(constraint).filter((wire) => wire !== 0);
    wires.sort((p, q) => depths[q]! - depths[p]! || p - q);
    const read = [...new Set(wires.map((wire) => patterns[wire]!))];
    const more = read.length - NAMED_PATTERNS;
    const named = `${read.slice(0, NAMED_PATTERNS).join(' ')}${more > 0 ? ` and ${more} more` : ''}`;
    const group = groups.has(named) || groups.size < MAX_GROUPS ? named : OTHERS;
    groups.set(group, (groups.get(group) ?? 0) + 1);
  }
  return Object.fromEntries([...groups].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** @throws {AuditError} SNAPSHOT_FILE */
export function parseSnapshot(text: string, where: string): Snapshot {
  try {
    return snapshotSchema.parse(JSON.parse(text));
  } catch {
    throw new AuditError(
      'SNAPSHOT_FILE',
      `${where} is no snapshot, as velum test and velum audit --snapshot write them`,
    );
  }
}

/** A change, and the signals it is about. */
type Change = readonly [subject: string, message: string];

/** Groups of constraints of which a change is told, at most. */
const TOLD_GROUPS = 10;

/** What has changed since. Another hash alone is a change, too: the same size says nothing of the content. */
export function snapshotChanges(now: Required<Snapshot>, reviewed: Snapshot): Finding[] {
  const changes: Change[] = [];
  const growth = now.constraints - reviewed.constraints;
  if (growth !== 0)
    changes.push([
      'constraints',
      `${now.constraints}, ${Math.abs(growth)} ${growth > 0 ? 'more' : 'fewer'} than the ${reviewed.constraints} that were reviewed`,
    ]);
  if (reviewed.wires !== undefined && now.wires !== reviewed.wires)
    changes.push(['wires', `${now.wires}, reviewed were ${reviewed.wires}`]);
  const [is, was] = [now.labelsSha256, reviewed.labelsSha256];
  if (was !== undefined && (is === null) !== (was === null))
    changes.push([
      'labels',
      `${was === null ? 'the snapshot was taken' : 'the circuit was read'} without a .sym file, so no names were compared`,
    ]);
  else changes.push(...publicChanges(now, reviewed), ...groupChanges(now, reviewed));
  if (changes.length === 0 && reviewed.r1csSha256 !== undefined && now.r1csSha256 !== reviewed.r1csSha256)
    changes.push(['constraints', 'as many as were reviewed, and not the same']);
  if (changes.length === 0 && was !== undefined && is !== was)
    changes.push([
      'labels',
      'signals are called otherwise than when it was reviewed; the constraints are the same',
    ]);
  return changes.map(([subject, message]) => ({
    rule: 'snapshot',
    subject,
    message,
    count: 1,
    examples: [],
  }));
}

/** The first public signal that is another one. */
function publicChanges(now: Snapshot, reviewed: Snapshot): Change[] {
  const [is, was] = [now.publicSignals, reviewed.publicSignals];
  const at = Array.from({ length: Math.max(is.length, was.length) }).findIndex((_, i) => is[i] !== was[i]);
  if (at < 0) return [];
  const told = `public signal ${at} is ${is[at] ?? 'missing'}, reviewed was ${was[at] ?? 'none'}`;
  return [[is[at] ?? was[at]!, told]];
}

function groupChanges(
  { constraintGroups: now = {} }: Snapshot,
  { constraintGroups: reviewed }: Snapshot,
): Change[] {
  if (reviewed === undefined) return [];
  const countOf = (groups: Readonly<Record<string, number>>, group: string): number =>
    Object.hasOwn(groups, group) ? groups[group]! : 0;
  const changed = [...new Set([...Object.keys(reviewed), ...Object.keys(now)])]
    .map((group) => ({ group, is: countOf(now, group), was: countOf(reviewed, group) }))
    .filter(({ is, was }) => is !== was)
    // What is gone first.
    .sort((a, b) => a.is - a.was - (b.is - b.was));
  const told = changed
    .slice(0, TOLD_GROUPS)
    .map(
      ({ group, is, was }): Change => [
        group,
        `${is} ${is === 1 ? 'constraint' : 'constraints'}, ${was} before`,
      ],
    );
  const more = changed.length - TOLD_GROUPS;
  return more > 0 ? [...told, ['constraints', `${more} more groups have changed`]] : told;
}
