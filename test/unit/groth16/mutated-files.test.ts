import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { VelumError } from '../../../src/base/errors.ts';
import { parseTranscript } from '../../../src/groth16/ceremony/transcript.ts';
import { loadCurve } from '../../../src/groth16/curve.ts';
import { parseGroth16Proof, parsePublicSignals } from '../../../src/groth16/json-files.ts';
import { parseProvingKey } from '../../../src/groth16/proving-key.ts';
import { parseVerificationKey, type VerificationKey } from '../../../src/groth16/verification-key.ts';
import { witnessWords } from '../../../src/groth16/witness-words.ts';
import { zkeySections } from '../../../src/groth16/zkey.ts';
import { wtnsFile } from '../../helpers/iden3-files.ts';
import { mutated } from '../../helpers/mutations.ts';

/** Files of the toy circuit, a proof of it as rapidsnark wrote it. */
const { toy } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../vectors/rapidsnark.json'), 'utf8'),
) as { toy: { zkey: string; vkey: string; proof: string; public: string } };

/** What a reader answers, undefined where it refuses the file by one of these codes; anything else is a failure. */
function answer<T>(codes: readonly string[], read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    expect(error).toBeInstanceOf(VelumError);
    expect(codes).toContain((error as VelumError).code);
    return undefined;
  }
}

/** JSON with one value, anywhere in it, replaced by another. */
function jsonMutated(text: string): fc.Arbitrary<unknown> {
  const places: (readonly (string | number)[])[] = [];
  const visit = (value: unknown, path: readonly (string | number)[]): void => {
    places.push(path);
    if (Array.isArray(value)) for (const [i, part] of value.entries()) visit(part, [...path, i]);
    else if (typeof value === 'object' && value !== null)
      for (const [key, part] of Object.entries(value)) visit(part, [...path, key]);
  };
  visit(JSON.parse(text), []);
  const numbers = fc.constantFrom(
    '0',
    '1',
    '-1',
    '00',
    '1e5',
    '',
    ' 1',
    '1'.repeat(78),
    '1'.repeat(400),
    '0x1',
  );
  const other = fc.oneof(
    fc.jsonValue({ maxDepth: 3 }),
    numbers,
    fc.bigInt({ min: 0n, max: 2n ** 260n }).map(String),
  );
  return fc.tuple(fc.constantFrom(...places), other, fc.boolean()).map(([path, value, isRemoved]) => {
    const json = JSON.parse(text) as unknown;
    const last = path.at(-1);
    if (last === undefined) return value;
    const parent = path
      .slice(0, -1)
      .reduce((at, key) => (at as Record<string | number, unknown>)[key], json) as
      | unknown[]
      | Record<string, unknown>;
    if (!isRemoved) (parent as Record<string | number, unknown>)[last] = value;
    else if (Array.isArray(parent)) parent.splice(last as number, 1);
    else delete parent[last];
    return json;
  });
}

/** What a key is, but for the text it was read from. */
const content = ({ alphaBeta, gamma, delta, constant, bases }: VerificationKey): Buffer =>
  Buffer.concat([alphaBeta, gamma, delta, constant, bases]);

describe('whatever is changed in it,', () => {
  test('a proof is refused as a file, or is 256 bytes', () => {
    fc.assert(
      fc.property(jsonMutated(toy.proof), (json) => {
        const proof = answer(['PROOF_FILE'], () => parseGroth16Proof(json, 'p'));
        if (proof !== undefined) expect(proof).toHaveLength(256);
      }),
      { numRuns: 3000 },
    );
  });

  test('a list of public signals is refused as a file, or is one of numbers', () => {
    fc.assert(
      fc.property(jsonMutated(toy.public), (json) => {
        const signals = answer(['PROOF_FILE'], () => parsePublicSignals(json, 's')) ?? [];
        expect(signals.every((signal) => signal >= 0n && signal < 10n ** 78n)).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });

  test('a verification key is refused, or is the same one', async () => {
    const curve = await loadCurve();
    const good = parseVerificationKey(curve, toy.vkey, 'k');
    fc.assert(
      fc.property(jsonMutated(toy.vkey), (json) => {
        const text = JSON.stringify(json) ?? '';
        const key = answer(['KEYS_FILE', 'KEYS_UNSAFE'], () => parseVerificationKey(curve, text, 'k'));
        if (key !== undefined) expect(content(key).equals(content(good))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test('the text of a verification key is refused, or is the same key', async () => {
    const curve = await loadCurve();
    const good = parseVerificationKey(curve, toy.vkey, 'k');
    fc.assert(
      fc.property(mutated(Buffer.from(toy.vkey)), (bytes) => {
        const key = answer(['KEYS_FILE', 'KEYS_UNSAFE'], () =>
          parseVerificationKey(curve, bytes.toString('utf8'), 'k'),
        );
        if (key !== undefined) expect(content(key).equals(content(good))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  let zkey: Buffer;
  beforeAll(() => {
    zkey = Buffer.from(toy.zkey, 'base64');
  });
  test('a proving key is refused as a file, or has as many points as it has signals', () => {
    let read = 0;
    fc.assert(
      fc.property(mutated(zkey), (bytes) => {
        const key = answer(['CIRCUIT_FILE'], () => parseProvingKey(bytes));
        if (key === undefined) return;
        read++;
        expect([key.A.length, key.B2.length, key.H.length, key.IC.length]).toEqual([
          64 * key.signals,
          128 * key.signals,
          64 * key.domain,
          64 * (key.nPublic + 1),
        ]);
        const { count, entries } = key.coefficients;
        const view = new DataView(entries.buffer, entries.byteOffset, entries.length);
        for (let i = 0; i < count; i++) {
          expect(view.getUint32(44 * i, true)).toBeLessThan(2);
          expect(view.getUint32(44 * i + 4, true)).toBeLessThan(key.domain);
          expect(view.getUint32(44 * i + 8, true)).toBeLessThan(key.signals);
        }
      }),
      { numRuns: 3000 },
    );
    expect(read).toBeGreaterThan(100);
  });

  test('the transcript of a proving key is refused, or has a name and a hash for each contribution', async () => {
    const curve = await loadCurve();
    const section = zkeySections(zkey)!.get(10)!;
    expect(parseTranscript(curve, section)).toHaveLength(1);
    fc.assert(
      fc.property(mutated(section), (bytes) => {
        for (const { hash, name } of parseTranscript(curve, bytes) ?? []) {
          expect(hash).toMatch(/^[0-9a-f]{128}$/);
          expect(name.length).toBeLessThan(256);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('a witness for a proving key is refused as a file, or has that key’s signals', () => {
    fc.assert(
      fc.property(mutated(wtnsFile([1n, 15n, 3n, 5n, 10n])), (bytes) => {
        const words = answer(['CIRCUIT_FILE'], () => witnessWords(bytes, 5));
        if (words !== undefined) expect(words).toHaveLength(160);
      }),
      { numRuns: 3000 },
    );
  });
});
