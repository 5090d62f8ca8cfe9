import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bls12_381 } from '@noble/curves/bls12-381.js';
import fc from 'fast-check';
import { powersOfTau } from 'snarkjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkPhase1, identifyPhase1 } from '../../../src/groth16/ceremony/phase-1.ts';
import { readPtauLayout } from '../../../src/groth16/ceremony/ptau.ts';
import { loadCurve } from '../../../src/groth16/curve.ts';
import { container } from '../../helpers/iden3-files.ts';
import { mutated } from '../../helpers/mutations.ts';
import { tameSnarkjs } from '../../helpers/toy-keys.ts';

const POWER = 2;
let dir: string;
/** As snarkjs makes it, and the bodies of its sections. */
let good: Buffer;
let unprepared: Buffer;
let sections: [number, Buffer][];
beforeAll(async () => {
  await tameSnarkjs();
  dir = await mkdtemp(join(tmpdir(), 'velum-ptau-'));
  const file = (name: string): string => join(dir, name);
  await powersOfTau.newAccumulator(await loadCurve(), POWER, file('0.ptau'));
  await powersOfTau.contribute(file('0.ptau'), file('1.ptau'), 'a', 'entropy');
  await powersOfTau.contribute(file('1.ptau'), file('2.ptau'), 'b', 'more of it');
  await powersOfTau.preparePhase2(file('2.ptau'), file('3.ptau'));
  unprepared = await readFile(file('2.ptau'));
  good = await readFile(file('3.ptau'));
  sections = sectionsOf(good);
});
afterAll(() => rm(dir, { recursive: true, force: true }));

function sectionsOf(file: Buffer): [number, Buffer][] {
  const found: [number, Buffer][] = [];
  for (let at = 12; at < file.length; ) {
    const size = Number(file.readBigUInt64LE(at + 4));
    found.push([file.readUInt32LE(at), file.subarray(at + 12, at + 12 + size)]);
    at += 12 + size;
  }
  return found;
}
/** The file with one section written otherwise. */
const withSection = (type: number, change: (body: Buffer) => Buffer | undefined): Buffer =>
  container(
    'ptau',
    1,
    sections.map(([kind, body]) => {
      const copy = Buffer.from(body);
      return [kind, kind === type ? (change(copy) ?? copy) : body] as const;
    }),
  );
/** What the form and, if that is right, the points are refused for; undefined if they are not. */
async function refusal(bytes: Buffer): Promise<string | undefined> {
  const path = join(dir, 'x.ptau');
  await writeFile(path, bytes);
  try {
    await checkPhase1(path, await identifyPhase1(path));
    return undefined;
  } catch (error) {
    expect(error).toMatchObject({ code: 'PHASE_1_FILE', data: { path } });
    return (error as Error).message.replace(`${path} `, '');
  }
}

test('a file as snarkjs makes it is taken', async () => {
  expect(await refusal(good)).toBeUndefined();
});

describe('the form', () => {
  test.each<[string, () => Buffer]>([
    ['is no powers-of-tau file', () => Buffer.from('ptau')],
    ['is no powers-of-tau file', () => Buffer.alloc(0)],
    ['is no powers-of-tau file', () => Buffer.concat([Buffer.from('zkey'), good.subarray(4)])],
    ['is of version 2, and only 1 is read', () => container('ptau', 2, sections)],
    ['is cut short in section 15', () => good.subarray(0, -1)],
    ['has 1 bytes after its last section', () => Buffer.concat([good, Buffer.alloc(1)])],
    [
      'has section 2 twice',
      () => container('ptau', 1, [...sections, sections.find(([type]) => type === 2)!]),
    ],
    ['has a section of type 8', () => container('ptau', 1, [...sections, [8, Buffer.alloc(0)]])],
    [
      'has fewer sections than the 4294967295 of its header',
      () => {
        const many = Buffer.from(good);
        many.writeUInt32LE(0xffffffff, 8);
        return many;
      },
    ],
    ['it is not prepared for phase 2', () => unprepared],
    [
      'is of power 29; powers are 1 to 28',
      () => withSection(1, (header) => void header.writeUInt32LE(29, 36)),
    ],
    [
      'is of a higher power than its ceremony',
      () => withSection(1, (header) => void header.writeUInt32LE(1, 40)),
    ],
    [
      'says it is of power 20, so that its section of powers of tau in G1 has 134217664 bytes; it has 448',
      () =>
        withSection(1, (header) => {
          header.writeUInt32LE(20, 36);
          header.writeUInt32LE(20, 40);
        }),
    ],
    ['is not over the base field of BN254', () => withSection(1, (header) => void header.writeUInt8(5, 4))],
    [
      'is over the base field of BLS12-381, and only the base field of BN254 is read',
      () =>
        withSection(1, () => {
          const header = Buffer.alloc(60);
          header.writeUInt32LE(48, 0);
          Buffer.from(bls12_381.fields.Fp.ORDER.toString(16).padStart(96, '0'), 'hex')
            .reverse()
            .copy(header, 4);
          return header;
        }),
    ],
    ['has a header of a wrong size', () => withSection(1, (header) => Buffer.concat([header, header]))],
    ['in its contributions', () => withSection(7, (body) => void body.writeUInt32LE(3, 0))],
    ['bytes too many in its contributions', () => withSection(7, (body) => void body.writeUInt32LE(1, 0))],
    [
      'its section of Lagrange points of tau in G2 has 896 bytes; it has 768',
      () => withSection(13, (body) => body.subarray(128)),
    ],
  ])('that %s is refused and told so', async (why, file) => {
    expect(await refusal(file())).toContain(why);
  });
});

