import { describe, expect, test } from 'vitest';
import { CertifyModel, type CertifyRules, exploreCertify, RULES } from './certify-model.ts';

const explored = (n: number, heights: number, rules: CertifyRules = RULES) =>
  exploreCertify(new CertifyModel(n, heights, rules));

describe('every schedule of heights, with Byzantine validators that help whom they like and fall silent at any moment', () => {
  test.each([
    [4, 1, 40, 10],
    [4, 2, 1_567, 204],
    [4, 3, 56_679, 6_872],
    [7, 1, 193, 28],
    [7, 2, 82_251, 3_876],
  ])(
    'among %i validators over %i heights every correct one gets through all of them, with two live rounds',
    (n, heights, states, ends) => {
      const liveRounds = Math.min(heights, 2);
      expect(explored(n, heights)).toEqual({ states, ends, liveRounds, stuck: undefined });
    },
  );

  // A and B settle with the fourth validator's shares; V takes both blocks from it, so nobody ever hears a third signature.
  const TWO_TAKEN = [
    'A orders 1',
    'B orders 1',
    'A settles 1 with help',
    'B settles 1 with help',
    'A orders 2 with help',
    'B orders 2 with help',
    'A settles 2 with help',
    'B settles 2 with help',
    'V takes 1 with help',
    'V takes 2 with help',
  ];
  test('without the certificate sent to all, two wait for ever for a third signature', () => {
    const { stuck } = explored(4, 2, { ...RULES, tells: 'nobody' });
    expect(stuck).toEqual([...TWO_TAKEN, 'nothing is due: ss ss tt']);
  });

  test('who takes a block stays quiet about its certificate only if it knows one two heights later', () => {
    const { stuck } = explored(4, 2, { ...RULES, quietBelow: 1 });
    expect(stuck).toEqual([...TWO_TAKEN, 'nothing is due: ss ss qt']);
    expect(explored(4, 3, { ...RULES, quietBelow: 3 }).stuck).toBeUndefined();
  });

  // A is given the certificate by the fourth validator alone and drops the height, B and V lack A.
  test('a certificate that was received and not put together has to be sent to all as well', () => {
    expect(explored(4, 1, { ...RULES, tells: 'assemblers' }).stuck).toEqual([
      'A orders 1',
      'B orders 1',
      'A settles 1 with help',
      'B settles 1 with help',
      'A adopts 1 with help',
      'nothing is due: a s b',
    ]);
  });

  test('a later certificate does not stand for one of the height before it', () => {
    const { stuck } = explored(4, 2, { ...RULES, repeats: 'newest' });
    expect(stuck).toEqual([...TWO_TAKEN, 'nothing is due: ss ss tt']);
  });

  test('without blocks who lags waits for ever once the others have dropped the height', () => {
    expect(explored(4, 1, { ...RULES, blocks: false }).stuck).toEqual([
      'A orders 1',
      'B orders 1',
      'A settles 1 with help',
      'B settles 1 with help',
      'A assembles 1 with help',
      'B assembles 1 with help',
      'nothing is due: A A b',
    ]);
  });

  test.each([1, 2, 8])(
    'with %i settled heights kept and no blocks, a validator that is slow for so many and one more waits for ever',
    (kept) => {
      const rules: CertifyRules = { ...RULES, tells: 'nobody', blocks: false, kept };
      expect(explored(4, kept + 1, rules).stuck).toBeUndefined();
      expect(explored(4, kept + 2, rules).stuck?.at(-1)).toMatch(/^nothing is due: ds+b .* b-+$/);
    },
  );
});
