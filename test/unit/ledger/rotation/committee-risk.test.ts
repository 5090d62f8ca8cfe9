import { expect, test } from 'vitest';
import { committeeRisk } from '../../../../src/ledger/rotation/committee-risk.ts';
import { quorumOf } from '../../../../src/params/quorum.ts';

/** Every committee there is, as sets of bits; the first `faulty` members are the faulty ones. */
function counted(registry: number, faulty: number, seats: number): readonly [number, number] {
  const ones = (bits: number): number => [...bits.toString(2)].filter((bit) => bit === '1').length;
  const all = Array.from({ length: 2 ** registry }, (_, bits) => bits).filter((bits) => ones(bits) === seats);
  const broken = all.filter((bits) => ones(bits & (2 ** faulty - 1)) > quorumOf(seats).f);
  return [broken.length, all.length];
}

test('is the share of all committees that have more than f faulty members', () => {
  for (let registry = 1; registry <= 9; registry++)
    for (let seats = 1; seats <= registry; seats++)
      for (let faulty = 0; faulty <= registry; faulty++) {
        const { numerator, denominator } = committeeRisk(registry, faulty, seats);
        expect([Number(numerator), Number(denominator)]).toEqual(counted(registry, faulty, seats));
      }
});

test('is exact where numbers are larger than a double holds', () => {
  // Python: sum(comb(20, k) * comb(80, 31 - k) for k in range(11, 21)), comb(100, 31)
  expect(committeeRisk(100, 20, 31)).toEqual({
    numerator: 771727891972981191802400n,
    denominator: 66324638306863423796047200n,
  });
});
