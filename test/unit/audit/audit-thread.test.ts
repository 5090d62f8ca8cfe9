import { describe, expect, test } from 'vitest';
import { auditInThread, checkInThread } from '../../../src/audit/audit-thread.ts';
import type { AuditRequest } from '../../../src/audit/examine.ts';
import { container, type Row, r1csSections, wtnsFile } from '../../helpers/iden3-files.ts';

const r = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;
const counts = { outputs: 1, publicInputs: 0, privateInputs: 1 };
/** Output (wire 1) x^(2^n), x in wire 2, by n squares. */
function squares(n: number): { r1cs: Buffer; wtns: Buffer } {
  const wires = Array.from({ length: n }, (_, i) => (i === n - 1 ? 1 : 3 + i));
  const rows: Row[] = wires.map((wire, i) => {
    const before = i === 0 ? 2 : 2 + i;
    return [[[before, 1n]], [[before, 1n]], [[wire, 1n]]];
  });
  const values = [1n, 0n, 3n];
  for (let i = 1; i < n; i++) values.push((values.at(-1)! * values.at(-1)!) % r);
  values[1] = (values.at(-1)! * values.at(-1)!) % r;
  const labels = values.map((_, wire) => wire);
  return { r1cs: container('r1cs', 1, r1csSections(counts, labels, rows)), wtns: wtnsFile(values) };
}
const asked = ({ r1cs, wtns }: ReturnType<typeof squares>, isChecked = false): AuditRequest => ({
  files: {
    r1cs: { name: 'c.r1cs', bytes: r1cs },
    witnesses: isChecked ? [{ name: 'w.wtns', bytes: wtns }] : [],
  },
  assume: [],
  target: [],
});
const { signal } = new AbortController();
const nobody = (): void => {};

describe('memory', () => {
  test('a circuit whose size alone says that there is no room for it is refused unread', async () => {
    const told: string[] = [];
    const audit = auditInThread(asked(squares(20_000)), 60_000, signal, (stage) => told.push(stage), {
      heapMib: 40,
    });
    await expect(audit).rejects.toMatchObject({
      code: 'AUDIT_MEMORY',
      message: expect.stringContaining('20000 constraints with 60000 terms over 20002 wires'),
    });
    expect(told).toEqual([]);
  });
  test('a thread that has no room left ends with the same code, and this one goes on', async () => {
    await expect(
      auditInThread(asked(squares(15_000)), 60_000, signal, nobody, { heapMib: 32 }),
    ).rejects.toMatchObject({
      code: 'AUDIT_MEMORY',
    });
  }, 60_000);
});

test('what a proof knows is told while it goes on', async () => {
  const told: (readonly [string, number, number])[] = [];
  await auditInThread(asked(squares(20_000)), 60_000, signal, (...said) => told.push(said));
  const last = told.filter(([stage]) => stage === 'proving').at(-1)!;
  expect(last[1]).toBeGreaterThan(0);
  expect(last[1]).toBeLessThanOrEqual(last[2]);
}, 60_000);

test('the checks at witnesses end with the budget, and those that were not done are told', async () => {
  const { answer, checks, ended } = await auditInThread(
    asked(squares(20_000), true),
    60_000,
    signal,
    nobody,
    {
      checksMs: 1,
    },
  );
  expect(answer.outputs).toHaveLength(1);
  expect([ended, checks?.undone]).toEqual(['out of time', expect.arrayContaining(['dropped constraints'])]);
}, 60_000);

test('a certificate is gone through in a thread, and refused there', async () => {
  const circuit = squares(10);
  const { answer } = await auditInThread(asked(circuit), 60_000, signal, nobody);
  const text = answer.certificate!;
  expect(await checkInThread(text, circuit.r1cs)).toMatchObject({
    accepted: true,
    proved: [1],
    outputCount: 1,
  });
  expect(await checkInThread(text, squares(11).r1cs)).toMatchObject({ accepted: false });
  await expect(checkInThread('{', circuit.r1cs)).rejects.toMatchObject({ code: 'CERTIFICATE_FILE' });
}, 60_000);
