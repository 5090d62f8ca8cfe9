/** The JSON files of snarkjs: proofs and public signals. Numbers are decimal strings. */
import { z } from 'zod';
import { bigintToBytes, concatBytes } from '../base/bytes.ts';

const numeral = z.string().regex(/^(0|[1-9]\d{0,77})$/);
const g1 = z.tuple([numeral, numeral, z.literal('1')]);
const pair = z.tuple([numeral, numeral]);
const groth16Schema = z.object({
  pi_a: g1,
  pi_b: z.tuple([pair, pair, z.tuple([z.literal('1'), z.literal('0')])]),
  pi_c: g1,
  protocol: z.literal('groth16'),
  curve: z.literal('bn128'),
});

/**
 * A Groth16 proof as snarkjs writes it, as 256 bytes. Coordinates of q and more stay as they are, for the verifier to
 * refuse.
 * @returns undefined if it has another form, a point at infinity or a coordinate above 2^256
 */
export function parseGroth16Proof(json: unknown): Uint8Array | undefined {
  const parsed = groth16Schema.safeParse(json);
  if (!parsed.success) return undefined;
  const { pi_a, pi_b, pi_c } = parsed.data;
  const coordinates = [...pi_a.slice(0, 2), ...pi_b.slice(0, 2).flat(), ...pi_c.slice(0, 2)].map(BigInt);
  if (coordinates.some((c) => c >> 256n !== 0n)) return undefined;
  return concatBytes(...coordinates.map((c) => bigintToBytes(c, 32)));
}

/** Public signals as snarkjs writes them. @returns undefined if they are no array of decimal strings */
export function parsePublicSignals(json: unknown): bigint[] | undefined {
  const parsed = z.array(numeral).max(1024).safeParse(json);
  return parsed.success ? parsed.data.map(BigInt) : undefined;
}

/** JSON text with bigints as decimal strings, indented as snarkjs does. */
export const snarkjsJson = (value: unknown): string =>
  `${JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? part.toString() : part), 1)}\n`;
