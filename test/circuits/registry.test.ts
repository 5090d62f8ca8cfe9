import { describe, expect, test } from 'vitest';
import { registeredCircuits } from '../../scripts/circuits.ts';
import { openCircuit } from '../helpers/circuit.ts';

describe('circuits.json', () => {
  test('registers S1, S2, S3 and S4r', () => {
    expect(registeredCircuits().map(({ name, statement }) => [name, statement])).toEqual([
      ['ballot', 'S1'],
      ['orders', 'S2'],
      ['account', 'S3'],
      ['dealing', 'S4r'],
    ]);
  });
  test.each(registeredCircuits())(
    'states the constraints and public signals that $name has',
    async (registered) => {
      const circuit = await openCircuit(registered.file);
      expect(circuit.constraintCount).toBe(registered.constraints);
      expect(circuit.publicSignals).toEqual(registered.publicSignals);
    },
  );
  test.each(registeredCircuits())(
    'states the smallest Groth16 domain that holds $name',
    async ({ constraints, publicSignals, domain }) => {
      const rows = constraints + publicSignals.length + 1;
      expect(rows).toBeLessThanOrEqual(domain);
      expect(rows).toBeGreaterThan(domain / 2);
      expect(Math.log2(domain)).toBe(Math.round(Math.log2(domain)));
    },
  );
});
