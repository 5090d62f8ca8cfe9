import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bls12_381 } from '@noble/curves/bls12-381.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { auditCircuit } from '../../../src/audit/audit.ts';
import { namesByNumber, namesFromSym } from '../../../src/audit/names.ts';
import { VelumError } from '../../../src/base/errors.ts';
import { parseR1cs, parseSym, parseWitness, type R1cs } from '../../../src/groth16/r1cs.ts';
import { r } from '../../../src/params/fields.ts';
import { root } from '../../../src/proofs/compile.ts';
import { container, type Row, r1csSections, wtnsFile } from '../../helpers/iden3-files.ts';
import { mutated } from '../../helpers/mutations.ts';

/** y = x·z and x·x = w with y public output, x public, z private; the label of a second private input is no wire. */
const counts = { outputs: 1, publicInputs: 1, privateInputs: 2 };
const labels = [0, 1, 2, 3, 5];
const rows: readonly Row[] = [
  [[[2, 1n]], [[3, 1n]], [[1, 1n]]],
  [
    [[2, 1n]],
    [[2, 1n]],
    [
      [0, r - 1n],
      [4, 1n],
    ],
  ],
];
const sections = r1csSections(counts, labels, rows);
const small = container('r1cs', 1, sections);
const witness = wtnsFile([1n, 15n, 3n, 5n, 10n]);
const sym = 'main.y main.x main.z . main.square'
  .split(' ')
  .map((name, i) => (name === '.' ? '4,-1,0,main.gone' : `${i + 1},${i === 4 ? 4 : i + 1},0,${name}`))
  .join('\n');

const blsOrder = Buffer.from(bls12_381.fields.Fr.ORDER.toString(16).padStart(64, '0'), 'hex').reverse();
const refused = (why: string) =>
  expect.objectContaining({ code: 'CIRCUIT_FILE', message: expect.stringContaining(why) });
/** The system with one section written otherwise. */
const withSection = (type: number, change: (body: Buffer) => void): Buffer =>
  container(
    'r1cs',
    1,
    sections.map(([kind, body]) => {
      const changed = Buffer.from(body);
      if (kind === type) change(changed);
      return [kind, changed] as const;
    }),
  );
const withRow = (row: Row): Buffer => container('r1cs', 1, r1csSections(counts, labels, [row]));

