import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bigintToBytes, bytesToBigint } from '../../../src/base/bytes.ts';
import { loadCurve } from '../../../src/groth16/curve.ts';
import { MAX_PROOFS } from '../../../src/groth16/equation.ts';
import { loadMillerLoops } from '../../../src/groth16/tested-loops.ts';
import { parseVerificationKey } from '../../../src/groth16/verification-key.ts';
import { type Verifier, verifierOf } from '../../../src/groth16/verifier.ts';
import { q, r } from '../../../src/params/fields.ts';
import { loadCircuitProver } from '../../../src/proofs/circuit-prover.ts';
import { loadVerifier } from '../../../src/proofs/circuit-verifier.ts';
import { flattenSignals } from '../../../src/proofs/signals.ts';
import { makeToyKeys, type ToyKeys, toyInput } from '../../helpers/toy-keys.ts';
import { offSubgroup } from '../../helpers/twist-points.ts';

const SIZE = 6;
let keys: ToyKeys;
let verifier: Verifier;
const publics: bigint[][] = [];
const proofs: Uint8Array[] = [];

beforeAll(async () => {
  keys = await makeToyKeys();
  const prove = await loadCircuitProver('ballot', { keysDir: keys.dir });
  verifier = await loadVerifier('ballot', keys.dir);
  for (let i = 0; i < SIZE; i++) {
    const made = await prove(flattenSignals('ballot', toyInput({ scope: BigInt(i + 1) })));
    publics.push(made.publicSignals);
    proofs.push(made.proof);
  }
});
afterAll(() => keys.remove());

const all = Array.from({ length: SIZE }, (_, i) => i);
/** A batch with other statements or proofs at some places. */
const badOf = (changes: Record<number, { signals?: bigint[]; proof?: Uint8Array }>): Promise<number[]> =>
  verifier.verifyBatch(
    all.map((i) => changes[i]?.signals ?? publics[i]!),
    all.map((i) => changes[i]?.proof ?? proofs[i]!),
  );
const wrong = (i: number): bigint[] => publics[i]!.with(1, (publics[i]![1]! + 1n) % r);

