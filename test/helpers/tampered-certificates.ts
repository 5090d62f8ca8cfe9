import { expect } from 'vitest';
import { parseCertificate, uniquenessText } from '../../src/audit/certificate/certificate-file.ts';
import { check } from '../../src/audit/certificate/check.ts';
import { prove } from '../../src/audit/prove/prove.ts';
import { normalForm } from '../../src/audit/system/normal-form.ts';
import { withFalseFacts } from './false-facts.ts';
import { numbersFrom, randomCircuit } from './small-circuits.ts';

type Json = Record<string, unknown>;
const r1csSha256 = 'a'.repeat(64);

/** All objects and lists below a value, with what each holds. */
function nodes(value: unknown, found: (Json | unknown[])[] = []): (Json | unknown[])[] {
  if (typeof value !== 'object' || value === null) return found;
  found.push(value as Json);
  for (const inner of Object.values(value)) nodes(inner, found);
  return found;
}

/** Changes one thing of a certificate: a number, a word, or a step or premise that is left out. */
function tamper(json: Json, below: (n: number) => number): void {
  const all = nodes(json['steps']);
  const node = all[below(all.length)]!;
  const keys = Object.keys(node);
  if (keys.length === 0) return;
  const key = keys[below(keys.length)]!;
  const holder = node as Json;
  const value = holder[key];
  if (typeof value === 'number') holder[key] = Math.max(0, value + (below(2) === 0 ? 1 : -1));
  else if (typeof value === 'string' && /^-?\d+$/.test(value)) holder[key] = `${BigInt(value) + 1n}`;
  else if (key === 'kind') holder[key] = ['unique', 'zero', 'nonzero', 'absurd'][below(4)];
  else if (key === 'rule') holder[key] = ['combine', 'sum', 'apart', 'clash', 'cases'][below(5)];
  else if (Array.isArray(value) && value.length > 0) value.splice(below(value.length), 1);
}

/**
 * Changes certificates of random circuits, and demands of each that it is refused, or that what it claims is so.
 * @param times how many are changed
 * @returns how many were refused
 */
export function refusedOfTampered(times: number, seed: number): number {
  const below = numbersFrom(seed);
  let [refused, tried] = [0, 0];
  while (tried < times) {
    const circuit = randomCircuit(below);
    const system = normalForm(circuit.raw);
    const { certificate } = prove(system, [], () => false);
    if (certificate === undefined || certificate.steps.length === 0) continue;
    const { unsafe } = circuit.truth;
    const text = uniquenessText({ r1csSha256, targets: [], certificate });
    for (let i = 0; i < 15; i++, tried++) {
      const json = JSON.parse(text) as Json;
      for (let changes = 1 + below(2); changes > 0; changes--) tamper(json, below);
      // It claims all outputs, also those that have two values.
      json['proved'] = system.targets;
      let result: ReturnType<typeof check>;
      try {
        result = check(system, parseCertificate(JSON.stringify(json)).certificate);
      } catch (error) {
        expect(error).toMatchObject({ code: 'CERTIFICATE_FILE' });
        refused++;
        continue;
      }
      if (!result.accepted) refused++;
      else expect(unsafe.size).toBe(0);
    }
  }
  return refused;
}

/** Demands that so many certificates, each with one false fact, are all refused. */
export function refusesFalseFacts(times: number, seed: number): void {
  const below = numbersFrom(seed);
  let tried = 0;
  while (tried < times) {
    const circuit = randomCircuit(below);
    const { certificate } = prove(normalForm(circuit.raw), [], () => false);
    if (certificate === undefined) continue;
    for (const wrong of withFalseFacts(circuit, certificate, below)) {
      tried++;
      expect(check(normalForm(circuit.raw), wrong)).toMatchObject({ accepted: false });
    }
  }
}
