import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bytesToBigint, littleEndian } from '../../../src/base/bytes.ts';
import { seededRandom } from '../../../src/crypto/random.ts';
import { ProverCore, proofOfSums } from '../../../src/groth16/prover-core.ts';
import { parseProvingKey } from '../../../src/groth16/proving-key.ts';
import { zkeySections } from '../../../src/groth16/zkey.ts';
import { q, r } from '../../../src/params/fields.ts';
import { KEYS_DIR } from '../../../src/proofs/key-files.ts';
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

type Named = readonly (readonly [string, readonly bigint[]])[];

/** Witnesses of no circuit: proofs of them verify nowhere, but they are the same ones. */
const witnesses = (signals: number): Named => {
  const values = Array.from({ length: signals - 1 }, scalar);
  return [
    ['random', [1n, ...values]],
    ['r − 1', [1n, ...values.map(() => r - 1n)]],
    ['bits', [1n, ...values.map((value) => value & 1n)]],
    ['zero', [1n, ...values.map(() => 0n)]],
    ['a few large ones', [1n, ...values.map((value, i) => (i % 97 === 0 ? value : BigInt(i % 3)))]],
  ];
};

/** Witnesses that have much, little, all or zeros in common with the one before, whose sums a prover keeps. */
const oneAfterTheOther = (signals: number): Named => {
  const values = Array.from({ length: signals - 1 }, scalar);
  const zeros = values.map(() => 0n);
  const tenth = (at: number, of: readonly bigint[]): bigint[] =>
    of.map((value, i) => (i % 10 === at ? scalar() : value));
  return [
    ['zero', [1n, ...zeros]],
    ['zero but for a tenth', [1n, ...tenth(1, zeros)]],
    ['the same tenth once more', [1n, ...tenth(1, zeros)]],
    ['all others', [1n, ...tenth(2, values)]],
    ['a tenth of them', [1n, ...tenth(2, values)]],
    ['the same tenth of them', [1n, ...tenth(2, values)]],
    ['another tenth', [1n, ...tenth(3, values)]],
    ['zero again', [1n, ...zeros]],
    ['zero twice', [1n, ...zeros]],
  ];
};

test.each([
  ['a key with repeated, opposite and infinite bases', hostileKey(), witnesses, false],
  ['a key of a circuit', account, witnesses, false],
  ['such a key, with sums kept,', hostileKey(), oneAfterTheOther, true],
])('under %s proofs of any numbers are those of snarkjs, on both paths', async (_, zkey, all, keepsSums) => {
  const key = parseProvingKey(zkey);
  const provers = await Promise.all(
    (['relaxed-simd', 'scalar'] as const).map(async (path) => {
      const kernels = await loadKernels(path);
      return { path, kernels, core: new ProverCore(kernels, key, { keepsSums }) };
    }),
  );
  for (const [what, witness] of all(key.signals)) {
    const blinds = [scalar(), scalar()] as const;
    const theirs = await snarkjsProof(zkey, wtnsFile(witness), blinds);
    for (const { path, kernels, core } of provers) {
      const own = proofOfSums(kernels, core.sums(littleEndian(witness), blinds), blinds);
      expect(Buffer.from(own).toString('hex'), `${what}, ${path}`).toBe(Buffer.from(theirs).toString('hex'));
    }
  }
});
