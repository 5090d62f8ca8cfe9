import { poseidon4 } from 'poseidon-lite/poseidon4';
import { expect, test } from 'vitest';
import { bytesToBigint, littleEndian } from '../../src/base/bytes.ts';
import { seededRandom } from '../../src/crypto/random.ts';
import { q, r } from '../../src/params/fields.ts';
import { FE, inverse, radix } from '../../src/wasm/field-constants.ts';
import { loadKernels } from '../../src/wasm/load.ts';
import { edgeValues, putLanes, readLanes } from '../../src/wasm/self-test.ts';

/** Two lanes each: 100,000 products a field and path. */
const PRODUCTS = 50_000;
const HASHES = 10_000;
const seed = Number(process.env['SEED'] ?? 1);
console.log(`SEED=${seed}, Node ${process.version}`);

for (const path of ['relaxed-simd', 'scalar'] as const) {
  test(`${PRODUCTS * 2} products of each field are those of bigint (${path})`, async () => {
    const kernels = await loadKernels(path);
    const { exports } = kernels;
    const random = seededRandom(new Uint8Array(32).fill(seed));
    const [a, b, c, d] = [0, 1, 2, 3].map(() => kernels.alloc(FE)) as [number, number, number, number];
    for (const [p, field] of [
      [q, exports.fq()],
      [r, exports.fr()],
    ] as const) {
      const over = inverse(radix(path), p);
      const edges = edgeValues(p);
      // A third of the operands are edges, and half are negative, as differences are.
      const operand = (): bigint => {
        const bytes = random(41);
        const value = bytes[40]! % 3 === 0 ? edges[bytes[0]! % edges.length]! : bytesToBigint(bytes) % p;
        return bytes[39]! % 2 === 0 ? value : value - p;
      };
      for (let i = 0; i < PRODUCTS; i++) {
        const [x0, x1, y0, y1] = [operand(), operand(), operand(), operand()] as const;
        putLanes(kernels, a, x0, x1);
        putLanes(kernels, b, y0, y1);
        exports.product(c, a, b, d, b, b, field);
        const [z0, z1] = readLanes(kernels, c);
        if ((z0 - x0 * y0 * over) % p !== 0n || (z1 - x1 * y1 * over) % p !== 0n)
          expect.fail(`${path}: ${x0}·${y0} or ${x1}·${y1}`);
      }
    }
  });

  test(`${HASHES} Poseidon hashes are those of poseidon-lite (${path})`, async () => {
    const kernels = await loadKernels(path);
    const random = seededRandom(new Uint8Array(32).fill(seed + 1));
    const inputs = Array.from({ length: HASHES }, () =>
      Array.from({ length: 4 }, () => bytesToBigint(random(40)) % r),
    );
    const out = kernels.alloc(32 * HASHES);
    kernels.exports.poseidon(
      out,
      1,
      kernels.put(littleEndian(inputs.flat())),
      HASHES,
      kernels.poseidonTable(4),
    );
    expect(kernels.readNumbers(out, HASHES)).toEqual(inputs.map((each) => poseidon4(each)));
  });
}
