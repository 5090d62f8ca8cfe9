import { describe, expect, test } from 'vitest';
import { decodeState, encodeState } from '../../../../src/base/state-codec.ts';
import { type AbaState, type AbaStep, MmrAba } from '../../../../src/consensus/aba/mmr.ts';
import { type BitSet, BOTH, type Vote, type VoteKind } from '../../../../src/consensus/aba/votes.ts';
import { validatorIndex as at } from '../../../../src/params/ids.ts';
import { ABA_ROUND_WINDOW } from '../../../../src/params/sizes.ts';

const ZERO: BitSet = 1;
const ONE: BitSet = 2;
const vote = (kind: VoteKind, round: number, values: BitSet): Vote => ({ kind, round, values });
const said = (steps: readonly AbaStep[]): Vote[] =>
  steps.flatMap(({ sends }) => sends.map(({ message }) => message));

/** One vote from each of these validators. */
const from = (aba: MmrAba, senders: readonly number[], ...votes: readonly Vote[]): AbaStep[] =>
  votes.flatMap((each) => senders.map((i) => aba.handle(at(i), each)));
/** One of four validators (f = 1, q = 3). */
const four = (): MmrAba => new MmrAba({ n: 4 });

/** Round 0 ends with V = {0}, round 1 with V = {1}: against both fixed coins, so round 2 begins undecided. */
function inRoundTwo(): MmrAba {
  const aba = four();
  aba.input(0);
  from(aba, [0, 1, 2], vote('bval', 0, ZERO), vote('aux', 0, ZERO));
  from(aba, [0, 1, 2], vote('bval', 1, ONE), vote('aux', 1, ONE));
  expect(aba.status()).toMatchObject({ round: 2, decided: undefined });
  return aba;
}

