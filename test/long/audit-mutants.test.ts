import { describe, expect, test } from 'vitest';
import { type Engine, judge, loadEngine } from '../helpers/audit-campaign.ts';
import { wrongLaws } from '../helpers/laws.ts';
import { type Swap, withMutant } from '../helpers/mutant.ts';
import { wrongPointLaws } from '../helpers/point-laws.ts';
import { numbersFrom, randomCircuit } from '../helpers/small-circuits.ts';

/** Circuits that a mutant is shown, at most. */
const CIRCUITS = 3000;

/** How many circuits it takes until a verdict is wrong, or `check` refuses a certificate; and what was said then. */
function caughtAfter(engine: Engine): { readonly circuits: number; readonly wrong: string } | undefined {
  const below = numbersFrom(3);
  for (let circuits = 1; circuits <= CIRCUITS; circuits++) {
    const [wrong] = judge(engine, randomCircuit(below)).wrong;
    if (wrong !== undefined) return { circuits, wrong };
  }
  return undefined;
}

/** Changes of one line in what a rule concludes or demands. Rules of certificate/ are the search's and the checker's. */
const MUTANTS: readonly (readonly [what: string, file: string, swap: Swap])[] = [
  [
    'an interval takes the wrong end of a range',
    'certificate/given.ts',
    ['high += c * (c > 0n ? range.high : range.low);', 'high += c * (c > 0n ? range.low : range.high);'],
  ],
  [
    'a product is the same though one of its factors may differ',
    'certificate/rows.ts',
    [
      'if (paired && given.isUnique(a) && given.isUnique(b)) return;',
      'if (paired && given.isUnique(a)) return;',
    ],
  ],
  [
    'a factor that is only partly a sum of known forms is called known',
    'prove/span.ts',
    ['if (row.entries.size > 0 || row.made', 'if (row.made'],
  ],
  [
    'two combinations that a constraint mistakes for one another are not told',
    'certificate/distinct.ts',
    [
      'if (first[i] !== values.get(wire)) same.delete(wire);',
      'if (first[i] === undefined) same.delete(wire);',
    ],
  ],
  [
    'cases that meet the constraint are left out',
    'certificate/values.ts',
    ['if (f[0] !== 0n) return true;', 'if (f[0] === 0n) return true;'],
  ],
  [
    'a divisor is called nonzero because a number is a square',
    'certificate/lemmas.ts',
    ['return !field.isSquare(', 'return field.isSquare('],
  ],
  [
    'a comparison with a constant ignores where its sum begins',
    'certificate/lemmas.ts',
    ['if (offset !== 0n && !isAbove) return false;', ''],
  ],
  [
    'a root is told by a range that holds the opposite one as well',
    'certificate/values.ts',
    [
      'if (range === undefined || range.low < 0n || !given.isUnique(c)) return false;',
      'if (range === undefined || !given.isUnique(c)) return false;',
    ],
  ],
  [
    'a copy loses its constant',
    'system/normal-form.ts',
    ['constant: ((c.get(0) ?? 0n) * inverse) % field.p', 'constant: 0n'],
  ],
  [
    'digits of the same weight are told apart',
    'prove/digits.ts',
    ['if (top.size > rest) {', 'if (top.size >= rest) {'],
  ],
  [
    'a factor that may be 0 is divided by',
    'prove/linear.ts',
    ['|| !isNonzero(context, by)) return;', ') return;'],
  ],
  [
    'two of a selector may have the same index',
    'prove/one-nonzero.ts',
    ['|| constants.size !== factors.length', ''],
  ],
];

