import { describe, expect, test } from 'vitest';
import type { RawSystem } from '../../../src/audit/system/normal-form.ts';
import { PrimeField } from '../../../src/audit/system/prime-field.ts';
import { judge, loadEngine, Tally } from '../../helpers/audit-campaign.ts';
import { exhaust } from '../../helpers/exhaustive.ts';
import { numbersFrom, randomCircuit } from '../../helpers/small-circuits.ts';

const CIRCUITS = 200;
const engine = await loadEngine();

/** Every assignment, one after the other. */
function tried({ field, wireCount, constraints }: RawSystem): number[][] {
  const p = Number(field.p);
  const found: number[][] = [];
  for (let n = 0; n < p ** (wireCount - 1); n++) {
    const w = [1];
    for (let wire = 1, rest = n; wire < wireCount; wire++, rest = Math.floor(rest / p)) w.push(rest % p);
    const value = (form: ReadonlyMap<number, bigint>): bigint =>
      [...form].reduce((sum, [wire, c]) => sum + c * BigInt(w[wire]!), 0n);
    if (constraints.every(({ a, b, c }) => (value(a) * value(b) - value(c)) % field.p === 0n)) found.push(w);
  }
  return found;
}

describe('small circuits, beside a search through all their witnesses', () => {
  const below = numbersFrom(15);
  const circuits = Array.from({ length: CIRCUITS }, () => randomCircuit(below));

  test('no verdict is wrong, of the safe and of the unsafe ones 95 % are decided', () => {
    const tally = new Tally();
    for (const [i, circuit] of circuits.entries()) tally.add(`${i}, ${circuit.kind}`, judge(engine, circuit));
    expect(tally.wrong).toEqual([]);
    expect(tally.safe).toBeGreaterThan(CIRCUITS / 5);
    expect(tally.unsafe).toBeGreaterThan(CIRCUITS / 5);
    expect(tally.proved / tally.safe).toBeGreaterThan(0.95);
    expect(tally.forged / tally.unsafe).toBeGreaterThan(0.95);
  });
  test('the search finds what trying every assignment finds', () => {
    const tiny = circuits
      .filter(({ raw }) => Number(raw.field.p) ** (raw.wireCount - 1) <= 3000)
      .slice(0, 60);
    expect(tiny.length).toBeGreaterThan(30);
    for (const { raw } of tiny)
      expect(exhaust(raw, 1e6)!.witnesses.map(String).sort()).toEqual(tried(raw).map(String).sort());
  });
  test('what is no forgery is not taken for one', () => {
    const { forgeries, isForgery, normalForm, prove } = engine;
    for (const { raw } of circuits.filter(({ truth }) => truth.unsafe.size > 0).slice(0, 20)) {
      const { prover, open } = prove(normalForm(raw), [], () => false);
      const options = { witnesses: [], assumptions: [], isOver: () => false };
      const found = forgeries(raw, prover, open, options).next().value;
      if (found === undefined) continue;
      expect(isForgery(raw, found, [])).toBe(true);
      expect(isForgery(raw, { ...found, second: found.first }, [])).toBe(false);
      for (const wire of found.second.keys()) {
        const second = found.second.map((value, w) => (w === wire ? value + raw.field.p : value));
        expect(isForgery(raw, { ...found, second }, [])).toBe(false);
      }
    }
  });
  test('a certificate of one circuit says nothing false of another', () => {
    const { check, normalForm, prove } = engine;
    const certificates = circuits
      .slice(0, 120)
      .flatMap(({ raw }) => prove(normalForm(raw), [], () => false).certificate ?? []);
    let refused = 0;
    for (const { raw, truth } of circuits.filter((one) => one.truth.unsafe.size > 0).slice(0, 150))
      for (const certificate of certificates.slice(0, 40)) {
        const claim = { ...certificate, proved: [...truth.unsafe].slice(0, 1) };
        expect(check(normalForm(raw), claim).accepted).toBe(false);
        refused++;
      }
    expect(refused).toBeGreaterThan(1000);
  });
});

test('a certificate is accepted as its file has it, whatever the order in which the prover met the wires', () => {
  // x·s = 0, (x + 2)·t = 0 and a sum in which t comes before s.
  const [s, t, x] = [1, 2, 3];
  const form = (...terms: readonly (readonly [number, number])[]) =>
    new Map(terms.map(([wire, c]) => [wire, BigInt(c)] as const));
  const raw: RawSystem = {
    field: new PrimeField(5n),
    wireCount: 4,
    isInput: [false, false, false, true],
    targets: [s, t],
    constraints: [
      { a: form([x, 1]), b: form([s, 1]), c: form() },
      { a: form([x, 1], [0, 2]), b: form([t, 1]), c: form() },
      { a: form([t, 4], [s, 1]), b: form([0, 1]), c: form([s, 3], [x, 4]) },
    ],
  };
  const { wrong, isProved, rules } = judge(engine, { kind: 'selector', raw, truth: exhaust(raw, 1000)! });
  expect([wrong, isProved, rules.includes('one-nonzero')]).toEqual([[], true, true]);
});
