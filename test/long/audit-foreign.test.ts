import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compileCircuit, root } from '../../scripts/compile-circuit.ts';
import { witnessOf } from '../helpers/audited.ts';
import { velumIn } from '../helpers/cli.ts';

const DEPTH = 10;
const MAIN = `pragma circom 2.1.5;
include "semaphore.circom";
component main {public [message, scope]} = Semaphore(${DEPTH});
`;
/** A member in a tree of four: the tree may be any, its root is an output. */
const signals = {
  secret: 123_456_789n,
  merkleProofLength: 2n,
  merkleProofIndex: 1n,
  merkleProofSiblings: Array.from({ length: DEPTH }, (_, i) => (i < 2 ? BigInt(i + 5) : 0n)),
  message: 77n,
  scope: 88n,
};

test("the audit of a stranger's circuit: Semaphore v4 as npm has it", async () => {
  const folder = join(root, 'build/foreign');
  await rm(join(folder, 'w.wtns'), { force: true });
  await mkdir(folder, { recursive: true });
  const packages = join(root, 'node_modules');
  for (const file of [
    '@semaphore-protocol/circuits/src/semaphore.circom',
    '@zk-kit/binary-merkle-root.circom/src/binary-merkle-root.circom',
  ])
    await cp(join(packages, file), join(folder, file.split('/').at(-1)!));
  await writeFile(join(folder, 'semaphore-10.circom'), MAIN);
  const compiled = await compileCircuit(join(folder, 'semaphore-10.circom'), folder);
  await writeFile(join(folder, 'w.wtns'), await witnessOf(compiled, signals));
  const args = ['audit', 'semaphore', '--r1cs', compiled.r1cs, '--sym', compiled.sym, '--wtns', 'w.wtns'];
  const { exitCode, out } = await velumIn(folder, ...args, '--strict', '--json');
  expect(exitCode).toBe(1);
  const audit = JSON.parse(out);
  expect(audit.snapshot).toMatchObject({
    constraints: 3971,
    publicSignals: ['merkleRoot', 'nullifier', 'message', 'scope'],
  });
  // The square that keeps the message in, and the inverse in IsZero at 0: both known, both harmless, both found.
  const said = audit.warnings.map(
    ({ rule, subject }: { rule: string; subject: string }) => `${rule} ${subject}`,
  );
  expect(said).toContain('vacuous dummySquare');
  expect(said).toContain('free-wire BinaryMerkleRoot.IsEqual#0[2].isz.inv');
  expect(audit.drops.constraints).toBe(3971);
  expect(audit.drops.noticed).toBeGreaterThanOrEqual(3667);
});
