/**
 * Forms that the JSON files of Groth16 over BN254 share, with messages that end the sentence that a path of the
 * file begins. snarkjs writes "protocol": "groth16" and "curve": "bn128"; rapidsnark leaves the curve out, others
 * leave out both, gnark calls the curve bn254 and Ethereum's precompiles alt_bn128. All of them mean the same.
 */
import {
  choice,
  type Form,
  list,
  mapped,
  matching,
  type Path,
  refined,
  textOr,
  tuple,
} from '../base/forms.ts';

/** A number of at most 78 decimal digits in its one spelling, as text. */
const digits = matching(
  /^(0|[1-9]\d{0,77})$/,
  'is not a decimal number of at most 78 digits as text',
  textOr('is not a decimal number as text'),
);
export const numeral = mapped(digits, BigInt);

/** One coordinate; whether it is below q is not a question of form. */
export const coordinate = refined(numeral, (c) => c >> 256n === 0n, 'is not below 2^256');

const zero = choice(['0'], 'is not "0"');
const zeroOrOne = choice(['0', '1'], 'is not "1": the point is not written by its affine coordinates');

/** [x, y, z]: affine coordinates where z = 1; infinity, z = 0, becomes (0, 0), which lies on neither curve. */
export const pointOfG1: Form<readonly [bigint, bigint]> = mapped(
  tuple([coordinate, coordinate, zeroOrOne], 'is not a list of three coordinates'),
  ([x, y, z]) => (z === '0' ? [0n, 0n] : [x, y]),
);

const pair = tuple([coordinate, coordinate], 'is not a list of two coordinates');
type Fq2 = readonly [bigint, bigint];
/** [x, y, z] over F_q², each [c0, c1] of c0 + c1·u. */
export const pointOfG2: Form<readonly [Fq2, Fq2]> = mapped(
  tuple(
    [pair, pair, tuple([zeroOrOne, zero], 'is not a list of two coordinates')],
    'is not a list of three pairs of coordinates',
  ),
  ([x, y, [z]]) =>
    z === '0'
      ? [
          [0n, 0n],
          [0n, 0n],
        ]
      : [x, y],
);

/** Public signals; whether they are below r is not a question of form. @param max how many, at most */
export const publicSignalList = (max: number): Form<bigint[]> =>
  refined(
    list(numeral, 'is not a list of decimal numbers'),
    (signals) => signals.length <= max,
    `has more than ${max} public signals`,
  );

const nameOf = (value: unknown): string =>
  typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : 'no text';

/** The fields that say what a file is for; each may be absent. */
export const groth16OverBn254 = {
  protocol: choice(['groth16'], (value) => `is ${nameOf(value)}, and only groth16 is read`),
  curve: choice(
    ['bn128', 'bn254', 'alt_bn128'],
    (value) => `is ${nameOf(value)}, and only BN254 is read (bn128, bn254 or alt_bn128)`,
  ),
};

/** A problem as a sentence about the file: `pi_b[2][0] is not "1": …`. */
export function sentenceOf({ path, problem }: { readonly path: Path; readonly problem: string }): string {
  const where = path.map((part, i) =>
    typeof part === 'number' ? `[${part}]` : `${i === 0 ? '' : '.'}${part}`,
  );
  return `${where.length === 0 ? 'the whole' : where.join('')} ${problem}`;
}
