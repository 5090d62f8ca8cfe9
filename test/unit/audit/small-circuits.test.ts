import { describe, expect, test } from 'vitest';
import { parseCertificate, uniquenessText } from '../../../src/audit/certificate/certificate-file.ts';
import { check } from '../../../src/audit/certificate/check.ts';
import { prove } from '../../../src/audit/prove/prove.ts';
import { normalForm } from '../../../src/audit/system/normal-form.ts';
import { exhaust, numbersFrom, randomCircuit } from '../../helpers/small-circuits.ts';

const CIRCUITS = 400;
const r1csSha256 = 'a'.repeat(64);

describe('small circuits, beside a search through all their witnesses', () => {
  const below = numbersFrom(15);
  const circuits = Array.from({ length: CIRCUITS }, () => randomCircuit(below));
  const verdicts = circuits.map((circuit) => ({
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
