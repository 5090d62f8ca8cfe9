import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { poseidon2 } from 'poseidon-lite/poseidon2';
import { beforeAll, describe, expect, test } from 'vitest';
import { bytesToBigint, concatBytes, utf8 } from '../../../src/base/bytes.ts';
import {
  type Children,
  dealingStream,
  hash,
  hashBytes,
  hashToField,
  hashToScalar,
  hashWide,
  merkleNode,
  sealStream,
} from '../../../src/crypto/hash.ts';
import { FIELD_DOMAINS, fieldTag } from '../../../src/params/domains.ts';
import { l, r } from '../../../src/params/fields.ts';
import { fieldElements } from '../../helpers/arbitraries.ts';
import { circomlibOracle } from '../../helpers/circomlib-oracle.ts';
import vectors from '../../vectors/poseidon.json' with { type: 'json' };

let oracle: Awaited<ReturnType<typeof circomlibOracle>>;
beforeAll(async () => {
  oracle = await circomlibOracle();
});

describe('Poseidon', () => {
  test.each(vectors.cases)("gives circomlib's value of $inputs", ({ inputs, output }) => {
    const values = inputs.map(BigInt);
    const ours = values.length === 4 ? merkleNode(values as unknown as Children) : poseidon2(values);
    expect(ours).toBe(BigInt(output));
  });

  test('of a domain is circomlibjs’ Poseidon with the tag as first input', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...FIELD_DOMAINS),
        fc.array(fieldElements, { minLength: 1, maxLength: 3 }),
        (domain, inputs) => hash(domain, ...inputs) === oracle.poseidon([fieldTag(domain), ...inputs]),
      ),
      { numRuns: 40 },
    );
  });

  test('of four Merkle children is circomlibjs’ Poseidon(4)', () => {
    fc.assert(
      fc.property(
        fc.tuple(fieldElements, fieldElements, fieldElements, fieldElements),
        (children) => merkleNode(children) === oracle.poseidon(children),
      ),
      { numRuns: 20 },
    );
  });

  test('as a keystream is words 1 to 4 of circomlibjs’ permutation, word 0 kept back', () => {
    fc.assert(
      fc.property(fieldElements, fieldElements, fieldElements, (x, y, context) => {
        const state = oracle.poseidonEx([fieldTag('seal'), x, y, context], 5);
        expect(sealStream(x, y, context)).toEqual(state.slice(1));
      }),
      { numRuns: 20 },
    );
  });

  test('as the pads of a dealing is words 1 and 2 of circomlibjs’ permutation of three inputs', () => {
    fc.assert(
      fc.property(fieldElements, fieldElements, fieldElements, (x, y, context) => {
        expect(dealingStream(x, y, context)).toEqual(oracle.poseidonEx([x, y, context], 3).slice(1));
      }),
      { numRuns: 20 },
    );
    expect(() => dealingStream(0n, r, 0n)).toThrow(expect.objectContaining({ code: 'CRYPTO_INPUT' }));
  });

  test('refuses inputs outside the field and numbers of inputs that are not in use', () => {
    expect(() => hash('owner', r)).toThrow(expect.objectContaining({ code: 'CRYPTO_INPUT' }));
    expect(() => hash('owner', -1n)).toThrow(expect.objectContaining({ code: 'CRYPTO_INPUT' }));
    expect(() => merkleNode([0n, 0n, 0n, r])).toThrow(expect.objectContaining({ code: 'CRYPTO_INPUT' }));
    expect(() => sealStream(0n, 0n, r)).toThrow(expect.objectContaining({ code: 'CRYPTO_INPUT' }));
    expect(() => hash('owner')).toThrow(expect.objectContaining({ code: 'CRYPTO_INPUT' }));
    expect(() => hash('owner', 1n, 2n, 3n, 4n)).toThrow(expect.objectContaining({ code: 'CRYPTO_INPUT' }));
  });

  test('differs between domains', () => {
    expect(new Set(FIELD_DOMAINS.map((domain) => hash(domain, 7n))).size).toBe(FIELD_DOMAINS.length);
  });
});

describe('byte hashes', () => {
  const tag = createHash('sha512').update('velum/header/v1').digest();
  const parts = [utf8('one'), utf8('two')] as const;

  test('are SHA-256 and SHA-512 of the 64-byte tag and the parts', () => {
    const data = concatBytes(tag, ...parts);
    expect([...hashBytes('header', ...parts)]).toEqual([...createHash('sha256').update(data).digest()]);
    expect([...hashWide('header', ...parts)]).toEqual([...createHash('sha512').update(data).digest()]);
  });

  test('reduce SHA-512, big-endian, into the field and into the scalars', () => {
    const wide = bytesToBigint(hashWide('header', ...parts));
    expect(hashToField('header', ...parts)).toBe(wide % r);
    expect(hashToScalar('header', ...parts)).toBe(wide % l);
  });

  test('differ between domains', () => {
    expect(hashBytes('header', ...parts)).not.toEqual(hashBytes('settlement', ...parts));
  });
});
