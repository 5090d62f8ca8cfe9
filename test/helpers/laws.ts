import type {
  Fact,
  PointRule,
  ProofStep,
  UniquenessCertificate,
} from '../../src/audit/certificate/certificate.ts';
import type { CheckResult } from '../../src/audit/certificate/check.ts';
import type { LinearForm } from '../../src/audit/system/linear-form.ts';
import { PrimeField } from '../../src/audit/system/prime-field.ts';
import type { ConstraintSystem } from '../../src/audit/system/system.ts';

/** Of p = 101, 2 is no square. */
const field = new PrimeField(101n);
/** Wire 1 is an input, the others are not. */
const [x, y, z, w, s, t]: readonly [number, number, number, number, number, number] = [1, 2, 3, 4, 5, 6];
const WIRES = 7;

type Terms = Readonly<Record<number, number>>;
const form = (terms: Terms): LinearForm =>
  new Map(Object.entries(terms).map(([wire, c]) => [Number(wire), field.mod(BigInt(c))]));

function systemOf(rows: readonly (readonly [Terms, Terms, Terms])[]): ConstraintSystem {
  const constraints = rows.map(([a, b, c], origin) => ({ a: form(a), b: form(b), c: form(c), origin }));
  return {
    field,
    wireCount: WIRES,
    isInput: Array.from({ length: WIRES }, (_, wire) => wire === x),
    targets: [],
    constraints,
    readers: Array.from({ length: WIRES }, () => constraints.map(({ origin }) => origin)),
    resolve: (wire) => ({ wire, factor: 1n, constant: 0n }),
  };
}

const unique = (terms: Terms): Fact => ({ kind: 'unique', form: form(terms) });
const zero = (terms: Terms): Fact => ({ kind: 'zero', form: form(terms) });
const nonzero = (terms: Terms): Fact => ({ kind: 'nonzero', form: form(terms) });
const range = (wire: number, low: number, high: number): Fact => ({
  kind: 'range',
  wire,
  low: BigInt(low),
  high: BigInt(high),
});
const set = (wire: number, ...values: number[]): Fact => ({ kind: 'set', wire, values: values.map(BigInt) });
const absurd: Fact = { kind: 'absurd' };
const row = (index: number, factor = 1n) => ({ of: 'constraint', index, factor }) as const;

/** A step with what it rests on, over constraints a·b = c. */
interface Case {
  readonly rows: readonly (readonly [Terms, Terms, Terms])[];
  readonly given: readonly Fact[];
  readonly step: (from: readonly number[]) => ProofStep;
}

