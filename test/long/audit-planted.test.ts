import { describe, expect, test } from 'vitest';
import { compileCircuit, root } from '../../scripts/compile-circuit.ts';
import { auditCircuit, freeWireFindings } from '../../src/audit/audit.ts';
import { relatedOutputs } from '../../src/audit/leaks.ts';
import { inputWires } from '../../src/audit/rank.ts';
import { aliases } from '../../src/audit/second-witness.ts';
import { Solver } from '../../src/audit/solver.ts';
import { clearCofactor, multiplyBase } from '../../src/crypto/babyjub.ts';
import { exampleInput } from '../../src/proofs/examples.ts';
import type { CircuitInput } from '../../src/testing/input-shape.ts';
import { type CompiledFiles, compileMutant, type Mutation, subjectOf, told } from '../helpers/audited.ts';

const built = (file: string): Promise<CompiledFiles> =>
  compileCircuit(
    `${root}/${file}`,
    `${root}/build/${file.startsWith('test/') ? 'test-circuits' : 'circuits'}`,
  );
const findings = async (compiled: CompiledFiles, signals: CircuitInput): Promise<string[]> =>
  told((await auditCircuit(await subjectOf(compiled, signals))).findings);

const point = clearCofactor(multiplyBase(31n)).toAffine();
const merkle = { h: 11n, children: [11n, 22n, 33n, 44n] };
// Bit 250 is the first digit: +1, so that the first step from [3]P, or from P, adds P.
const ladder = {
  t: Array.from({ length: 251 }, (_, i) => (i === 250 || i % 3 === 0 ? 1n : 0n)),
  P: [point.x, point.y],
};
const seal = { words: [7n, 8n, 9n], K: [point.x, point.y], context: 9n };

/** A circuit, what the audit says of it as it is, a bug, and what it says more when the bug is in. */
const PLANTED: readonly {
  readonly bug: string;
  readonly main: string;
  readonly signals: CircuitInput;
  readonly clean: readonly string[];
  readonly mutation: Mutation;
  readonly found: string;
}[] = [
  {
    bug: 'a dropped === on what is computed',
    main: 'test/circuits/merkle.circom',
    signals: merkle,
    clean: [],
    mutation: { file: 'circuits/lib/merkle.circom', from: 'low * high === 0;', to: '' },
    found: 'vacuous low',
  },
  {
    bug: 'a bare <-- where <== is meant',
    main: 'test/circuits/seal.circom',
    signals: seal,
    clean: [],
    mutation: { file: 'circuits/lib/seal.circom', from: 'tag <== z[n + 1];', to: 'tag <-- z[n + 1];' },
    found: 'unconstrained tag',
  },
];

describe('planted bugs are found, and only where they were planted', () => {
  test.each(PLANTED)('$bug', async ({ bug, main, signals, clean, mutation, found }) => {
    expect(await findings(await built(main), signals)).toEqual(clean);
    const mutant = await compileMutant(bug.replace(/\W+/g, '-'), main, mutation);
    expect((await findings(mutant, signals)).filter((line) => line.startsWith(found))).not.toEqual([]);
  });
  test.each([
    ['a dropped === on a hint', 'slope * (R[0] - Q[0]) === R[1] - Q[1];', ''],
    ['a ladder that starts at P', 'Q[bits - 1] <== Triple()(M);', 'Q[bits - 1] <== M;'],
  ])('%s leaves wires free', async (bug, from, to) => {
    const main = 'test/circuits/ladder.circom';
    const free = async (compiled: CompiledFiles) => {
      const subject = await subjectOf(compiled, ladder);
      return freeWireFindings(subject, 'a witness', subject.witnesses[0]!.witness);
    };
    expect(await free(await built(main))).toEqual([]);
    const mutant = await compileMutant(bug.replace(/\W+/g, '-'), main, {
      file: 'circuits/lib/ladder.circom',
      from,
      to,
    });
    const found = await free(mutant);
    expect(found.length).toBeGreaterThan(0);
    expect(found[0]!.message).toMatch(/public outputs with it|inner wires with it|moves alone/);
  });
  test.each([5n, 2n ** 253n + 12_345n])(
    'of %i 254 bits spell a number twice, unless they are compared with r',
    async (x) => {
      const found = async (file: string): Promise<string[]> => {
        const { r1cs, names, witnesses } = await subjectOf(await built(file), { x });
        const { witness } = witnesses[0]!;
        const inputs = [...inputWires(r1cs)].filter((wire) => wire !== 0);
        const solver = new Solver(r1cs, witness, new Set([0]), inputs);
        return told(aliases(r1cs, names.wires, witness, () => solver));
      };
      expect(await found('test/circuits/audit/num2bits-254.circom')).toEqual(['alias bits.out[*]']);
      expect(await found('test/circuits/audit/num2bits-strict.circom')).toEqual([]);
    },
  );
  test('one word of keystream for two words of plaintext keeps their difference', async () => {
    // At --O1, where every word stays a wire: at --O2 the compiler would solve the ciphertext's sum for it.
    const main = 'test/circuits/audit/sealed.circom';
    const related = async (name: string, to: string): Promise<string[]> => {
      const mutation = { file: 'circuits/lib/seal.circom', from: 'z[i + 1]', to };
      const { r1cs, names, witnesses } = await subjectOf(
        await compileMutant(name, main, mutation, 'O1'),
        seal,
      );
      const { witness } = witnesses[0]!;
      return told(relatedOutputs(r1cs, names.wires, witness, new Solver(r1cs, witness, inputWires(r1cs))));
    };
    expect(await related('one-pad-a-word', 'z[1 + i]')).toEqual([]);
    expect(await related('one-pad-for-two', 'z[i < 2 ? 1 : 3]')).toEqual([
      'related-outputs ct[0] with ct[1]',
    ]);
  });
  test('a ballot at x = 0 publishes the identity secret', async () => {
    const found = await findings(
      await built('circuits/ballot.circom'),
      exampleInput('ballot') as CircuitInput,
    );
    expect(found).toEqual(['leak y at x']);
  });
});
