import { describe, expect, test } from 'vitest';
import { type Engine, judge, loadEngine } from '../helpers/audit-campaign.ts';
import { type Swap, withMutant } from '../helpers/mutant.ts';
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
    'a product is taken apart though neither factor is the same in both witnesses',
    'certificate/rows.ts',
    ['if (paired && (given.isUnique(ra) || given.isUnique(rb))) {', 'if (paired) {'],
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

describe('a rule that is wrong in one line', () => {
  test.each(MUTANTS)('is caught: %s', async (_, file, swap) => {
    const caught = await withMutant(`src/audit/${file}`, [swap], async () => caughtAfter(await loadEngine()));
    expect(caught).toBeDefined();
  });
  test('none of the product is caught by the same circuits', async () => {
    expect(caughtAfter(await loadEngine())).toBeUndefined();
  });
});