describe('a batch', () => {
  test('of valid proofs has no bad one, whatever its size', async () => {
    for (let n = 0; n <= SIZE; n++) {
      expect(await verifier.verifyBatch(publics.slice(0, n), proofs.slice(0, n))).toEqual([]);
    }
  });

  test('names one bad proof at each place', async () => {
    for (const i of all) expect(await badOf({ [i]: { signals: wrong(i) } })).toEqual([i]);
  });

  test('names every set of bad proofs', async () => {
    for (let set = 1; set < 1 << SIZE; set += 5) {
      const bad = all.filter((i) => (set >> i) & 1);
      const changes = Object.fromEntries(bad.map((i) => [i, { signals: wrong(i) }]));
      expect(await badOf(changes)).toEqual(bad);
    }
  });

  test('of bad proofs only names them all', async () => {
    expect(await badOf(Object.fromEntries(all.map((i) => [i, { signals: wrong(i) }])))).toEqual(all);
  });

  test('takes the same proof twice, and names both if it is bad', async () => {
    const twice = (signals: bigint[]) =>
      verifier.verifyBatch([signals, signals, publics[1]!], [proofs[0]!, proofs[0]!, proofs[1]!]);
    expect(await twice(publics[0]!)).toEqual([]);
    expect(await twice(wrong(0))).toEqual([0, 1]);
  });

  test('names both of two proofs that were exchanged', async () => {
    expect(await badOf({ 1: { proof: proofs[4]! }, 4: { proof: proofs[1]! } })).toEqual([1, 4]);
  });

  test('names both proofs whose errors cancel without weights: C₁ + D and C₂ − D', async () => {
    const { G1 } = await loadCurve();
    const D = G1.timesScalar(G1.g, 99n);
    const shifted = (proof: Uint8Array, by: Uint8Array): Uint8Array => {
      const at = (i: number): bigint => bytesToBigint(proof.subarray(32 * i, 32 * i + 32));
      const [x, y] = G1.toObject(G1.toAffine(G1.add(G1.fromObject([at(6), at(7)]), by)));
      const copy = Uint8Array.from(proof);
      copy.set(bigintToBytes(x, 32), 192);
      copy.set(bigintToBytes(y, 32), 224);
      return copy;
    };
    const bad = await badOf({
      2: { proof: shifted(proofs[2]!, D) },
      3: { proof: shifted(proofs[3]!, G1.neg(D)) },
    });
    expect(bad).toEqual([2, 3]);
  });

  test('names what is malformed, each kind, beside what fails the equation', async () => {
    const off = Uint8Array.from(proofs[0]!);
    offSubgroup()
      .flat()
      .forEach((c, i) => {
        off.set(bigintToBytes(c, 32), 64 + 32 * i);
      });
    const plusQ = Uint8Array.from(proofs[1]!);
    plusQ.set(bigintToBytes(bytesToBigint(plusQ.subarray(0, 32)) + q, 32));
    const bad = await badOf({
      0: { proof: off },
      1: { proof: plusQ },
      2: { signals: publics[2]!.slice(0, -1) },
      3: { signals: publics[3]!.with(0, publics[3]![0]! + r) },
      4: { signals: wrong(4) },
    });
    expect(bad).toEqual([0, 1, 2, 3, 4]);
  });

  test('with a proof missing, or with arguments of no right type, names them and never throws', async () => {
    expect(await verifier.verifyBatch(publics, proofs.slice(0, -1))).toEqual([SIZE - 1]);
    const wild = verifier.verifyBatch as (a: unknown, b: unknown) => Promise<number[]>;
    expect(await wild([null, publics[0], 'x'], [proofs[0], proofs[0], proofs[0]])).toEqual([0, 2]);
  });

  test('of more proofs than go into one product is judged whole', async () => {
    const n = MAX_PROOFS + 80;
    const bad = [0, 7, MAX_PROOFS - 1, MAX_PROOFS, n - 1];
    const signals = Array.from({ length: n }, (_, i) =>
      bad.includes(i) ? wrong(i % SIZE) : publics[i % SIZE]!,
    );
    const repeated = Array.from({ length: n }, (_, i) => proofs[i % SIZE]!);
    expect(await verifier.verifyBatch(signals, repeated)).toEqual(bad);
  });

  test('of 70,000 that are no proofs, and two that are, has 69,998 bad ones', async () => {
    const n = 70_000;
    const good = [123, 69_000];
    const bytes = Array.from({ length: n }, (_, i) => (good.includes(i) ? proofs[0]! : new Uint8Array(3)));
    const bad = await verifier.verifyBatch(Array<bigint[]>(n).fill(publics[0]!), bytes);
    expect(bad).toEqual(Array.from({ length: n }, (_, i) => i).filter((i) => !good.includes(i)));
  });

  test('is not judged by a machine that fails: neither good nor bad, alone or together', async () => {
    const curve = await loadCurve();
    const broken = Object.create(curve, {
      finalExponentiation: {
        value: () => {
          throw new RangeError('out of memory');
        },
      },
    });
    const failing = verifierOf(
      broken,
      parseVerificationKey(curve, keys.vkey, 'the key'),
      await loadMillerLoops(),
    );
    await expect(failing.verify(publics[0]!, proofs[0]!)).rejects.toThrow('out of memory');
    await expect(failing.verifyBatch(publics, proofs)).rejects.toThrow('out of memory');
    expect(await failing.verify(publics[0]!, new Uint8Array(256))).toBe(false);
  });

  test('agrees with the proofs verified one by one', async () => {
    const changes = { 0: { signals: wrong(0) }, 3: { proof: proofs[2]! } };
    const bad = await badOf(changes);
    for (const i of all) {
      const { signals = publics[i]!, proof = proofs[i]! }: { signals?: bigint[]; proof?: Uint8Array } =
        changes[i as 0 | 3] ?? {};
      expect(await verifier.verify(signals, proof)).toBe(!bad.includes(i));
    }
  });
});
