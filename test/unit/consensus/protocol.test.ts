import { describe, expect, test } from 'vitest';
import type { CommonSubset } from '../../../src/consensus/acs/common-subset.ts';
import {
  ACS_NAMES,
  acsProtocol,
  type Protocol,
  pbftProtocol,
  RBC_NAMES,
  type SubsetEffect,
  type SubsetStep,
} from '../../../src/consensus/protocol.ts';
import { openErasureCode } from '../../../src/node/erasure-code.ts';
import { validatorIndex as at } from '../../../src/params/ids.ts';
import { quorumOf } from '../../../src/params/quorum.ts';
import { oracleSignatures } from '../../../src/sim/oracle-signatures.ts';

const erasure = await openErasureCode();
const subsets = ACS_NAMES.flatMap((acs) => RBC_NAMES.map((rbc) => acsProtocol(acs, rbc, erasure)));
const pbft = pbftProtocol((self) => oracleSignatures(3, self));

/** One height over links of one delay, every message through the encoding; who has nothing proposes nothing. */
function height<M>(
  protocol: Protocol<M>,
  n: number,
  proposals: readonly (Uint8Array | undefined)[],
  dead = 0,
) {
  const outputs: (string | undefined)[] = new Array(n).fill(undefined);
  const delays: number[] = new Array(n).fill(0);
  let pending: { from: number; to: number; bytes: Uint8Array }[] = [];
  let frames = 0;
  let now = 0;
  const machines: CommonSubset<M, SubsetEffect>[] = Array.from({ length: n }, (_, i) =>
    protocol.create({ n, self: at(i), height: 0 }),
  );
  const settle = (i: number, step: SubsetStep<M>): SubsetStep<M>[] => {
    for (const { payloads } of step.outputs) {
      outputs[i] = payloads.map(({ proposer, payload }) => `${proposer}:${payload.join()}`).join(' ');
      delays[i] = now;
    }
    return [
      step,
      ...step.effects.flatMap((effect) =>
        effect.type === 'validate' ? settle(i, machines[i]!.validated(effect.proposer, true)) : [],
      ),
    ];
  };
  const send = (i: number, steps: readonly SubsetStep<M>[]): void => {
    for (const { to, message } of protocol.merge(n, steps).sends) {
      const bytes = protocol.encode(message);
      expect(bytes.length).toBe(protocol.bytesOf(message));
      expect(protocol.messagesIn(message)).toBeGreaterThan(0);
      for (let peer = 0; peer < n - dead; peer++) {
        if (to !== 'all' && to !== peer) continue;
        if (peer !== i) frames += 1;
        pending.push({ from: i, to: peer, bytes });
      }
    }
  };
  proposals.forEach((payload, i) => {
    if (payload !== undefined && i < n - dead) send(i, settle(i, machines[i]!.propose(payload)));
  });
  while (pending.length > 0) {
    now += 1;
    const arrived = pending;
    pending = [];
    const steps = machines.map((): SubsetStep<M>[] => []);
    for (const { from, to, bytes } of arrived) {
      steps[to]!.push(...settle(to, machines[to]!.handle(at(from), protocol.decode(bytes)!)));
    }
    for (const [i, mine] of steps.entries()) if (mine.length > 0) send(i, mine);
  }
  return { outputs: outputs.slice(0, n - dead), delays: delays.slice(0, n - dead), frames };
}

const payloads = (n: number): Uint8Array[] => Array.from({ length: n }, (_, i) => Uint8Array.of(i, 9));

describe('protocols by name', () => {
  test('are two subsets over two broadcasts, and PBFT', () => {
    expect(subsets.map(({ name }) => name)).toEqual([
      'first-hand/digest',
      'first-hand/avid',
      'bkr/digest',
      'bkr/avid',
    ]);
    expect(pbft.name).toBe('pbft');
    for (const n of [1, 2, 3, 4, 10]) {
      for (const each of subsets) expect(each.leastOutputs(n)).toBe(quorumOf(n).q);
      expect(pbft.leastOutputs(n)).toBe(1);
    }
  });

  describe.each(subsets.map((each) => [each.name, each] as const))('%s', (name, protocol) => {
    const [all, crashed] = name.startsWith('bkr') ? [5, 9] : [4, 8];

    test.each([1, 2, 3, 4, 7, 10])(
      `among %i takes ${all} delays, at most ten frames a peer, everything comes out`,
      (n) => {
        const result = height(protocol, n, payloads(n));
        const expected = payloads(n)
          .map((payload, i) => `${i}:${payload.join()}`)
          .join(' ');
        expect(result.outputs).toEqual(new Array(n).fill(expected));
        expect(result.delays).toEqual(new Array(n).fill(all));
        expect(result.frames).toBeLessThanOrEqual(10 * n * (n - 1));
      },
    );

    test.each([4, 7, 10])(`among %i, f of them crashed, takes ${crashed}`, (n) => {
      const { f, q } = quorumOf(n);
      const result = height(protocol, n, payloads(n), f);
      expect(result.delays).toEqual(new Array(q).fill(crashed));
      expect(new Set(result.outputs).size).toBe(1);
    });

    test('is silent while nobody has anything to propose', () => {
      expect(height(protocol, 4, new Array(4).fill(undefined)).frames).toBe(0);
    });
  });

  test('PBFT takes three delays and puts out one proposal', () => {
    const result = height(pbft, 4, payloads(4));
    expect(result.outputs).toEqual(new Array(4).fill('0:0,9'));
    expect(result.delays).toEqual([3, 3, 3, 3]);
    expect(height(pbft, 4, new Array(4).fill(undefined)).frames).toBe(0);
  });
});
