import { describe, expect, test } from 'vitest';
import { proofFromBytes } from '../../../src/groth16/encoding.ts';
import { parseGroth16Proof, parsePublicSignals, snarkjsJson } from '../../../src/groth16/json-files.ts';

describe('a proof file', () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, i) => (i % 32 === 0 ? 0 : i));
  const json = proofFromBytes(bytes)!;

  test('survives being read', () => {
    expect(parseGroth16Proof(JSON.parse(snarkjsJson(json)))).toEqual(bytes);
  });
  test.each<[string, object]>([
    ['of another protocol', { protocol: 'plonk' }],
    ['of another curve', { curve: 'bls12381' }],
    ['with a point at infinity', { pi_a: ['0', '1', '0'] }],
    ['with a negative coordinate', { pi_a: ['-1', '1', '1'] }],
    ['with a coordinate of 257 bits', { pi_a: [String(2n ** 256n), '1', '1'] }],
    ['with two coordinates', { pi_c: ['1', '2'] }],
  ])('%s is none', (_, change) => {
    expect(parseGroth16Proof({ ...json, ...change })).toBeUndefined();
  });
  test('keeps a coordinate of q or more, which the verifier refuses', () => {
    const large = String(2n ** 256n - 1n);
    expect(parseGroth16Proof({ ...json, pi_a: [large, '1', '1'] })!.subarray(0, 32)).toEqual(
      new Uint8Array(32).fill(255),
    );
  });
});

test('public signals are decimal strings', () => {
  expect(parsePublicSignals(['0', '12'])).toEqual([0n, 12n]);
  for (const json of [[1], ['01'], ['-1'], ['0x1'], {}, 'x', [['1']], Array(2000).fill('1')])
    expect(parsePublicSignals(json)).toBeUndefined();
});