/** Each law of `check` without one of the things that it demands. */
const LAWLESS: readonly (readonly [what: string, swap: Swap])[] = [
  [
    'combine: a coefficient that may be 0',
    ['return by !== undefined && given.isNonzero(by);', 'return by !== undefined;'],
  ],
  ['combine: a sum of something else', ['return by !== undefined && given.isNonzero(by);', 'return true;']],
  [
    'sum: another constant',
    ['return (ratio(system, sum.plain, given.reduce(fact.form)) ?? 0n) !== 0n;', 'return true;'],
  ],
  ['sum: no contradiction', ['return sum.plain.size === 1 && sum.plain.has(0);', 'return true;']],
  [
    'digits: a form that may differ',
    ['if (!given.isUnique(step.form) || step.form.size', 'if (step.form.size'],
  ],
  [
    'digits: no range',
    [
      'if (range === undefined) return false;\n      const c',
      'if (range === undefined) continue;\n      const c',
    ],
  ],
  ['digits: a sum that passes the modulus', ['if (total >= field.p && !bounded) return false;', '']],
  ['digits: digits that overlap', ['if (digit.c > total) return true;', 'return true;']],
  ['digits: a scale of 0', ['|| step.scale === 0n) return false;', ') return false;']],
  [
    'one-nonzero: a form that may differ',
    ['if (!given.isUnique(step.form) || step.constraints', 'if (step.constraints'],
  ],
  [
    'one-nonzero: products that are not 0',
    [
      'if (constraint === undefined || given.value(constraint.c) !== 0n) return false;\n      const isSelf',
      'if (constraint === undefined) return false;\n      const isSelf',
    ],
  ],
  [
    'one-nonzero: factors that may differ',
    [
      'if (other === undefined || !given.isUnique(other)) return false;',
      'if (other === undefined) return false;',
    ],
  ],
  [
    'one-nonzero: the same factor twice',
    ['bodies.size === 1 && constants.size === wires.length', 'bodies.size === 1'],
  ],
  [
    'factor: a product that is not 0',
    [
      'if (constraint === undefined || given.value(constraint.c) !== 0n) return false;\n    const { a, b }',
      'if (constraint === undefined) return false;\n    const { a, b }',
    ],
  ],
  ['factor: another factor that may be 0', ['&& given.isNonzero(i === 0 ? b : a)', '']],
  ['factor: another form', ['isMultiple(system, given, form, one) && given', 'given']],
  [
    'nonzero-factors: a product that may be 0',
    ['constraint.a.size === 0 || !given.isNonzero(constraint.c)', 'constraint.a.size === 0'],
  ],
  [
    'nonzero-factors: another form',
    ['[constraint.a, constraint.b].some((one) => isMultiple(system, given, form, one)),', 'form.size > 0,'],
  ],
  ['roots', ['step.facts.every((fact) => roots(system, given, constraint, fact))', 'true']],
  ['cases', ['&& casesHold(system, given, constraints, step.facts)', '']],
  ['distinct', ['same.includes(onlyWire(form) ?? -1)', 'form.size > 0']],
  ['bounds: an interval that is too tight', ['low <= found.low && found.high <= high', 'low <= high']],
  ['square-root', ["each(step.facts, 'unique', ({ form }) => isTold(form))", 'isTold !== undefined']],
  ['apart: a form that may be 0', ['return above > interval.high;', 'return true;']],
  [
    'apart: no interval',
    ['if (interval === undefined) return false;', 'if (interval === undefined) return true;'],
  ],
  [
    'clash: a form that is 0 only',
    ["kind === 'nonzero' && given.value(form) === 0n", 'given.value(form) === 0n'],
  ],
  [
    'clash: a form that is not 0 only',
    ["kind === 'nonzero' && given.value(form) === 0n", "kind === 'nonzero'"],
  ],
  ['residue', ['residue(system, given, step, form))', 'form.size > 0)']],
  ['compare', ['comparison(system, given, step, fact, facts))', 'fact.weights.size > 0)']],
  [
    'split: on a form that may differ',
    ["if (!given.isUnique(step.form)) return 'split on a form that may differ between two witnesses';", ''],
  ],
  ['split: a case that says less', ['if (lacks !== undefined) return', 'if (lacks === step) return']],
  ['split: what one case knows is known in the other', ['facts.fill(undefined, before);', '']],
  ['a premise that was not said', ['if (missing >= 0) return', 'if (missing > 1e9) return']],
];

