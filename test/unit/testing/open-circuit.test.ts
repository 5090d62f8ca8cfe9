import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findProject } from '../../../src/project/project-file.ts';
import { circuitTester, entryNamed, openEntry } from '../../../src/testing/open-circuit.ts';
import { type OwnProject, withdrawProject } from '../../helpers/project.ts';

let project: OwnProject;
let file: string;
beforeAll(async () => {
  project = await withdrawProject();
  file = join(project.dir, 'circuits/withdraw.circom');
});
afterAll(() => project.remove());

describe('a template of a source', () => {
  const source = () => ({ file, template: 'Withdraw', pubs: ['balance'] });
  test('is compiled with its parameters and public inputs, and as far simplified as asked', async () => {
    const [four, plain] = [
      await circuitTester({ ...source(), params: [4] }),
      await circuitTester({ ...source(), params: [5n], optimize: 'O0' }),
    ];
    expect(four.publicSignals).toEqual(['isDone', 'left', 'balance']);
    await four.expectPass({ balance: 15, amount: 15 }, { isDone: 1, left: 0 });
    await four.expectFail({ balance: 16, amount: 15 });
    const witness = await plain.expectPass({ balance: 16, amount: 17 }, { isDone: 0, left: 16 });
    // Nothing is substituted away.
    expect(plain.readAll(witness, 'covered.lt.in')).toEqual([17n, 17n]);
    expect(() => four.readAll(witness, 'covered.lt.in')).toThrow();
  });
  test('is refused by the lines of its files', async () => {
    const circuit = await circuitTester({ ...source(), params: [4] });
    const { places } = await circuit.expectFail(
      { balance: 16, amount: 15 },
      { constraint: 'range.circom:13' },
    );
    expect(places).toEqual(['circuits/lib/range.circom:13', 'circuits/withdraw.circom:14']);
  });
  test('that is not there is told with those that are', async () => {
    await expect(circuitTester({ ...source(), template: 'Deposit' })).rejects.toThrow(
      'is no template of circuits/withdraw.circom: there are Withdraw',
    );
    await expect(circuitTester({ ...source(), params: [] })).rejects.toThrow('takes 1 parameter, not 0');
  });
});

test('a circuit of a project is found by its name', async () => {
  const own = findProject(join(project.dir, 'circuits/lib'))!;
  const { tester } = await openEntry(own, entryNamed(own, 'withdraw'));
  expect(tester.name).toBe('withdraw');
  await tester.expectPass({ balance: 200, amount: 3 }, { isDone: 1 });
  expect(() => entryNamed(own, 'deposit')).toThrow('has no circuit deposit; there are withdraw');
});
