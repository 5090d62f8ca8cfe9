import { wtns } from 'snarkjs';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { compileForFewRuns } from '../../../src/groth16/few-runs.ts';
import { createWitnessCalculator, type WitnessCalculator } from '../../../src/groth16/witness.ts';
import { r } from '../../../src/params/fields.ts';
import { flattenSignals } from '../../../src/proofs/signals.ts';
import { makeToyKeys, type ToyKeys, toyInput } from '../../helpers/toy-keys.ts';

let keys: ToyKeys;
let calculator: WitnessCalculator;
beforeAll(async () => {
  keys = await makeToyKeys();
  calculator = await createWitnessCalculator('ballot', keys.wasm);
});
afterAll(() => keys.remove());

test.each([1n, 1234567n, r - 1n])(
  'agrees byte for byte with the stock calculator for secret %i',
  async (s) => {
    const input = { ...toyInput({ identitySecret: s }), committeeRoot: (s * 2n) % r };
    const stock: { type: 'mem'; data?: Uint8Array } = { type: 'mem' };
    const silent = vi.spyOn(console, 'log').mockImplementation(() => {});
    await wtns.calculate(input, keys.wasm, stock);
    silent.mockRestore();
    expect(calculator.calculate(flattenSignals('ballot', input))).toEqual(stock.data);
  },
);

test('is the same of a program that is compiled for few runs, and other programs are compiled as before', async () => {
  const few = await createWitnessCalculator('ballot', compileForFewRuns(keys.wasm));
  const input = flattenSignals('ballot', toyInput());
  const witness = calculator.calculate(input);
  for (let run = 0; run < 10; run++) expect(few.calculate(input)).toEqual(witness);
  const later = await createWitnessCalculator('ballot', keys.wasm);
  expect(later.calculate(input)).toEqual(witness);
});

test('prints nothing that a circuit logs', () => {
  const spies = [console.log, console.error].map((_, i) => vi.spyOn(console, i === 0 ? 'log' : 'error'));
  calculator.calculate(flattenSignals('ballot', toyInput()));
  for (const spy of spies) {
    expect(spy).not.toHaveBeenCalled();
    spy.mockRestore();
  }
});

test('names the template and the line of a failed constraint, and no value', () => {
  const input = { ...toyInput(), committeeRoot: 987654321n };
  const attempt = (): Uint8Array => calculator.calculate(flattenSignals('ballot', input));
  expect(attempt).toThrow(expect.objectContaining({ code: 'CIRCUIT_UNSATISFIED' }));
  expect(attempt).toThrow(/Toy.* line: 22/);
  expect(attempt).not.toThrow(/1234567|987654321/);
});

test('works as before after a failure', () => {
  const before = calculator.calculate(flattenSignals('ballot', toyInput()));
  expect(() =>
    calculator.calculate(flattenSignals('ballot', { ...toyInput(), committeeRoot: 0n })),
  ).toThrow();
  expect(calculator.calculate(flattenSignals('ballot', toyInput()))).toEqual(before);
});

test.each([
  ['a name the program does not know', { other: [1n] }],
  ['a value beyond an array', { ...flattenSignals('ballot', toyInput()), path: Array<bigint>(17).fill(0n) }],
  ['too few inputs', { scope: [1n] }],
])('takes %s for stale keys', (_, signals) => {
  expect(() => calculator.calculate(signals as Record<string, bigint[]>)).toThrow(
    expect.objectContaining({ code: 'KEYS_STALE' }),
  );
});