describe('a constraint system', () => {
  test('written by the specification is read', () => {
    expect(parseR1cs(small)).toEqual({
      wireCount: 5,
      outputCount: 1,
      publicInputCount: 1,
      privateInputCount: 1,
      declaredPrivateInputs: 2,
      constraints: rows.map(([a, b, c]) => ({ a: new Map(a), b: new Map(b), c: new Map(c) })),
    });
  });
  test('of r1csfile, snarkjs’ reader, that uses custom gates is refused by name', async () => {
    const file = await readFile(join(root, 'node_modules/r1csfile/test/testutils/circuitCG.r1cs'));
    expect(() => parseR1cs(file)).toThrow(
      refused(
        'uses custom gates, the first of RANGE_CHECK, which rank-1 constraints and Groth16 do not have',
      ),
    );
  });
  test('with gates whose names would not be printable is refused without them', () => {
    const gate = Buffer.concat([Buffer.from([1, 0, 0, 0]), Buffer.from('\u001b[31mred\0')]);
    expect(() => parseR1cs(container('r1cs', 1, [...sections, [4, gate]]))).toThrow(
      refused('uses custom gates, which rank-1 constraints and Groth16 do not have'),
    );
  });
  test('whose sections of custom gates list none is read', () => {
    const none = Buffer.alloc(4);
    expect(parseR1cs(container('r1cs', 1, [...sections, [4, none], [5, none]]))).toEqual(parseR1cs(small));
  });
  test.each([
    ['wires', 36, 1 << 24, 'is too short for what its section of labels counts'],
    ['constraints', 60, 1 << 21, 'is too short for what its section of constraints counts'],
  ])('whose header claims more %s than its sections have is refused', (_, offset, count, why) => {
    const claim = (header: Buffer): void => void header.writeUInt32LE(count, offset);
    expect(() => parseR1cs(withSection(1, claim))).toThrow(refused(why));
  });
  test('of more constraints than fit into memory is refused before room is made for them', () => {
    const rows = 2 ** 21 + 1;
    const many = container(
      'r1cs',
      1,
      sections.map(([type, body]) => {
        const changed = type === 2 ? Buffer.alloc(12 * rows) : Buffer.from(body);
        if (type === 1) changed.writeUInt32LE(rows, 60);
        return [type, changed] as const;
      }),
    );
    expect(() => parseR1cs(many)).toThrow(refused('has 2097153 constraints; at most 2097152 are read'));
  });
  test.each(['example'])('of r1csfile, snarkjs’ reader, is read as it says: %s', async (name) => {
    const file = await readFile(join(root, `node_modules/r1csfile/test/testutils/${name}.r1cs`));
    const { constraints, ...read } = parseR1cs(file);
    // Its labels are not those of circom, so that all three private inputs are wires.
    const expected = { wireCount: 7, outputCount: 1, publicInputCount: 2, privateInputCount: 3 };
    expect(read).toEqual({ ...expected, declaredPrivateInputs: 3 });
    expect(constraints).toHaveLength(3);
    expect(constraints[0]).toEqual({
      a: new Map([
        [5, 3n],
        [6, 8n],
      ]),
      b: new Map([
        [0, 2n],
        [2, 20n],
        [3, 12n],
      ]),
      c: new Map([
        [0, 5n],
        [2, 7n],
      ]),
    });
  });
  test.each([
    ['wires', 36, 'has 4294967295 wires; at most 16777216 are read'],
    ['outputs', 40, 'has more outputs and inputs than signals'],
    ['public inputs', 44, 'has more outputs and inputs than signals'],
    ['private inputs', 48, 'has more outputs and inputs than signals'],
    ['constraints', 60, 'has 4294967295 constraints; at most 2097152 are read'],
  ])('whose header claims 2³² − 1 %s is refused, also with as many labels', (_, offset, why) => {
    const claim = (header: Buffer): void => void header.writeUInt32LE(0xffffffff, offset);
    expect(() => parseR1cs(withSection(1, claim))).toThrow(refused(why));
    const both = withSection(1, (header) => {
      claim(header);
      header.writeBigUInt64LE(2n ** 64n - 1n, 52);
    });
    if (offset === 48) expect(parseR1cs(both).privateInputCount).toBe(2);
    else expect(() => parseR1cs(both)).toThrow(refused(why.replace('signals', 'wires')));
  });
  test.each<[string, () => Buffer]>([
    ['is not over the scalar field of BN254', () => withSection(1, (header) => header.writeUInt32LE(31, 0))],
    ['has a header of another form', () => withSection(1, (header) => header.writeUInt32LE(65, 0))],
    [
      'is over the scalar field of BLS12-381, and only the scalar field of BN254 is read',
      () => withSection(1, (header) => void blsOrder.copy(header, 4)),
    ],
    [
      'is no whole .r1cs file',
      () =>
        container('r1cs', 1, [
          ...sections,
          ...Array.from({ length: 70 }, (_, i) => [100 + i, Buffer.alloc(0)] as const),
        ]),
    ],
    ['is not over the scalar field of BN254', () => withSection(1, (header) => header.writeUInt8(2, 4))],
    ['has more outputs and inputs than wires', () => container('r1cs', 1, r1csSections(counts, [0, 9], []))],
    ['reads wire 5 in a constraint and has 5 wires', () => withRow([[[5, 1n]], [], []])],
    [
      'names wire 2 twice in one sum',
      () =>
        withRow([
          [
            [2, 1n],
            [2, 1n],
          ],
          [],
          [],
        ]),
    ],
    ['has a number that is not below the order of the field', () => withRow([[[2, r]], [], []])],
    [
      'is too short for what its section of constraints counts',
      () => withSection(2, (body) => body.writeUInt32LE(0xffffffff, 0)),
    ],
    [
      'has 12 bytes too many in the section of constraints',
      () =>
        container(
          'r1cs',
          1,
          sections.map(([t, b]) => [t, t === 2 ? Buffer.concat([b, Buffer.alloc(12)]) : b]),
        ),
    ],
    ['is no whole .r1cs file', () => container('r1cs', 1, [...sections, sections[0]!])],
    [
      'is no whole .r1cs file',
      () => {
        const twice = container('r1cs', 1, [...sections, sections[0]!]);
        twice.writeUInt32LE(sections.length, 8);
        return twice;
      },
    ],
    ['is no whole .r1cs file', () => container('r1cs', 2, sections)],
    ['is no whole .r1cs file', () => Buffer.concat([small, Buffer.alloc(1)])],
    ['has no section of labels', () => container('r1cs', 1, sections.slice(0, 2))],
  ])('is refused and told why: it %s', (why, file) => {
    expect(() => parseR1cs(file())).toThrow(refused(why));
  });
});

