import { describe, expect, test } from 'vitest';
import {
  ACS_NAMES,
  acsProtocol,
  hotStuffProtocol,
  pbftProtocol,
  RBC_NAMES,
} from '../../../src/consensus/protocol.ts';
import { openErasureCode } from '../../../src/node/erasure-code.ts';
import { quorumOf } from '../../../src/params/quorum.ts';
import { oracleSignatures } from '../../../src/sim/oracle-signatures.ts';
import { height, payloads } from './one-height.ts';

const erasure = await openErasureCode();
const subsets = ACS_NAMES.flatMap((acs) => RBC_NAMES.map((rbc) => acsProtocol(acs, rbc, erasure)));
const pbft = pbftProtocol((self) => oracleSignatures(3, self));
const hotStuff = hotStuffProtocol((self) => oracleSignatures(3, self));

describe('protocols by name', () => {
  test('are two subsets over two broadcasts, PBFT and HotStuff', () => {
    expect(subsets.map(({ name }) => name)).toEqual([
      'first-hand/digest',
      'first-hand/avid',
      'bkr/digest',
      'bkr/avid',
    ]);
    expect([pbft.name, hotStuff.name]).toEqual(['pbft', 'hotstuff']);
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
