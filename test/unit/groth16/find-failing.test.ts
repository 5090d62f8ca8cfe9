import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bigintToBytes, bytesToBigint } from '../../../src/base/bytes.ts';
import type { CheckedProof } from '../../../src/groth16/checked-proof.ts';
import type { Equation, Weighted } from '../../../src/groth16/equation.ts';
import { ALONE, findFailing, MILLER, type Part, RESIDUE } from '../../../src/groth16/find-failing.ts';

/** The group of residues is modelled by numbers modulo the prime 2^61 − 1; a proof's residue is 1 if it is good. */
const P = 2n ** 61n - 1n;
const encode = (x: bigint): Uint8Array => bigintToBytes(x, 8);
const times = (a: Uint8Array, b: Uint8Array): Uint8Array => encode((bytesToBigint(a) * bytesToBigint(b)) % P);
const power = (base: bigint, exponent: bigint): bigint => {
  let result = 1n;
  for (let e = exponent, b = base; e > 0n; e >>= 1n, b = (b * b) % P) if (e & 1n) result = (result * b) % P;
  return result;
};

/** Searches a batch in which these fail; what it found, and what that cost in checks of one proof. */
async function search(fails: readonly boolean[]): Promise<{ found: number[]; cost: number; checks: number }> {
  let cost = 0;
  let checks = 0;
  const residues = fails.map((bad, i) => (bad ? BigInt(i + 2) : 1n));
  const proofs = fails.map((_, i): Weighted => {
    const proof = { signals: [BigInt(i)] } as unknown as CheckedProof;
    return { proof, weight: BigInt(i) + 1n, pair: { P: encode(0n), Q: encode(0n) } };
  });
  const indexOf = (proof: CheckedProof): number => Number(proof.signals[0]);
  const isGood = (proof: CheckedProof): boolean => residues[indexOf(proof)] === 1n;
  const millerOf = (some: readonly Weighted[]): Uint8Array =>
    encode(some.reduce((x, { proof, weight }) => (x * power(residues[indexOf(proof)]!, weight)) % P, 1n));
  const equation: Equation = {
    holds(proof) {
      cost += 1 + ALONE;
      checks++;
      return isGood(proof);
    },
    bothHold(first, second) {
      cost += 2;
      checks += 2;
      return [isGood(first), isGood(second)];
    },
    weigh: () => expect.unreachable(),
    miller(some) {
      cost += MILLER * some.length;
      return { product: millerOf(some), outside: [] };
    },
    async residue(some, miller) {
      cost += RESIDUE;
      expect(miller).toEqual(millerOf(some));
      return miller;
    },
    product: times,
    quotient: (a, b) => times(a, encode(power(bytesToBigint(b), P - 2n))),
    isOne: (a) => bytesToBigint(a) === 1n,
  };
  const parts: Part[] = [];
  for (let at = 0; at < proofs.length; at += 16) {
    const some = proofs.slice(at, at + 16);
    parts.push({ proofs: some, miller: millerOf(some) });
  }
  const found = (await findFailing(equation, parts)).map(indexOf).sort((a, b) => a - b);
  return { found, cost, checks };
}

const badOf = (fails: readonly boolean[]): number[] => fails.flatMap((bad, i) => (bad ? [i] : []));
/** A batch of some density of bad proofs. */
const batch = fc
  .tuple(
    fc.integer({ min: 1, max: 300 }),
    fc.constantFrom(0, 0.01, 0.05, 0.2, 0.5, 0.9, 1),
    fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
  )
  .map(([n, density, stream]) => Array.from({ length: n }, () => (stream.next().value as number) < density));

test('whichever fail are found, for no more than one product and every proof verified alone', async () => {
  await fc.assert(
    fc.asyncProperty(batch, async (fails) => {
      const { found, cost } = await search(fails);
      expect(found).toEqual(badOf(fails));
      expect(cost).toBeLessThanOrEqual(RESIDUE + fails.length * (1 + ALONE));
    }),
    { numRuns: 500 },
  );
});

test('a batch of good proofs costs one product', async () => {
  for (const n of [2, 16, 17, 1024]) expect((await search(Array<boolean>(n).fill(false))).cost).toBe(RESIDUE);
});

test.each([32, 64, 256, 1024])(
  'one bad proof of %i costs some products and few checks, wherever it is',
  async (n) => {
    for (let at = 0; at < n; at += 1 + 2 * Math.floor(n / 32)) {
      const { cost } = await search(Array.from({ length: n }, (_, i) => i === at));
      expect(cost).toBeLessThan(20 + 2 * RESIDUE * Math.log2(n / 16));
    }
  },
);

test('bad proofs only cost little more than their checks', async () => {
  const { cost, checks } = await search(Array<boolean>(256).fill(true));
  expect(checks).toBeGreaterThan(200);
  expect(cost).toBeLessThanOrEqual(256 * (1 + ALONE) + RESIDUE);
});