describe('MMR agreement', () => {
  test('sends BVAL of its input, relays on f + 1, and AUX on 2f + 1', () => {
    const aba = four();
    expect(said([aba.input(1)])).toEqual([vote('bval', 0, ONE)]);
    expect(said(from(aba, [0], vote('bval', 0, ZERO)))).toEqual([]);
    expect(said(from(aba, [1], vote('bval', 0, ZERO)))).toEqual([vote('bval', 0, ZERO)]);
    expect(said(from(aba, [2], vote('bval', 0, ZERO)))).toEqual([vote('aux', 0, ZERO)]);
    expect(said(from(aba, [0, 1, 2], vote('bval', 0, ONE)))).toEqual([]);
  });

  test('decides with the coin of its round and says so with TERM', () => {
    const aba = four();
    aba.input(1);
    const steps = from(aba, [0, 1, 2], vote('bval', 0, ONE), vote('aux', 0, ONE));
    expect(steps.flatMap(({ outputs }) => outputs)).toEqual([{ type: 'decide', bit: 1 }]);
    expect(said(steps)).toEqual([vote('aux', 0, ONE), vote('term', 0, ONE)]);
    expect(aba.decided).toBe(1);
    expect(aba.closed).toBe(false);
  });

  test('takes the coin for its estimate when both values are there', () => {
    const aba = four();
    from(aba, [0, 1, 2], vote('bval', 0, ZERO), vote('bval', 0, ONE), vote('aux', 0, ZERO));
    expect(aba.status().round).toBe(1);
    const both = four();
    from(both, [0, 1, 2], vote('bval', 0, ZERO), vote('bval', 0, ONE));
    from(both, [0, 1], vote('aux', 0, ZERO));
    expect(said(from(both, [2], vote('aux', 0, ONE)))).toEqual([vote('bval', 1, ONE)]);
  });

  test('an equivocating AUX, CONF or TERM is a fault and changes nothing; a repeated one is nothing', () => {
    const aba = inRoundTwo();
    for (const kind of ['aux', 'conf', 'term'] as const) {
      expect(from(aba, [3], vote(kind, 2, ONE), vote(kind, 2, ONE)).flatMap(({ faults }) => faults)).toEqual(
        [],
      );
      const [step] = from(aba, [3], vote(kind, 2, ZERO));
      expect(step!.faults).toMatchObject([{ by: 3, fault: `ABA_${kind.toUpperCase()}_EQUIVOCATION` }]);
    }
  });

  test('an AUX that contradicts the sender’s TERM of an earlier round is a fault', () => {
    const aba = inRoundTwo();
    from(aba, [3], vote('term', 1, ONE));
    const [step] = from(aba, [3], vote('aux', 2, ZERO));
    expect(step!.faults).toMatchObject([{ by: 3, fault: 'ABA_AUX_EQUIVOCATION' }]);
    const early = four();
    from(early, [3], vote('aux', 1, ZERO), vote('term', 0, ONE));
    from(early, [0, 1, 2], vote('bval', 0, ZERO));
    const steps = from(early, [0, 1, 2], vote('aux', 0, ZERO));
    expect(steps.flatMap(({ faults }) => faults)).toMatchObject([{ by: 3, fault: 'ABA_AUX_EQUIVOCATION' }]);
  });

  test('TERM counts as BVAL, AUX and CONF of later rounds only', () => {
    const aba = inRoundTwo();
    from(aba, [3], vote('term', 1, ONE));
    from(aba, [0, 1], vote('bval', 2, ONE), vote('aux', 2, ONE));
    const [, step] = from(aba, [0, 1], vote('conf', 2, ONE));
    expect(step!.effects).toEqual([{ type: 'coin', round: 2 }]);
    const late = inRoundTwo();
    from(late, [3], vote('term', 2, ONE));
    expect(said(from(late, [0, 1], vote('bval', 2, ONE)))).toEqual([]);
    expect(late.status().waitsFor).toBe('bvals');
  });

  test('a TERM does not count in its own round, also when that round is entered later', () => {
    const aba = four();
    from(aba, [3], vote('term', 1, ONE));
    from(aba, [0], vote('bval', 1, ONE));
    const steps = from(aba, [0, 1, 2], vote('bval', 0, ZERO), vote('aux', 0, ZERO));
    expect(said(steps).filter(({ round }) => round === 1)).toEqual([vote('bval', 1, ZERO)]);
  });

  test('a TERM makes nobody relay in a round above the own one; what it makes due is relayed on entering the round', () => {
    const aba = four();
    from(aba, [3], vote('term', 0, ONE));
    expect(said(from(aba, [2], vote('bval', 1, ONE), vote('bval', ABA_ROUND_WINDOW, ONE)))).toEqual([]);
    const steps = from(aba, [0, 1, 2], vote('bval', 0, ZERO), vote('aux', 0, ZERO));
    expect(said(steps).filter(({ round }) => round > 0)).toEqual([
      vote('bval', 1, ONE),
      vote('bval', 1, ZERO),
    ]);
  });

  test('who decided by TERM keeps the decided estimate, whatever the rounds before still say', () => {
    const aba = four();
    from(aba, [2, 3], vote('term', 4, ONE));
    const steps = from(aba, [0, 1, 2], vote('bval', 0, ZERO), vote('aux', 0, ZERO));
    expect(said(steps)).toEqual([vote('bval', 0, ZERO), vote('aux', 0, ZERO)]);
    from(aba, [1, 2], vote('aux', 1, ZERO));
    expect(aba.status()).toMatchObject({ round: 1, decided: 1 });
  });

  test('who has decided enters a round only when f + 1 validators sent an AUX or CONF of it', () => {
    const aba = inRoundTwo();
    const decide = [vote('bval', 2, ONE), vote('aux', 2, ONE), vote('conf', 2, ONE)];
    from(aba, [0, 1, 2], ...decide);
    aba.coin(2, 1);
    expect(aba.status()).toMatchObject({ round: 2, decided: 1, waitsFor: 'terms' });
    const relays = said(from(aba, [0, 1, 2], vote('bval', 3, ONE), vote('bval', 3, ZERO)));
    expect(relays).toEqual([vote('bval', 3, ZERO)]);
    from(aba, [1, 3], vote('term', 2, ONE));
    from(aba, [3], vote('aux', 3, ONE), vote('aux', 3, ONE), vote('conf', 3, ONE));
    expect(aba.status().round).toBe(2);
    from(aba, [0], vote('conf', 3, ONE));
    expect(aba.status()).toMatchObject({ round: 3, waitsFor: 'auxes' });
  });

  test('a coin that comes before its round is remembered, and the own share is released all the same', () => {
    const aba = inRoundTwo();
    aba.coin(2, 1);
    const steps = from(aba, [0, 1, 2], vote('bval', 2, ONE), vote('aux', 2, ONE), vote('conf', 2, ONE));
    expect(steps.flatMap(({ effects }) => effects)).toEqual([{ type: 'coin', round: 2 }]);
    expect(aba.decided).toBe(1);
    expect(() => aba.coin(2, 0)).toThrow('a coin has one value');
  });

  test('V is fixed when the coin is asked for: a later CONF cannot change it', () => {
    const aba = inRoundTwo();
    from(aba, [0, 1, 2], vote('bval', 2, ONE), vote('aux', 2, ONE), vote('conf', 2, ONE));
    from(aba, [0, 1, 3], vote('bval', 2, ZERO));
    from(aba, [3], vote('conf', 2, BOTH));
    expect(said([aba.coin(2, 0)])).toEqual([vote('bval', 3, ONE)]);
  });

  test('goes on relaying BVAL of old rounds until it closes', () => {
    const aba = inRoundTwo();
    expect(said(from(aba, [0, 1], vote('bval', 0, ONE)))).toEqual([vote('bval', 0, ONE)]);
    from(aba, [0, 1, 2], vote('term', 2, ONE));
    expect(aba.closed).toBe(true);
    expect(said(from(aba, [0, 1], vote('bval', 1, ZERO)))).toEqual([]);
  });

  test('relays BVAL of a round it has not reached', () => {
    expect(said(from(four(), [0, 1], vote('bval', 5, ONE)))).toEqual([vote('bval', 5, ONE)]);
  });

  test('an input after round 0, or a second one, changes nothing', () => {
    const aba = four();
    aba.input(1);
    expect(said([aba.input(0)])).toEqual([]);
    expect(said([inRoundTwo().input(1)])).toEqual([]);
  });

  test('refuses votes that their kind cannot be', () => {
    const aba = four();
    const bad = [
      vote('bval', 0, BOTH),
      vote('aux', 0, BOTH),
      vote('term', 0, BOTH),
      vote('conf', 0, ONE),
      vote('conf', 1, ONE),
      vote('aux', -1, ONE),
      vote('aux', 0.5, ONE),
      vote('term', 0x10000, ONE),
    ];
    for (const each of bad) {
      expect(aba.handle(at(1), each).faults, JSON.stringify(each)).toMatchObject([
        { fault: 'ABA_MALFORMED' },
      ]);
    }
    expect(aba.status().roundsHeld).toBe(0);
  });

  test('keeps votes up to the window, and blames beyond it', () => {
    const aba = four();
    expect(aba.handle(at(1), vote('aux', ABA_ROUND_WINDOW, ONE)).faults).toEqual([]);
    const step = aba.handle(at(1), vote('aux', ABA_ROUND_WINDOW + 1, ONE));
    expect(step.faults).toMatchObject([{ by: 1, fault: 'ABA_ROUND_BEYOND_WINDOW' }]);
  });

  test('asking for the status changes nothing', () => {
    const aba = four();
    from(aba, [0, 1], vote('term', 0, ONE));
    expect(aba.status()).toEqual(aba.status());
  });
});

test('an agreement restored from what it was written down as knows a coin of a round it has not come to', () => {
  const before = new MmrAba({ n: 4 });
  before.coin(2, 1);
  const aba = MmrAba.restore({ n: 4 }, decodeState(encodeState(before.state())) as AbaState);
  expect(() => aba.coin(2, 0)).toThrow('a coin has one value');
});