/** Each demand of the rules about points, left out. */
const POINTLESS: readonly (readonly [what: string, file: string, swap: Swap])[] = [
  [
    'points of two bases',
    'points.ts',
    ['if (!points.every((point) => isSameBase(point, first))) return false;', ''],
  ],
  [
    'a conclusion about another base',
    'points.ts',
    ['isSameBase(fact, first) && says(found.point, fact)', 'says(found.point, fact)'],
  ],
  [
    'points that may be one',
    'points.ts',
    ['if (!neverEqual(p.multiples, q.multiples)) return undefined;', ''],
  ],
  [
    'a point for its opposite',
    'points.ts',
    ['return sign === 1 ? fact : opposite(system, fact);', 'return fact;'],
  ],
  [
    'points of the other form',
    'points.ts',
    ["points.every(({ curve }) => curve === 'montgomery') && p !== undefined", 'p !== undefined'],
  ],
  [
    'a conclusion of the other form',
    'points.ts',
    [
      'if (found === undefined || fact.curve !== found.curve) return false;',
      'if (found === undefined) return false;',
    ],
  ],
  [
    'another v',
    'points.ts',
    ['!isSameForm(found.u, fact.u) || !isSameForm(found.v, fact.v)', '!isSameForm(found.u, fact.u)'],
  ],
  [
    'another multiple',
    'points.ts',
    ['return isWithin(found.multiples as Multiples, fact.multiples);', 'return true;'],
  ],
  [
    'another form that is not 0',
    'points.ts',
    ['return found.nonzero.some((form) => ratio(system, fact.form, form));', 'return true;'],
  ],
  [
    'a choice that no constraint makes',
    'points.ts',
    [
      'if (!isSame || !points.every((point) => point.curve === curve)) return',
      'if (!points.every((point) => point.curve === curve)) return',
    ],
  ],
  [
    'a choice between points of two forms',
    'points.ts',
    ['if (!isSame || !points.every((point) => point.curve === curve)) return', 'if (!isSame) return'],
  ],
  [
    'a table of other points',
    'known-points.ts',
    ['base.isMultiple(system.field, step.logs[i]!, u, v) && ', ''],
  ],
  ['a table of more multiples', 'known-points.ts', [' && isWithin(one(step.logs[i]!), fact.multiples)', '']],
  [
    'a table of the other form',
    'known-points.ts',
    [
      "if (fact.kind !== 'point' || fact.curve !== 'montgomery') return false;",
      "if (fact.kind !== 'point') return false;",
    ],
  ],
  [
    'a base outside of the subgroup',
    'curve.ts',
    [
      ' ||\n      !base\n        .times(l - 1n)\n        .add(point!)\n        .is0()\n      ? undefined',
      ' ? undefined',
    ],
  ],
];

describe('a checker without one of its demands', () => {
  test.each(POINTLESS)('is caught: %s', async (_, file, swap) => {
    const wrong = await withMutant(`src/audit/certificate/${file}`, [swap], async () =>
      wrongPointLaws((await loadEngine()).check),
    );
    expect(wrong).not.toEqual([]);
  });
  test.each(LAWLESS)('is caught: %s', async (_, swap) => {
    const wrong = await withMutant('src/audit/certificate/check.ts', [swap], async () =>
      wrongLaws((await loadEngine()).check),
    );
    expect(wrong).not.toEqual([]);
  });
});

describe('a rule that is wrong in one line', () => {
  test.each(MUTANTS)('is caught: %s', async (_, file, swap) => {
    const caught = await withMutant(`src/audit/${file}`, [swap], async () => caughtAfter(await loadEngine()));
    expect(caught).toBeDefined();
  });
  test('is caught by the laws: a product is taken apart though neither factor is the same in both witnesses', async () => {
    // The search does not look at such a product, so that its certificates do not show this one.
    const swap: Swap = ['if (paired && (given.isUnique(ra) || given.isUnique(rb))) {', 'if (paired) {'];
    const wrong = await withMutant('src/audit/certificate/rows.ts', [swap], async () =>
      wrongLaws((await loadEngine()).check),
    );
    expect(wrong).not.toEqual([]);
  });
  test('none of the product is caught by the same circuits', async () => {
    expect(caughtAfter(await loadEngine())).toBeUndefined();
  });
});
