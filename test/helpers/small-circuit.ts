import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compileCircuit, root } from '../../scripts/compile-circuit.ts';
import { namesFromSym } from '../../src/audit/names.ts';
import { type LinearCombination, parseR1cs } from '../../src/groth16/r1cs.ts';
import { r } from '../../src/params/fields.ts';
import { type Swap, swapped } from './mutant.ts';

/**
 * The circuits' own constraints for a curve v² = u³ + A·u² + u over any small prime field.
 * The sources are those of the circuit, with two constants replaced: the number of bits of a scalar, and A, for which the number 2^64
 * stands. Every coefficient of the compiled system is then a polynomial in 2^64 with small integers, and can be read as one in A;
 * mod p, with the A of another curve, it is the system that the same source means there.
 */
const FORMAL_A = 2n ** 64n;
/** BabyJubJub's A = 2(a + d)/(a − d), where a − d = 4. */
export const BABYJUBJUB_A = 168698n;

/** Σ c·A^degree, lowest degree first. */
type Polynomial = readonly bigint[];
type FormalCombination = ReadonlyMap<number, Polynomial>;
export interface FormalConstraint {
  readonly a: FormalCombination;
  readonly b: FormalCombination;
  readonly c: FormalCombination;
}

export interface FormalCircuit {
  /** Names by wire; wire 0 is 'one'. */
  readonly names: readonly string[];
  readonly constraints: readonly FormalConstraint[];
}

/** What is changed in a file that the main component includes. */
export type Swaps = Readonly<Record<string, readonly Swap[]>>;

const withBits = (bits: number): Swaps => ({
  'curve.gen.circom': [
    ['function SCALAR_BITS() { return 251; }', `function SCALAR_BITS() { return ${bits}; }`],
  ],
});
const A_AS: Swaps = {
  'ladder.circom': [['return 168698;', `return ${FORMAL_A};`]],
  'montgomery.circom': [],
  'babyjub.circom': [],
};
/** circomlib repeats a and d in each template. */
const everyLiteral = (text: string): string =>
  text
    .replaceAll('var a = 168700;', `var a = ${FORMAL_A + 2n};`)
    .replaceAll('var d = 168696;', `var d = ${FORMAL_A - 2n};`);

const sourceOf = (file: string): string => {
  const own = join(root, 'circuits/lib', file);
  return existsSync(own) ? own : join(root, 'node_modules/circomlib/circuits', file);
};

/**
 * Compiles a main component over changed copies of library files, at the optimisation of the product.
 * @param name of the folder below build/, one for each variant
 * @param main source of the main component; it includes the files by their bare names
 * @param bits what stands for the 251 bits of a scalar
 * @param more swaps besides those of the two constants
 */
export async function compileFormal(
  name: string,
  main: string,
  bits: number,
  more: Swaps = {},
): Promise<FormalCircuit> {
  const into = join(root, 'build/small-circuits', `${name}-${bits}`);
  await mkdir(into, { recursive: true });
  const all = [withBits(bits), A_AS, more];
  for (const file of new Set(all.flatMap((swaps) => Object.keys(swaps)))) {
    const text = await readFile(sourceOf(file), 'utf8');
    const changed = all.reduce((was, swaps) => swapped(was, swaps[file] ?? []), text);
    await writeFile(join(into, file), everyLiteral(changed));
  }
  const path = join(into, 'main.circom');
  await writeFile(path, main);
  const compiled = await compileCircuit(path, into);
  const r1cs = parseR1cs(await readFile(compiled.r1cs));
  return {
    names: namesFromSym(r1cs, await readFile(compiled.sym, 'utf8')).wires,
    constraints: r1cs.constraints.map(({ a, b, c }) => ({ a: formal(a), b: formal(b), c: formal(c) })),
  };
}

const formal = (sum: LinearCombination): FormalCombination =>
  new Map([...sum].map(([wire, coefficient]) => [wire, polynomial(coefficient)]));

function polynomial(coefficient: bigint): Polynomial {
  const digits: bigint[] = [];
  let rest = coefficient > r / 2n ? coefficient - r : coefficient;
  while (rest !== 0n) {
    const digit = BigInt.asIntN(64, rest);
    // Far below 2^64, so that the sum names one polynomial only; a quotient or a constant of BabyJubJub would be far above.
    if (digit > 1000n || digit < -1000n)
      throw new Error(`${coefficient} is no polynomial in A with small coefficients`);
    digits.push(digit);
    rest = (rest - digit) / FORMAL_A;
  }
  return digits;
}

/** The value of a coefficient for this A, 0 ≤ value < modulus. */
export function evaluate(coefficient: Polynomial, A: bigint, modulus: bigint): bigint {
  const value = coefficient.reduceRight((sum, digit) => (sum * A + digit) % modulus, 0n);
  return (value + modulus) % modulus;
}
