import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { identityCommitment } from '../../src/crypto/identity.ts';
import { root } from '../../src/proofs/compile.ts';
import { endedIn, velum } from '../helpers/cli.ts';
import { expectNothingLeft } from '../helpers/ended-epoch.ts';

const scratch = mkdtempSync(join(tmpdir(), 'velum-epoch-faulty-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const small = ['epoch', '--orders', 'examples/small.csv', '--json'];
const out = (name: string): string => join(scratch, name);

describe('velum epoch', () => {
  test('with a faulty validator settles to the same root with other proofs, names the fault and recovers the identity secret', async () => {
    const honest = JSON.parse((await velum(...small, '--out', out('small'))).stdout);
    const { code, stdout } = await velum(...small, '--faulty', '1', '--out', out('faulty'));
    expect(code).toBe(0);
    const report = JSON.parse(stdout);
    expect(report.faulty).toEqual([{ validator: 3, plays: 'equivocating ballot, bad decryption share' }]);
    const [height] = report.heights;
    expect(height.stateRoot).toBe(honest.heights[0].stateRoot);
    const proof = (dir: string): string =>
      readFileSync(join(out(dir), 'height-1/proofs/ana-1.proof.json'), 'utf8');
    expect(proof('faulty')).not.toBe(proof('small'));
    expect(height.faults.map(({ by, fault }: { by: number; fault: string }) => `${by} ${fault}`)).toEqual(
      expect.arrayContaining(['3 BALLOT_EQUIVOCATION', '3 DECRYPTION_SHARE_INVALID']),
    );
    expect(height.faults.every(({ by }: { by: number }) => by === 3)).toBe(true);
    expect(height.recovered).toEqual([{ validator: 3, identitySecret: expect.stringMatching(/^\d+$/) }]);
    const { validators } = JSON.parse(readFileSync(join(out('faulty'), 'genesis.json'), 'utf8')).epoch;
    const [{ identitySecret }] = height.recovered;
    expect(String(identityCommitment(BigInt(identitySecret)))).toBe(validators[3].identityCommitment);

    const genesis = ['--genesis', join(out('faulty'), 'genesis.json')];
    const evidence = join(out('faulty'), 'evidence/1.json');
    const judged = await endedIn(root, 'evidence', 'verify', evidence, ...genesis, '--json');
    expect([judged.code, JSON.parse(judged.stdout)]).toEqual([
      0,
      { convinces: true, kind: 'ballot', validator: 3, height: 1, reason: null },
    ]);
    expect((await endedIn(root, 'evidence', 'verify', evidence, '--genesis', evidence)).code).toBe(2);
  });

  test('SIGHUP while a height is agreed on ends it with no process, file or directory left', async () => {
    await expectNothingLeft(scratch, 'SIGHUP', { code: 129, folders: 1, keys: 'dealer' });
  });
});
