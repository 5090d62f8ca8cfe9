/**
 * Forms that the JSON files of Groth16 over BN254 share, as zod schemas whose messages end the sentence that a path of
 * the file begins. snarkjs writes "protocol": "groth16" and "curve": "bn128"; rapidsnark leaves the curve out, others
 * leave out both, gnark calls the curve bn254 and Ethereum's precompiles alt_bn128. All of them mean the same.
 */
import { z } from 'zod';

/** A number of at most 78 decimal digits in its one spelling, as text. */
export const numeral = z
  .string('is not a decimal number as text')
  .regex(/^(0|[1-9]\d{0,77})$/, 'is not a decimal number of at most 78 digits as text')
  .transform(BigInt);

/** One coordinate; whether it is below q is not a question of form. */
export const coordinate = numeral.refine((c) => c >> 256n === 0n, 'is not below 2^256');

const constant = (text: string) => z.literal(text, `is not ${JSON.stringify(text)}`);
const zeroOrOne = z.enum(['0', '1'], 'is not "1": the point is not written by its affine coordinates');

/** [x, y, z]: affine coordinates where z = 1; infinity, z = 0, becomes (0, 0), which lies on neither curve. */
export const pointOfG1 = z
  .tuple([coordinate, coordinate, zeroOrOne], 'is not a list of three coordinates')
  .transform(([x, y, z]) => (z === '0' ? ([0n, 0n] as const) : ([x, y] as const)));

const pair = z.tuple([coordinate, coordinate], 'is not a list of two coordinates');
type Fq2 = [bigint, bigint];
const zeros: [Fq2, Fq2] = [
  [0n, 0n],
  [0n, 0n],
];
/** [x, y, z] over F_q², each [c0, c1] of c0 + c1·u. */
export const pointOfG2 = z
  .tuple(
    [pair, pair, z.tuple([zeroOrOne, constant('0')], 'is not a list of two coordinates')],
    'is not a list of three pairs of coordinates',
  )
  .transform(([x, y, [z]]) => (z === '0' ? zeros : ([x, y] as [Fq2, Fq2])));

/** Public signals; whether they are below r is not a question of form. */
export const publicSignalList = z.array(numeral, 'is not a list of decimal numbers');

const nameOf = (value: unknown): string =>
  typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : 'no text';

/** The fields that say what a file is for; each may be absent. */
export const groth16OverBn254 = {
  protocol: z
    .literal('groth16', { error: ({ input }) => `is ${nameOf(input)}, and only groth16 is read` })
    .optional(),
  curve: z
    .enum(['bn128', 'bn254', 'alt_bn128'], {
      error: ({ input }) => `is ${nameOf(input)}, and only BN254 is read (bn128, bn254 or alt_bn128)`,
    })
    .optional(),
};

/** The first problem as a sentence about the file: `pi_b[2][0] is not "1": …`. */
export function firstProblem({ issues }: z.ZodError): string {
  const { path, message } = issues[0]!;
  const where = path.map((part, i) =>
    typeof part === 'number' ? `[${part}]` : `${i === 0 ? '' : '.'}${String(part)}`,
  );
  return `${where.length === 0 ? 'the whole' : where.join('')} ${message}`;
}
