import type { Fact, UniquenessCertificate } from '../../src/audit/certificate/certificate.ts';
import type { LinearForm } from '../../src/audit/system/linear-form.ts';
import type { SmallCircuit } from './small-circuits.ts';

/** Facts about points are left out: small circuits have no curve. */
type PlainFact = Exclude<Fact, { readonly kind: 'point' }>;

/** Whether a fact holds in all witnesses, or in all pairs of witnesses with the same inputs. */
function holds({ raw, truth }: SmallCircuit, fact: PlainFact): boolean {
  const p = Number(raw.field.p);
  const value = (form: LinearForm, w: readonly number[]): number =>
    [...form].reduce((sum, [wire, c]) => sum + Number(c) * w[wire]!, 0) % p;
  const { witnesses } = truth;
  switch (fact.kind) {
    case 'absurd':
      return witnesses.length === 0;
    case 'zero':
      return witnesses.every((w) => value(fact.form, w) === 0);
    case 'nonzero':
      return witnesses.every((w) => value(fact.form, w) !== 0);
    case 'set':
      return witnesses.every((w) => fact.values.includes(BigInt(w[fact.wire]!)));
    case 'range':
      return witnesses.every((w) => {
        const above = (((w[fact.wire]! - Number(fact.low)) % p) + p) % p;
        return BigInt(above) <= fact.high - fact.low;
      });
    case 'sum':
      return witnesses.every((w) => {
        const sum = [...fact.weights].reduce((all, [wire, c]) => all + Number(c) * w[wire]!, 0);
        return fact.low <= sum && sum <= fact.high;
      });
    default: {
      const seen = new Map<string, number>();
      const body = new Map([...fact.form].filter(([wire]) => wire !== 0));
      return witnesses.every((w) => {
        const key = w.filter((_, wire) => raw.isInput[wire]).join();
        const now = value(body, w);
        const first = seen.get(key) ?? now;
        seen.set(key, first);
        return first === now;
      });
    }
  }
}

const wiresOf = (fact: PlainFact): number[] => {
  if (fact.kind === 'absurd') return [];
  if (fact.kind === 'range' || fact.kind === 'set') return [fact.wire];
  return [...(fact.kind === 'sum' ? fact.weights : fact.form).keys()];
};

/** Facts like this one that say something else. */
function variants({ raw }: SmallCircuit, fact: PlainFact): PlainFact[] {
  const { p } = raw.field;
  const others = Array.from({ length: raw.wireCount - 1 }, (_, i) => i + 1);
  switch (fact.kind) {
    case 'absurd':
      return [];
    case 'range':
      return [
        { ...fact, high: fact.high - 1n },
        { ...fact, low: fact.low + 1n },
        ...others.map((wire): PlainFact => ({ ...fact, wire })),
      ];
    case 'set':
      return [
        ...fact.values.map(
          (out): PlainFact => ({ ...fact, values: fact.values.filter((one) => one !== out) }),
        ),
        ...others.map((wire): PlainFact => ({ ...fact, wire })),
      ];
    case 'sum':
      return [1n, 2n, 3n].flatMap((by): PlainFact[] => [
        { ...fact, high: fact.high - by },
        { ...fact, low: fact.low + by },
      ]);
    default: {
      const moved = others.map((wire): PlainFact => ({ kind: fact.kind, form: new Map([[wire, 1n]]) }));
      const shifted = Array.from({ length: Number(p) - 1 }, (_, i): PlainFact => {
        const constant = ((fact.form.get(0) ?? 0n) + BigInt(i) + 1n) % p;
        const form = new Map(fact.form);
        form.delete(0);
        if (constant !== 0n) form.set(0, constant);
        return { kind: fact.kind, form };
      });
      return fact.kind === 'unique' ? moved : [...moved, ...shifted];
    }
  }
}

/**
 * Copies of a certificate in which one fact says what is false, though all before it still hold.
 * @returns a copy for each fact of which there is a false variant
 */
export function withFalseFacts(
  circuit: SmallCircuit,
  certificate: UniquenessCertificate,
  below: (n: number) => number,
): UniquenessCertificate[] {
  if (circuit.truth.witnesses.length === 0) return [];
  return certificate.steps.flatMap((step, i) =>
    step.facts.flatMap((fact, j) => {
      if (fact.kind === 'point' || wiresOf(fact).some((wire) => wire >= circuit.raw.wireCount)) return [];
      const wrong = variants(circuit, fact).filter((one) => !holds(circuit, one));
      if (wrong.length === 0) return [];
      const facts = step.facts.with(j, wrong[below(wrong.length)]!);
      return [{ ...certificate, steps: certificate.steps.with(i, { ...step, facts }) }];
    }),
  );
}
