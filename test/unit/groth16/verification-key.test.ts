import { afterAll, beforeAll, expect, test } from 'vitest';
import { q } from '../../../src/params/fields.ts';
import { bothVerifiers } from '../../helpers/both-verifiers.ts';
import { makeToyKeys, type ToyKeys } from '../../helpers/toy-keys.ts';

interface Vkey {
  nPublic: number;
  vk_alpha_1: string[];
  vk_beta_2: string[][];
  vk_gamma_2: string[][];
  vk_delta_2: string[][];
  IC: string[][];
}

let keys: ToyKeys;
beforeAll(async () => {
  keys = await makeToyKeys();
});
afterAll(() => keys.remove());

const refusal = async (change: (key: Vkey) => object, code = 'KEYS_UNSAFE'): Promise<string> => {
  const key = JSON.parse(keys.vkey) as Vkey;
  const json = JSON.stringify({ ...key, ...change(key) });
  try {
    await bothVerifiers(json, 'the key');
  } catch (error) {
    expect(error).toMatchObject({ name: 'VelumError', code });
    return (error as Error).message;
  }
  return 'accepted';
};
const negated = (point: string[][]): string[][] =>
  point.map((pair, i) => (i === 1 ? pair.map((c) => String(q - BigInt(c))) : pair));

test('a key as snarkjs exports it is accepted, and its own e(α, β) is not believed', async () => {
  expect(await refusal(() => ({}))).toBe('accepted');
  expect(await refusal(() => ({ vk_alphabeta_12: 'nonsense' }))).toBe('accepted');
});

const zero = [
  ['0', '0'],
  ['0', '0'],
  ['1', '0'],
];

test.each<[string, (key: Vkey) => object, RegExp]>([
  ['γ = δ', (key) => ({ vk_delta_2: key.vk_gamma_2 }), /phase 2 has no contribution/],
  ['γ = −δ', (key) => ({ vk_delta_2: negated(key.vk_gamma_2) }), /phase 2 has no contribution/],
  ['α at infinity', () => ({ vk_alpha_1: ['0', '1', '0'] }), /vk_alpha_1/],
  ['α as (0, 0)', () => ({ vk_alpha_1: ['0', '0', '1'] }), /vk_alpha_1 is not a point of G1/],
  ['α off the curve', () => ({ vk_alpha_1: ['1', '3', '1'] }), /vk_alpha_1 is not a point of G1/],
  [
    'an IC point off the curve',
    ({ IC }) => ({ IC: IC.with(3, ['1', '3', '1']) }),
    /IC\[3\] is not a point of G1/,
  ],
  [
    'an IC point at infinity',
    ({ IC }) => ({ IC: IC.with(1, ['0', '0', '1']) }),
    /IC\[1\] is not a point of G1/,
  ],
  [
    'β off the curve',
    (key) => ({ vk_beta_2: key.vk_beta_2.with(0, ['5', '7']) }),
    /vk_beta_2 is not a point of G2/,
  ],
  ['δ as zeros', () => ({ vk_delta_2: zero }), /vk_delta_2 is not a point of G2/],
  ['a coordinate + q', () => ({ vk_alpha_1: [String(q + 1n), '2', '1'] }), /vk_alpha_1 is not a point of G1/],
])('a key with %s is refused as unsafe', async (_, change, reason) => {
  expect(await refusal(change)).toMatch(reason);
});

test.each<[string, (key: Vkey) => object, string]>([
  ['too few IC points', ({ IC }) => ({ IC: IC.slice(1) }), 'IC has not nPublic + 1 points'],
  ['too many IC points', ({ IC }) => ({ IC: [...IC, IC[0]] }), 'IC has not nPublic + 1 points'],
  ['a wrong nPublic', ({ nPublic }) => ({ nPublic: nPublic + 1 }), 'IC has not nPublic + 1 points'],
  ['no public signal', () => ({ nPublic: 0 }), 'nPublic is not at least 1'],
  ['a negative coordinate', () => ({ vk_alpha_1: ['-1', '2', '1'] }), 'vk_alpha_1[0] is not a decimal'],
  ['a hexadecimal coordinate', () => ({ vk_alpha_1: ['0x1', '2', '1'] }), 'vk_alpha_1[0] is not a decimal'],
  ['another protocol', () => ({ protocol: 'plonk' }), 'protocol is "plonk", and only groth16 is read'],
  ['another curve', () => ({ curve: 'bls12381' }), 'curve is "bls12381", and only BN254 is read'],
])('a file with %s is no key, and the field is named', async (_, change, reason) => {
  expect(await refusal(change, 'KEYS_FILE')).toContain(
    `the key is no verification key of Groth16: ${reason}`,
  );
});

test('a key after a byte order mark, without a curve or with another name of it is the same key', async () => {
  const { protocol: _, curve: __, ...bare } = JSON.parse(keys.vkey) as Record<string, unknown>;
  for (const json of [
    `\uFEFF${keys.vkey}`,
    JSON.stringify(bare),
    JSON.stringify({ ...bare, protocol: 'groth16', curve: 'bn254' }),
    JSON.stringify({ ...bare, curve: 'alt_bn128' }),
  ])
    expect((await bothVerifiers(json, 'the key')).nPublic).toBe(5);
});

test('what is not JSON, or too long, is refused', async () => {
  for (const json of ['', '{', '[]', 'null', `"${'x'.repeat(1 << 18)}"`]) {
    await expect(bothVerifiers(json, 'the key')).rejects.toMatchObject({ code: 'KEYS_FILE' });
  }
});
