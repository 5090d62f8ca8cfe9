import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { proofFromBytes } from '../../../src/groth16/encoding.ts';
import { parseGroth16Proof, parsePublicSignals, snarkjsJson } from '../../../src/groth16/json-files.ts';
import { createVerifier } from '../../../src/groth16/verifier.ts';
import { q, r } from '../../../src/params/fields.ts';

interface Recorded {
  readonly vkey: string;
  readonly proof: string;
  readonly public: string;
}
const { own } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../vectors/rapidsnark.json'), 'utf8'),
) as { own: readonly (Recorded & { readonly circuit: string })[] };

describe('files that rapidsnark wrote', () => {
  test.each(own)('are read and verify: $circuit', async ({ vkey, proof, public: publics }) => {
    expect(JSON.parse(proof)).not.toHaveProperty('curve');
    const bytes = parseGroth16Proof(JSON.parse(proof), 'the proof');
    const signals = parsePublicSignals(JSON.parse(publics), 'the signals');
    const verifier = await createVerifier(vkey, 'the key');
    expect(await verifier.verify(signals, bytes)).toBe(true);
    expect(await verifier.verify(signals.with(0, signals[0]! + 1n), bytes)).toBe(false);
  });
});

describe('a proof file', () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, i) => (i % 32 === 0 ? 0 : i));
  const json = proofFromBytes(bytes)!;
  const { protocol: _, curve: __, ...bare } = json;

  test('survives being read', () => {
    expect(parseGroth16Proof(JSON.parse(snarkjsJson(json)), 'p')).toEqual(bytes);
  });
  test.each<[string, object]>([
    ['no curve', { ...bare, protocol: 'groth16' }],
    ['no protocol', { ...bare, curve: 'bn128' }],
    ['neither', bare],
    ['the curve as gnark names it', { ...json, curve: 'bn254' }],
    ['the curve as Ethereum names it', { ...json, curve: 'alt_bn128' }],
    ['other fields beside', { ...json, note: 'mine' }],
  ])('with %s is the same proof', (_, file) => {
    expect(parseGroth16Proof(file, 'p')).toEqual(bytes);
  });
  test.each<[string, object | null, string]>([
    ['another protocol', { protocol: 'plonk' }, 'protocol is "plonk", and only groth16 is read'],
    ['a protocol that is no text', { protocol: 1 }, 'protocol is no text'],
    ['another curve', { curve: 'bls12381' }, 'curve is "bls12381", and only BN254 is read'],
    ['no A', { pi_a: undefined }, 'pi_a is not a list of three coordinates'],
    ['two coordinates', { pi_c: ['1', '2'] }, 'pi_c is not a list of three coordinates'],
    ['four coordinates', { pi_c: ['1', '2', '1', '1'] }, 'pi_c is not a list of three coordinates'],
    ['a number for text', { pi_a: [1, '2', '1'] }, 'pi_a[0] is not a decimal number as text'],
    ['a negative coordinate', { pi_a: ['-1', '1', '1'] }, 'pi_a[0] is not a decimal number'],
    ['a hexadecimal coordinate', { pi_a: ['1', '0x1', '1'] }, 'pi_a[1] is not a decimal number'],
    ['a leading zero', { pi_a: ['01', '1', '1'] }, 'pi_a[0] is not a decimal number'],
    ['a coordinate of 257 bits', { pi_a: [String(2n ** 256n), '1', '1'] }, 'pi_a[0] is not below 2^256'],
    ['projective coordinates', { pi_a: ['1', '2', '2'] }, 'pi_a[2] is not "1"'],
    ['G1 where G2 should be', { pi_b: ['1', '2', '1'] }, 'pi_b[0] is not a list of two coordinates'],
    ['B over projective coordinates', { pi_b: json.pi_b.with(2, ['1', '1']) }, 'pi_b[2][1] is not "0"'],
  ])('with %s is refused and told which field it is', (_, change, why) => {
    expect(() => parseGroth16Proof({ ...json, ...change }, 'a.json')).toThrow(
      expect.objectContaining({
        code: 'PROOF_FILE',
        message: expect.stringContaining(`a.json is no proof of Groth16: ${why}`),
      }),
    );
  });
  test.each([null, 1, 'x', [], [[[]]]])('%j is none', (file) => {
    expect(() => parseGroth16Proof(file, 'p')).toThrow(expect.objectContaining({ code: 'PROOF_FILE' }));
  });

  test('of the right form is read, and what is no point of its group is the verifier’s to refuse', async () => {
    const [account] = own.filter(({ circuit }) => circuit === 'account');
    const verifier = await createVerifier(account!.vkey, 'the key');
    const signals = parsePublicSignals(JSON.parse(account!.public), 's');
    const good = JSON.parse(account!.proof) as { pi_a: string[]; pi_b: string[][]; pi_c: string[] };
    const changes: readonly object[] = [
      { pi_a: ['0', '1', '0'] },
      { pi_c: ['0', '0', '1'] },
      { pi_a: ['1', '3', '1'] },
      { pi_a: good.pi_a.with(0, String(BigInt(good.pi_a[0]!) + q)) },
      { pi_b: good.pi_b.with(2, ['0', '0']) },
      { pi_b: good.pi_b.with(0, ['5', '7']) },
    ];
    for (const change of changes)
      expect(await verifier.verify(signals, parseGroth16Proof({ ...good, ...change }, 'p'))).toBe(false);
    expect(await verifier.verify(signals, parseGroth16Proof(good, 'p'))).toBe(true);
    const above = parsePublicSignals([String(signals[0]! + r), ...signals.slice(1).map(String)], 's');
    expect(await verifier.verify(above, parseGroth16Proof(good, 'p'))).toBe(false);
  });
});

test('public signals are decimal strings', () => {
  expect(parsePublicSignals(['0', '12'], 's')).toEqual([0n, 12n]);
  const many = Array<string>(1025).fill('1');
  for (const [json, why] of [
    [['1', 1], '[1] is not a decimal number as text'],
    [['01'], '[0] is not a decimal number'],
    [['-1'], '[0] is not a decimal number'],
    [['0x1'], '[0] is not a decimal number'],
    [{}, 'the whole is not a list of decimal numbers'],
    ['x', 'the whole is not a list of decimal numbers'],
    [[['1']], '[0] is not a decimal number as text'],
    [many, 'the whole has more than 1024 public signals'],
  ] as const)
    expect(() => parsePublicSignals(json, 's.json')).toThrow(
      expect.objectContaining({
        code: 'PROOF_FILE',
        message: expect.stringContaining(`s.json is no list of public signals of Groth16: ${why}`),
      }),
    );
});
