import { describe, expect, test } from 'vitest';
import { parseCertificate, uniquenessText } from '../../../src/audit/certificate/certificate-file.ts';
import { check } from '../../../src/audit/certificate/check.ts';
import { isForgery } from '../../../src/audit/forge/evaluate.ts';
import { forge } from '../../../src/audit/forge/forge.ts';
import { prove } from '../../../src/audit/prove/prove.ts';
import { normalForm } from '../../../src/audit/system/normal-form.ts';
import { exhaust, numbersFrom, randomCircuit } from '../../helpers/small-circuits.ts';

const CIRCUITS = 400;
const r1csSha256 = 'a'.repeat(64);

describe('small circuits, beside a search through all their witnesses', () => {
  const below = numbersFrom(15);
  const circuits = Array.from({ length: CIRCUITS }, () => randomCircuit(below));
  const verdicts = circuits.map((circuit) => ({
    raw: circuit.raw,
    truth: exhaust(circuit),
    system: normalForm(circuit.raw),
    result: prove(normalForm(circuit.raw), [], () => false),
  }));

  test('no output is called unique that has two values for one input', () => {
    const wrong = verdicts.flatMap(({ truth, result }, i) =>
      result.proved.filter((wire) => truth.unsafe.has(wire)).map((wire) => `circuit ${i} output ${wire}`),
    );
    expect(wrong).toEqual([]);
    expect(verdicts.filter(({ truth }) => truth.unsafe.size > 0).length).toBeGreaterThan(CIRCUITS / 5);
  });
  test('of the safe ones 95 % are proved', () => {
    const safe = verdicts.filter(({ truth }) => truth.satisfiable && truth.unsafe.size === 0);
    const proved = safe.filter(({ result }) => result.open.length === 0);
    expect(safe.length).toBeGreaterThan(CIRCUITS / 5);
    expect(proved.length / safe.length).toBeGreaterThan(0.95);
  });
  test('of the unsafe ones 95 % are forged, by witnesses of an output that has two values', () => {
    const unsafe = verdicts.filter(({ truth }) => truth.unsafe.size > 0);
    const forged = unsafe.map(({ truth, result, raw }) => {
      const found = forge(raw, result.prover, result.open, {
        witnesses: [],
        assumptions: [],
        isOver: () => false,
      });
      if (found !== undefined) expect(truth.unsafe.has(found.target)).toBe(true);
      return found;
    });
    expect(forged.filter((one) => one !== undefined).length / unsafe.length).toBeGreaterThan(0.95);
  });
  test('what is no forgery is not taken for one', () => {
    for (const { raw, result } of verdicts.filter(({ truth }) => truth.unsafe.size > 0).slice(0, 20)) {
      const options = { witnesses: [], assumptions: [], isOver: () => false };
      const found = forge(raw, result.prover, result.open, options);
      if (found === undefined) continue;
      expect(isForgery(raw, found, [])).toBe(true);
      expect(isForgery(raw, { ...found, second: found.first }, [])).toBe(false);
      for (const wire of found.second.keys()) {
        const second = found.second.map((value, w) => (w === wire ? value + raw.field.p : value));
        expect(isForgery(raw, { ...found, second }, [])).toBe(false);
      }
    }
  });
  test('the checker refuses nothing that the prover says', () => {
    expect(verdicts.flatMap(({ result }) => result.refused ?? [])).toEqual([]);
  });
  test('a certificate is the same after it was a file, and is accepted again', () => {
    for (const { system, result } of verdicts) {
      if (result.certificate === undefined) continue;
      const text = uniquenessText({ r1csSha256, targets: [], certificate: result.certificate });
      const read = parseCertificate(text);
      expect(uniquenessText(read)).toBe(text);
      expect(check(system, read.certificate)).toEqual({ accepted: true, proved: result.proved });
    }
  });
  test('a certificate of one circuit says nothing false of another', () => {
    const certificates = verdicts.flatMap(({ result }) => result.certificate ?? []);
    let refused = 0;
    for (const { truth, system } of verdicts.filter((one) => one.truth.unsafe.size > 0))
      for (const certificate of certificates.slice(0, 40)) {
        const claim = { ...certificate, proved: [...truth.unsafe].slice(0, 1) };
        expect(check(system, claim).accepted).toBe(false);
        refused++;
      }
    expect(refused).toBeGreaterThan(1000);
  });
});
