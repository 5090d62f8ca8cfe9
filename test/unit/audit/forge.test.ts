import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { compileCircuit, root } from '../../../scripts/compile-circuit.ts';
import { digitsOf, spelledSum } from '../../../src/audit/forge/spelled.ts';
import { PrimeField } from '../../../src/audit/system/prime-field.ts';
import { auditUniqueness } from '../../../src/audit/uniqueness.ts';
import { parseR1csOverAny } from '../../../src/groth16/r1cs.ts';
import { r } from '../../../src/params/fields.ts';
import { container, type Row, r1csSections } from '../../helpers/iden3-files.ts';

test.each([
  ['free-hint', 4],
  ['hint-of-a-ladder', 2],
  ['unchecked-bit', 2],
])(
  'a signal that only ranges hold is forged without a witness, at all outputs that it moves: %s',
  async (name, outputs) => {
    const into = `${root}/build/test-circuits/O1`;
    const compiled = await compileCircuit(`${root}/test/circuits/audit/${name}.circom`, into, 'O1');
    const r1cs = parseR1csOverAny(await readFile(compiled.r1cs));
    const request = { r1cs, assumptions: [], targets: [], witnesses: [] };
    const begun = process.cpuUsage().user;
    const { verdicts } = auditUniqueness(
      request,
      () => (process.cpuUsage().user - begun > 20e6 ? 'out of time' : undefined),
      () => {},
    );
    expect(verdicts.map(({ verdict }) => verdict)).toEqual(Array(outputs).fill('FORGED'));
  },
);

test('a machine that leaves the search no time of the clock does not end it: each output that has two values is forged', () => {
  // Of each of the outputs 1 to 6 its square alone is known: that of input 7.
  const rows = [1, 2, 3, 4, 5, 6].map((output): Row => [[[output, 1n]], [[output, 1n]], [[7, 1n]]]);
  const counts = { outputs: 6, publicInputs: 1, privateInputs: 0 };
  const labels = Array.from({ length: 8 }, (_, wire) => wire);
  const file = container('r1cs', 1, r1csSections(counts, labels, rows, { modulus: r, bytes: 32 }));
  const request = { r1cs: parseR1csOverAny(file), assumptions: [], targets: [], witnesses: [] };
  let hours = 0;
  const clock = vi.spyOn(Date, 'now').mockImplementation(() => 3_600_000 * hours++);
  const { verdicts, forgeries } = auditUniqueness(
    request,
    () => undefined,
    () => {},
  );
  clock.mockRestore();
  expect(verdicts.map(({ verdict }) => verdict)).toEqual(Array(6).fill('FORGED'));
  expect(forgeries.length).toBeGreaterThan(1);
});

const field = new PrimeField(r);

test('digits that do not overlap spell the number that they make, at any scale, as complements, too', () => {
  const digit = fc.record({
    bits: fc.integer({ min: 1, max: 40 }),
    gap: fc.integer({ min: 0, max: 3 }),
    flip: fc.boolean(),
  });
  fc.assert(
    fc.property(
      fc.array(digit, { minLength: 2, maxLength: 5 }),
      fc.bigInt({ min: 1n, max: r - 1n }),
      fc.infiniteStream(fc.bigInt({ min: 0n, max: 1n << 60n })),
      (digits, scale, draws) => {
        const sum = new Map<number, bigint>();
        const ranges = new Map<number, { low: bigint; high: bigint }>();
        const values = new Map<number, bigint>();
        let [at, total] = [0n, 0n];
        for (const [i, { bits, gap, flip }] of digits.entries()) {
          const high = (1n << BigInt(bits)) - 1n;
          const value: bigint = draws.next().value % (high + 1n);
          const coefficient = field.mod((flip ? -1n : 1n) * (1n << at) * scale);
          sum.set(i + 1, coefficient);
          ranges.set(i + 1, { low: 0n, high });
          values.set(i + 1, value);
          total += coefficient * value;
          at += BigInt(bits + gap);
        }
        const spelled = spelledSum(field, sum, ranges)!;
        const found = digitsOf(spelled, field, field.mod(total * spelled.scale));
        expect(new Map([...found!].sort(([x], [y]) => x - y))).toEqual(values);
      },
    ),
  );
});

test('256 bits spell a number of the field as its own bits, and a second time with the order added', () => {
  const wires = Array.from({ length: 256 }, (_, i) => i + 1);
  const sum = new Map(wires.map((wire) => [wire, (1n << BigInt(wire - 1)) % r]));
  const ranges = new Map(wires.map((wire) => [wire, { low: 0n, high: 1n }]));
  const spelled = spelledSum(field, sum, ranges)!;
  const number = (more: bigint): bigint => {
    const digits = digitsOf(spelled, field, field.mod(5n * spelled.scale), more)!;
    return wires.reduce((all, wire) => all + (digits.get(wire)! << BigInt(wire - 1)), 0n);
  };
  expect([number(0n), number(r), number(2n * r)]).toEqual([5n, r + 5n, 2n * r + 5n]);
});
