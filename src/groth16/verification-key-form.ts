/** A Groth16 verification key as JSON: its form, and what of it can be refused before any arithmetic. */
import type { VelumError } from '../base/errors.ts';
import { integer, list, object, readForm, refined } from '../base/forms.ts';
import { notJson } from '../base/json-place.ts';
import { q } from '../params/fields.ts';
import { Groth16Error } from './errors.ts';
import { groth16OverBn254, pointOfG1, pointOfG2, sentenceOf } from './json-forms.ts';

/** Public signals of a circuit, at most. */
export const MAX_PUBLIC_SIGNALS = 1024;
/** Characters of a verification key's JSON, at most: as many public signals need about 200,000. */
export const MAX_VKEY_CHARS = 1 << 18;

/** snarkjs' export; it repeats e(α, β) as `vk_alphabeta_12`, which is not believed but computed. */
const count = refined(
  refined(integer, (n) => n >= 1, 'is not at least 1'),
  (n) => n <= MAX_PUBLIC_SIGNALS,
  `is more than ${MAX_PUBLIC_SIGNALS}`,
);
const form = refined(
  object(
    {
      nPublic: count,
      vk_alpha_1: pointOfG1,
      vk_beta_2: pointOfG2,
      vk_gamma_2: pointOfG2,
      vk_delta_2: pointOfG2,
      IC: list(pointOfG1, 'is not a list of points'),
    },
    {
      optional: groth16OverBn254,
      problem: 'is not an object with vk_alpha_1, vk_beta_2, vk_gamma_2, vk_delta_2 and IC',
    },
  ),
  (key) => key.IC.length === key.nPublic + 1,
  'has not nPublic + 1 points',
  ['IC'],
);

export type KeyForm = ReturnType<typeof form>;

/** A key under which forged proofs could pass. */
export const unsafeKey = (where: string, reason: string): VelumError =>
  new Groth16Error('KEYS_UNSAFE', `${where}: ${reason}; do not use this key, make keys anew`, { where });

/**
 * Whether γ = ±δ. Such a key (a phase 2 without contribution leaves γ = δ) accepts A = α, B = β, C = ∓Σ sᵢ·ICᵢ for
 * every statement s. Coordinates are below q.
 */
export function isUnsafePair([gx, gy]: KeyForm['vk_gamma_2'], [dx, dy]: KeyForm['vk_delta_2']): boolean {
  const isSame = (a: readonly bigint[], b: readonly bigint[]): boolean => a.every((c, i) => c === b[i]);
  return isSame(gx, dx) && (isSame(gy, dy) || gy.every((c, i) => (c + dy[i]!) % q === 0n));
}
export const UNSAFE_PAIR =
  'gamma and delta are equal up to sign: phase 2 has no contribution and every statement can be forged';

/**
 * @param json  what `vkey.json` holds, also after a byte order mark; at most MAX_VKEY_CHARS characters
 * @param where named in the errors
 * @throws {Groth16Error} KEYS_FILE naming the field if it is no verification key
 */
export function parseKeyForm(json: string, where: string): KeyForm {
  const refuse = (problem: string): never => {
    throw new Groth16Error('KEYS_FILE', `${where} is no verification key of Groth16: ${problem}`, { where });
  };
  if (json.length > MAX_VKEY_CHARS) return refuse(`it is longer than ${MAX_VKEY_CHARS} characters`);
  const text = json.replace(/^\uFEFF/, '');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refuse(`it is ${notJson(text)}`);
  }
  const read = readForm(form, value);
  return 'data' in read ? read.data : refuse(sentenceOf(read));
}
