import type { Curve } from 'ffjavascript';
import { q } from '../params/fields.ts';

/** G2's curve is y² = x³ + 3/ξ over F_q² = F_q[i]/(i² + 1), ξ = 9 + i. */
const TWIST = [9n, 1n] as const;

/**
 * Prepares an affine point of the twisted curve, not infinity, for Miller loops.
 * @returns undefined if it is not in the subgroup G2 of order r
 */
export type PrepareG2 = (Q: Uint8Array) => Uint8Array | undefined;

/**
 * Preparing a point and the check of its subgroup at almost no cost beyond it.
 *
 * The optimal ate pairing rests on [6u+2]Q + ψ(Q) − ψ²(Q) + ψ³(Q) = O for Q ∈ G2, where
 * ψ(x, y) = (x̄·ξ^((q−1)/3), ȳ·ξ^((q−1)/2)), ψ² − tψ + q = 0. The equation says (a + bψ)(Q) = O for integers a, b; a
 * solution is killed by the norm a² + abt + b²q, whose greatest common divisor with the curve's order h₂·r is r (a test
 * computes it): only points of G2 solve it. The Miller loop's last line goes through R = [6u+2]Q + ψ(Q) and −ψ²(Q), and
 * preparing Q has computed it; the equation holds iff ψ³(Q) is the line's third point. So ψ³(Q) is put into the line's
 * equation (y − y₂)·D = E·(x − x₂).
 *
 * Exact, because (1) ψ³(Q) is not the point −ψ²(Q) of the line: their x differ, or the point is refused; (2) it is not R:
 * [6u+2]Q + ψ(Q) = ψ³(Q) has no solution but O, its norm is prime to h₂·r (the same test); (3) the additions on the way are
 * incomplete, but one of a point to itself gives (0, 0, 0), so does adding to infinity, and that is kept to the end: D = E = 0,
 * which is refused. Adding a point to its negative gives infinity; if the last line is such a one, it is vertical, and
 * ψ³(Q) is not on it by (1). Doublings are complete: the order is odd.
 *
 * One random combination of a batch, Σ ρᵢBᵢ, would be no substitute: h₂ = 10069 · 5864401 · …, and a point of order 10069
 * would pass it once in 10,069 times.
 * @see Vercauteren, "Optimal pairings", IEEE Trans. Inf. Theory 56 (2010), §IV; for checks by ψ: Dai, Lin, Zhao, Zhou, eprint
 *      2022/348; wasmcurves 0.2.2, src/bn128/build_bn128.js, prepareG2: where the lines lie (a test compares)
 */
export function prepareG2(curve: Curve): PrepareG2 {
  const { G2, F2 } = curve;
  const half = F2.n8 / 2;
  const xi = G2.fromObject([[...TWIST], [0n, 1n]]).slice(0, F2.n8);
  const [xTwist, yTwist] = [F2.exp(xi, (q - 1n) / 3n), F2.exp(xi, (q - 1n) / 2n)];
  const conjugate = (a: Uint8Array): Uint8Array => {
    const out = Uint8Array.from(a);
    out.set(F2.F.neg(a.subarray(half)), half);
    return out;
  };
  type Affine = readonly [x: Uint8Array, y: Uint8Array];
  const psi = ([x, y]: Affine): Affine => [F2.mul(conjugate(x), xTwist), F2.mul(conjugate(y), yTwist)];
  return (Q) => {
    const prepared = curve.prepareG2(G2.toJacobian(Q));
    const twice = psi(psi([Q.subarray(0, F2.n8), Q.subarray(F2.n8, 2 * F2.n8)]));
    const thrice = psi(twice);
    // The last line as (ξ·…, D, −E), and the points −ψ²(Q) and ψ³(Q).
    const D = prepared.subarray(-2 * F2.n8, -F2.n8);
    const minusE = prepared.subarray(-F2.n8);
    const dx = F2.sub(thrice[0], twice[0]);
    const dy = F2.add(thrice[1], twice[1]);
    const isOnLine = F2.isZero(F2.add(F2.mul(dy, D), F2.mul(dx, minusE)));
    const isLine = !(F2.isZero(D) && F2.isZero(minusE));
    return isOnLine && isLine && !F2.isZero(dx) ? prepared : undefined;
  };
}