describe('a witness and a file of names', () => {
  test('written by the specification are read', () => {
    expect(parseWitness(witness)).toEqual([1n, 15n, 3n, 5n, 10n]);
    expect(namesFromSym(parseR1cs(small), sym)).toEqual({
      wires: ['one', 'y', 'x', 'z', 'square'],
      absentInputs: ['gone'],
      substituted: [],
    });
  });
  test('with a value of the order or more are refused', () => {
    expect(parseWitness(wtnsFile([r - 1n]))).toEqual([r - 1n]);
    expect(() => parseWitness(wtnsFile([r]))).toThrow(refused('not below the order'));
  });
  test.each([
    ['1,5,0,main.y', 'names wire 5 in line 1, and there are 5 wires'],
    ['1,4294967295,0,main.y', 'names wire 4294967295 in line 1'],
    ['1,1,0,main.y\n1,-2,0,main.y', 'in line 2'],
    ['1,1.5,0,main.y', 'in line 1'],
    ['1,1,0', 'in line 1'],
    ['\0', 'in line 1'],
  ])('with the line %j are refused', (text, why) => {
    expect(() => parseSym(text, 5)).toThrow(refused(why));
  });
  test('with 60,000 components of one template without a name number them all', () => {
    const count = 60_000;
    const text = Array.from({ length: count }, (_, i) => `${i + 1},-1,0,main.Seal_1_${i}.x`).join('\n');
    const r1cs = { ...parseR1cs(small), declaredPrivateInputs: count };
    expect(namesFromSym(r1cs, text).absentInputs.at(-1)).toBe(`Seal#${count - 1}.x`);
  });
});

/** What a parser answers, undefined where it refuses the file; anything else it throws is a failure. */
function answer<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    if (error instanceof VelumError && error.code === 'CIRCUIT_FILE') return undefined;
    throw error;
  }
}

function expectConsistent(system: R1cs): void {
  const { wireCount, outputCount, publicInputCount, privateInputCount, constraints } = system;
  expect(privateInputCount).toBeGreaterThanOrEqual(0);
  expect(1 + outputCount + publicInputCount + privateInputCount).toBeLessThanOrEqual(wireCount);
  expect(wireCount).toBeLessThanOrEqual(small.length / 8);
  for (const [wire, coefficient] of constraints.flatMap(({ a, b, c }) => [...a, ...b, ...c])) {
    expect(wire).toBeLessThan(wireCount);
    expect(coefficient > 0n && coefficient < r).toBe(true);
  }
}

describe('however a few bytes are changed', () => {
  let read = 0;
  test('a constraint system is refused as a file or consistent, and then it can be audited', async () => {
    await fc.assert(
      fc.asyncProperty(mutated(small), async (bytes) => {
        const r1cs = answer(() => parseR1cs(bytes));
        if (r1cs === undefined) return;
        read++;
        expectConsistent(r1cs);
        const subject = {
          r1cs,
          names: namesByNumber(r1cs),
          witnesses: [{ label: 'w', witness: parseWitness(witness) }],
        };
        await auditCircuit(subject).catch((error: unknown) => {
          expect(error).toMatchObject({ code: 'AUDIT_WITNESS' });
        });
      }),
      { numRuns: 3000 },
    );
    expect(read).toBeGreaterThan(100);
  });
  test('a witness is refused as a file or a list of field elements', () => {
    fc.assert(
      fc.property(mutated(witness), (bytes) => {
        const values = answer(() => parseWitness(bytes)) ?? [];
        expect(values.length).toBeLessThanOrEqual(bytes.length / 32);
        expect(values.every((value) => value >= 0n && value < r)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
  test('names are refused as a file or one for each wire', () => {
    const r1cs = parseR1cs(small);
    fc.assert(
      fc.property(mutated(Buffer.from(sym)), (bytes) => {
        const names = answer(() => namesFromSym(r1cs, bytes.toString('latin1')));
        if (names !== undefined) expect(Object.keys(names.wires)).toEqual(['0', '1', '2', '3', '4']);
      }),
      { numRuns: 2000 },
    );
  });
});