describe('the points', () => {
  const points = [2, 3, 4, 5, 6, 12, 13, 14, 15];
  const size = (type: number): number => ([3, 6, 13].includes(type) ? 128 : 64);
  test.each(points)('of section %i as zeros are refused', async (type) => {
    expect(await refusal(withSection(type, (body) => body.fill(0)))).toMatch(
      /what is no point of G[12] at byte/,
    );
  });
  test.each(points)('of section %i off their curve, or written with q added, are refused', async (type) => {
    const last = (body: Buffer): number => body.length - size(type);
    expect(
      await refusal(withSection(type, (body) => void body.writeUInt8(body[last(body)]! ^ 1, last(body)))),
    ).toContain('what is no point of');
    const plusQ = withSection(type, (body) => {
      const at = last(body);
      let carry = 0n;
      for (let word = 0; word < 4; word++) {
        const sum = body.readBigUInt64LE(at + 8 * word) + BigInt.asUintN(64, Q >> BigInt(64 * word)) + carry;
        body.writeBigUInt64LE(BigInt.asUintN(64, sum), at + 8 * word);
        carry = sum >> 64n;
      }
    });
    expect(await refusal(plusQ)).toContain('what is no point of');
  });
  test.each(points.filter((type) => type !== 6))(
    'of section %i that are points but in other places are refused',
    async (type) => {
      const bytes = size(type);
      const count = sections.find(([kind]) => kind === type)![1].length / bytes;
      for (let i = 1; i < count; i++) {
        const swapped = withSection(type, (body) => {
          const [a, b] = [i - 1, i].map((at) => Buffer.from(body.subarray(at * bytes, (at + 1) * bytes)));
          b!.copy(body, (i - 1) * bytes);
          a!.copy(body, i * bytes);
        });
        expect(await refusal(swapped)).toMatch(/no powers of|do not belong to|generator|beta/);
      }
    },
  );
  test('of one file beside those of another, each right for itself, are refused', async () => {
    const other = join(dir, 'other.ptau');
    await powersOfTau.contribute(join(dir, '1.ptau'), join(dir, 'o.ptau'), 'c', 'other');
    await powersOfTau.preparePhase2(join(dir, 'o.ptau'), other);
    const theirs = new Map(sectionsOf(await readFile(other)));
    for (const types of [[2, 12], [3, 13], [4, 14], [5, 15], [6]]) {
      const mixed = container(
        'ptau',
        1,
        sections.map(([type, body]) => [type, types.includes(type) ? theirs.get(type)! : body] as const),
      );
      expect(await refusal(mixed)).toMatch(/no powers of|one beta in G1 and another in G2/);
    }
  });
});
const Q = 21888242871839275222246405745257275088696311157297823662689037894645226208583n;

test('however a few bytes of a file are changed, it is refused by code, or its sections are where it says', async () => {
  const path = join(dir, 'mutated.ptau');
  let read = 0;
  await fc.assert(
    fc.asyncProperty(mutated(good), async (bytes) => {
      await writeFile(path, bytes);
      const file = await open(path);
      try {
        const layout = await readPtauLayout(file, path);
        read++;
        for (const { at, count, group } of [layout.betaG2, layout.tauG1.lagrange, layout.betaG1.powers])
          expect(at + count * (group === 'G1' ? 64 : 128)).toBeLessThanOrEqual(bytes.length);
        expect(layout.power).toBe(POWER);
      } catch (error) {
        expect(error).toMatchObject({ code: 'PHASE_1_FILE' });
      } finally {
        await file.close();
      }
    }),
    { numRuns: 1000 },
  );
  expect(read).toBeGreaterThan(30);
});

test('whichever bit of a point is turned, the file is refused', async () => {
  const place = fc.constantFrom(2, 3, 4, 5, 6, 12, 13, 14, 15).chain((type) => {
    const { length } = sections.find(([kind]) => kind === type)![1];
    return fc.tuple(fc.constant(type), fc.nat(length - 1), fc.nat(7));
  });
  await fc.assert(
    fc.asyncProperty(place, async ([type, at, bit]) => {
      const turned = withSection(type, (body) => void body.writeUInt8(body[at]! ^ (1 << bit), at));
      expect(await refusal(turned)).toBeDefined();
    }),
    { numRuns: 20 },
  );
});
