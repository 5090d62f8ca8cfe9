import type { DeclaredAt } from './source-lines.ts';

/** What an audit can find, with the sentence that explains it. */
export const RULES = {
  forged: 'Two witnesses of the same inputs differ in an output: a prover may choose it.',
  unknown: 'An output is neither proved to have one value for each input nor shown to have two.',
  'unranged-comparison': 'A comparison of n bits of a value that no constraint keeps below 2^n.',
  'free-wire': 'A wire can move while all inputs stay: the Jacobian at the witness has too low a rank.',
  'second-witness': 'Two witnesses of the same inputs differ: a value is left to the prover.',
  alias: 'Bits may spell a number not below the field order: one element has two decompositions.',
  'undetected-drop':
    'No check of this audit notices when the constraint is dropped: redundant, or not tested.',
  unconstrained: 'A wire stands in no constraint.',
  'unused-input': 'An input of the source is read by no constraint of the compiled system.',
  vacuous: 'A constraint can always be met by a wire that nothing else reads: it constrains nothing.',
  'loose-input': 'An input can be changed, everything else the same, and every constraint still holds.',
  leak: 'At a special value of an input a public output shows a private input.',
  'related-outputs': 'Two public outputs move in a fixed ratio with a secret: the same pad, used twice.',
  snapshot: 'The circuit is not the one that was reviewed.',
  'proof-tamper': 'A proof verifies for other public signals than its own.',
  'stale-waiver': 'A waiver is for something that the audit no longer finds.',
} as const;

export type Rule = keyof typeof RULES;

/** One thing that is wrong, or that a person must have looked at. */
export interface Finding {
  readonly rule: Rule;
  /** The signal or constraint it is about, in names that survive recompilation; what waivers match. */
  readonly subject: string;
  /** What was seen here. Holds no value of a witness: those are secrets. */
  readonly message: string;
  /** How many of the same pattern, and the first few. */
  readonly count: number;
  readonly examples: readonly string[];
  /** Where the subject is declared, if a source that tells it was read. */
  readonly place?: DeclaredAt;
}

const EXAMPLES = 3;

/** Findings about elements of one array, or uses of one template, as one. */
export function grouped(
  rule: Rule,
  seen: readonly { readonly subject: string; readonly message: string }[],
  patternOf: (subject: string) => string,
): Finding[] {
  const groups = new Map<string, (typeof seen)[number][]>();
  for (const one of seen) {
    const pattern = patternOf(one.subject);
    groups.set(pattern, [...(groups.get(pattern) ?? []), one]);
  }
  return [...groups].map(([subject, members]) => ({
    rule,
    subject: members.length === 1 ? members[0]!.subject : subject,
    message: members[0]!.message,
    count: members.length,
    examples: members.slice(0, EXAMPLES).map((member) => member.subject),
  }));
}
