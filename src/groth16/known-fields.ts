import { bytesToBigint } from '../base/bytes.ts';
import { q, r } from '../params/fields.ts';

/** Fields whose files are told apart by name, since the tools write both: the orders of the groups and of coordinates. */
const NAMES: ReadonlyMap<bigint, string> = new Map([
  [r, 'the scalar field of BN254'],
  [q, 'the base field of BN254'],
  [0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001n, 'the scalar field of BLS12-381'],
  [
    0x1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaabn,
    'the base field of BLS12-381',
  ],
]);

/**
 * What is wrong with the field that a file says it is over.
 * @param modulus  as the file has it, little-endian
 * @param expected r or q
 * @returns        a sentence's end, undefined if it is the expected field
 */
export function wrongField(modulus: Uint8Array, expected: bigint): string | undefined {
  const given = bytesToBigint(modulus.toReversed());
  const wanted = NAMES.get(expected)!;
  if (given === expected && modulus.length === 32) return undefined;
  const name = NAMES.get(given);
  return name === undefined || given === expected
    ? `is not over ${wanted}`
    : `is over ${name}, and only ${wanted} is read`;
}
