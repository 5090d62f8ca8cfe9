import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseCertificate, uniquenessTextWithin } from '../../../src/audit/certificate/certificate-file.ts';
import { type AuditRequest, examine, type OutputsAnswer } from '../../../src/audit/examine.ts';
import { withoutCertificate } from '../../../src/audit/outputs.ts';
import { VelumError } from '../../../src/base/errors.ts';
import { parseWitness } from '../../../src/groth16/r1cs.ts';
import { container, type Row, r1csSections, wtnsFile } from '../../helpers/iden3-files.ts';

/** Primes of circom 2.2, `-p`, and the bytes of an element. */
const PRIMES = {
  bn128: [21888242871839275222246405745257275088548364400416034343698204186575808495617n, 32],
  bls12381: [52435875175126190479447740508185965837690552500527637822603658699938581184513n, 32],
  goldilocks: [18446744069414584321n, 8],
  grumpkin: [21888242871839275222246405745257275088696311157297823662689037894645226208583n, 32],
  pallas: [28948022309329048855892746252171976963363056481941560715954676764349967630337n, 32],
  vesta: [28948022309329048855892746252171976963363056481941647379679742748393362948097n, 32],
  secq256r1: [115792089210356248762697446949407573530086143415290314195533631308867097853951n, 32],
  bls12377: [8444461749428370424248824938781546531375899335154063827935233455917409239041n, 32],
} as const;

async function answerTo(request: AuditRequest): Promise<OutputsAnswer> {
  let answer: OutputsAnswer | undefined;
  const end = Date.now() + 10_000;
  await examine(request, {
    endingAt: () => (Date.now() > end ? 'out of time' : undefined),
    onStage: () => {},
    onAnswer: (one) => {
      answer = one;
    },
    onChecks: () => {},
  });
  return answer!;
}
const asked = (bytes: Uint8Array, more: Partial<AuditRequest['files']> = {}): AuditRequest => ({
  files: { r1cs: { name: 'c.r1cs', bytes }, witnesses: [], ...more },
  assume: [],
  target: [],
});

/** Outputs isZero (wire 1) and quotient (2) of x (3) and y (4), by circomlib's IsZero, whose inverse is wire 5, and by q·y = x. */
const rows = (p: bigint): Row[] => [
  [
    [[3, p - 1n]],
    [[5, 1n]],
    [
      [1, 1n],
      [0, p - 1n],
    ],
  ],
  [[[3, 1n]], [[1, 1n]], []],
  [[[2, 1n]], [[4, 1n]], [[3, 1n]]],
];
const counts = { outputs: 2, publicInputs: 1, privateInputs: 1 };
const circuit = (modulus: bigint, bytes: number): Buffer =>
  container('r1cs', 1, r1csSections(counts, [0, 1, 2, 3, 4, 5], rows(modulus), { modulus, bytes }));
const [r] = PRIMES.bn128;
const small = circuit(r, 32);

test.each(Object.entries(PRIMES))(
  'over %s an output is proved, and another forged',
  async (_, [p, bytes]) => {
    const { outputs, forgeries } = await answerTo(asked(circuit(p, bytes)));
    expect(outputs.map(({ name, verdict }) => `${name} ${verdict}`)).toEqual(['w1 PROVED', 'w2 FORGED']);
    const [first, second] = [forgeries[0]!.first, forgeries[0]!.second].map((file) =>
      parseWitness(file, { modulus: p, bytes }),
    );
    // x and y are the same, and both quotients times y are x.
    expect(first!.slice(3, 5)).toEqual(second!.slice(3, 5));
    expect(first![2]).not.toBe(second![2]);
    for (const [, , q, x, y] of [first!, second!] as [bigint, bigint, bigint, bigint, bigint][])
      expect((q * y) % p).toBe(x);
  },
);

test('if the time ends while constraints are made ready, that is what is said, and nothing else', async () => {
  // Copies of copies: output (wire 1) = wire 2002 = … = wire 3 = input (wire 2).
  const copies: Row[] = Array.from({ length: 2001 }, (_, i) => [
    [],
    [],
    [
      [i === 0 ? 2 : 2 + i, 1n],
      [i === 2000 ? 1 : 3 + i, r - 1n],
    ],
  ]);
  const labels = Array.from({ length: 2003 }, (_, i) => i);
  const one = { outputs: 1, publicInputs: 1, privateInputs: 0 };
  const request = asked(container('r1cs', 1, r1csSections(one, labels, copies, { modulus: r, bytes: 32 })));
  const said: OutputsAnswer[] = [];
  const ending = {
    onStage: () => {},
    onAnswer: (answer: OutputsAnswer) => said.push(answer),
    onChecks: () => {},
  };
  await examine(request, { ...ending, endingAt: () => 'interrupted' });
  await examine(request, { ...ending, endingAt: () => undefined });
  expect(said.map(({ outputs }) => outputs.map(({ verdict, by }) => `${verdict}: ${by}`))).toEqual([
    ['UNKNOWN: no constraint was looked at; the search was interrupted'],
    ['PROVED: a copy of inputs and constants'],
  ]);
  expect(said.map(({ leftOpen }) => leftOpen)).toEqual([
    ['comparisons of values without a range: the search ended before'],
    [],
  ]);
});

