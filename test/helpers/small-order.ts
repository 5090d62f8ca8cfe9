import { IDENTITY, multiplySumPublic, type Point, pointFromAffine } from '../../src/crypto/babyjub.ts';
import { l } from '../../src/params/fields.ts';
import vectors from '../vectors/eip-2494.json' with { type: 'json' };

/** The seven points ≠ O whose order divides the cofactor 8: T = [l]G and its multiples, G generating the whole curve. */
export function smallOrderPoints(): Point[] {
  const [x, y] = vectors.generator.map(BigInt);
  const G = pointFromAffine(x!, y!)!;
  const T = multiplySumPublic([
    [l - 1n, G],
    [1n, G],
  ]);
  const points: Point[] = [];
  for (let P = T; !P.equals(IDENTITY); P = P.add(T)) points.push(P);
  return points;
}
