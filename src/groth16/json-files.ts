/** The JSON files of snarkjs and of those who write like it: proofs and public signals. Numbers are decimal strings. */
import { bigintToBytes, concatBytes } from '../base/bytes.ts';
import { type Form, object, readForm } from '../base/forms.ts';
import { Groth16Error } from './errors.ts';
import { groth16OverBn254, pointOfG1, pointOfG2, publicSignalList, sentenceOf } from './json-forms.ts';
import { MAX_PUBLIC_SIGNALS } from './verification-key-form.ts';

const proofForm = object(
  { pi_a: pointOfG1, pi_b: pointOfG2, pi_c: pointOfG1 },
  { optional: groth16OverBn254, problem: 'is not an object with pi_a, pi_b and pi_c' },
);
const signalsForm = publicSignalList(MAX_PUBLIC_SIGNALS);

/**
 * A Groth16 proof as snarkjs, rapidsnark and others write it, as 256 bytes. Whether coordinates are below q and points on
 * their curves is the verifier's question; a point at infinity, which it refuses, becomes zeros.
 * @param json  a parsed file, from anybody
 * @param where names the file in errors
 * @throws {Groth16Error} PROOF_FILE naming the field that is wrong
 */
export function parseGroth16Proof(json: unknown, where: string): Uint8Array {
  const { pi_a, pi_b, pi_c } = parsed(proofForm, json, where, 'proof');
  return concatBytes(...[...pi_a, ...pi_b.flat(), ...pi_c].map((c) => bigintToBytes(c, 32)));
}

/**
 * Public signals; whether they are below r is the verifier's question.
 * @param json  a parsed file, from anybody
 * @param where names the file in errors
 * @throws {Groth16Error} PROOF_FILE naming the entry that is wrong
 */
export const parsePublicSignals = (json: unknown, where: string): bigint[] =>
  parsed(signalsForm, json, where, 'list of public signals');

function parsed<T>(form: Form<T>, json: unknown, where: string, what: string): T {
  const read = readForm(form, json);
  if ('data' in read) return read.data;
  throw new Groth16Error('PROOF_FILE', `${where} is no ${what} of Groth16: ${sentenceOf(read)}`, {
    path: where,
  });
}

/** JSON text with bigints as decimal strings, indented as snarkjs does. */
export const snarkjsJson = (value: unknown): string =>
  `${JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? part.toString() : part), 1)}\n`;