test('of an output that no constraint reads that is said, also if the time ends before it is forged', async () => {
  const one = { outputs: 1, publicInputs: 0, privateInputs: 2 };
  const square: Row = [[[2, 1n]], [[2, 1n]], [[3, 1n]]];
  const file = container('r1cs', 1, r1csSections(one, [0, 1, 2, 3], [square], { modulus: r, bytes: 32 }));
  const said: OutputsAnswer[] = [];
  await examine(asked(file), {
    endingAt: (stage) => (stage === 'forging' ? 'out of time' : undefined),
    onStage: () => {},
    onAnswer: (answer) => said.push(answer),
    onChecks: () => {},
  });
  expect(said[0]!.outputs.map(({ by }) => by)).toEqual([
    'no constraint reads it; the time was over (--budget)',
  ]);
});

test('a certificate that is too long is not written, and then nothing is called proved', async () => {
  const { certificate, outputs } = await answerTo(asked(small));
  const file = parseCertificate(certificate!);
  expect(uniquenessTextWithin(file, certificate!.length + 20)).toBe(certificate);
  expect(uniquenessTextWithin(file, certificate!.length / 2)).toBeUndefined();
  expect(withoutCertificate(outputs).map(({ verdict, by }) => [verdict, by])).toEqual([
    ['UNKNOWN', 'the certificate would be longer than 96 MiB: audit the circuit in parts'],
    ['FORGED', outputs[1]!.by],
  ]);
});

describe('what is assumed, and what is asked', () => {
  test('is named in every verdict, and in what was not checked', async () => {
    const { outputs, leftOpen, certificate } = await answerTo({ ...asked(small), assume: ['range:8=w3'] });
    expect(outputs[0]).toMatchObject({
      verdict: 'PROVED',
      by: expect.stringContaining('assuming range:8=w3'),
    });
    expect(outputs[1]!.by).toContain('assuming range:8=w3');
    expect(leftOpen).toContain('what was assumed: range:8=w3');
    expect(certificate).toContain('"as":"range:8=w3"');
  });
  test('a free signal that is taken for an input is told as one, and not as a promise', async () => {
    const { outputs, leftOpen } = await answerTo({ ...asked(small), assume: ['input=w2'] });
    expect(outputs[1]).toMatchObject({
      verdict: 'PROVED',
      by: expect.stringContaining(', with w2, free for the prover, as inputs'),
    });
    expect(outputs[1]!.by).not.toContain('assuming');
    expect(leftOpen).toContain('what determines w2');
  });
  test('of a circuit without outputs is a public input, by name', async () => {
    const noOutput = container(
      'r1cs',
      1,
      // x (wire 1) is public, y (2) is not, and x = 5·y.
      r1csSections(
        { outputs: 0, publicInputs: 1, privateInputs: 1 },
        [0, 1, 2],
        [
          [
            [],
            [],
            [
              [1, 1n],
              [2, r - 5n],
            ],
          ],
        ],
      ),
    );
    expect((await answerTo(asked(noOutput))).outputs).toEqual([]);
    const { outputs } = await answerTo({ ...asked(noOutput), target: ['w1'] });
    expect(outputs).toMatchObject([{ name: 'w1', verdict: 'PROVED' }]);
    await expect(answerTo({ ...asked(noOutput), target: ['w2'] })).rejects.toMatchObject({
      code: 'AUDIT_TARGET',
    });
  });
});

describe('files of anybody', () => {
  test('custom gates are refused by name', async () => {
    const sections = r1csSections(counts, [0, 1, 2, 3, 4, 5], rows(r));
    const gates = Buffer.alloc(8);
    gates.writeUInt32LE(1);
    const file = container('r1cs', 1, [...sections, [4, gates], [5, Buffer.alloc(4)]]);
    await expect(answerTo(asked(file))).rejects.toThrow(/custom gates/);
  });
  test.each([
    [2n, 'over 2'],
    [15n, 'over 15'],
    [r * 3n, 'no odd prime'],
  ])('a modulus that is no odd prime (%i) is refused', async (modulus, why) => {
    const file = container('r1cs', 1, r1csSections(counts, [0, 1, 2, 3, 4, 5], [], { modulus, bytes: 32 }));
    await expect(answerTo(asked(file))).rejects.toThrow(why);
  });
  test('a witness of another field, and one that breaks a constraint, are refused by name', async () => {
    const [p, bytes] = PRIMES.goldilocks;
    const witness = (values: readonly bigint[]) => ({
      witnesses: [{ name: 'mine.wtns', bytes: wtnsFile(values) }],
    });
    await expect(answerTo(asked(circuit(p, bytes), witness([1n])))).rejects.toThrow(
      /mine.wtns .* another field/,
    );
    await expect(answerTo(asked(small, witness([1n, 0n, 3n, 6n, 3n, 0n])))).rejects.toThrow(
      /mine.wtns breaks/,
    );
  });
  test('however bytes are changed: an answer, or an error with a code', async () => {
    const sym = '1,1,0,main.z\n2,2,0,main.q\n3,3,0,main.x\n4,4,0,main.y\n5,5,0,main.inv\n';
    const changed = fc.array(fc.tuple(fc.nat(small.length - 1), fc.nat(255)), { maxLength: 3 });
    let answered = 0;
    await fc.assert(
      fc.asyncProperty(changed, fc.nat(sym.length), async (changes, cut) => {
        const bytes = Buffer.from(small);
        for (const [at, byte] of changes) bytes[at] = byte;
        const request = asked(bytes, { sym: { name: 'c.sym', text: sym.slice(0, cut) } });
        try {
          await answerTo(request);
          answered++;
        } catch (error) {
          expect(error).toBeInstanceOf(VelumError);
          expect(['CIRCUIT_FILE', 'AUDIT_FIELD']).toContain((error as VelumError).code);
        }
      }),
      { numRuns: 300 },
    );
    expect(answered).toBeGreaterThan(10);
  });
});
