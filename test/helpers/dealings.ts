import { multiplyBase } from '../../src/crypto/babyjub.ts';
import { type Dealing, dealPolynomials, type MadeDealing } from '../../src/crypto/dealing/deal.ts';
import type { ProvedDealing } from '../../src/crypto/dealing/encoding.ts';
import {
  type DealingSession,
  dealingSession,
  type PerKey,
  perKey,
} from '../../src/crypto/dealing/session.ts';
import { randomScalar, seededRandom } from '../../src/crypto/random.ts';
import { l } from '../../src/params/fields.ts';
import { type ValidatorIndex, validatorIndex } from '../../src/params/ids.ts';

/** Recipients with known secrets, and dealers with known polynomials: what no party of the protocol has in one hand. */
export interface Scene {
  readonly session: DealingSession;
  /** sk by recipient. */
  readonly secrets: readonly bigint[];
}

const seedOf = (n: number): Uint8Array => new Uint8Array(32).fill(n);
export const random = (seed: number) => seededRandom(seedOf(seed));

export function sceneOf(n: number, id = 1_000n + BigInt(n)): Scene {
  const draw = random(n);
  const secrets = Array.from({ length: n }, () => randomScalar(draw));
  return { session: dealingSession(id, secrets.map(multiplyBase))!, secrets };
}

export const index = validatorIndex;
export const indices = (n: number): ValidatorIndex[] => Array.from({ length: n }, (_, i) => index(i));

export interface KnownDealing extends MadeDealing {
  readonly polynomials: PerKey<readonly bigint[]>;
}

/** A dealing by polynomials drawn from a seed, or of a given degree, or of given secrets. */
export function knownDealing(
  session: DealingSession,
  dealer: number,
  {
    secrets,
    degree = session.degree,
    seed = 50 + dealer,
  }: { secrets?: PerKey<bigint>; degree?: number; seed?: number } = {},
): KnownDealing {
  const draw = random(seed);
  const polynomials = perKey((key) => [
    secrets?.[key] ?? randomScalar(draw),
    ...Array.from({ length: degree }, () => randomScalar(draw)),
  ]);
  const made = dealPolynomials({ ...session, degree }, index(dealer), polynomials, randomScalar(draw))!;
  return { ...made, polynomials };
}

/** With bytes in the places of proofs: for whatever looks at none. */
export const unproved = (dealing: Dealing): ProvedDealing => ({
  ...dealing,
  proofs: dealing.shares.map((_, i) => new Uint8Array(256).fill(i + 1)),
});

/** Lagrange in big integers by its definition, another way than src/crypto/sharing.ts: f(at) from f(x) for all x given. */
export function interpolate(values: ReadonlyMap<bigint, bigint>, at: bigint): bigint {
  let sum = 0n;
  for (const [x, y] of values) {
    let term = y;
    for (const other of values.keys())
      if (other !== x) term = (term * modular(at - other) * power(modular(x - other), l - 2n)) % l;
    sum += term;
  }
  return sum % l;
}
const modular = (x: bigint): bigint => ((x % l) + l) % l;
function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let [b, e] = [base, exponent]; e > 0n; b = (b * b) % l, e >>= 1n)
    if (e & 1n) result = (result * b) % l;
  return result;
}
