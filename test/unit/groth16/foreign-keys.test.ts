import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bytesToBigint, littleEndian } from '../../../src/base/bytes.ts';
import { seededRandom } from '../../../src/crypto/random.ts';
import { ProverCore, proofOfSums } from '../../../src/groth16/prover-core.ts';
import { parseProvingKey } from '../../../src/groth16/proving-key.ts';
import { zkeySections } from '../../../src/groth16/zkey.ts';
import { q, r } from '../../../src/params/fields.ts';
import { KEYS_DIR } from '../../../src/proofs/registry.ts';
import { loadKernels } from '../../../src/wasm/load.ts';
import { wtnsFile } from '../../helpers/iden3-files.ts';
import { snarkjsProof } from '../../helpers/snarkjs-proof.ts';

const account = readFileSync(join(KEYS_DIR, 'account', 'proving.zkey'));
const random = seededRandom(new Uint8Array(32).fill(9));
const scalar = (): bigint => bytesToBigint(random(40)) % r;

/** −P of a stored point: q − y of each coordinate of y (the form of the curve library keeps signs). */
function negate(point: Uint8Array): Uint8Array {
  const out = Uint8Array.from(point);
  for (let at = point.length / 2; at < point.length; at += 32) {
    const y = bytesToBigint(point.slice(at, at + 32).reverse());
    out.set(littleEndian([y === 0n ? 0n : q - y]), at);
  }
  return out;
}

/** The account key with points of A, B, C and H repeated, negated and at infinity. */
function hostileKey(): Buffer {
  const zkey = Buffer.from(account);
  for (const [section, body] of zkeySections(zkey)!) {
    if (section < 5 || section > 9) continue;
    const size = section === 7 ? 128 : 64;
    const first = Uint8Array.from(body.subarray(40 * size, 41 * size));
    for (let i = 0; i * size < body.length; i++) {
      const at = body.subarray(i * size, (i + 1) * size);
      if (i % 4 === 0) at.set(first);
      else if (i % 4 === 1) at.set(negate(first));
      else if (i % 8 === 2) at.fill(0);
    }
  }
  return zkey;
}

/**
 * Witnesses of no circuit: proofs of them verify nowhere, but they are the same ones. A prover keeps sums of what two in a row have in
 * common.
 */
const witnesses = (signals: number): readonly (readonly [string, readonly bigint[]])[] => {
  const values = Array.from({ length: signals - 1 }, scalar);
  const tenthOf = (first: number, others: readonly bigint[]): bigint[] =>
    others.map((value, i) => (i % 10 === first ? scalar() : value));
  return [
    ['random', [1n, ...values]],
    ['r − 1', [1n, ...values.map(() => r - 1n)]],
    ['bits', [1n, ...values.map((value) => value & 1n)]],
    ['zero', [1n, ...values.map(() => 0n)]],
    [
      'zero but for a tenth',
      [
        1n,
        ...tenthOf(
          1,
          values.map(() => 0n),
        ),
      ],
    ],
    [
      'zero but for the same tenth',
      [
        1n,
        ...tenthOf(
          1,
          values.map(() => 0n),
        ),
      ],
    ],
    ['zero again', [1n, ...values.map(() => 0n)]],
    ['random but for zeros', [1n, ...tenthOf(2, values)]],
    ['random but for a tenth', [1n, ...tenthOf(2, values)]],
    ['random but for another tenth', [1n, ...tenthOf(3, values)]],
    ['a few large ones', [1n, ...values.map((value, i) => (i % 97 === 0 ? value : BigInt(i % 3)))]],
  ];
};

for (const path of ['relaxed-simd', 'scalar'] as const) {
  test.each([
    ['a key with repeated, opposite and infinite bases', hostileKey()],
    ['a key of a circuit', account],
  ])(`${path}: under %s proofs of any numbers are those of snarkjs`, async (_, zkey) => {
    const key = parseProvingKey(zkey);
    const kernels = await loadKernels(path);
    const core = new ProverCore(kernels, key);
    for (const [what, witness] of witnesses(key.signals)) {
      const blinds = [scalar(), scalar()] as const;
      const own = proofOfSums(kernels, core.sums(littleEndian(witness), blinds), blinds);
      const theirs = await snarkjsProof(zkey, wtnsFile(witness), blinds);
      expect(Buffer.from(own).toString('hex'), what).toBe(Buffer.from(theirs).toString('hex'));
    }
  });
}