/** Of each rule, those about points aside: steps that hold, and steps that do not, each for one reason. */
const LAWS: {
  readonly [R in Exclude<ProofStep['rule'], PointRule>]: {
    readonly holds: readonly Case[];
    readonly lies: readonly Case[];
  };
} = {
  combine: (() => {
    const of = (rows: Case['rows'], given: readonly Fact[], says: Fact): Case => ({
      rows,
      given,
      step: (from) => ({ rule: 'combine', from, rows: [row(0)], facts: [says] }),
    });
    const linear: Case['rows'] = [[{}, {}, { [y]: 2, [x]: -1 }]];
    const product: Case['rows'] = [[{ [z]: 1 }, { [y]: 1 }, { [x]: 1 }]];
    return {
      holds: [
        of(linear, [], unique({ [y]: 1 })),
        of(product, [unique({ [y]: 1 }), nonzero({ [y]: 1 })], unique({ [z]: 1 })),
      ],
      lies: [
        of(linear, [], unique({ [z]: 1 })),
        of(linear, [], unique({ [y]: 1, [z]: 1 })),
        of(linear, [], zero({ [y]: 1 })),
        of(product, [unique({ [y]: 1 })], unique({ [z]: 1 })),
        of(product, [nonzero({ [y]: 1 })], unique({ [z]: 1 })),
      ],
    };
  })(),
  sum: (() => {
    const of = (c: Terms, says: Fact): Case => ({
      rows: [[{}, {}, c]],
      given: [],
      step: (from) => ({ rule: 'sum', from, rows: [row(0)], facts: [says] }),
    });
    return {
      holds: [of({ [y]: 1, 0: -5 }, zero({ [y]: 2, 0: -10 })), of({ 0: 3 }, absurd)],
      lies: [
        of({ [y]: 1, 0: -5 }, zero({ [y]: 1, 0: -6 })),
        of({ [y]: 1, 0: -5 }, absurd),
        of({ [y]: 1, 0: -5 }, unique({ [z]: 1 })),
      ],
    };
  })(),
  digits: (() => {
    const of = (terms: Terms, given: readonly Fact[], scale = 1n, says = y): Case => ({
      rows: [],
      given: [unique(terms), ...given],
      step: (from) => ({ rule: 'digits', from, form: form(terms), scale, facts: [unique({ [says]: 1 })] }),
    });
    const bits = [range(y, 0, 1), range(z, 0, 1)];
    const isOpen = (one: Case): Case => ({ ...one, given: one.given.slice(1) });
    return {
      holds: [
        of({ [y]: 1, [z]: 2 }, bits, 1n, z),
        of({ [y]: 1, [z]: 2 }, bits),
        of({ [y]: 3, [z]: 6 }, bits, 34n),
      ],
      lies: [
        isOpen(of({ [y]: 1, [z]: 2 }, bits)),
        of({ [y]: 1, [z]: 1 }, bits),
        of({ [y]: 1, [z]: 2 }, bits, 0n),
        of({ [y]: 1, [z]: 2 }, [range(y, 0, 2), range(z, 0, 1)]),
        of({ [y]: 1, [z]: 2 }, [range(y, 0, 1), range(z, 0, 60)]),
        of({ [y]: 1, [z]: 2 }, [range(y, 0, 1)]),
        of({ [y]: 1, [z]: 2 }, bits, 1n, w),
      ],
    };
  })(),
  'one-nonzero': (() => {
    const of = (
      constants: readonly [number, number],
      given: readonly Fact[],
      by = x,
      c: Terms = {},
    ): Case => ({
      rows: [
        [{ [y]: 1 }, { [by]: 1, 0: -constants[0] }, c],
        [{ [z]: 1 }, { [by]: 1, 0: -constants[1] }, {}],
      ],
      given,
      step: (from) => ({
        rule: 'one-nonzero',
        from,
        form: form({ [y]: 1, [z]: 1 }),
        constraints: [0, 1],
        facts: [unique({ [y]: 1 })],
      }),
    });
    const known = unique({ [y]: 1, [z]: 1 });
    return {
      holds: [of([1, 2], [known])],
      lies: [of([1, 1], [known]), of([1, 2], []), of([1, 2], [known], w), of([1, 2], [known], x, { [s]: 1 })],
    };
  })(),
  factor: (() => {
    const of = (given: readonly Fact[], says: Fact, c: Terms = {}): Case => ({
      rows: [[{ [y]: 1 }, { [z]: 1 }, c]],
      given,
      step: (from) => ({ rule: 'factor', from, constraint: 0, facts: [says] }),
    });
    return {
      holds: [of([nonzero({ [z]: 1 })], zero({ [y]: 1 })), of([nonzero({ [y]: 1 })], zero({ [z]: 1 }))],
      lies: [
        of([], zero({ [y]: 1 })),
        of([nonzero({ [z]: 1 })], zero({ [z]: 1 })),
        of([nonzero({ [z]: 1 })], zero({ [w]: 1 })),
        of([nonzero({ [z]: 1 })], zero({ [y]: 1 }), { [x]: 1 }),
      ],
    };
  })(),
  'nonzero-factors': (() => {
    const of = (given: readonly Fact[], says: Fact): Case => ({
      rows: [[{ [y]: 1 }, { [z]: 1 }, { [x]: 1 }]],
      given,
      step: (from) => ({ rule: 'nonzero-factors', from, constraint: 0, facts: [says] }),
    });
    const given = [nonzero({ [x]: 1 })];
    return {
      holds: [of(given, nonzero({ [y]: 1 })), of(given, nonzero({ [z]: 3 }))],
      lies: [of([], nonzero({ [y]: 1 })), of(given, nonzero({ [w]: 1 })), of(given, zero({ [y]: 1 }))],
    };
  })(),
  roots: (() => {
    const of = (b: Terms, c: Terms, says: Fact): Case => ({
      rows: [[{ [y]: 1 }, b, c]],
      given: [],
      step: (from) => ({ rule: 'roots', from, constraint: 0, facts: [says] }),
    });
    const bit: Terms = { [y]: 1, 0: -1 };
    return {
      holds: [of(bit, {}, set(y, 0, 1)), of({ [y]: 1 }, { 0: 2 }, absurd)],
      lies: [
        of(bit, {}, set(y, 0)),
        of(bit, {}, set(y, 1)),
        of(bit, {}, set(y, 0, 2)),
        of(bit, {}, set(z, 0, 1)),
        of(bit, {}, absurd),
        of(bit, { [z]: 1 }, set(y, 0, 1)),
      ],
    };
  })(),
  cases: (() => {
    const of = (says: Fact, given = [set(y, 0, 1), set(z, 0, 1)]): Case => ({
      rows: [[{}, {}, { [w]: 1, [y]: -1, [z]: -1 }]],
      given,
      step: (from) => ({ rule: 'cases', from, constraints: [0], facts: [says] }),
    });
    return {
      holds: [of(set(w, 0, 1, 2)), of(nonzero({ [y]: 1, 0: 1 }))],
      lies: [
        of(set(w, 0, 1)),
        of(nonzero({ [y]: 1 })),
        of(zero({ [y]: 1 })),
        of(set(w, 0, 1, 2), [set(y, 0, 1)]),
      ],
    };
  })(),
  distinct: (() => {
    const of = (weight: number, given: readonly Fact[]): Case => ({
      rows: [[{}, {}, { [w]: -1, [y]: 1, [z]: weight }]],
      given: [set(y, 0, 1), set(z, 0, 1), ...given],
      step: (from) => ({ rule: 'distinct', from, constraints: [0], facts: [unique({ [y]: 1 })] }),
    });
    const known = [unique({ [w]: 1 })];
    return { holds: [of(2, known)], lies: [of(1, known), of(2, []), of(2, [set(w, 0, 1, 2, 3)])] };
  })(),
  bounds: (() => {
    const of = (says: Fact, given = [range(y, 0, 3), range(z, 0, 3)]): Case => ({
      rows: [[{}, {}, { [w]: 1, [y]: -1, [z]: -1 }]],
      given,
      step: (from) => ({ rule: 'bounds', from, constraint: 0, facts: [says] }),
    });
    return {
      holds: [of(range(w, 0, 6)), of(range(w, -1, 7))],
      lies: [
        of(range(w, 0, 5)),
        of(range(w, 1, 6)),
        of(range(s, 0, 6)),
        of(range(w, 0, 6), [range(y, 0, 3)]),
      ],
    };
  })(),
  'square-root': (() => {
    const of = (given: readonly Fact[], c: Terms = { [x]: 1 }, b: Terms = { [y]: 1 }): Case => ({
      rows: [[{ [y]: 1 }, b, c]],
      given,
      step: (from) => ({ rule: 'square-root', from, constraint: 0, facts: [unique({ [y]: 1 })] }),
    });
    const low = [range(y, 0, 50)];
    return {
      holds: [of(low), of([range(y, 51, 100)])],
      lies: [
        of([range(y, 0, 51)]),
        of([range(y, 50, 100)]),
        of([]),
        of(low, { [w]: 1 }),
        of(low, { [x]: 1 }, { [z]: 1 }),
        of([range(y, -50, 50)]),
      ],
    };
  })(),
  apart: (() => {
    const of = (given: readonly Fact[], says: Fact): Case => ({
      rows: [],
      given,
      step: (from) => ({ rule: 'apart', from, facts: [says] }),
    });
    const given = [range(y, 0, 50)];
    return {
      holds: [of(given, nonzero({ [y]: 1, 0: 1 }))],
      lies: [
        of(given, nonzero({ [y]: 1, 0: -1 })),
        of(given, nonzero({ [y]: 1 })),
        of([], nonzero({ [y]: 1, 0: 1 })),
        of([range(y, 0, 100)], nonzero({ [y]: 1, 0: 1 })),
      ],
    };
  })(),
  clash: (() => {
    const of = (given: readonly Fact[], says: Fact = absurd): Case => ({
      rows: [],
      given,
      step: (from) => ({ rule: 'clash', from, facts: [says] }),
    });
    const both = [zero({ [y]: 1 }), nonzero({ [y]: 1 })];
    return {
      holds: [of(both)],
      lies: [
        of(both.slice(0, 1)),
        of(both.slice(1)),
        of([zero({ [y]: 1 }), nonzero({ [z]: 1 })]),
        of(both, zero({ [z]: 1 })),
      ],
    };
  })(),
  residue: (() => {
    const of = (
      k: number,
      definitions: readonly (readonly [number, number])[] = [[t, 0]],
      says: Terms = { [t]: k, 0: 1 },
    ): Case => ({
      rows: [
        [{ [y]: 1 }, { [z]: 1 }, { [t]: 1 }],
        [{ [t]: k, 0: 1 }, { [s]: 1 }, { [y]: 1, [z]: 1 }],
      ],
      given: [],
      step: (from) => ({ rule: 'residue', from, constraint: 1, definitions, facts: [nonzero(says)] }),
    });
    return { holds: [of(2)], lies: [of(4), of(2, []), of(2, [[t, 0]], { [s]: 1 })] };
  })(),
  compare: (() => {
    // n = 1 − low − 2·high + high·low is −1 where the two bits spell 2 or 3.
    const of = (
      high: number,
      pair: 0 | 1 | 2 | 3 = 1,
      given = [set(y, 0, 1), set(z, 0, 1), set(w, 0, 1)],
    ): Case => ({
      rows: [[{ [z]: 1 }, { [y]: 1 }, { [w]: 1, 0: -1, [y]: 1, [z]: 2 }]],
      given,
      step: (from) => ({
        rule: 'compare',
        from,
        rows: [row(0, 100n)],
        bit: 1,
        pairs: [[z, y, pair]],
        facts: [{ kind: 'sum', weights: form({ [y]: 1, [z]: 2 }), low: 0n, high: BigInt(high) }],
      }),
    });
    return {
      holds: [of(1), of(2)],
      lies: [of(0), of(1, 0), of(2, 2), of(1, 1, [set(y, 0, 1), set(z, 0, 1)])],
    };
  })(),
  split: (() => {
    const says = [unique({ [y]: 1 })];
    const told = (index: number, from: number[]): ProofStep => ({
      rule: 'combine',
      from,
      rows: [row(index)],
      facts: says,
    });
    const of = (rows: Case['rows'], on: number, zeros: ProofStep[], others: ProofStep[]): Case => ({
      rows,
      given: [],
      step: () => ({
        rule: 'split',
        from: [],
        form: form({ [on]: 1 }),
        zero: zeros,
        nonzero: others,
        facts: says,
      }),
    });
    // x·y = x tells y unless x = 0, and (x − 1)·y = x − 1 tells it there. Fact 0 is the hypothesis of one case, 2 of the other.
    const both: Case['rows'] = [
      [{ [x]: 1 }, { [y]: 1 }, { [x]: 1 }],
      [{ [x]: 1, 0: -1 }, { [y]: 1 }, { [x]: 1, 0: -1 }],
    ];
    // w·(y − 1) = 0 and y·(w − 1) = 0: y is 0 where w is, else 1.
    const copies: Case['rows'] = [
      [{ [w]: 1 }, { [y]: 1, 0: -1 }, {}],
      [{ [y]: 1 }, { [w]: 1, 0: -1 }, {}],
    ];
    const one: ProofStep = { rule: 'factor', from: [2], constraint: 0, facts: [zero({ [y]: 1, 0: -1 })] };
    return {
      holds: [of(both, x, [told(1, [0])], [told(0, [2])])],
      lies: [
        of(copies, w, [told(1, [0])], [one, { rule: 'combine', from: [3], rows: [], facts: says }]),
        of(both, x, [told(1, [0])], []),
        of(both, x, [told(1, [0])], [told(1, [0])]),
        of(both, x, [told(1, [0])], [told(0, [7])]),
      ],
    };
  })(),
};

type Check = (system: ConstraintSystem, certificate: UniquenessCertificate) => CheckResult;

/** What a checker gets wrong: the rules of which it refuses what holds, or accepts what does not, or at which it fails. */
export function wrongLaws(check: Check): string[] {
  return Object.entries(LAWS).flatMap(([rule, { holds, lies }]) => {
    const saidOf = ({ rows, given, step }: Case): string => {
      const assumptions = given.map((fact) => ({ as: 'given', fact }));
      const steps = [step([...given.keys()])];
      try {
        return check(systemOf(rows), { assumptions, proved: [], steps }).accepted ? 'accepted' : 'refused';
      } catch (error) {
        return `fails at (${error})`;
      }
    };
    const wrong = (cases: readonly Case[], right: string): string[] =>
      cases.flatMap((one, i) => {
        const said = saidOf(one);
        return said === right ? [] : [`${rule} ${i} is ${said}, and should be ${right}`];
      });
    return [...wrong(holds, 'accepted'), ...wrong(lies, 'refused')];
  });
}
